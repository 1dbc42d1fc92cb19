//! What a frame said, as Python sees it: one class for every venue.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyString};
use pyo3::{PyClass, intern};
use tradewire_core::book::trust::Reason;
use tradewire_core::feed::Change;
use tradewire_core::feed::exchange::SeenTrade;

use super::exchange::{OwnFill, OwnOrder, PublicTrade};
use crate::book::OfMarket;

/// What one frame said.
///
/// Most frames change a book and say nothing else, so what else there may be stands apart. What is read of such a frame
/// is there as an object, which costs no call.
#[pyclass(frozen, generic, module = "tradewire._native")]
pub struct FeedEvent {
    /// `book`, `trades`, `bbo`, `push`, `reply` or `unrecognised`.
    #[pyo3(get)]
    pub kind: Py<PyString>,
    /// The market; empty when the frame names none.
    #[pyo3(get)]
    pub market: Py<PyString>,
    /// The book the frame went into.
    #[pyo3(get)]
    pub book: Py<PyAny>,
    /// Our time of the frame, nanoseconds.
    #[pyo3(get)]
    pub received_at_ns: i64,
    /// What happened to the book: `snapshot`, `delta` or `ignored`; else empty.
    #[pyo3(get)]
    pub change: &'static str,
    /// Why the book is not synced, what is wrong with a sequence, or why the frame was not recognised; else empty.
    #[pyo3(get)]
    pub reason: &'static str,
    /// Whether this frame proved its book. False for whatever was ignored.
    #[pyo3(get)]
    pub proved: Py<PyBool>,
    /// Whether the book is synced and its best bid or ask differs in price or size from before, or was not synced in between.
    #[pyo3(get)]
    pub top_changed: Py<PyBool>,
    /// Whether it proved its book and says nothing else: no trades, no answer, no gap.
    #[pyo3(get)]
    pub is_plain: Py<PyBool>,
    /// Number in the sequence of its channel, where the venue counts.
    #[pyo3(get)]
    pub seqnum: Option<u64>,
    /// The topic of a frame that went into its book.
    pub book_topic: &'static str,
    pub more: Option<Box<More>>,
}

/// What a frame did to its book.
pub struct BookChange<'a, B> {
    pub topic: &'static str,
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
    pub answers: &'static str,
    pub code: String,
    pub message: String,
    pub op: String,
    pub request_id: Option<String>,
    pub status: String,
    pub order: Option<OwnOrder>,
    pub fill: Option<OwnFill>,
    pub trades: Vec<SeenTrade>,
    pub generation: &'static str,
    pub payload: Vec<u8>,
}

fn truth(py: Python<'_>, value: bool) -> Py<PyBool> {
    PyBool::new(py, value).to_owned().unbind()
}

impl FeedEvent {
    /// Makes the event of a frame that went into a book, with what it says beside that.
    #[inline]
    pub fn of_book<B>(
        received_at_ns: (Python<'_>, i64),
        did: &BookChange<'_, B>,
        more: Option<Box<More>>,
    ) -> Self
    where
        B: OfMarket + PyClass<Frozen = pyo3::pyclass::boolean_struct::True> + Sync,
    {
        let (py, received_at_ns) = received_at_ns;
        let proved = did.change != Change::Ignored && did.reason == Reason::None;
        Self {
            kind: intern!(py, "book").clone().unbind(),
            market: match did.book {
                Some(book) => book.get().market().clone_ref(py),
                None => PyString::new(py, "").unbind(),
            },
            book: match did.book {
                Some(book) => book.clone_ref(py).into_any(),
                None => py.None(),
            },
            received_at_ns,
            change: did.change.name(),
            reason: did.reason.name(),
            proved: truth(py, proved),
            top_changed: truth(py, did.top_changed),
            is_plain: truth(py, proved && more.is_none()),
            seqnum: None,
            book_topic: did.topic,
            more,
        }
    }

    /// Makes the event of any other frame.
    pub fn with(received_at_ns: (Python<'_>, i64), kind: &'static str, more: More) -> Self {
        let (py, received_at_ns) = received_at_ns;
        Self {
            kind: PyString::intern(py, kind).unbind(),
            market: PyString::new(py, &more.market).unbind(),
            book: py.None(),
            received_at_ns,
            change: "",
            reason: "",
            proved: truth(py, false),
            top_changed: truth(py, false),
            is_plain: truth(py, false),
            seqnum: None,
            book_topic: "",
            more: Some(Box::new(more)),
        }
    }

    /// Makes the event of a frame that is nothing we know.
    pub fn unrecognised(received_at_ns: (Python<'_>, i64), reason: &'static str, market: String) -> Self {
        let more = More {
            market,
            ..More::default()
        };
        Self {
            reason,
            ..Self::with(received_at_ns, "unrecognised", more)
        }
    }

    /// Says what later generation of the protocol the frame gave away.
    pub fn of_generation(mut self, generation: &'static str) -> Self {
        if !generation.is_empty() {
            self.more.get_or_insert_default().generation = generation;
        }
        self
    }

    /// Keeps the whole frame, unless it went into its book.
    #[inline]
    pub fn keep(mut self, frame: Cow<'_, [u8]>) -> Self {
        if let (true, Some(more)) = (self.book_topic.is_empty(), &mut self.more) {
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
        if self.book_topic.is_empty() {
            self.text(|more| &more.topic)
        } else {
            self.book_topic
        }
    }

    /// Which request a reply answers that names none: `login`, `subscribe`, `unsubscribe`, `oldest`; else empty.
    #[getter]
    fn answers(&self) -> &str {
        self.text(|more| more.answers)
    }

    /// The venue's words; for a gap what was expected and what came.
    #[getter]
    fn message(&self) -> &str {
        self.text(|more| &more.message)
    }

    /// The later generation of the protocol the frame gives away, `M` or `L`; empty for none.
    #[getter]
    fn generation(&self) -> &str {
        self.text(|more| more.generation)
    }

    /// Something else is carried beside the book: public trades.
    #[getter]
    fn has_more(&self) -> bool {
        self.more.as_ref().is_some_and(|more| !more.trades.is_empty())
    }

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
        let trades = self.more.as_deref().map_or(&[][..], |more| &more.trades);
        trades.iter().copied().map(PublicTrade).collect()
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
            self.topic(),
            self.market.to_str(py)?
        ))
    }
}
