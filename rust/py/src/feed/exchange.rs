//! The feed of Exchange.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tradewire_core::book::status::reason;
use tradewire_core::feed::exchange::{
    Counters, Event, ExchangeFeed as CoreFeed, SeenTrade, SharedBook as CoreBook,
};
use tradewire_core::frame::exchange::{OwnFill, OwnOrder, Short};
use tradewire_core::units::uuid::Text;

use super::{MAX_FRAME_BYTES, frame};
use crate::book3::{Level3Book, side_name};
use crate::errors::{Fault, Result, python};

/// Id, trader, market, side, price, quantity, remaining and time of acceptance.
type OrderFields = (String, String, String, &'static str, u64, u64, u64, i64);
/// Id, market, maker, taker, price, quantity and time.
type FillFields = (String, String, String, String, u64, u64, i64);
/// Maker, taker, price, quantity, the aggressor's side (empty if not known) and number in the sequence.
type TradeFields = (String, String, u64, u64, &'static str, u64);

#[derive(Default)]
enum What {
    #[default]
    None,
    Order(OrderFields),
    Fill(FillFields),
    Trades(Vec<SeenTrade>),
}

/// What one frame said.
#[pyclass(frozen, module = "tradewire._native")]
#[derive(Default)]
pub struct ExchangeEvent {
    /// `book`, `push`, `reply` or `unrecognised`.
    #[pyo3(get)]
    kind: &'static str,
    /// `l3` for books, the wire's `type` for pushes; empty for replies.
    #[pyo3(get)]
    topic: String,
    /// The market; empty when the frame names none.
    #[pyo3(get)]
    market: String,
    /// What happened to the book: `snapshot`, `delta` or `ignored`; else empty.
    #[pyo3(get)]
    change: &'static str,
    /// Why the book is not synced, or why the frame was not recognised; else empty.
    #[pyo3(get)]
    reason: &'static str,
    /// Which request it answers: `login`, `subscribe`, `unsubscribe`, or none.
    #[pyo3(get)]
    answers: &'static str,
    /// Code of a reject or an error; empty otherwise.
    #[pyo3(get)]
    code: String,
    /// The venue's words.
    #[pyo3(get)]
    message: String,
    /// Operation an ack or a reject answers.
    #[pyo3(get)]
    op: String,
    /// The request id an ack or a reject carries.
    #[pyo3(get)]
    request_id: Option<String>,
    /// `open`, `filled` or `canceled`.
    #[pyo3(get)]
    status: String,
    /// Channel a call to resync is about.
    #[pyo3(get)]
    channel: String,
    /// The later generation of the protocol the frame gives away, `M` or `L`; empty for none.
    #[pyo3(get)]
    generation: &'static str,
    /// Our time of the frame, nanoseconds.
    #[pyo3(get)]
    received_at_ns: i64,
    book: Option<Py<Level3Book>>,
    what: What,
    payload: Vec<u8>,
}

impl ExchangeEvent {
    fn short(kind: &'static str, short: Short<'_>) -> Self {
        Self {
            kind,
            topic: short.kind.into_owned(),
            market: short.market.into_owned(),
            code: short.code.into_owned(),
            message: short.message.into_owned(),
            op: short.op.into_owned(),
            request_id: short.request_id.map(std::borrow::Cow::into_owned),
            channel: short.channel.into_owned(),
            ..Self::default()
        }
    }
}

#[pymethods]
impl ExchangeEvent {
    /// None: replies of this venue name no request.
    #[getter]
    fn id(&self) -> Option<i64> {
        None
    }

    /// The book's frame carries trades.
    #[getter]
    fn has_more(&self) -> bool {
        matches!(self.what, What::Trades(_))
    }

    /// The book of a snapshot or delta.
    #[getter]
    fn book(&self, py: Python<'_>) -> Option<Py<Level3Book>> {
        self.book.as_ref().map(|book| book.clone_ref(py))
    }

    /// The order of an `order_state`, as (id, trader, market, side, price, quantity, remaining, created_at_ns).
    #[getter]
    fn order(&self) -> Option<OrderFields> {
        match &self.what {
            What::Order(order) => Some(order.clone()),
            _ => None,
        }
    }

    /// The fill of a `fill`, as (id, market, maker id, taker id, price, quantity, occurred_at_ns).
    #[getter]
    fn fill(&self) -> Option<FillFields> {
        match &self.what {
            What::Fill(fill) => Some(fill.clone()),
            _ => None,
        }
    }

    /// The public trades of a delta, each (maker id, taker id, price, quantity, aggressor, sequence).
    #[getter]
    fn trades(&self) -> Vec<TradeFields> {
        let What::Trades(trades) = &self.what else {
            return Vec::new();
        };
        trades
            .iter()
            .map(|seen| {
                let trade = seen.trade;
                let (maker, taker) = (Text(trade.maker).to_string(), Text(trade.taker).to_string());
                let aggressor = seen.aggressor.map_or("", side_name);
                (
                    maker,
                    taker,
                    trade.price,
                    trade.quantity,
                    aggressor,
                    seen.sequence,
                )
            })
            .collect()
    }

    /// The whole frame; empty for a snapshot or delta that went into its book. Copied at each look.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.payload)
    }

    fn __repr__(&self) -> String {
        format!(
            "ExchangeEvent({}, {:?}, {:?})",
            self.kind, self.topic, self.market
        )
    }
}

fn order_fields(order: OwnOrder<'_>) -> OrderFields {
    (
        Text(order.id).to_string(),
        Text(order.trader).to_string(),
        order.market.into_owned(),
        side_name(order.side),
        order.price,
        order.quantity,
        order.remaining,
        order.created_at_ns,
    )
}

fn fill_fields(fill: OwnFill<'_>) -> FillFields {
    (
        Text(fill.id).to_string(),
        fill.market.into_owned(),
        Text(fill.trade.maker).to_string(),
        Text(fill.trade.taker).to_string(),
        fill.trade.price,
        fill.trade.quantity,
        fill.occurred_at_ns,
    )
}

/// Owns the books of one Exchange connection.
#[pyclass(module = "tradewire._native")]
pub struct ExchangeFeed {
    feed: CoreFeed,
    books: Vec<Py<Level3Book>>,
}

#[pymethods]
impl ExchangeFeed {
    #[new]
    #[pyo3(signature = (*, max_frame_bytes=MAX_FRAME_BYTES))]
    fn new(max_frame_bytes: usize) -> Self {
        Self {
            feed: CoreFeed::new(max_frame_bytes),
            books: Vec::new(),
        }
    }

    /// Add an empty book, or empty the one that is there; return it.
    fn add_book(&mut self, py: Python<'_>, market: &str) -> Result<Py<Level3Book>> {
        let slot = self.feed.add_book(market);
        if slot == self.books.len() {
            let Some(book) = self.feed.book(slot).map(CoreBook::clone) else {
                return Err(Fault::Argument(format!("no book of {market:?} could be made")));
            };
            let shown = Level3Book::showing(market.to_owned(), book);
            self.books.push(python(Py::new(py, shown))?);
        }
        Ok(self.books[slot].clone_ref(py))
    }

    /// Let a book go; those who hold it keep a stale one.
    fn remove_book(&mut self, market: &str) {
        self.feed.remove_book(market);
    }

    /// Return the book of a market, or None.
    fn book(&self, py: Python<'_>, market: &str) -> Option<Py<Level3Book>> {
        self.feed.slot(market).map(|slot| self.books[slot].clone_ref(py))
    }

    /// Empty a book, which then waits for a snapshot. `reason` shows as the book's own until then.
    #[pyo3(signature = (market, reason="no_snapshot"))]
    fn resync(&mut self, market: &str, reason: &str) {
        self.feed.resync(market, reason::known(reason));
    }

    /// Say that the connection is gone: every book is stale.
    fn disconnected(&mut self) {
        self.feed.disconnected();
    }

    /// Take one frame. Raises FrameError; books that were synced are suspect then and must be fetched anew.
    fn on_frame(&mut self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> Result<ExchangeEvent> {
        let bytes = frame(data)?;
        let event = self.feed.on_frame(&bytes, received_at_ns)?;
        let is_book = matches!(event, Event::Book { .. });
        let mut told = match event {
            Event::Book {
                slot,
                change,
                reason,
                message,
            } => {
                let book = self.books.get(slot).map(|book| book.clone_ref(data.py()));
                ExchangeEvent {
                    kind: "book",
                    topic: tradewire_core::frame::exchange::CHANNEL.to_owned(),
                    market: book
                        .as_ref()
                        .map_or(String::new(), |book| book.get().name().to_owned()),
                    change: change.name(),
                    reason,
                    message,
                    answers: if change == tradewire_core::feed::coinex::Change::Snapshot {
                        "subscribe"
                    } else {
                        ""
                    },
                    book,
                    what: match self.feed.trades() {
                        [] => What::None,
                        trades => What::Trades(trades.to_vec()),
                    },
                    ..ExchangeEvent::default()
                }
            }
            Event::Reply {
                asked,
                code,
                message,
                market,
            } => ExchangeEvent {
                kind: "reply",
                answers: asked.name(),
                code,
                message,
                market,
                ..ExchangeEvent::default()
            },
            Event::OrderState { order, status } => ExchangeEvent {
                kind: "push",
                topic: "order_state".to_owned(),
                market: order.market.clone().into_owned(),
                status,
                what: What::Order(order_fields(order)),
                ..ExchangeEvent::default()
            },
            Event::Fill(fill) => ExchangeEvent {
                kind: "push",
                topic: "fill".to_owned(),
                market: fill.market.clone().into_owned(),
                what: What::Fill(fill_fields(fill)),
                ..ExchangeEvent::default()
            },
            Event::Push(short) => ExchangeEvent::short("push", short),
            Event::Unrecognised { reason, market } => ExchangeEvent {
                kind: "unrecognised",
                reason,
                market,
                ..ExchangeEvent::default()
            },
        };
        told.generation = self.feed.generation();
        told.received_at_ns = received_at_ns;
        if !is_book {
            told.payload = bytes.into_owned();
        }
        Ok(told)
    }

    /// The later generation of the protocol met so far, `M` or `L`; empty for none.
    #[getter]
    fn generation(&self) -> &'static str {
        self.feed.met()
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
