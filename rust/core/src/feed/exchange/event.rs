//! What one frame of Exchange was to its feed.

use crate::book::level3::Side;
use crate::book::trust::Reason;
use crate::feed::{BookId, Change};
use crate::frame::exchange::{OwnFill, OwnOrder, Short, Trade};

/// A public trade with what the book knew of its maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenTrade {
    /// Ids, price and size.
    pub trade: Trade,
    /// Who came: the side opposite to the maker's; `None` if the book never saw the maker.
    pub aggressor: Option<Side>,
    /// Its number in the market's sequence.
    pub sequence: u64,
}

/// Which request a reply is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `authenticate`.
    Login,
    /// `subscribe`.
    Subscribe,
    /// `unsubscribe`.
    Unsubscribe,
}

impl Asked {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// What one frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A snapshot, a delta or a call to resync of a book of this feed; trades are in [`ExchangeFeed::trades`].
    Book {
        /// Which book.
        id: BookId,
        /// What happened to it.
        change: Change,
        /// Why it is not synced now.
        reason: Reason,
        /// The book is synced, and its best bid or ask differs from before, or was not synced in between.
        top_changed: bool,
        /// The venue's words, for a call to resync.
        message: String,
    },
    /// An answer to a request, which are answered in order.
    Reply {
        /// Which request.
        asked: Asked,
        /// Empty for success.
        code: String,
        /// The venue's words.
        message: String,
        /// Market or channel it is about.
        market: String,
    },
    /// `order_state`.
    OrderState {
        /// The order.
        order: OwnOrder<'a>,
        /// `open`, `filled` or `canceled`.
        status: String,
    },
    /// `fill`.
    Fill(OwnFill<'a>),
    /// Any other message the venue is known to send.
    Push(Short<'a>),
    /// Anything else.
    Unrecognised {
        /// Stable name of the reason.
        reason: &'static str,
        /// Market it names, if any.
        market: String,
    },
}

/// What passed through a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames, unreadable ones too.
    pub frames: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Gaps in a sequence.
    pub gaps: u64,
}
