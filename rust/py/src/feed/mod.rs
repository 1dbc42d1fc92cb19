//! Feeds: one call per frame, one class per venue.

use std::borrow::Cow;

use pyo3::PyClass;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;
use pyo3::types::PyBytes;

use crate::errors::{Fault, Result, python};

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

/// The books of a feed as Python holds them, by the feed's slots.
struct Shown<B>(Vec<Py<B>>);

impl<B: PyClass + Into<PyClassInitializer<B>>> Shown<B> {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn get(&self, py: Python<'_>, slot: usize) -> Option<Py<B>> {
        self.0.get(slot).map(|book| book.clone_ref(py))
    }

    /// Returns the object of a slot just given out; `make` makes it for a slot that is new.
    fn of(
        &mut self,
        py: Python<'_>,
        slot: usize,
        market: &str,
        make: impl FnOnce(String) -> Option<B>,
    ) -> Result<Py<B>> {
        if slot == self.0.len()
            && let Some(book) = make(market.to_owned())
        {
            self.0.push(python(Py::new(py, book))?);
        }
        self.get(py, slot)
            .ok_or_else(|| Fault::Argument(format!("no book of {market:?} could be made")))
    }
}
