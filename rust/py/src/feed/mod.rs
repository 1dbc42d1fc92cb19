//! Feeds: one call per frame, one class per venue.

use std::borrow::Cow;

use pyo3::PyClass;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;
use pyo3::types::PyBytes;
use tradewire_core::feed::BookId;

use crate::errors::{Fault, Result, python};

pub mod coinex;
pub mod event;
pub mod exchange;
pub mod path;
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

/// The books of a feed as Python holds them, by the feed's places.
struct Shown<B>(Vec<Option<(BookId, Py<B>)>>);

impl<B: PyClass + Into<PyClassInitializer<B>>> Shown<B> {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn get(&self, id: BookId) -> Option<&Py<B>> {
        let (shown, book) = self.0.get(id.place)?.as_ref()?;
        (*shown == id).then_some(book)
    }

    /// Returns the object of a book, which `make` makes if it is new.
    fn of(
        &mut self,
        py: Python<'_>,
        id: BookId,
        market: &str,
        make: impl FnOnce(String) -> Option<B>,
    ) -> Result<Py<B>> {
        if let Some(book) = self.get(id) {
            return Ok(book.clone_ref(py));
        }
        let book = make(market.to_owned())
            .ok_or_else(|| Fault::Argument(format!("no book of {market:?} could be made")))?;
        let book = python(Py::new(py, book))?;
        if self.0.len() <= id.place {
            self.0.resize_with(id.place + 1, || None);
        }
        self.0[id.place] = Some((id, book.clone_ref(py)));
        Ok(book)
    }

    /// Forgets the object of a place that is free now.
    fn release(&mut self, place: Option<usize>) {
        if let Some(shown) = place.and_then(|place| self.0.get_mut(place)) {
            *shown = None;
        }
    }
}
