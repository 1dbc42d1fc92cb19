//! What frames of Exchange say.

use std::borrow::Cow;

use crate::book::level3::{RestingOrder, Side};

/// One change of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookEvent {
    /// An order rests, or rests already and is reported again.
    Added(RestingOrder),
    /// An order has a new size and keeps its place.
    Updated(RestingOrder),
    /// An order left.
    Removed {
        /// Its id.
        id: u128,
        /// Its side.
        side: Side,
    },
    /// Two orders traded.
    Trade(Trade),
    /// A kind that is not known.
    Unknown,
}

/// A trade as the book's feed tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The resting order.
    pub maker: u128,
    /// The order that came.
    pub taker: u128,
    /// The maker's price.
    pub price: u64,
    /// Size.
    pub quantity: u64,
}

/// An order of ours as `order_state` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnOrder<'a> {
    /// Its id.
    pub id: u128,
    /// Whose it is.
    pub trader: u128,
    /// Its market.
    pub market: Cow<'a, str>,
    /// Its side.
    pub side: Side,
    /// Limit price.
    pub price: u64,
    /// Size it was sent with.
    pub quantity: u64,
    /// Size still open, or pulled by a cancel.
    pub remaining: u64,
    /// When it was accepted, nanoseconds UTC.
    pub created_at_ns: i64,
}

/// A fill of ours. It names no side: one of its orders is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFill<'a> {
    /// Its id.
    pub id: u128,
    /// Its market.
    pub market: Cow<'a, str>,
    /// Ids, price and size.
    pub trade: Trade,
    /// When it happened, nanoseconds UTC.
    pub occurred_at_ns: i64,
}

/// Buffers a book is read into. Reused from frame to frame.
#[derive(Debug, Default)]
pub struct BookBuffer {
    /// Market of the snapshot or delta.
    pub market: String,
    /// Number of the last event reflected.
    pub sequence: u64,
    /// Number of the first event, where a later generation tells it.
    pub start_sequence: Option<u64>,
    /// Resting orders of a snapshot, bids and then asks, each in priority.
    pub orders: Vec<RestingOrder>,
    /// Events of a delta.
    pub events: Vec<BookEvent>,
}

/// What a frame is.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A whole book, in the buffer.
    Snapshot,
    /// Changes of a book, in the buffer.
    Delta,
    /// `order_state`.
    OrderState {
        /// The order.
        order: OwnOrder<'a>,
        /// `open`, `filled` or `canceled`.
        status: Cow<'a, str>,
    },
    /// `fill`.
    Fill(OwnFill<'a>),
    /// Anything else with a `type`: its short members, as far as they are there.
    Other(Short<'a>),
    /// Valid JSON that has no `type`.
    Unrecognised,
}

/// Members of the short messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Short<'a> {
    /// `type`.
    pub kind: Cow<'a, str>,
    /// Channel it is about.
    pub channel: Cow<'a, str>,
    /// Market it is about.
    pub market: Cow<'a, str>,
    /// Operation an `ack` or `reject` answers.
    pub op: Cow<'a, str>,
    /// The request's own id, if it had one.
    pub request_id: Option<Cow<'a, str>>,
    /// Code of a `reject` or `error`.
    pub code: Cow<'a, str>,
    /// The venue's words; `reason` of a `resync_required`.
    pub message: Cow<'a, str>,
    /// There is a `team_number`, as only the latest generation sends it.
    pub has_team_number: bool,
}
