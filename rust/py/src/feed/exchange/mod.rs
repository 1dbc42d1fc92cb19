//! The feed of Exchange.

mod event;
mod parts;

use pyo3::prelude::*;
use tradewire_core::feed::exchange::{Counters, ExchangeFeed as CoreFeed};

pub use self::parts::{OwnFill, OwnOrder, PublicTrade};
use super::event::FeedEvent;
use super::{MAX_FRAME_BYTES, Shown, frame};
use crate::book::Level3Book;
use crate::errors::Result;

/// Owns the books of one Exchange connection.
#[pyclass(module = "tradewire._native")]
pub struct ExchangeFeed {
    feed: CoreFeed,
    books: Shown<Level3Book>,
}

#[pymethods]
impl ExchangeFeed {
    #[new]
    #[pyo3(signature = (*, max_frame_bytes=MAX_FRAME_BYTES))]
    fn new(max_frame_bytes: usize) -> Self {
        Self {
            feed: CoreFeed::new(max_frame_bytes),
            books: Shown::new(),
        }
    }

    /// Add an empty book, or empty the one that is there; return it.
    fn add_book(&mut self, py: Python<'_>, market: &str) -> Result<Py<Level3Book>> {
        let id = self.feed.add_book(market);
        let book = self.feed.books.get(id).cloned();
        self.books.of(py, id, market, |name| {
            book.map(|book| Level3Book::showing(py, name, book))
        })
    }

    /// Let a book go; those who hold it keep a stale one ("removed") that never shows another market.
    fn remove_book(&mut self, market: &str) {
        self.books.release(self.feed.books.remove(market));
    }

    /// Return the book of a market, or None.
    fn book(&self, py: Python<'_>, market: &str) -> Option<Py<Level3Book>> {
        let id = self.feed.books.id(market)?;
        Some(self.books.get(id)?.clone_ref(py))
    }

    /// Empty a book, which then waits for a snapshot. `reason` shows as the book's own until then.
    #[pyo3(signature = (market, reason="no_snapshot"))]
    fn resync(&mut self, market: &str, reason: &str) {
        self.feed.books.reset(market, reason);
    }

    /// Say that nothing feeds the books any more: every book is stale. `reason` shows as the books' own.
    #[pyo3(signature = (reason="disconnected"))]
    fn disconnected(&mut self, reason: &str) {
        self.feed.disconnected(reason);
    }

    /// Take one frame. Raises FrameError; books that were synced are suspect then and must be fetched again.
    pub fn on_frame(&mut self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> Result<FeedEvent> {
        let now = (data.py(), received_at_ns);
        let bytes = frame(data)?;
        let event = self.feed.on_frame(&bytes, received_at_ns)?;
        let book = |id| self.books.get(id);
        let made = event::event_of(now, event, book, self.feed.trades());
        Ok(made.of_generation(self.feed.generation()).keep(bytes))
    }

    /// The later generation of the protocol met so far, `M` or `L`; empty for none.
    #[getter]
    fn generation(&self) -> &'static str {
        self.feed.detected_version()
    }

    /// Frames taken, unreadable ones too.
    #[getter]
    fn frames(&self) -> u64 {
        self.counters().frames
    }

    /// Bytes taken.
    #[getter]
    fn bytes_in(&self) -> u64 {
        self.counters().bytes_in
    }

    /// Breaks in the sequence of a book.
    #[getter]
    fn gaps(&self) -> u64 {
        self.counters().gaps
    }
}

impl ExchangeFeed {
    fn counters(&self) -> &Counters {
        &self.feed.counters
    }
}
