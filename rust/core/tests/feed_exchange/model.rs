//! Whole streams against a dictionary of orders: a book that says it is synced equals the venue's.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use tradewire_core::book::level3::{RestingOrder, Side};
use tradewire_core::book::trust::Status;
use tradewire_core::feed::Change;
use tradewire_core::feed::lock;

use crate::wire::{MARKET, Stage, added, bid, removed, traded, updated};

/// The oracle: what rests, by id, with the number of its arrival. Everything else is derived by sorting all of it.
#[derive(Clone, Debug, Default)]
struct Dictionary {
    orders: BTreeMap<u128, (RestingOrder, u64)>,
    arrivals: u64,
}

impl Dictionary {
    fn put(&mut self, order: RestingOrder) {
        let arrival = match self.orders.get(&order.id) {
            Some((known, arrival)) if (known.side, known.price) == (order.side, order.price) => *arrival,
            _ => {
                self.arrivals += 1;
                self.arrivals
            }
        };
        self.orders.insert(order.id, (order, arrival));
    }

    fn in_priority(&self, side: Side) -> Vec<RestingOrder> {
        let mut found: Vec<_> = self
            .orders
            .values()
            .filter(|(order, _)| order.side == side)
            .collect();
        found.sort_by_key(|(order, arrival)| match side {
            Side::Bid => (u64::MAX - order.price, *arrival),
            Side::Ask => (order.price, *arrival),
        });
        found.into_iter().map(|(order, _)| *order).collect()
    }

    fn levels(&self, side: Side) -> Vec<(u64, u128, u32)> {
        let mut levels: Vec<(u64, u128, u32)> = Vec::new();
        for order in self.in_priority(side) {
            match levels.iter_mut().find(|level| level.0 == order.price) {
                Some(level) => {
                    level.1 += u128::from(order.remaining);
                    level.2 += 1;
                }
                None => levels.push((order.price, u128::from(order.remaining), 1)),
            }
        }
        levels
    }

    fn is_crossed(&self) -> bool {
        let best = |side| self.in_priority(side).first().map(|order| order.price);
        matches!((best(Side::Bid), best(Side::Ask)), (Some(bid), Some(ask)) if bid >= ask)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add(RestingOrder),
    Update(u128, u64),
    Remove(u128, Side),
    Trade(u128, u64),
}

#[derive(Clone, Debug)]
enum Moment {
    Delta(Vec<Step>),
    /// A delta whose number is off by this much.
    Skewed(i64, Vec<Step>),
    Snapshot,
    Resync,
    Disconnect,
    Nonsense,
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

fn step() -> impl Strategy<Value = Step> {
    let number = 1_u128..25;
    // Sides overlap a little, so that some books cross.
    let order =
        (number.clone(), side(), 0_u64..14, 1_u64..u64::MAX).prop_map(|(id, side, price, remaining)| {
            let price = match side {
                Side::Bid => 90 + price,
                Side::Ask => 102 + price,
            };
            RestingOrder {
                id,
                side,
                price,
                remaining,
            }
        });
    prop_oneof![
        4 => order.prop_map(Step::Add),
        2 => (number.clone(), 1_u64..50).prop_map(|(id, remaining)| Step::Update(id, remaining)),
        2 => (number.clone(), side()).prop_map(|(id, side)| Step::Remove(id, side)),
        1 => (number, 1_u64..50).prop_map(|(id, size)| Step::Trade(id, size)),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    let steps = || prop::collection::vec(step(), 1..5);
    prop_oneof![
        20 => steps().prop_map(Moment::Delta),
        1 => (prop_oneof![-3_i64..0, 1_i64..3], steps()).prop_map(|(off, steps)| Moment::Skewed(off, steps)),
        3 => Just(Moment::Snapshot),
        1 => Just(Moment::Resync),
        1 => Just(Moment::Disconnect),
        1 => Just(Moment::Nonsense),
    ]
}

/// Plays a step on the oracle and tells it as the venue would.
fn play(model: &mut Dictionary, step: &Step) -> Value {
    match *step {
        Step::Add(order) => {
            model.put(order);
            added(order)
        }
        Step::Update(number, remaining) => {
            let known = model.orders.get(&number).map(|(order, _)| *order);
            // An order only shrinks.
            let remaining = known.map_or(remaining, |order| order.remaining.min(remaining));
            let order = RestingOrder {
                remaining,
                ..known.unwrap_or(bid(number, 1, 1))
            };
            if known.is_some() {
                model.put(order);
            }
            updated(order)
        }
        Step::Remove(number, side) => match model.orders.remove(&number) {
            Some((order, _)) => removed(number, order.side, order.price),
            None => removed(number, side, 1),
        },
        Step::Trade(maker, quantity) => traded(maker, 100, quantity),
    }
}

proptest! {
    #[test]
    fn a_synced_book_equals_the_dictionary(moments in prop::collection::vec(moment(), 1..40)) {
        let mut stage = Stage::new();
        let (mut venue, mut sequence) = (Dictionary::default(), 0_u64);
        let mut is_proved = false;
        for moment in &moments {
            match moment {
                Moment::Delta(steps) | Moment::Skewed(_, steps) => {
                    let events: Vec<_> = steps.iter().map(|step| play(&mut venue, step)).collect();
                    sequence += steps.len() as u64;
                    let off = if let Moment::Skewed(off, _) = moment { *off } else { 0 };
                    let was_proved = is_proved;
                    let told = stage.delta(sequence.saturating_add_signed(off), &events);
                    let is_off = sequence.saturating_add_signed(off) != sequence;
                    is_proved &= !is_off && !venue.is_crossed();
                    let wanted = if was_proved { Change::Delta } else { Change::Ignored };
                    prop_assert_eq!(told.0, wanted);
                    prop_assert_eq!(was_proved && is_off, was_proved && told.1 == "sequence_gap");
                }
                Moment::Snapshot => {
                    stage.snapshot(sequence, &venue.in_priority(Side::Bid), &venue.in_priority(Side::Ask));
                    is_proved = !venue.is_crossed();
                }
                Moment::Resync => {
                    stage.send(&json!({"type": "resync_required", "channel": "l3", "market": MARKET, "reason": "x"}));
                    is_proved = false;
                }
                Moment::Disconnect => {
                    stage.feed.disconnected("disconnected");
                    is_proved = false;
                }
                Moment::Nonsense => {
                    let verdict = stage.feed.on_frame(b"[", 1).map(|_| ());
                    prop_assert_eq!(verdict.map_err(|error| error.kind()), Err("unexpected_end"));
                    is_proved = false;
                }
            }
            prop_assert_eq!(stage.status().0 == Status::Synced, is_proved);
            if is_proved {
                prop_assert_eq!(stage.sequence(), sequence);
                for side in [Side::Bid, Side::Ask] {
                    prop_assert_eq!(stage.orders(side), venue.in_priority(side));
                    let book = lock(stage.book());
                    let levels: Vec<_> =
                        book.orders.levels(side).map(|level| (level.price, level.size, level.orders)).collect();
                    prop_assert_eq!(levels, venue.levels(side));
                }
            }
        }
    }
}
