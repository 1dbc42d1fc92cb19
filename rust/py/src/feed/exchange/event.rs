//! What a frame of Exchange said, in the words of the one event class.

use std::borrow::Cow;

use pyo3::prelude::*;
use tradewire_core::feed::exchange::{Event, SeenTrade};
use tradewire_core::feed::{BookId, Change};
use tradewire_core::frame::exchange::{CHANNEL, Short};

use crate::book::Level3Book;
use crate::feed::event::{BookChange, FeedEvent, More};

/// Makes the event of what the core reported; `book` shows a book by its id.
pub fn event_of<'b>(
    now: (Python<'_>, i64),
    event: Event<'_>,
    book: impl FnOnce(BookId) -> Option<&'b Py<Level3Book>>,
    trades: &[SeenTrade],
) -> FeedEvent {
    match event {
        Event::Book {
            id,
            change,
            reason,
            top_changed,
            message,
        } => {
            let is_answer = change == Change::Snapshot;
            let more = (is_answer || !message.is_empty() || !trades.is_empty()).then(|| {
                Box::new(More {
                    answers: if is_answer { "subscribe" } else { "" },
                    message,
                    trades: trades.to_vec(),
                    ..More::default()
                })
            });
            let did = BookChange {
                topic: CHANNEL,
                book: book(id),
                change,
                reason,
                top_changed,
            };
            FeedEvent::of_book(now, &did, more)
        }
        Event::Reply {
            asked,
            code,
            message,
            market,
        } => FeedEvent::with(
            now,
            "reply",
            More {
                market,
                answers: asked.name(),
                code,
                message,
                ..More::default()
            },
        ),
        Event::OrderState { order, status } => FeedEvent::with(
            now,
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
            now,
            "push",
            More {
                topic: "fill".to_owned(),
                market: fill.market.clone().into_owned(),
                fill: Some(fill.into()),
                ..More::default()
            },
        ),
        Event::Push(short) => FeedEvent::with(now, "push", short.into()),
        Event::Unrecognised { reason, market } => FeedEvent::unrecognised(now, reason, market),
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
