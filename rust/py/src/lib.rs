//! `tradewire._native`: what the core offers to Python. Thin: borrow, call, map.

use pyo3::prelude::*;

/// The compiled core of tradewire.
#[pymodule(gil_used = false)]
mod _native {
    use super::{Bound, PyModule, PyModuleMethods, PyResult};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
