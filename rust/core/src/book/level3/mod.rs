//! Order-by-order book: every resting order by its id, in price-time priority.
//!
//! Prices and sizes are unsigned integers (the venue's own unit); ids are 128-bit (UUIDs as numbers). Invariants:
//! levels of a side strictly improve towards the end of its vector; no level is empty; a level's size and count are
//! the sums over its queue; every live node is in exactly one queue and in the id map.

mod ids;
mod levels;
mod order;

use std::collections::hash_map::Entry;

use self::ids::{IdMap, IdSet};
use self::levels::{Level, find};
pub use self::order::{Amended, LevelView, QueuePlace, RestingOrder, Side};

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    order: RestingOrder,
    previous: u32,
    next: u32,
    is_own: bool,
    /// Its size is a snapshot's, which may be ahead of events still to come.
    is_loaded: bool,
}

/// An order-by-order book of one market.
#[derive(Default)]
pub struct Level3Book {
    nodes: Vec<Node>,
    free: Vec<u32>,
    by_id: IdMap<u32>,
    own: IdSet,
    bids: Vec<Level>,
    asks: Vec<Level>,
    last_touched: Option<(u128, Side)>,
}

impl Level3Book {
    /// Makes an empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of resting orders on both sides.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether nothing rests.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Forgets every order; marks of own orders stay.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.free.clear();
        self.by_id.clear();
        self.bids.clear();
        self.asks.clear();
        self.last_touched = None;
    }

    /// Marks an id as our own, whether or not it rests yet.
    pub fn mark_own(&mut self, id: u128) {
        self.own.insert(id);
        if let Some(&slot) = self.by_id.get(&id) {
            self.nodes[slot as usize].is_own = true;
        }
    }

    /// Takes the mark of an id back.
    pub fn unmark_own(&mut self, id: u128) {
        self.own.remove(&id);
        if let Some(&slot) = self.by_id.get(&id) {
            self.nodes[slot as usize].is_own = false;
        }
    }

    /// Adds an order at the tail of its level, or, if the id rests already, brings it up to date.
    ///
    /// A known order keeps its place while price and side stay: a snapshot may already hold what a late event adds.
    pub fn add(&mut self, order: RestingOrder) {
        self.insert(order, false);
    }

    /// Adds an order of a snapshot as [`Self::add`] does.
    pub fn load(&mut self, order: RestingOrder) {
        self.insert(order, true);
    }

    fn insert(&mut self, order: RestingOrder, is_loaded: bool) {
        self.last_touched = Some((order.id, order.side));
        if order.remaining == 0 {
            self.remove(order.id);
            return;
        }
        let vacant = match self.by_id.entry(order.id) {
            Entry::Vacant(vacant) => vacant,
            Entry::Occupied(known) => {
                let slot = *known.get();
                let resting = self.nodes[slot as usize].order;
                if (resting.price, resting.side) == (order.price, order.side) {
                    self.resize(slot, order.remaining);
                } else {
                    self.unlink(slot);
                    self.insert(order, is_loaded);
                }
                return;
            }
        };
        let node = Node {
            order,
            previous: NONE,
            next: NONE,
            is_own: self.own.contains(&order.id),
            is_loaded,
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.nodes[slot as usize] = node;
            slot
        } else {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        };
        vacant.insert(slot);
        self.link_at_tail(slot);
    }

    /// Sets the remaining size of an order, which keeps its place. Returns whether the id was known.
    ///
    /// An unknown id changes nothing: the order left before the snapshot this event is older than.
    pub fn update(&mut self, id: u128, remaining: u64) -> bool {
        let Some(&slot) = self.by_id.get(&id) else {
            return false;
        };
        self.resize(slot, remaining);
        true
    }

    /// Brings a resting order up to date as an event describes it, if that can be true of the book.
    ///
    /// It cannot if price or side differ, or if the order has grown, which no event makes it do. A snapshot may be ahead
    /// of its events, so the first event after one may show an earlier, larger size.
    pub fn amend(&mut self, order: RestingOrder) -> Amended {
        let Some(&slot) = self.by_id.get(&order.id) else {
            return Amended::Unknown;
        };
        let node = &self.nodes[slot as usize];
        let has_grown = order.remaining > node.order.remaining && !node.is_loaded;
        if (node.order.price, node.order.side) != (order.price, order.side) || has_grown {
            return Amended::Contradicted;
        }
        self.resize(slot, order.remaining);
        Amended::Done
    }

    /// Removes an order. Returns it, or `None` for an unknown id, which changes nothing.
    pub fn remove(&mut self, id: u128) -> Option<RestingOrder> {
        let slot = *self.by_id.get(&id)?;
        let order = self.nodes[slot as usize].order;
        self.unlink(slot);
        self.last_touched = Some((id, order.side));
        Some(order)
    }

    /// Remembers the side of an order that an event named, though the book does not hold it any more.
    pub fn touch(&mut self, id: u128, side: Side) {
        self.last_touched = Some((id, side));
    }

    /// Returns the aggressor's side of a trade against `maker`, the opposite of the maker's side.
    ///
    /// The maker's change comes before its trade, so the maker may just have left: the order touched last is
    /// remembered. `None` when the book has never seen it.
    pub fn aggressor_of(&self, maker: u128) -> Option<Side> {
        if let Some(&slot) = self.by_id.get(&maker) {
            return Some(self.nodes[slot as usize].order.side.opposite());
        }
        match self.last_touched {
            Some((id, side)) if id == maker => Some(side.opposite()),
            _ => None,
        }
    }

    /// Returns an order by its id.
    pub fn order(&self, id: u128) -> Option<RestingOrder> {
        self.by_id.get(&id).map(|&slot| self.nodes[slot as usize].order)
    }

    /// Returns the best level of a side.
    pub fn best(&self, side: Side) -> Option<LevelView> {
        self.side(side).last().map(Level::view)
    }

    /// Whether the best bid is not below the best ask.
    pub fn is_crossed(&self) -> bool {
        match (self.bids.last(), self.asks.last()) {
            (Some(bid), Some(ask)) => bid.price >= ask.price,
            _ => false,
        }
    }

    /// Returns the levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = LevelView> + '_ {
        self.side(side).iter().rev().map(Level::view)
    }

    /// Returns what taking `wanted` from a side costs and how much of it is there; `None` if 128 bits do not hold it.
    pub fn sweep(&self, side: Side, wanted: u128) -> Option<(u128, u128)> {
        let (mut cost, mut filled) = (0_u128, 0_u128);
        for level in self.side(side).iter().rev() {
            let taken = level.size.min(wanted - filled);
            cost = taken.checked_mul(u128::from(level.price))?.checked_add(cost)?;
            filled += taken;
            if filled == wanted {
                break;
            }
        }
        Some((cost, filled))
    }

    /// Returns the orders of a side in priority: best price first, and at each price the oldest first.
    pub fn orders(&self, side: Side) -> impl Iterator<Item = (RestingOrder, bool)> + '_ {
        self.side(side).iter().rev().flat_map(move |level| {
            std::iter::successors(self.node(level.head), |node| self.node(node.next))
                .map(|node| (node.order, node.is_own))
        })
    }

    /// Returns where an order stands in its queue. Walks the orders ahead of it at its own price only.
    pub fn place(&self, id: u128) -> Option<QueuePlace> {
        let slot = *self.by_id.get(&id)?;
        let node = &self.nodes[slot as usize];
        let mut place = QueuePlace {
            order: node.order,
            orders_ahead: 0,
            size_ahead: 0,
            own_ahead: 0,
        };
        let mut ahead = self.node(node.previous);
        while let Some(other) = ahead {
            place.orders_ahead += 1;
            place.size_ahead += u128::from(other.order.remaining);
            place.own_ahead += u32::from(other.is_own);
            ahead = self.node(other.previous);
        }
        Some(place)
    }

    fn node(&self, slot: u32) -> Option<&Node> {
        self.nodes.get(slot as usize)
    }

    fn side(&self, side: Side) -> &Vec<Level> {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Vec<Level> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }

    fn resize(&mut self, slot: u32, remaining: u64) {
        let order = self.nodes[slot as usize].order;
        self.last_touched = Some((order.id, order.side));
        if remaining == 0 {
            self.unlink(slot);
            return;
        }
        let node = &mut self.nodes[slot as usize];
        node.order.remaining = remaining;
        node.is_loaded = false;
        let levels = self.side_mut(order.side);
        if let Ok(at) = find(levels, order.side, order.price) {
            let level = &mut levels[at];
            level.size = level.size + u128::from(remaining) - u128::from(order.remaining);
        }
    }

    fn link_at_tail(&mut self, slot: u32) {
        let RestingOrder {
            side,
            price,
            remaining,
            ..
        } = self.nodes[slot as usize].order;
        let levels = self.side_mut(side);
        let tail = match find(levels, side, price) {
            Ok(at) => {
                let level = &mut levels[at];
                level.size += u128::from(remaining);
                level.orders += 1;
                std::mem::replace(&mut level.tail, slot)
            }
            Err(at) => {
                let level = Level {
                    price,
                    size: u128::from(remaining),
                    orders: 1,
                    head: slot,
                    tail: slot,
                };
                levels.insert(at, level);
                NONE
            }
        };
        self.nodes[slot as usize].previous = tail;
        if let Some(last) = self.nodes.get_mut(tail as usize) {
            last.next = slot;
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Node {
            order,
            previous,
            next,
            ..
        } = self.nodes[slot as usize];
        if let Some(ahead) = self.nodes.get_mut(previous as usize) {
            ahead.next = next;
        }
        if let Some(behind) = self.nodes.get_mut(next as usize) {
            behind.previous = previous;
        }
        let levels = self.side_mut(order.side);
        if let Ok(at) = find(levels, order.side, order.price) {
            let level = &mut levels[at];
            level.size -= u128::from(order.remaining);
            level.orders -= 1;
            if previous == NONE {
                level.head = next;
            }
            if next == NONE {
                level.tail = previous;
            }
            if level.orders == 0 {
                levels.remove(at);
            }
        }
        self.by_id.remove(&order.id);
        self.free.push(slot);
    }
}
