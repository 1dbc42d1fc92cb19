//! What makes an order-by-order book synced, and everything that makes it not.

use serde_json::{Value, json};
use tradewire_core::book::level3::Side;
use tradewire_core::book::trust::Status;
use tradewire_core::feed::exchange::{Asked, Event, SeenTrade};
use tradewire_core::feed::{Change, lock};
use tradewire_core::frame::exchange::Trade;

use crate::wire::{MARKET, Stage, added, ask, bid, id, removed, traded, updated};

fn seen(maker: u128, price: u64, quantity: u64, aggressor: Option<Side>, sequence: u64) -> SeenTrade {
    let trade = Trade {
        maker,
        taker: 0xFFFF,
        price,
        quantity,
    };
    SeenTrade {
        trade,
        aggressor,
        sequence,
    }
}

#[test]
fn a_snapshot_then_the_next_numbers_stay_proved() {
    let mut stage = Stage::new();
    assert_eq!(stage.status(), (Status::Syncing, "no_snapshot"));
    assert_eq!(
        stage.snapshot(10, &[], &[ask(0xA, 100, 5)]),
        (Change::Snapshot, "")
    );
    assert_eq!(stage.delta(11, &[added(bid(0xD, 99, 1))]), (Change::Delta, ""));
    assert_eq!((stage.status(), stage.sequence()), ((Status::Synced, ""), 11));
    let book = lock(stage.book());
    assert_eq!(
        (book.received_at_ns(), book.trust.proved_at_ns(), book.updates()),
        (2, 2, 2)
    );
}

#[test]
fn the_worked_sequence_with_a_partial_fill() {
    let mut stage = Stage::synced();
    stage.delta(11, &[removed(0xA, Side::Ask, 100)]);
    stage.delta(12, &[traded(0xA, 100, 5)]);
    assert_eq!(
        stage.feed.trades(),
        [seen(0xA, 100, 5, Some(Side::Bid), 12)],
        "the maker has just left"
    );
    stage.delta(13, &[updated(ask(0xB, 101, 2))]);
    assert!(stage.feed.trades().is_empty());
    stage.delta(14, &[traded(0xB, 101, 3)]);
    assert_eq!(stage.feed.trades(), [seen(0xB, 101, 3, Some(Side::Bid), 14)]);
    assert_eq!(stage.orders(Side::Ask), [ask(0xB, 101, 2)]);
}

#[test]
fn the_worked_sequence_with_a_remainder_that_rests_in_one_delta() {
    let mut stage = Stage::synced();
    let events = [
        removed(0xA, Side::Ask, 100),
        traded(0xA, 100, 5),
        removed(0xB, Side::Ask, 101),
        traded(0xB, 101, 5),
        added(bid(0xFFFF, 101, 2)),
    ];
    assert_eq!(stage.delta(15, &events), (Change::Delta, ""));
    let trades = [
        seen(0xA, 100, 5, Some(Side::Bid), 12),
        seen(0xB, 101, 5, Some(Side::Bid), 14),
    ];
    assert_eq!(stage.feed.trades(), trades);
    assert_eq!(stage.orders(Side::Bid), [bid(0xFFFF, 101, 2), bid(0xD, 99, 7)]);
    assert!(stage.orders(Side::Ask).is_empty());
}

#[test]
fn a_missing_number_is_a_gap_and_changes_nothing_until_a_snapshot() {
    let mut stage = Stage::synced();
    assert_eq!(
        stage.delta(12, &[removed(0xA, Side::Ask, 100)]),
        (Change::Delta, "sequence_gap")
    );
    assert_eq!(stage.status(), (Status::Suspect, "sequence_gap"));
    assert_eq!((stage.feed.counters.gaps, stage.sequence()), (1, 10));
    assert_eq!(
        stage.delta(11, &[removed(0xA, Side::Ask, 100)]),
        (Change::Ignored, "sequence_gap"),
        "the number that was missing comes too late"
    );
    assert_eq!(stage.orders(Side::Ask).len(), 2);
    assert_eq!(
        stage.snapshot(12, &[], &[ask(0xB, 101, 5)]),
        (Change::Snapshot, "")
    );
    assert_eq!(stage.orders(Side::Ask), [ask(0xB, 101, 5)]);
    assert!(stage.orders(Side::Bid).is_empty());
    assert_eq!(stage.feed.counters.gaps, 1);
}

