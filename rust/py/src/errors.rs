//! The only place where an error of the core becomes a Python exception.
//!
//! Python owns the classes (`tradewire.errors`); they are imported, never made here.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyType};
use tradewire_core::error::Error;

/// A result whose error Python will see.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// Why a book does not answer.
pub struct NotSynced {
    /// The book's market.
    pub market: String,
    /// Its status.
    pub status: &'static str,
    /// Why: the book's own reason, or `too_old`.
    pub reason: String,
    /// How long ago it was proved, if that was asked; `None` if never.
    pub age_ns: Option<i64>,
    /// How old the caller allows its proof to be, if that is what was missed.
    pub max_age_ns: Option<i64>,
}

impl NotSynced {
    fn message(&self) -> String {
        let Self {
            market,
            status,
            reason,
            age_ns,
            max_age_ns,
        } = self;
        match max_age_ns {
            None => format!(
                "the book of {market} is {status} ({reason}): wait for the resync, or read it with unsynced_ok=True"
            ),
            Some(max_age_ns) => {
                let age = age_ns.map_or("was never proved".to_owned(), |age_ns| {
                    format!("was proved {age_ns} ns ago")
                });
                format!(
                    "the book of {market} {age}, max_age_ns is {max_age_ns}: wait for its next update, or allow more"
                )
            }
        }
    }
}

/// Whatever goes wrong in a binding.
pub enum Fault {
    /// An error of the core.
    Core(Error),
    /// A book that does not answer. Boxed, since every reading has room for a fault.
    NotSynced(Box<NotSynced>),
    /// A wrong argument.
    Argument(String),
    /// A wrong call by our own code.
    Misuse(String),
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
    static LOCAL_PROTOCOL_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static NOT_SYNCED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let facts = PyDict::new(py);
    match fault {
        Fault::Python(error) => Ok(error),
        Fault::Argument(message) => Ok(PyErr::from_value(
            class(py, &CONFIG_ERROR, "ConfigError")?.call1((message,))?,
        )),
        Fault::Misuse(message) => Ok(PyErr::from_value(
            class(py, &LOCAL_PROTOCOL_ERROR, "LocalProtocolError")?.call1((message,))?,
        )),
        Fault::NotSynced(refusal) => {
            let message = refusal.message();
            facts.set_item("market", refusal.market)?;
            facts.set_item("status", refusal.status)?;
            facts.set_item("reason", refusal.reason)?;
            facts.set_item("age_ns", refusal.age_ns)?;
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
