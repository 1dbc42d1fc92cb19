//! The feed of `TrueX`.

use pyo3::prelude::*;
use tradewire_core::book::trust::Reason;
use tradewire_core::feed::truex::{Counters, Event, TruexFeed as CoreFeed};
use tradewire_core::frame::truex::{DEPTH, Update};

use super::event::{BookChange, FeedEvent, More};
use super::{MAX_FRAME_BYTES, Shown, frame};
use crate::book::Level2Book;
use crate::errors::Result;

/// Owns the books of one `TrueX` connection.
#[pyclass(module = "tradewire._native")]
pub struct TruexFeed {
    feed: CoreFeed,
    books: Shown<Level2Book>,
}

#[pymethods]
impl TruexFeed {
    #[new]
    #[pyo3(signature = (*, max_frame_bytes=MAX_FRAME_BYTES, coalesced=false, limit=0))]
    fn new(max_frame_bytes: usize, coalesced: bool, limit: usize) -> Self {
        let mut feed = CoreFeed::new(max_frame_bytes, coalesced);
        feed.limit = limit;
        Self {
            feed,
            books: Shown::new(),
        }
    }

    /// Add an empty book, or empty the one that is there; return it.
    fn add_book(&mut self, py: Python<'_>, symbol: &str) -> Result<Py<Level2Book>> {
        let id = self.feed.add_book(symbol);
        let book = self.feed.books.get(id).cloned();
        self.books.of(py, id, symbol, |name| {
            book.map(|book| Level2Book::showing(py, name, book))
        })
    }

    /// Let a book go; those who hold it keep a stale one ("removed") that never shows another market.
    fn remove_book(&mut self, symbol: &str) {
        self.books.release(self.feed.books.remove(symbol));
    }

    /// Return the book of a market, or None.
    fn book(&self, py: Python<'_>, symbol: &str) -> Option<Py<Level2Book>> {
        let id = self.feed.books.id(symbol)?;
        Some(self.books.get(id)?.clone_ref(py))
    }

    /// Empty a book, which then waits for a snapshot. `reason` shows as the book's own until then.
    #[pyo3(signature = (symbol, reason="no_snapshot"))]
    fn resync(&mut self, symbol: &str, reason: &str) {
        self.feed.books.reset(symbol, reason);
    }

    /// Say that nothing feeds the books any more: every book is stale, every sequence begins again. `reason` shows as the books' own.
    #[pyo3(signature = (reason="disconnected"))]
    fn disconnected(&mut self, reason: &str) {
        self.feed.disconnected(reason);
    }

    /// Jumps in a sequence mean nothing, as without a login.
    #[getter]
    fn coalesced(&self) -> bool {
        self.feed.is_coalesced
    }

    #[setter]
    fn set_coalesced(&mut self, coalesced: bool) {
        self.feed.is_coalesced = coalesced;
    }

    /// Take one frame. Raises FrameError; books that were synced are suspect then and must be fetched again.
    pub fn on_frame(&mut self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> Result<FeedEvent> {
        let now = (data.py(), received_at_ns);
        let bytes = frame(data)?;
        let event = self.feed.on_frame(&bytes, received_at_ns)?;
        let message = self
            .feed
            .gap()
            .map(|gap| format!("expected {}, was {}", gap.expected, gap.received));
        let mut made = match event {
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
                message.map(|message| {
                    Box::new(More {
                        message,
                        ..More::default()
                    })
                }),
            ),
            Event::Push {
                channel,
                update,
                market,
            } => FeedEvent {
                change: match update {
                    Update::Snapshot => "snapshot",
                    Update::Update => "delta",
                    _ => "",
                },
                reason: if message.is_some() {
                    Reason::SequenceGap.name()
                } else {
                    ""
                },
                ..FeedEvent::with(
                    now,
                    "push",
                    More {
                        topic: if update == Update::Complete {
                            "SNAPSHOT_COMPLETE".to_owned()
                        } else {
                            channel.clone()
                        },
                        channel,
                        market,
                        message: message.unwrap_or_default(),
                        ..More::default()
                    },
                )
            },
            Event::Reply { status } => FeedEvent::with(
                now,
                "reply",
                More {
                    answers: "oldest",
                    code: status,
                    ..More::default()
                },
            ),
            Event::Unrecognised { reason, market } => FeedEvent::unrecognised(now, reason, market),
        };
        made.seqnum = self.feed.seqnum();
        Ok(made.keep(bytes))
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

    /// Book pushes ignored because their number had been seen.
    #[getter]
    fn stale_pushes(&self) -> u64 {
        self.counters().stale_pushes
    }

    /// Breaks in the sequence of a channel.
    #[getter]
    fn gaps(&self) -> u64 {
        self.counters().gaps
    }
}

impl TruexFeed {
    fn counters(&self) -> &Counters {
        &self.feed.counters
    }
}
