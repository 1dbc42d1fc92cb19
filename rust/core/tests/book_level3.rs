//! The order-by-order book against a plain model: a list of orders in arrival order.

use proptest::prelude::*;
use tradewire_core::book::level3::{Level3Book, RestingOrder, Side};

/// The oracle: orders in the order they arrived; everything else is derived by looking at all of them.
#[derive(Default, Debug)]
struct Model(Vec<RestingOrder>);

impl Model {
    fn add(&mut self, order: RestingOrder) {
        if let Some(known) = self.0.iter_mut().find(|known| known.id == order.id)
            && (known.price, known.side) == (order.price, order.side)
        {
            known.remaining = order.remaining;
            self.0.retain(|known| known.remaining > 0);
            return;
        }
        self.0.retain(|known| known.id != order.id);
        if order.remaining > 0 {
            self.0.push(order);
        }
    }

    fn update(&mut self, id: u128, remaining: u64) -> bool {
        let known = self.0.iter().any(|order| order.id == id);
        for order in self.0.iter_mut().filter(|order| order.id == id) {
            order.remaining = remaining;
        }
        self.0.retain(|order| order.remaining > 0);
        known
    }

    fn remove(&mut self, id: u128) -> Option<RestingOrder> {
        let order = self.0.iter().copied().find(|order| order.id == id);
        self.0.retain(|order| order.id != id);
        order
    }

    fn in_priority(&self, side: Side) -> Vec<RestingOrder> {
        let mut orders: Vec<_> = self
            .0
            .iter()
            .copied()
            .filter(|order| order.side == side)
            .collect();
        // A stable sort keeps the order of arrival inside a price.
        orders.sort_by_key(|order| match side {
            Side::Bid => u64::MAX - order.price,
            Side::Ask => order.price,
        });
        orders
    }
}

#[derive(Clone, Debug)]
enum Op {
    Add(RestingOrder),
    Update(u128, u64),
    Remove(u128),
    Own(u128, bool),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

fn op() -> impl Strategy<Value = Op> {
    let id = 0_u128..40;
    prop_oneof![
        4 => (id.clone(), side(), 90_u64..120, 0_u64..50)
            .prop_map(|(id, side, price, remaining)| Op::Add(RestingOrder { id, side, price, remaining })),
        2 => (id.clone(), 0_u64..50).prop_map(|(id, remaining)| Op::Update(id, remaining)),
        2 => id.clone().prop_map(Op::Remove),
        1 => (id, any::<bool>()).prop_map(|(id, is_own)| Op::Own(id, is_own)),
    ]
}

fn check(book: &Level3Book, model: &Model, own: &[u128]) {
    assert_eq!(book.len(), model.0.len());
    for side in [Side::Bid, Side::Ask] {
        let wanted = model.in_priority(side);
        let found: Vec<_> = book.orders(side).collect();
        assert_eq!(found.iter().map(|(order, _)| *order).collect::<Vec<_>>(), wanted);
        for (order, is_own) in &found {
            assert_eq!(*is_own, own.contains(&order.id));
            let ahead: Vec<_> = wanted
                .iter()
                .take_while(|other| other.id != order.id)
                .filter(|other| other.price == order.price)
                .collect();
            let place = book.place(order.id).expect("it rests");
            assert_eq!(place.orders_ahead as usize, ahead.len());
            assert_eq!(
                place.size_ahead,
                ahead
                    .iter()
                    .map(|other| u128::from(other.remaining))
                    .sum::<u128>()
            );
            assert_eq!(
                place.own_ahead as usize,
                ahead.iter().filter(|other| own.contains(&other.id)).count()
            );
        }
        let mut levels: Vec<(u64, u128, u32)> = Vec::new();
        for order in &wanted {
            match levels.last_mut() {
                Some(level) if level.0 == order.price => {
                    level.1 += u128::from(order.remaining);
                    level.2 += 1;
                }
                _ => levels.push((order.price, u128::from(order.remaining), 1)),
            }
        }
        let found: Vec<_> = book
            .levels(side)
            .map(|level| (level.price, level.size, level.orders))
            .collect();
        assert_eq!(found, levels);
        assert_eq!(
            book.best(side).map(|level| level.price),
            levels.first().map(|level| level.0)
        );
    }
}

proptest! {
    #[test]
    fn equals_the_model_after_any_operations(ops in prop::collection::vec(op(), 0..300)) {
        let (mut book, mut model, mut own) = (Level3Book::new(), Model::default(), Vec::new());
        for op in ops {
            match op {
                Op::Add(order) => {
                    book.add(order);
                    model.add(order);
                }
                Op::Update(id, remaining) => prop_assert_eq!(book.update(id, remaining), model.update(id, remaining)),
                Op::Remove(id) => prop_assert_eq!(book.remove(id), model.remove(id)),
                Op::Own(id, true) => {
                    book.mark_own(id);
                    own.push(id);
                }
                Op::Own(id, false) => {
                    book.unmark_own(id);
                    own.retain(|other| *other != id);
                }
            }
            check(&book, &model, &own);
        }
    }
}

fn order(id: u128, side: Side, price: u64, remaining: u64) -> RestingOrder {
    RestingOrder {
        id,
        side,
        price,
        remaining,
    }
}

#[test]
fn worked_sequence_of_the_venue() {
    // Asks A 5@100 and B 5@101; a taker buys 8 up to 101: A leaves, trades; B shrinks, trades.
    let mut book = Level3Book::new();
    book.add(order(0xA, Side::Ask, 100, 5));
    book.add(order(0xB, Side::Ask, 101, 5));
    assert_eq!(book.remove(0xA), Some(order(0xA, Side::Ask, 100, 5)));
    assert_eq!(
        book.aggressor_of(0xA),
        Some(Side::Bid),
        "the maker left just before its trade"
    );
    assert!(book.update(0xB, 2));
    assert_eq!(book.aggressor_of(0xB), Some(Side::Bid));
    assert_eq!(
        book.best(Side::Ask).map(|level| (level.price, level.size)),
        Some((101, 2))
    );
    assert_eq!(book.aggressor_of(0xC), None, "never seen");
}

#[test]
fn unknown_ids_change_nothing() {
    let mut book = Level3Book::new();
    book.add(order(1, Side::Bid, 10, 1));
    assert!(!book.update(2, 5));
    assert_eq!(book.remove(2), None);
    assert_eq!(book.len(), 1);
    assert!(book.place(2).is_none());
}

#[test]
fn largest_sizes_add_up_without_overflow() {
    let mut book = Level3Book::new();
    for id in 0..3 {
        book.add(order(id, Side::Bid, u64::MAX, u64::MAX));
    }
    assert_eq!(
        book.best(Side::Bid).map(|level| level.size),
        Some(3 * u128::from(u64::MAX))
    );
    assert_eq!(
        book.place(2).map(|place| place.size_ahead),
        Some(2 * u128::from(u64::MAX))
    );
}
