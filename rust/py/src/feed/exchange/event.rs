//! What a frame of Exchange said, in the words of the one event class.

use std::borrow::Cow;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};
use tradewire_core::feed::exchange::{Event, SeenTrade};
use tradewire_core::feed::{BookId, Change};
use tradewire_core::frame::exchange::{CHANNEL, Short};

use crate::book::Level3Book;
use crate::feed::event::{BookChange, FeedEvent, More, flag, word};

/// Makes the event of what the core reported; `book` shows a book by its id.
pub fn event_of<'b>(
    received_at_ns: &Bound<'_, PyInt>,
    event: Event<'_>,
    book: impl FnOnce(BookId) -> Option<&'b Py<Level3Book>>,
    trades: &[SeenTrade],
) -> FeedEvent {
    let py = received_at_ns.py();
    match event {
        Event::Book {
            id,
            change,
            reason,
            top_changed,
            message,
        } => {
            let mut made = FeedEvent::of_book(
                received_at_ns,
                &BookChange {
                    topic: intern!(py, CHANNEL),
                    book: book(id),
                    change,
                    reason,
                    top_changed,
                },
            );
            if change == Change::Snapshot {
                made.answers = word(py, "subscribe");
            }
            if !message.is_empty() {
                made.message = PyString::new(py, &message).unbind();
            }
            if !trades.is_empty() {
                made.trades = trades.to_vec();
                made.has_more = flag(py, true);
            }
            made
        }
        Event::Reply {
            asked,
            code,
            message,
            market,
        } => FeedEvent {
            answers: word(py, asked.name()),
            ..FeedEvent::with(
                received_at_ns,
                "reply",
                More {
                    market,
                    code,
                    message,
                    ..More::default()
                },
            )
        },
        Event::OrderState { order, status } => FeedEvent::with(
            received_at_ns,
            "push",
            More {
                topic: "order_state".to_owned(),
                market: order.market.clone().into_owned(),
                status,
                order: Some(order.into()),
                ..More::default()
            },
        ),
        Event::Fill(fill) => FeedEvent::with(
            received_at_ns,
            "push",
            More {
                topic: "fill".to_owned(),
                market: fill.market.clone().into_owned(),
                fill: Some(fill.into()),
                ..More::default()
            },
        ),
        Event::Push(short) => FeedEvent::with(received_at_ns, "push", short.into()),
        Event::Unrecognised { reason, market } => FeedEvent::unrecognised(received_at_ns, reason, market),
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
