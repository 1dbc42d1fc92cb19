//! The venue's messages, and a feed with one book that is told them.

use serde_json::{Value, json};
use tradewire_core::book::level3::{RestingOrder, Side};
use tradewire_core::book::sequenced::SequencedBook;
use tradewire_core::book::trust::Status;
use tradewire_core::feed::exchange::{Event, ExchangeFeed};
use tradewire_core::feed::{BookId, Change, Shared, lock};
use tradewire_core::units::uuid::Text;

pub const MARKET: &str = "ABC-USD";
pub const LIMIT_BYTES: usize = 1 << 20;

pub fn id(number: u128) -> String {
    Text(number).to_string()
}

pub fn side_name(side: Side) -> &'static str {
    match side {
        Side::Bid => "BUY",
        Side::Ask => "SELL",
    }
}

pub fn order_json(order: RestingOrder) -> Value {
    json!({
        "order_id": id(order.id), "side": side_name(order.side), "price": order.price,
        "remaining": order.remaining, "created_at": "2026-04-02T09:29:58.000451+00:00",
    })
}

pub fn added(order: RestingOrder) -> Value {
    json!({"kind": "order_added", "order": order_json(order)})
}

pub fn updated(order: RestingOrder) -> Value {
    json!({"kind": "order_updated", "order": order_json(order)})
}

pub fn removed(number: u128, side: Side, price: u64) -> Value {
    json!({"kind": "order_removed", "order_id": id(number), "side": side_name(side), "price": price})
}

pub fn traded(maker: u128, price: u64, quantity: u64) -> Value {
    json!({
        "kind": "trade", "maker_order_id": id(maker), "taker_order_id": id(0xFFFF),
        "price": price, "quantity": quantity,
    })
}

pub fn bid(number: u128, price: u64, remaining: u64) -> RestingOrder {
    RestingOrder {
        id: number,
        side: Side::Bid,
        price,
        remaining,
    }
}

pub fn ask(number: u128, price: u64, remaining: u64) -> RestingOrder {
    RestingOrder {
        side: Side::Ask,
        ..bid(number, price, remaining)
    }
}

pub struct Stage {
    pub feed: ExchangeFeed,
    now_ns: i64,
}

impl Stage {
    /// Waits for its first snapshot.
    pub fn new() -> Self {
        let mut feed = ExchangeFeed::new(LIMIT_BYTES);
        assert_eq!(feed.add_book(MARKET), BookId::default());
        Self { feed, now_ns: 0 }
    }

    /// Stands at sequence 10 with the asks of the sheet's worked example.
    pub fn synced() -> Self {
        let mut stage = Self::new();
        let told = stage.snapshot(10, &[bid(0xD, 99, 7)], &[ask(0xA, 100, 5), ask(0xB, 101, 5)]);
        assert_eq!(told, (Change::Snapshot, ""));
        stage
    }

    pub fn send(&mut self, message: &Value) -> (Change, &'static str) {
        self.now_ns += 1;
        match self.feed.on_frame(message.to_string().as_bytes(), self.now_ns) {
            Ok(Event::Book {
                id:
                    BookId {
                        place: 0,
                        generation: 0,
                    },
                change,
                reason,
                ..
            }) => (change, reason.name()),
            other => panic!("no book event: {other:?}"),
        }
    }

    pub fn snapshot(
        &mut self,
        sequence: u64,
        bids: &[RestingOrder],
        asks: &[RestingOrder],
    ) -> (Change, &'static str) {
        let rows = |orders: &[RestingOrder]| orders.iter().copied().map(order_json).collect::<Vec<_>>();
        self.send(&json!({
            "type": "snapshot", "channel": "l3", "market": MARKET, "sequence": sequence,
            "bids": rows(bids), "asks": rows(asks),
        }))
    }

    pub fn delta(&mut self, sequence: u64, events: &[Value]) -> (Change, &'static str) {
        self.send(&json!({
            "type": "delta", "channel": "l3", "market": MARKET, "sequence": sequence, "events": events,
        }))
    }

    pub fn book(&self) -> &Shared<SequencedBook> {
        self.feed.books.get(BookId::default()).expect("the book is there")
    }

    pub fn status(&self) -> (Status, &'static str) {
        let book = lock(self.book());
        (book.trust.status(), book.trust.reason().name())
    }

    pub fn sequence(&self) -> u64 {
        lock(self.book()).sequence()
    }

    pub fn orders(&self, side: Side) -> Vec<RestingOrder> {
        let book = lock(self.book());
        book.orders.orders(side).map(|(order, _)| order).collect()
    }
}
