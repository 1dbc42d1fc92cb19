//! What a frame of Exchange said, in the words of the one event class.

use std::borrow::Cow;

use pyo3::prelude::*;
use tradewire_core::feed::exchange::{Event, SeenTrade};
use tradewire_core::feed::{BookId, Change};
use tradewire_core::frame::exchange::{CHANNEL, Short};

use crate::book::Level3Book;
use crate::feed::event::{FeedEvent, More};

/// Makes the event of what the core reported; `book` shows a book by its id.
pub fn event_of(
    event: Event<'_>,
    book: impl FnOnce(BookId) -> Option<Py<Level3Book>>,
    trades: &[SeenTrade],
) -> FeedEvent {
    match event {
        Event::Book {
            id,
            change,
            reason,
            message,
        } => FeedEvent {
            answers: if change == Change::Snapshot {
                "subscribe"
            } else {
                ""
            },
            trades: trades.to_vec(),
            more: (!message.is_empty()).then(|| {
                Box::new(More {
                    message,
                    ..More::default()
                })
            }),
            ..FeedEvent::of_book(CHANNEL, change, reason, book(id))
        },
        Event::Reply {
            asked,
            code,
            message,
            market,
        } => FeedEvent {
            answers: asked.name(),
            ..FeedEvent::with(
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
            "push",
            More {
                topic: "fill".to_owned(),
                market: fill.market.clone().into_owned(),
                fill: Some(fill.into()),
                ..More::default()
            },
        ),
        Event::Push(short) => FeedEvent::with("push", short.into()),
        Event::Unrecognised { reason, market } => FeedEvent::unrecognised(reason, market),
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