#[test]
fn an_older_number_is_not_applied_and_not_trusted() {
    // A market that was deleted and made again counts from one: taking that for a repetition would claim a dead book.
    for sequence in [10, 9, 1, 0] {
        let mut stage = Stage::synced();
        assert_eq!(
            stage.delta(sequence, &[removed(0xA, Side::Ask, 100)]),
            (Change::Delta, "sequence_gap"),
            "{sequence}"
        );
        assert_eq!((stage.orders(Side::Ask).len(), stage.sequence()), (2, 10));
    }
}

#[test]
fn a_delta_tells_as_many_numbers_as_events() {
    let two = [added(bid(1, 98, 1)), added(bid(2, 98, 1))];
    for (sequence, events, reason) in [
        (12, &two[..], ""),
        (11, &two, "sequence_gap"),
        (13, &two, "sequence_gap"),
        (1, &two, "sequence_gap"),
        (u64::MAX, &two, "sequence_gap"),
        (10, &[], ""),
        (11, &[], "sequence_gap"),
        (0, &[], "sequence_gap"),
    ] {
        let mut stage = Stage::synced();
        assert_eq!(
            stage.delta(sequence, events),
            (Change::Delta, reason),
            "{sequence}"
        );
    }
}

#[test]
fn a_stated_start_must_agree_with_the_count() {
    let two = [added(bid(1, 98, 1)), added(bid(2, 98, 1))];
    for (start, reason) in [
        (json!(11), ""),
        (Value::Null, ""),
        (json!(12), "sequence_gap"),
        (json!(10), "sequence_gap"),
        (json!(0), "sequence_gap"),
    ] {
        let mut stage = Stage::synced();
        let told = stage.send(&json!({
            "type": "delta", "channel": "l3", "market": MARKET, "start_sequence": start, "sequence": 12, "events": two,
        }));
        assert_eq!(told, (Change::Delta, reason), "{start}");
    }
}

#[test]
fn the_last_number_there_is_does_not_overflow() {
    let mut stage = Stage::new();
    stage.snapshot(u64::MAX - 1, &[], &[]);
    assert_eq!(
        stage.delta(u64::MAX, &[added(bid(1, 98, 1))]),
        (Change::Delta, "")
    );
    assert_eq!(
        stage.delta(u64::MAX, &[added(bid(2, 98, 1))]),
        (Change::Delta, "sequence_gap")
    );
}

#[test]
fn what_a_snapshot_already_holds_may_come_again() {
    // Quirk 2 of the real server: the book is changed before its events are numbered.
    let mut stage = Stage::synced();
    assert_eq!(stage.delta(11, &[added(ask(0xA, 100, 5))]), (Change::Delta, ""));
    assert_eq!(
        stage.orders(Side::Ask),
        [ask(0xA, 100, 5), ask(0xB, 101, 5)],
        "its place is kept"
    );
    assert_eq!(
        stage.delta(12, &[removed(0xC, Side::Ask, 100)]),
        (Change::Delta, "")
    );
    assert_eq!(stage.delta(13, &[traded(0xC, 100, 4)]), (Change::Delta, ""));
    assert_eq!(
        stage.feed.trades(),
        [seen(0xC, 100, 4, Some(Side::Bid), 13)],
        "its side was named"
    );
    assert_eq!(stage.delta(14, &[updated(ask(0xE, 100, 4))]), (Change::Delta, ""));
    assert_eq!(stage.orders(Side::Ask).len(), 2, "an unknown order cannot shrink");
    assert_eq!(stage.status(), (Status::Synced, ""));
}

