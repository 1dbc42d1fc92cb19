//! What a frame said, as Python sees it: one class for every venue.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyString};
use pyo3::{PyClass, intern};
use tradewire_core::book::trust::Reason;
use tradewire_core::feed::Change;
use tradewire_core::feed::exchange::SeenTrade;

use super::exchange::{OwnFill, OwnOrder, PublicTrade};
use crate::book::OfMarket;

/// What one frame said.
///
/// Most frames change a book and need a few words only: what else there may be stands apart. Words are objects that
/// already exist, read without a call.
#[pyclass(frozen, generic, module = "tradewire._native")]
pub struct FeedEvent {
    /// `book`, `trades`, `bbo`, `push`, `reply` or `unrecognised`.
    #[pyo3(get)]
    pub kind: Py<PyString>,
    /// The wire's name of a push; empty for replies.
    #[pyo3(get)]
    pub topic: Py<PyString>,
    /// The market; empty when the frame names none.
    #[pyo3(get)]
    pub market: Py<PyString>,
    /// What happened to the book: `snapshot`, `delta` or `ignored`; else empty.
    #[pyo3(get)]
    pub change: Py<PyString>,
    /// Why the book is not synced, what is wrong with a sequence, or why the frame was not recognised; else empty.
    #[pyo3(get)]
    pub reason: Py<PyString>,
    /// Whether this frame proved its book. False for whatever was ignored.
    #[pyo3(get)]
    pub proved: Py<PyBool>,
    /// Whether the book is synced and its best bid or ask differs in price or size from before, or was in doubt in between.
    #[pyo3(get)]
    pub top_changed: Py<PyBool>,
    /// The book the frame went into.
    #[pyo3(get)]
    pub book: Py<PyAny>,
    /// Our time of the frame, nanoseconds.
    #[pyo3(get)]
    pub received_at_ns: Py<PyInt>,
    /// Which request a reply answers that names none: `login`, `subscribe`, `unsubscribe`, `oldest`; else empty.
    #[pyo3(get)]
    pub answers: Py<PyString>,
    /// The later generation of the protocol the frame gives away, `M` or `L`; empty for none.
    #[pyo3(get)]
    pub generation: Py<PyString>,
    /// The venue's words; for a gap what was expected and what came.
    #[pyo3(get)]
    pub message: Py<PyString>,
    /// Something else is carried beside the book: public trades.
    #[pyo3(get)]
    pub has_more: Py<PyBool>,
    /// Number in the sequence of its channel, where the venue counts.
    #[pyo3(get)]
    pub seqnum: Option<u64>,
    pub trades: Vec<SeenTrade>,
    pub more: Option<Box<More>>,
}

/// What a frame did to its book.
pub struct BookChange<'a, B> {
    pub topic: &'a Bound<'a, PyString>,
    pub book: Option<&'a Py<B>>,
    pub change: Change,
    pub reason: Reason,
    pub top_changed: bool,
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

/// Returns the one object of a word.
pub fn word(py: Python<'_>, text: &'static str) -> Py<PyString> {
    if text.is_empty() {
        return intern!(py, "").clone().unbind();
    }
    PyString::intern(py, text).unbind()
}

/// Returns the object of a truth value.
pub fn flag(py: Python<'_>, value: bool) -> Py<PyBool> {
    PyBool::new(py, value).to_owned().unbind()
}

impl FeedEvent {
    /// Makes the event of a frame that went into a book.
    #[inline]
    pub fn of_book<B>(received_at_ns: &Bound<'_, PyInt>, did: &BookChange<'_, B>) -> Self
    where
        B: OfMarket + PyClass<Frozen = pyo3::pyclass::boolean_struct::True> + Sync,
    {
        let py = received_at_ns.py();
        let none = intern!(py, "");
        Self {
            kind: intern!(py, "book").clone().unbind(),
            topic: did.topic.clone().unbind(),
            market: did
                .book
                .map_or_else(|| none.clone().unbind(), |book| book.get().market().clone_ref(py)),
            change: match did.change {
                Change::Snapshot => intern!(py, "snapshot"),
                Change::Delta => intern!(py, "delta"),
                Change::Ignored => intern!(py, "ignored"),
            }
            .clone()
            .unbind(),
            reason: word(py, did.reason.name()),
            proved: flag(py, did.change != Change::Ignored && did.reason == Reason::None),
            top_changed: flag(py, did.top_changed),
            book: did
                .book
                .map_or_else(|| py.None(), |book| book.clone_ref(py).into_any()),
            received_at_ns: received_at_ns.clone().unbind(),
            answers: none.clone().unbind(),
            generation: none.clone().unbind(),
            message: none.clone().unbind(),
            has_more: flag(py, false),
            seqnum: None,
            trades: Vec::new(),
            more: None,
        }
    }

    /// Makes the event of any other frame.
    pub fn with(received_at_ns: &Bound<'_, PyInt>, kind: &'static str, more: More) -> Self {
        let py = received_at_ns.py();
        Self {
            kind: word(py, kind),
            topic: PyString::new(py, &more.topic).unbind(),
            market: PyString::new(py, &more.market).unbind(),
            change: word(py, ""),
            reason: word(py, ""),
            proved: flag(py, false),
            top_changed: flag(py, false),
            book: py.None(),
            received_at_ns: received_at_ns.clone().unbind(),
            answers: word(py, ""),
            generation: word(py, ""),
            message: PyString::new(py, &more.message).unbind(),
            has_more: flag(py, false),
            seqnum: None,
            trades: Vec::new(),
            more: Some(Box::new(more)),
        }
    }

    /// Makes the event of a frame that is nothing we know.
    pub fn unrecognised(received_at_ns: &Bound<'_, PyInt>, reason: &'static str, market: String) -> Self {
        let more = More {
            market,
            ..More::default()
        };
        Self {
            reason: word(received_at_ns.py(), reason),
            ..Self::with(received_at_ns, "unrecognised", more)
        }
    }

    /// Keeps the whole frame, unless it went into its book.
    #[inline]
    pub fn keep(mut self, frame: Cow<'_, [u8]>) -> Self {
        if let Some(more) = &mut self.more {
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
    /// The channel a push belongs to, where its topic is another; empty for none.
    #[getter]
    fn channel(&self) -> &str {
        self.text(|more| &more.channel)
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

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "FeedEvent({}, {:?}, {:?})",
            self.kind.to_str(py)?,
            self.topic.to_str(py)?,
            self.market.to_str(py)?
        ))
    }
}
