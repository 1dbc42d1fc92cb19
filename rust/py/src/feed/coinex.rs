//! The feed of `CoinEx`, and the inflater by itself.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tradewire_core::feed::coinex::{CoinexFeed as CoreFeed, Counters, Event};
use tradewire_core::inflate::{Inflater, Limits};

use super::event::{BookChange, FeedEvent, More};
use super::{MAX_FRAME_BYTES, Shown, frame};
use crate::book::Level2Book;
use crate::errors::Result;

/// The wire's method of a depth push.
const DEPTH: &str = "depth.update";
const MAX_RATIO: usize = 200;

/// Inflate one gzip, zlib or raw deflate frame within the caps.
#[pyfunction]
#[pyo3(signature = (data, *, max_output_bytes=MAX_FRAME_BYTES, max_ratio=MAX_RATIO))]
pub fn inflate_gzip<'py>(
    data: &Bound<'py, PyAny>,
    max_output_bytes: usize,
    max_ratio: usize,
) -> Result<Bound<'py, PyBytes>> {
    let mut inflater = Inflater::new(Limits {
        max_output_bytes,
        max_ratio,
    });
    Ok(PyBytes::new(data.py(), inflater.inflate(&frame(data)?)?))
}

/// Owns the books of one `CoinEx` connection.
#[pyclass(module = "tradewire._native")]
pub struct CoinexFeed {
    feed: CoreFeed,
    books: Shown<Level2Book>,
}

#[pymethods]
impl CoinexFeed {
    #[new]
    #[pyo3(signature = (*, max_frame_bytes=MAX_FRAME_BYTES, max_ratio=MAX_RATIO))]
    fn new(max_frame_bytes: usize, max_ratio: usize) -> Self {
        let limits = Limits {
            max_output_bytes: max_frame_bytes,
            max_ratio,
        };
        Self {
            feed: CoreFeed::new(limits),
            books: Shown::new(),
        }
    }

    /// Add an empty book of `limit` levels a side, or empty the one that is there; return it.
    fn add_book(&mut self, py: Python<'_>, market: &str, limit: usize) -> Result<Py<Level2Book>> {
        let id = self.feed.add_book(market, limit);
        let book = self.feed.books.get(id).cloned();
        self.books.of(py, id, market, |name| {
            book.map(|book| Level2Book::showing(py, name, book))
        })
    }

    /// Let a book go; those who hold it keep a stale one ("removed") that never shows another market.
    fn remove_book(&mut self, market: &str) {
        self.books.release(self.feed.books.remove(market));
    }

    /// Return the book of a market, or None.
    fn book(&self, py: Python<'_>, market: &str) -> Option<Py<Level2Book>> {
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

    /// Take one frame. Raises FrameError; books that were synced are suspect then until their next checksum.
    pub fn on_frame(&mut self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> Result<FeedEvent> {
        let now = (data.py(), received_at_ns);
        let event = self.feed.on_frame(&frame(data)?, received_at_ns)?;
        let made = match event {
            Event::Book {
                id,
                change,
                reason,
                top_changed,
            } => FeedEvent::of_book(
                now,
                &BookChange {
                    topic: DEPTH,
                    book: self.books.get(id),
                    change,
                    reason,
                    top_changed,
                },
                None,
            ),
            Event::Push { method, market } => FeedEvent::with(
                now,
                match method.as_str() {
                    "deals.update" => "trades",
                    "bbo.update" => "bbo",
                    _ => "push",
                },
                More {
                    topic: method,
                    market,
                    ..More::default()
                },
            ),
            Event::Reply { id, code, message } => FeedEvent::with(
                now,
                "reply",
                More {
                    id: Some(id),
                    code: if code == 0 {
                        String::new()
                    } else {
                        code.to_string()
                    },
                    message,
                    ..More::default()
                },
            ),
            Event::Unrecognised { reason, market } => FeedEvent::unrecognised(now, reason, market),
        };
        Ok(made.keep(self.feed.json().into()))
    }

    /// Frames taken, unreadable ones too.
    #[getter]
    fn frames(&self) -> u64 {
        self.counters().frames
    }

    /// Book pushes ignored because they were old.
    #[getter]
    fn stale_pushes(&self) -> u64 {
        self.counters().stale_pushes
    }

    /// Bytes taken as received.
    #[getter]
    fn bytes_in(&self) -> u64 {
        self.counters().bytes_in
    }

    /// Bytes taken, inflated.
    #[getter]
    fn bytes_inflated(&self) -> u64 {
        self.counters().bytes_inflated
    }

    /// Checksums that matched.
    #[getter]
    fn checksums_ok(&self) -> u64 {
        self.counters().checksums_ok
    }

    /// Checksums that did not match.
    #[getter]
    fn checksums_failed(&self) -> u64 {
        self.counters().checksums_failed
    }
}

impl CoinexFeed {
    fn counters(&self) -> &Counters {
        &self.feed.counters
    }
}