#[test]
fn trades_of_an_unproved_book_are_told_once() {
    let mut stage = Stage::synced();
    stage.delta(12, &[traded(0xA, 100, 1)]);
    assert_eq!(
        stage.feed.trades().len(),
        1,
        "a gap in the book is none in the trades"
    );
    stage.delta(12, &[traded(0xA, 100, 1)]);
    assert!(stage.feed.trades().is_empty());
    stage.delta(13, &[traded(0xEE, 100, 1)]);
    assert_eq!(
        stage.feed.trades(),
        [seen(0xEE, 100, 1, None, 13)],
        "of a maker never seen"
    );
    stage.snapshot(20, &[], &[]);
    assert!(stage.feed.trades().is_empty());
    stage.delta(15, &[traded(0xA, 100, 1)]);
    assert!(stage.feed.trades().is_empty(), "told by the snapshot's book");
}

#[test]
fn the_venues_call_to_resync_is_believed_over_the_sequence() {
    // Quirk 1: right after a snapshot, with a current sequence below the expected one.
    let mut stage = Stage::synced();
    let words = "market sequence gap detected; resubscribe for a fresh snapshot";
    let told = stage.send(&json!({
        "type": "resync_required", "channel": "l3", "market": MARKET, "expected_sequence": 11,
        "current_sequence": 9, "reason": words,
    }));
    assert_eq!(told, (Change::Ignored, "resync_required"));
    assert_eq!(stage.status(), (Status::Suspect, "resync_required"));
    assert_eq!(
        stage.delta(11, &[removed(0xA, Side::Ask, 100)]),
        (Change::Ignored, "resync_required")
    );
    assert_eq!(stage.snapshot(9, &[], &[]), (Change::Snapshot, ""));
    assert_eq!((stage.status(), stage.sequence()), ((Status::Synced, ""), 9));
}

#[test]
fn a_call_to_resync_doubts_the_market_it_names_and_all_if_none() {
    let resync = |market: Value| {
        json!({"type": "resync_required", "channel": "l3", "market": market, "reason": "lagged"}).to_string()
    };
    let mut stage = Stage::synced();
    let told = stage
        .feed
        .on_frame(resync(json!("XYZ-USD")).as_bytes(), 1)
        .map(|_| ());
    assert_eq!((told, stage.status().0), (Ok(()), Status::Synced));
    let frame = resync(Value::Null);
    assert!(matches!(
        stage.feed.on_frame(frame.as_bytes(), 1),
        Ok(Event::Push(_))
    ));
    assert_eq!(stage.status(), (Status::Suspect, "resync_required"));
}

#[test]
fn an_unknown_event_is_one_whose_effect_nobody_knows() {
    let mut stage = Stage::synced();
    let events = [
        json!({"kind": "order_replaced", "order": 7}),
        added(bid(1, 98, 1)),
    ];
    assert_eq!(stage.delta(12, &events), (Change::Delta, "unknown_event"));
    assert_eq!(stage.status(), (Status::Suspect, "unknown_event"));
}

#[test]
fn a_crossed_book_is_suspect() {
    let mut stage = Stage::synced();
    assert_eq!(
        stage.delta(11, &[added(bid(1, 100, 1))]),
        (Change::Delta, "crossed")
    );
    assert_eq!(
        stage.delta(12, &[]),
        (Change::Ignored, "crossed"),
        "only a snapshot clears it"
    );
    assert_eq!(
        stage.snapshot(20, &[bid(1, 5, 1)], &[ask(2, 5, 1)]),
        (Change::Snapshot, "crossed")
    );
}

#[test]
fn an_unreadable_frame_doubts_synced_books_only() {
    let mut stage = Stage::synced();
    let other = stage.feed.add_book("XYZ-USD");
    assert!(stage.feed.on_frame(b"{\"type\":", 1).is_err());
    assert_eq!(stage.status(), (Status::Suspect, "unreadable_frame"));
    let other = lock(stage.feed.books.get(other).expect("the other book"));
    assert_eq!(
        (other.trust.status(), other.trust.reason().name()),
        (Status::Syncing, "no_snapshot")
    );
}

