//! Feeds: one call per frame, one class per venue.

use std::borrow::Cow;

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::{Result, python};

pub mod coinex;
pub mod exchange;
pub mod truex;

const MAX_FRAME_BYTES: usize = 16 << 20;

/// Borrows a frame from `bytes`; any other buffer may change under our hands and is copied.
fn frame<'a>(data: &'a Bound<'_, PyAny>) -> Result<Cow<'a, [u8]>> {
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(Cow::Borrowed(bytes.as_bytes()));
    }
    let buffer = python(PyBuffer::<u8>::get(data))?;
    python(buffer.to_vec(data.py())).map(Cow::Owned)
}
