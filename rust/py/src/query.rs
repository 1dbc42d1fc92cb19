//! The canonical percent-encoding.

use pyo3::prelude::*;
use tradewire_core::query;

/// Return `name=value` pairs percent-encoded (RFC 3986, blanks as %20) and joined by `&`.
#[pyfunction]
pub fn encode_query(pairs: Vec<(String, String)>) -> String {
    query::encode(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}
