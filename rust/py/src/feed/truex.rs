//! The feed of `TrueX`.

use pyo3::prelude::*;
use tradewire_core::book::trust::Reason;
use tradewire_core::feed::truex::{Counters, Event, TruexFeed as CoreFeed};
use tradewire_core::frame::truex::{DEPTH, Update};

use super::event::{FeedEvent, More};
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
            book.map(|book| Level2Book::showing(name, book))
        })
    }

    /// Let a book go; those who hold it keep a stale one ("removed") that never shows another market.
    fn remove_book(&mut self, symbol: &str) {
        self.books.release(self.feed.books.remove(symbol));
    }

    /// Return the book of a market, or None.
    fn book(&self, py: Python<'_>, symbol: &str) -> Option<Py<Level2Book>> {
        self.feed.books.id(symbol).and_then(|id| self.books.get(py, id))
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
    fn on_frame(&mut self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> Result<FeedEvent> {
        let bytes = frame(data)?;
        let event = self.feed.on_frame(&bytes, received_at_ns)?;
        let gap = self.feed.gap();
        let mut made = match event {
            Event::Book { id, change, reason } => {
                FeedEvent::of_book(DEPTH, change, reason, self.books.get(data.py(), id))
            }
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
                reason: if gap.is_some() {
                    Reason::SequenceGap.name()
                } else {
                    ""
                },
                ..FeedEvent::with(
                    "push",
                    More {
                        topic: if update == Update::Complete {
                            "SNAPSHOT_COMPLETE".to_owned()
                        } else {
                            channel.clone()
                        },
                        channel,
                        market,
                        ..More::default()
                    },
                )
            },
            Event::Reply { status } => FeedEvent {
                answers: "oldest",
                ..FeedEvent::with(
                    "reply",
                    More {
                        code: status,
                        ..More::default()
                    },
                )
            },
            Event::Unrecognised { reason, market } => FeedEvent::unrecognised(reason, market),
        };
        if let Some(gap) = gap {
            made.more.get_or_insert_default().message =
                format!("expected {}, was {}", gap.expected, gap.received);
        }
        made.seqnum = self.feed.seqnum();
        Ok(made.stamp(received_at_ns, bytes))
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
