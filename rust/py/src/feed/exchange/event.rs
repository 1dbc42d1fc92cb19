//! What a frame of Exchange said, as Python sees it.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tradewire_core::book::trust::Reason;
use tradewire_core::feed::exchange::{Event, SeenTrade};
use tradewire_core::feed::{BookId, Change};
use tradewire_core::frame::exchange::{CHANNEL, Short};

use super::parts::{OwnFill, OwnOrder, PublicTrade};
use crate::book::level3::Level3Book;

/// What one frame said.
///
/// Most frames are deltas, which need a few words and their book only: what else there may be stands apart.
#[pyclass(frozen, module = "tradewire._native")]
#[derive(Default)]
pub struct ExchangeEvent {
    /// `book`, `push`, `reply` or `unrecognised`.
    #[pyo3(get)]
    kind: &'static str,
    /// What happened to the book: `snapshot`, `delta` or `ignored`; else empty.
    #[pyo3(get)]
    change: &'static str,
    /// Why the book is not synced, or why the frame was not recognised; else empty.
    #[pyo3(get)]
    reason: &'static str,
    /// Whether this frame proved its book: a snapshot, or the next number. False for whatever was ignored.
    #[pyo3(get)]
    proved: bool,
    /// Which request it answers: `login`, `subscribe`, `unsubscribe`, or none.
    #[pyo3(get)]
    answers: &'static str,
    /// The later generation of the protocol the frame gives away, `M` or `L`; empty for none.
    #[pyo3(get)]
    pub generation: &'static str,
    /// Our time of the frame, nanoseconds.
    #[pyo3(get)]
    pub received_at_ns: i64,
    book: Option<Py<Level3Book>>,
    trades: Vec<SeenTrade>,
    more: Option<Box<More>>,
}

/// What an event other than a plain delta carries.
#[derive(Default)]
struct More {
    topic: String,
    market: String,
    code: String,
    message: String,
    op: String,
    request_id: Option<String>,
    status: String,
    channel: String,
    order: Option<OwnOrder>,
    fill: Option<OwnFill>,
    payload: Vec<u8>,
}

impl ExchangeEvent {
    /// Makes the event of what the core told; `book` shows a book by its id.
    pub fn of(
        event: Event<'_>,
        book: impl FnOnce(BookId) -> Option<Py<Level3Book>>,
        trades: &[SeenTrade],
    ) -> Self {
        match event {
            Event::Book {
                id,
                change,
                reason,
                message,
            } => ExchangeEvent {
                kind: "book",
                change: change.name(),
                reason: reason.name(),
                proved: change != Change::Ignored && reason == Reason::None,
                answers: if change == Change::Snapshot {
                    "subscribe"
                } else {
                    ""
                },
                book: book(id),
                trades: trades.to_vec(),
                more: (!message.is_empty()).then(|| {
                    Box::new(More {
                        message,
                        ..More::default()
                    })
                }),
                ..ExchangeEvent::default()
            },
            Event::Reply {
                asked,
                code,
                message,
                market,
            } => ExchangeEvent {
                answers: asked.name(),
                ..ExchangeEvent::with(
                    "reply",
                    More {
                        market,
                        code,
                        message,
                        ..More::default()
                    },
                )
            },
            Event::OrderState { order, status } => ExchangeEvent::with(
                "push",
                More {
                    topic: "order_state".to_owned(),
                    market: order.market.clone().into_owned(),
                    status,
                    order: Some(order.into()),
                    ..More::default()
                },
            ),
            Event::Fill(fill) => ExchangeEvent::with(
                "push",
                More {
                    topic: "fill".to_owned(),
                    market: fill.market.clone().into_owned(),
                    fill: Some(fill.into()),
                    ..More::default()
                },
            ),
            Event::Push(short) => ExchangeEvent::with("push", short.into()),
            Event::Unrecognised { reason, market } => ExchangeEvent {
                reason,
                ..ExchangeEvent::with(
                    "unrecognised",
                    More {
                        market,
                        ..More::default()
                    },
                )
            },
        }
    }

    /// Keeps the whole frame, unless it went into its book.
    pub fn keep(&mut self, frame: Cow<'_, [u8]>) {
        if let (None, Some(more)) = (&self.book, &mut self.more) {
            more.payload = frame.into_owned();
        }
    }

    fn with(kind: &'static str, more: More) -> Self {
        Self {
            kind,
            more: Some(Box::new(more)),
            ..Self::default()
        }
    }

    fn text(&self, member: impl FnOnce(&More) -> &str) -> &str {
        self.more.as_deref().map_or("", member)
    }
}

impl From<Short<'_>> for More {
    fn from(short: Short<'_>) -> Self {
        Self {
            topic: short.kind.into_owned(),
            market: short.market.into_owned(),
            code: short.code.into_owned(),
            message: short.message.into_owned(),
            op: short.op.into_owned(),
            request_id: short.request_id.map(Cow::into_owned),
            channel: short.channel.into_owned(),
            ..Self::default()
        }
    }
}

#[pymethods]
impl ExchangeEvent {
    /// `l3` for books, the wire's `type` for pushes; empty for replies.
    #[getter]
    fn topic(&self) -> &str {
        if self.book.is_some() {
            CHANNEL
        } else {
            self.text(|more| &more.topic)
        }
    }

    /// The market; empty when the frame names none.
    #[getter]
    fn market(&self) -> &str {
        match &self.book {
            Some(book) => book.get().name(),
            None => self.text(|more| &more.market),
        }
    }

    /// Code of a reject or an error; empty otherwise.
    #[getter]
    fn code(&self) -> &str {
        self.text(|more| &more.code)
    }

    /// The venue's words.
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

    /// `open`, `filled` or `canceled`.
    #[getter]
    fn status(&self) -> &str {
        self.text(|more| &more.status)
    }

    /// Channel a call to resync is about.
    #[getter]
    fn channel(&self) -> &str {
        self.text(|more| &more.channel)
    }

    /// None: replies of this venue name no request.
    #[getter]
    fn id(&self) -> Option<i64> {
        None
    }

    /// The book's frame carries trades.
    #[getter]
    fn has_more(&self) -> bool {
        !self.trades.is_empty()
    }

    /// The book of a snapshot or delta.
    #[getter]
    fn book(&self, py: Python<'_>) -> Option<Py<Level3Book>> {
        self.book.as_ref().map(|book| book.clone_ref(py))
    }

    /// The order of an `order_state`.
    #[getter]
    fn order(&self) -> Option<OwnOrder> {
        self.more.as_ref()?.order.clone()
    }

    /// The fill of a `fill`.
    #[getter]
    fn fill(&self) -> Option<OwnFill> {
        self.more.as_ref()?.fill.clone()
    }

    /// The public trades of a delta. Made anew at each look.
    #[getter]
    fn trades(&self) -> Vec<PublicTrade> {
        self.trades.iter().copied().map(PublicTrade).collect()
    }

    /// The whole frame; empty for a snapshot or delta that went into its book. Copied at each look.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.more.as_deref().map_or(&[], |more| &more.payload))
    }

    fn __repr__(&self) -> String {
        format!(
            "ExchangeEvent({}, {:?}, {:?})",
            self.kind,
            self.topic(),
            self.market()
        )
    }
}
