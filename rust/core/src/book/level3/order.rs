//! What a level-3 book holds and what it answers.

/// Side of a resting order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Buyers.
    Bid,
    /// Sellers.
    Ask,
}

impl Side {
    /// The other side: the aggressor's, seen from a maker.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }
}

/// A resting order as a venue describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingOrder {
    /// The venue's id.
    pub id: u128,
    /// Its side.
    pub side: Side,
    /// Limit price.
    pub price: u64,
    /// Size still open.
    pub remaining: u64,
}

/// What became of an order that an event brings up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amended {
    /// It has its new size.
    Done,
    /// It does not rest: it left before the snapshot this event is older than. Nothing changed.
    Unknown,
    /// The event cannot be true of this book. Nothing changed.
    Contradicted,
}

/// One price level, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelView {
    /// Price of the level.
    pub price: u64,
    /// Sum of the remaining sizes.
    pub size: u128,
    /// Number of orders.
    pub orders: u32,
}

/// Where an order stands in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    /// The order itself.
    pub order: RestingOrder,
    /// Orders in front of it at its price; 0 means it is next.
    pub orders_ahead: u32,
    /// Their size.
    pub size_ahead: u128,
    /// How many of the orders in front are marked as our own.
    pub own_ahead: u32,
}
