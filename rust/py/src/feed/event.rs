//! What a frame said, as Python sees it: one class for every venue.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tradewire_core::book::trust::Reason;
use tradewire_core::feed::Change;
use tradewire_core::feed::exchange::SeenTrade;

use super::exchange::{OwnFill, OwnOrder, PublicTrade};
use crate::book::{Level2Book, Level3Book};

/// A book of either kind.
pub enum AnyBook {
    /// With sizes by price.
    Level2(Py<Level2Book>),
    /// With single orders.
    Level3(Py<Level3Book>),
}

impl From<Py<Level2Book>> for AnyBook {
    fn from(book: Py<Level2Book>) -> Self {
        Self::Level2(book)
    }
}

impl From<Py<Level3Book>> for AnyBook {
    fn from(book: Py<Level3Book>) -> Self {
        Self::Level3(book)
    }
}

impl AnyBook {
    fn market(&self) -> &str {
        match self {
            Self::Level2(book) => book.get().name(),
            Self::Level3(book) => book.get().name(),
        }
    }
}

/// What one frame said.
///
/// Most frames change a book and need a few words only: what else there may be stands apart.
#[pyclass(frozen, generic, module = "tradewire._native")]
#[derive(Default)]
pub struct FeedEvent {
    /// `book`, `trades`, `bbo`, `push`, `reply` or `unrecognised`.
    #[pyo3(get)]
    pub kind: &'static str,
    /// What happened to the book: `snapshot`, `delta` or `ignored`; else empty.
    #[pyo3(get)]
    pub change: &'static str,
    /// Why the book is not synced, what is wrong with a sequence, or why the frame was not recognised; else empty.
    #[pyo3(get)]
    pub reason: &'static str,
    /// Whether this frame proved its book. False for whatever was ignored.
    #[pyo3(get)]
    pub proved: bool,
    /// Which request a reply answers that names none: `login`, `subscribe`, `unsubscribe`, `oldest`; else empty.
    #[pyo3(get)]
    pub answers: &'static str,
    /// The later generation of the protocol the frame gives away, `M` or `L`; empty for none.
    #[pyo3(get)]
    pub generation: &'static str,
    /// Number in the sequence of its channel, where the venue counts.
    #[pyo3(get)]
    pub seqnum: Option<u64>,
    /// Our time of the frame, nanoseconds.
    #[pyo3(get)]
    pub received_at_ns: i64,
    /// The topic of a frame that went into its book.
    pub book_topic: &'static str,
    pub book: Option<AnyBook>,
    pub trades: Vec<SeenTrade>,
    pub more: Option<Box<More>>,
}

/// What an event other than a plain change of a book carries.
#[derive(Default)]
pub struct More {
    pub topic: String,
    pub channel: String,
    pub market: String,
    pub id: Option<i64>,
    pub code: String,
    pub message: String,
    pub op: String,
    pub request_id: Option<String>,
    pub status: String,
    pub order: Option<OwnOrder>,
    pub fill: Option<OwnFill>,
    pub payload: Vec<u8>,
}

impl FeedEvent {
    /// Makes the event of a frame that went into a book.
    #[inline]
    pub fn of_book(
        topic: &'static str,
        change: Change,
        reason: Reason,
        book: Option<impl Into<AnyBook>>,
    ) -> Self {
        Self {
            kind: "book",
            change: change.name(),
            reason: reason.name(),
            proved: change != Change::Ignored && reason == Reason::None,
            book_topic: topic,
            book: book.map(Into::into),
            ..Self::default()
        }
    }

    /// Makes the event of any other frame.
    pub fn with(kind: &'static str, more: More) -> Self {
        Self {
            kind,
            more: Some(Box::new(more)),
            ..Self::default()
        }
    }

    /// Makes the event of a frame that is nothing we know.
    pub fn unrecognised(reason: &'static str, market: String) -> Self {
        let more = More {
            market,
            ..More::default()
        };
        Self {
            reason,
            ..Self::with("unrecognised", more)
        }
    }

    /// Stamps the event, and keeps the whole frame unless it went into its book.
    #[inline]
    pub fn stamp(mut self, received_at_ns: i64, frame: Cow<'_, [u8]>) -> Self {
        self.received_at_ns = received_at_ns;
        if let (None, Some(more)) = (&self.book, &mut self.more) {
            more.payload = frame.into_owned();
        }
        self
    }

    fn text(&self, member: impl FnOnce(&More) -> &str) -> &str {
        self.more.as_deref().map_or("", member)
    }
}

#[pymethods]
impl FeedEvent {
    /// The wire's name of a push; empty for replies.
    #[getter]
    fn topic(&self) -> &str {
        if self.kind == "book" {
            self.book_topic
        } else {
            self.text(|more| &more.topic)
        }
    }

    /// The channel a push belongs to, where its topic is another; empty for none.
    #[getter]
    fn channel(&self) -> &str {
        self.text(|more| &more.channel)
    }

    /// The market; empty when the frame names none.
    #[getter]
    fn market(&self) -> &str {
        match &self.book {
            Some(book) => book.market(),
            None => self.text(|more| &more.market),
        }
    }

    /// The request a reply names.
    #[getter]
    fn id(&self) -> Option<i64> {
        self.more.as_ref()?.id
    }

    /// Code of a reply, a reject or an error; empty for success.
    #[getter]
    fn code(&self) -> &str {
        self.text(|more| &more.code)
    }

    /// The venue's words; for a gap what was expected and what came.
    #[getter]
    fn message(&self) -> &str {
        self.text(|more| &more.message)
    }

    /// Operation an ack or a reject answers.
    #[getter]
    fn op(&self) -> &str {
        self.text(|more| &more.op)
    }

    /// The request id an ack or a reject carries.
    #[getter]
    fn request_id(&self) -> Option<&str> {
        self.more.as_ref()?.request_id.as_deref()
    }

    /// State of the order: `open`, `filled` or `canceled`.
    #[getter]
    fn status(&self) -> &str {
        self.text(|more| &more.status)
    }

    /// Something else is carried beside the book: public trades.
    #[getter]
    fn has_more(&self) -> bool {
        !self.trades.is_empty()
    }

    /// The book the frame went into.
    #[getter]
    fn book(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        Some(match self.book.as_ref()? {
            AnyBook::Level2(book) => book.clone_ref(py).into_any(),
            AnyBook::Level3(book) => book.clone_ref(py).into_any(),
        })
    }

    /// The order of ours it reports.
    #[getter]
    fn order(&self) -> Option<OwnOrder> {
        self.more.as_ref()?.order.clone()
    }

    /// The fill of ours it reports.
    #[getter]
    fn fill(&self) -> Option<OwnFill> {
        self.more.as_ref()?.fill.clone()
    }

    /// The public trades beside a book's change. Made at each look.
    #[getter]
    fn trades(&self) -> Vec<PublicTrade> {
        self.trades.iter().copied().map(PublicTrade).collect()
    }

    /// The whole frame as JSON; empty for one that went into its book. Copied at each look.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.more.as_deref().map_or(&[], |more| &more.payload))
    }

    fn __repr__(&self) -> String {
        format!(
            "FeedEvent({}, {:?}, {:?})",
            self.kind,
            self.topic(),
            self.market()
        )
    }
}
