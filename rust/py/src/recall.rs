//! What was made of the same arguments before, found by who they are.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::{Result, python};

/// Calls that are remembered: kinds of orders that a bot sends again and again.
const REMEMBERED: usize = 16;

/// Calls `make` unless it was called with the very same objects a moment ago; they must not change.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Recall {
    make: Py<PyAny>,
    made: Mutex<VecDeque<(Py<PyTuple>, Py<PyAny>)>>,
}

impl Recall {
    fn made(&self) -> MutexGuard<'_, VecDeque<(Py<PyTuple>, Py<PyAny>)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn are_same(one: &Bound<'_, PyTuple>, other: &Bound<'_, PyTuple>) -> bool {
    one.len() == other.len()
        && one
            .iter_borrowed()
            .zip(other.iter_borrowed())
            .all(|(one, other)| one.is(&*other))
}

#[pymethods]
impl Recall {
    #[new]
    fn new(make: Py<PyAny>) -> Self {
        Self {
            make,
            made: Mutex::default(),
        }
    }

    #[pyo3(signature = (*arguments))]
    fn __call__<'py>(&self, arguments: &Bound<'py, PyTuple>) -> Result<Bound<'py, PyAny>> {
        let py = arguments.py();
        let known = {
            let made = self.made();
            let mut all = made.iter();
            all.find(|(known, _)| are_same(known.bind(py), arguments))
                .map(|(_, made)| made.clone_ref(py))
        };
        if let Some(known) = known {
            return Ok(known.into_bound(py));
        }
        let new = python(self.make.bind(py).call1(arguments))?;
        let forgotten = {
            let mut made = self.made();
            made.push_front((arguments.clone().unbind(), new.clone().unbind()));
            let kept = REMEMBERED.min(made.len());
            made.split_off(kept)
        };
        // Not under the lock: what is let go of may call back.
        drop(forgotten);
        Ok(new)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.make)?;
        for (arguments, made) in self.made().iter() {
            visit.call(arguments)?;
            visit.call(made)?;
        }
        Ok(())
    }
}
