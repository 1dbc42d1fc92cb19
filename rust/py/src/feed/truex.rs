//! The feed of `TrueX`.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tradewire_core::book::trust::Reason;
use tradewire_core::feed::Change;
use tradewire_core::feed::truex::{Counters, Event, TruexFeed as CoreFeed};
use tradewire_core::frame::truex::{DEPTH, Update};

use super::{MAX_FRAME_BYTES, Shown, frame};
use crate::book::Level2Book;
use crate::errors::Result;

/// What one frame said.
#[pyclass(frozen, module = "tradewire._native")]
#[derive(Default)]
pub struct TruexEvent {
    /// `book`, `push`, `reply` or `unrecognised`.
    #[pyo3(get)]
    kind: &'static str,
    topic: String,
    /// The channel an end of snapshots is about.
    #[pyo3(get)]
    channel: String,
    market: String,
    /// `snapshot`, `delta` or `ignored`; else empty.
    #[pyo3(get)]
    change: &'static str,
    /// Why the book is not synced, what is wrong with a push's sequence, or why the frame was not recognised.
    #[pyo3(get)]
    reason: &'static str,
    /// Whether this frame proved its book: a snapshot, or the next number. False for whatever was ignored.
    #[pyo3(get)]
    proved: bool,
    /// `oldest` for a reply: it answers whatever was asked first.
    #[pyo3(get)]
    answers: &'static str,
    /// Status of the connection, in a reply.
    #[pyo3(get)]
    code: String,
    /// What was expected and what came, for a gap.
    #[pyo3(get)]
    message: String,
    /// Number in the channel's sequence.
    #[pyo3(get)]
    seqnum: Option<u64>,
    /// Our time of the frame, nanoseconds.
    #[pyo3(get)]
    received_at_ns: i64,
    book: Option<Py<Level2Book>>,
    payload: Vec<u8>,
}

#[pymethods]
impl TruexEvent {
    /// The channel of a push, `WELCOME` or `SNAPSHOT_COMPLETE`; empty for replies.
    #[getter]
    fn topic(&self) -> &str {
        if self.book.is_some() { DEPTH } else { &self.topic }
    }

    /// Symbol or item; empty when the frame names none.
    #[getter]
    fn market(&self) -> &str {
        self.book.as_ref().map_or(&self.market, |book| book.get().name())
    }

    /// None: replies of this venue name no request.
    #[getter]
    fn id(&self) -> Option<i64> {
        None
    }

    /// False: a depth push carries nothing else.
    #[getter]
    fn has_more(&self) -> bool {
        false
    }

    /// The book of a depth push.
    #[getter]
    fn book(&self, py: Python<'_>) -> Option<Py<Level2Book>> {
        self.book.as_ref().map(|book| book.clone_ref(py))
    }

    /// The whole frame; empty for depth that went into its book. Copied at each look.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.payload)
    }

    fn __repr__(&self) -> String {
        format!(
            "TruexEvent({}, {:?}, {:?})",
            self.kind,
            self.topic(),
            self.market()
        )
    }
}

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

    /// Say that nothing feeds the books any more: every book is stale, every sequence begins anew. `reason` shows as the books' own.
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

    /// Take one frame. Raises FrameError; books that were synced are suspect then and must be fetched anew.
    fn on_frame(&mut self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> Result<TruexEvent> {
        let bytes = frame(data)?;
        let event = self.feed.on_frame(&bytes, received_at_ns)?;
        let is_book = matches!(event, Event::Book { .. });
        let gap = self.feed.gap();
        let mut told = match event {
            Event::Book { id, change, reason } => TruexEvent {
                kind: "book",
                change: change.name(),
                reason: reason.name(),
                proved: change != Change::Ignored && reason == Reason::None,
                book: self.books.get(data.py(), id),
                ..TruexEvent::default()
            },
            Event::Push {
                channel,
                update,
                market,
            } => TruexEvent {
                kind: "push",
                topic: if update == Update::Complete {
                    "SNAPSHOT_COMPLETE".to_owned()
                } else {
                    channel.clone()
                },
                channel,
                market,
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
                ..TruexEvent::default()
            },
            Event::Reply { status } => TruexEvent {
                kind: "reply",
                answers: "oldest",
                code: status,
                ..TruexEvent::default()
            },
            Event::Unrecognised { reason, market } => TruexEvent {
                kind: "unrecognised",
                reason,
                market,
                ..TruexEvent::default()
            },
        };
        if let Some(gap) = gap {
            told.message = format!("expected {}, was {}", gap.expected, gap.received);
        }
        told.seqnum = self.feed.seqnum();
        told.received_at_ns = received_at_ns;
        if !is_book {
            told.payload = bytes.into_owned();
        }
        Ok(told)
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
