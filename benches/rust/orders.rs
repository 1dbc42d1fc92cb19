//! Question: what does one event of an order-by-order book cost, and does it stay flat as more orders rest?
//! Absolute cost. Where orders come and go falls off from the touch by an exponential law, as in the Python benches.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tradewire_core::book::level3::{Level3Book, RestingOrder, Side};
use tradewire_core::feed::exchange::ExchangeFeed;
use tradewire_core::units::uuid::Text;

const MARKET: &str = "ABC-USD";
const TOUCH: u64 = 100_000;
/// Orders and levels a side: few orders, a hundred times as many on the same levels, and as many on many levels.
const SHAPES: [(usize, usize); 3] = [(20, 20), (2000, 20), (2000, 400)];
const EVENTS: usize = 20_000;

/// A generator that needs no crate: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ bits >> 31
    }

    fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.share() * limit as f64) as usize
    }

    fn id(&mut self) -> u128 {
        u128::from(self.bits()) << 64 | u128::from(self.bits())
    }
}

#[derive(Clone, Copy)]
enum Change {
    Add(RestingOrder),
    Update(u128, u64),
    Remove(RestingOrder),
}

/// An opening book and changes that keep its number of orders about the same.
struct Flow {
    opening: Vec<RestingOrder>,
    changes: Vec<Change>,
}

impl Flow {
    fn new((orders_a_side, levels): (usize, usize)) -> Self {
        let mut random = Random(1);
        let mut opening = Vec::new();
        let mut live: [Vec<RestingOrder>; 2] = [Vec::new(), Vec::new()];
        for (side, orders) in [Side::Bid, Side::Ask].into_iter().zip(&mut live) {
            for number in 0..orders_a_side {
                orders.push(order(&mut random, side, number % levels));
            }
            opening.extend(orders.iter().copied());
        }
        let mut changes = Vec::new();
        while changes.len() < EVENTS {
            let at = random.below(2);
            let orders = &mut live[at];
            let rank = ((-(1.0 - random.share()).ln() / 0.15) as usize).min(levels - 1);
            let fate = random.share();
            if fate < 0.45 && orders.len() <= orders_a_side {
                let side = if at == 0 { Side::Bid } else { Side::Ask };
                let order = order(&mut random, side, rank);
                orders.push(order);
                changes.push(Change::Add(order));
                continue;
            }
            let price = order(&mut random, if at == 0 { Side::Bid } else { Side::Ask }, rank).price;
            let Some(place) = orders.iter().position(|order| order.price == price) else {
                continue;
            };
            if fate > 0.85 {
                changes.push(Change::Update(orders[place].id, 1 + random.bits() % 1000));
            } else {
                changes.push(Change::Remove(orders.remove(place)));
            }
        }
        Self { opening, changes }
    }

    fn book(&self) -> Level3Book {
        let mut book = Level3Book::new();
        for order in &self.opening {
            book.add(*order);
        }
        book
    }

    fn snapshot(&self) -> String {
        let side = |side| {
            let rows = self
                .opening
                .iter()
                .filter(|order| order.side == side)
                .map(order_json);
            rows.collect::<Vec<_>>().join(",")
        };
        format!(
            r#"{{"type":"snapshot","channel":"l3","market":"{MARKET}","sequence":0,"bids":[{}],"asks":[{}]}}"#,
            side(Side::Bid),
            side(Side::Ask)
        )
    }

    fn deltas(&self) -> Vec<String> {
        let mut remaining = self.opening.clone();
        let mut deltas = Vec::new();
        for (at, change) in self.changes.iter().enumerate() {
            let event = match change {
                Change::Add(order) => {
                    remaining.push(*order);
                    format!(r#"{{"kind":"order_added","order":{}}}"#, order_json(order))
                }
                Change::Update(id, size) => {
                    let known = remaining.iter().find(|order| order.id == *id).expect("it rests");
                    let order = RestingOrder {
                        remaining: *size,
                        ..*known
                    };
                    format!(r#"{{"kind":"order_updated","order":{}}}"#, order_json(&order))
                }
                Change::Remove(order) => format!(
                    r#"{{"kind":"order_removed","order_id":"{}","side":"{}","price":{}}}"#,
                    Text(order.id),
                    side_name(order.side),
                    order.price
                ),
            };
            deltas.push(format!(
                r#"{{"type":"delta","channel":"l3","market":"{MARKET}","sequence":{},"events":[{event}]}}"#,
                at + 1
            ));
        }
        deltas
    }
}

fn order(random: &mut Random, side: Side, rank: usize) -> RestingOrder {
    let rank = rank as u64;
    RestingOrder {
        id: random.id(),
        side,
        price: match side {
            Side::Bid => TOUCH - rank,
            Side::Ask => TOUCH + 1 + rank,
        },
        remaining: 1 + random.bits() % 1000,
    }
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Bid => "BUY",
        Side::Ask => "SELL",
    }
}

fn order_json(order: &RestingOrder) -> String {
    format!(
        r#"{{"order_id":"{}","side":"{}","price":{},"remaining":{},"created_at":"2026-04-02T09:29:58.000451+00:00"}}"#,
        Text(order.id),
        side_name(order.side),
        order.price,
        order.remaining
    )
}

fn name((orders, levels): (usize, usize)) -> BenchmarkId {
    BenchmarkId::new(format!("{orders}_orders"), format!("{levels}_levels"))
}

fn event_and_best(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("orders/event_and_best");
    group.throughput(Throughput::Elements(EVENTS as u64));
    for shape in SHAPES {
        let flow = Flow::new(shape);
        group.bench_function(name(shape), |bencher| {
            bencher.iter_batched_ref(
                || flow.book(),
                |book| {
                    for change in &flow.changes {
                        match *change {
                            Change::Add(order) => book.add(order),
                            Change::Update(id, remaining) => {
                                book.update(id, remaining);
                            }
                            Change::Remove(order) => {
                                book.remove(order.id);
                            }
                        }
                        black_box((book.best(Side::Bid), book.best(Side::Ask)));
                    }
                },
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn delta(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("orders/delta");
    group.throughput(Throughput::Elements(EVENTS as u64));
    for shape in SHAPES {
        let flow = Flow::new(shape);
        let (snapshot, deltas) = (flow.snapshot(), flow.deltas());
        let feed = || {
            let mut feed = ExchangeFeed::new(1 << 24);
            feed.add_book(MARKET);
            feed.on_frame(snapshot.as_bytes(), 0).expect("a good frame");
            feed
        };
        let mut proof = feed();
        for delta in &deltas {
            proof.on_frame(delta.as_bytes(), 1).expect("a good frame");
        }
        assert_eq!(
            (proof.counters.gaps, proof.counters.frames),
            (0, EVENTS as u64 + 1)
        );
        group.bench_function(name(shape), |bencher| {
            bencher.iter_batched_ref(
                feed,
                |feed| {
                    for delta in &deltas {
                        let _ = black_box(feed.on_frame(delta.as_bytes(), 1));
                    }
                },
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, event_and_best, delta);
criterion_main!(benches);