#[test]
fn a_lost_connection_is_stale_and_a_resync_starts_anew() {
    let mut stage = Stage::synced();
    stage.feed.disconnected("disconnected");
    assert_eq!(stage.status(), (Status::Stale, "disconnected"));
    stage.feed.books.reset(MARKET, "sequence_gap");
    assert_eq!(
        (stage.status(), stage.sequence()),
        ((Status::Syncing, "sequence_gap"), 0)
    );
    assert_eq!(
        stage.delta(1, &[added(bid(1, 98, 1))]),
        (Change::Ignored, "sequence_gap")
    );
    assert!(stage.orders(Side::Bid).is_empty());
    let kept = stage.book().clone();
    stage.feed.books.remove(MARKET);
    assert_eq!(lock(&kept).trust.status(), Status::Stale);
    assert!(stage.feed.books.id(MARKET).is_none());
}

#[test]
fn an_update_that_contradicts_the_book_does_not_keep_it_synced() {
    for event in [
        updated(ask(0xA, 101, 5)),
        updated(bid(0xA, 100, 5)),
        removed(0xA, Side::Bid, 100),
    ] {
        let mut stage = Stage::synced();
        assert_eq!(stage.delta(11, &[event]), (Change::Delta, "contradicts_book"));
        assert_eq!(stage.status(), (Status::Suspect, "contradicts_book"));
        let told = stage.snapshot(11, &[], &[ask(0xA, 101, 5)]);
        assert_eq!(told, (Change::Snapshot, ""));
    }
}

#[test]
fn an_order_may_only_shrink_but_a_snapshot_may_be_ahead_of_its_events() {
    let mut stage = Stage::synced();
    // The snapshot already held a later effect: the venue numbers events after the book has changed.
    assert_eq!(stage.delta(11, &[updated(ask(0xA, 100, 8))]), (Change::Delta, ""));
    assert_eq!(stage.delta(12, &[updated(ask(0xA, 100, 8))]), (Change::Delta, ""));
    assert_eq!(stage.delta(13, &[updated(ask(0xA, 100, 5))]), (Change::Delta, ""));
    assert_eq!(
        stage.delta(14, &[updated(ask(0xA, 100, 6))]),
        (Change::Delta, "contradicts_book")
    );
    assert_eq!(stage.orders(Side::Ask)[0].remaining, 5);
}

#[test]
fn books_of_other_markets_are_handed_up() {
    let mut stage = Stage::synced();
    let frame = json!({"type": "delta", "channel": "l3", "market": "XYZ-USD", "sequence": 1, "events": []})
        .to_string();
    let event = stage.feed.on_frame(frame.as_bytes(), 1);
    assert_eq!(
        event,
        Ok(Event::Unrecognised {
            reason: "no_such_book",
            market: "XYZ-USD".into()
        })
    );
}

#[test]
fn replies_tell_which_request_they_answer() {
    for (message, asked, code) in [
        (
            json!({"type": "authenticated", "trader_id": id(1), "username": "desk"}),
            Asked::Login,
            "",
        ),
        (
            json!({"type": "unsubscribed", "channel": "l3", "market": MARKET}),
            Asked::Unsubscribe,
            "",
        ),
        (
            json!({"type": "error", "code": "invalid_api_key", "message": "invalid websocket api key"}),
            Asked::Login,
            "invalid_api_key",
        ),
        (
            json!({"type": "error", "code": "unsupported_channel", "message": "only the l3 channel is supported"}),
            Asked::Subscribe,
            "unsupported_channel",
        ),
    ] {
        let mut stage = Stage::synced();
        match stage.feed.on_frame(message.to_string().as_bytes(), 1) {
            Ok(Event::Reply {
                asked: found,
                code: said,
                ..
            }) => {
                assert_eq!((found, said.as_str()), (asked, code));
            }
            other => panic!("no reply: {other:?}"),
        }
    }
}
