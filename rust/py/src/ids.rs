//! Ids for our orders.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;

use crate::errors::{Result, python};

/// Where ids begin, and how many have been made.
type Beginning = (String, u64);

/// Makes ids that count up, in eight hexadecimal digits, behind a beginning of their own.
#[pyclass(frozen, module = "tradewire._native")]
pub struct CountedIds {
    new_prefix: Py<PyAny>,
    beginning: Mutex<Beginning>,
}

impl CountedIds {
    fn lock(&self) -> MutexGuard<'_, Beginning> {
        self.beginning.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl CountedIds {
    #[new]
    fn new(py: Python<'_>, new_prefix: Py<PyAny>) -> Result<Self> {
        let prefix: String = python(new_prefix.call0(py).and_then(|prefix| prefix.extract(py)))?;
        Ok(Self {
            new_prefix,
            beginning: Mutex::new((prefix, 0)),
        })
    }

    /// Return the next id.
    fn next(&self) -> String {
        let mut next = self.lock();
        let id = format!("{}{:08x}", next.0, next.1);
        next.1 += 1;
        id
    }

    /// Begin again behind another beginning.
    fn renew(&self, py: Python<'_>) -> Result<()> {
        let prefix: String = python(self.new_prefix.call0(py).and_then(|prefix| prefix.extract(py)))?;
        *self.lock() = (prefix, 0);
        Ok(())
    }
}
