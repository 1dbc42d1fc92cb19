//! The only place where an error of the core becomes a Python exception.
//!
//! Python owns the classes (`tradewire.errors`); they are imported, never made here.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyType};
use tradewire_core::error::Error;

/// A result whose error Python will see.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// Whatever goes wrong in a binding.
pub enum Fault {
    /// An error of the core.
    Core(Error),
    /// A book that does not answer.
    NotSynced {
        /// The book's market.
        market: String,
        /// Its status.
        status: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A wrong argument.
    Argument(String),
    /// Python's own.
    Python(PyErr),
}

impl<E: Into<Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Core(error.into())
    }
}

/// Turns Python's own errors into faults; `?` cannot, since `Fault` takes whatever becomes a core error.
pub fn python<T>(result: PyResult<T>) -> Result<T> {
    result.map_err(Fault::Python)
}

impl From<Fault> for PyErr {
    #[cold]
    fn from(fault: Fault) -> Self {
        Python::attach(|py| raise(py, fault).unwrap_or_else(|error| error))
    }
}

fn class<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyType>>,
    name: &str,
) -> PyResult<&'py Bound<'py, PyType>> {
    cell.import(py, "tradewire.errors", name)
}

fn raise(py: Python<'_>, fault: Fault) -> PyResult<PyErr> {
    static CONFIG_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static FRAME_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static NOT_SYNCED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let facts = PyDict::new(py);
    match fault {
        Fault::Python(error) => Ok(error),
        Fault::Argument(message) => Ok(PyErr::from_value(
            class(py, &CONFIG_ERROR, "ConfigError")?.call1((message,))?,
        )),
        Fault::NotSynced {
            market,
            status,
            reason,
        } => {
            let message = format!(
                "the book of {market} is {status} ({reason}): wait for the resync, or read it with unsynced_ok=True"
            );
            facts.set_item("market", market)?;
            facts.set_item("status", status)?;
            facts.set_item("reason", reason)?;
            let class = class(py, &NOT_SYNCED, "NotSynced")?;
            Ok(PyErr::from_value(class.call((message,), Some(&facts))?))
        }
        Fault::Core(error @ (Error::Inflate(_) | Error::Frame(_))) => {
            facts.set_item("kind", error.kind())?;
            facts.set_item("offset", error.offset())?;
            facts.set_item("excerpt", PyBytes::new(py, error.excerpt()))?;
            let class = class(py, &FRAME_ERROR, "FrameError")?;
            Ok(PyErr::from_value(class.call((error.to_string(),), Some(&facts))?))
        }
        // What is left was passed in by the caller: a text to sign, a decimal of a book kept by hand.
        Fault::Core(error) => {
            facts.set_item("kind", error.kind())?;
            let class = class(py, &CONFIG_ERROR, "ConfigError")?;
            Ok(PyErr::from_value(class.call((error.to_string(),), Some(&facts))?))
        }
    }
}
