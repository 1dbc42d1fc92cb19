//! The price levels of one side: a sum over a queue each, the best one last.

use super::order::{LevelView, Side};

/// Levels this near the touch are searched one by one: most events land there.
const NEAR_LEVELS: usize = 8;

/// One price: the sum over its queue, and the two ends of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) price: u64,
    pub(super) size: u128,
    pub(super) orders: u32,
    pub(super) head: u32,
    pub(super) tail: u32,
}

impl Level {
    pub(super) fn view(&self) -> LevelView {
        LevelView {
            price: self.price,
            size: self.size,
            orders: self.orders,
        }
    }
}

/// Finds `price` among levels whose best stands last: its index, or where it belongs.
pub(super) fn find(levels: &[Level], side: Side, price: u64) -> Result<usize, usize> {
    let is_behind = |level: &Level| match side {
        Side::Bid => level.price < price,
        Side::Ask => level.price > price,
    };
    let far = levels.len().saturating_sub(NEAR_LEVELS);
    for at in (far..levels.len()).rev() {
        if levels[at].price == price {
            return Ok(at);
        }
        if is_behind(&levels[at]) {
            return Err(at + 1);
        }
    }
    let at = levels[..far].partition_point(is_behind);
    match levels.get(at) {
        Some(level) if level.price == price => Ok(at),
        _ => Err(at),
    }
}
