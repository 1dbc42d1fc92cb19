//! The level-2 book against an ordered map, and the venue's worked checksums.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tradewire_core::book::level2::Level2Book;
use tradewire_core::units::{Fixed, Wide};

type Pairs = &'static [(&'static str, &'static str)];

fn bytes<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])> {
    pairs
        .iter()
        .map(|(price, size)| (price.as_bytes(), size.as_bytes()))
}

fn filled(limit: usize, bids: Pairs, asks: Pairs) -> Level2Book {
    let mut book = Level2Book::new(limit);
    book.replace(bytes(bids), bytes(asks)).expect("good levels");
    book
}

#[test]
fn first_worked_checksum_of_the_venue() {
    let bids = &[("30000.5", "0.4"), ("30000", "1.25"), ("29999.5", "0.031")];
    let mut book = filled(
        5,
        bids,
        &[("30001", "0.7"), ("30001.5", "2"), ("30002", "0.0005")],
    );
    assert_eq!(book.checksum(), 1_483_791_114);
    book.apply(
        bytes(&[("30000", "0"), ("29999", "3")]),
        bytes(&[("30001", "0.55")]),
    )
    .expect("good levels");
    assert_eq!(book.checksum(), 300_422_186);
}

#[test]
fn checksums_of_one_side() {
    assert_eq!(
        filled(5, &[], &[("0.00000012", "150000"), ("0.00000013", "1")]).checksum(),
        2_830_954_315
    );
    assert_eq!(filled(5, &[("100", "1")], &[]).checksum(), 4_199_851_353);
}

#[test]
fn the_text_of_a_level_is_the_last_one_received() {
    let mut book = filled(0, &[("100", "1")], &[]);
    book.set_text(true, b"100.00", b"2.50").expect("a good level");
    assert_eq!(book.side(true).len(), 1, "the same price, written otherwise");
    assert_eq!(book.checksum(), crc32fast::hash(b"100.00:2.50"));
}

#[test]
fn a_snapshot_out_of_order_or_with_a_level_twice_is_put_right() {
    let mut book = filled(
        0,
        &[
            ("98", "1"),
            ("100", "2"),
            ("99", "3"),
            ("100.0", "4"),
            ("97", "0"),
        ],
        &[],
    );
    assert_eq!(book.checksum(), crc32fast::hash(b"100.0:4:99:3:98:1"));
    assert_eq!(book.side(true).len(), 3);
}

#[test]
fn texts_too_long_to_be_kept_are_rendered() {
    let (price, size) = ("123456789.123456789", "12345678901234567890.12345678901234567");
    let mut book = Level2Book::new(0);
    book.set_text(false, price.as_bytes(), size.as_bytes())
        .expect("a good level");
    assert_eq!(
        book.checksum(),
        crc32fast::hash(format!("{price}:{size}").as_bytes())
    );
}

#[test]
fn a_bad_level_is_refused_and_half_a_snapshot_is_none() {
    let mut book = filled(0, &[("1", "1")], &[]);
    for (price, size) in [
        ("1e", "1"),
        ("1e1000", "1"),
        ("1e-39", "1"),
        ("", "1"),
        ("1", "x"),
        ("-1", "1"),
        ("1", "-1"),
        ("9999999999999999999", "1"),
    ] {
        assert!(
            book.replace(bytes(&[("2", "1"), (price, size)]), bytes(&[]))
                .is_err(),
            "{price} {size}"
        );
        assert!(book.side(true).is_empty() && !book.has_snapshot());
    }
}

#[test]
fn a_finer_price_that_no_longer_fits_changes_nothing() {
    let mut book = filled(0, &[("9000000000000000000", "1")], &[]);
    assert_eq!(
        book.set_text(true, b"0.1", b"1").expect_err("refused").kind(),
        "number_too_large"
    );
    assert_eq!(book.side(true).len(), 1);
    assert_eq!(
        book.best_bid().map(|level| level.price().to_string()).as_deref(),
        Some("9000000000000000000")
    );
}

#[test]
fn extreme_ticks_do_not_panic() {
    let mut book = Level2Book::new(0);
    for ticks in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX] {
        for is_bid in [true, false] {
            let _ = book.set_ticks(is_bid, ticks, ticks);
            let _ = book.is_crossed();
        }
    }
}

#[test]
fn what_a_taker_would_pay_is_exact() {
    let book = filled(0, &[("99.5", "2")], &[("100.1", "0.5"), ("100.25", "1.50")]);
    let size = |text: &str| Wide::parse(text.as_bytes()).expect(text);
    let sweep = book.sweep(false, size("1.25")).expect("fits");
    assert_eq!((sweep.cost, sweep.filled), (size("125.2375"), size("1.25")));
    let thin = book.sweep(false, size("5")).expect("fits");
    assert_eq!(thin.filled, size("2"));
    assert_eq!(book.mid(), Some(size("99.8")));
    assert_eq!(book.spread(), Some(size("0.6")));
    assert_eq!(
        book.size_to(false, Fixed::parse(b"100.2").expect("a price")),
        Ok(size("0.5"))
    );
    assert!((book.imbalance_f64(9) - 0.0).abs() < f64::EPSILON);
    assert!((book.micro_price_f64() - (99.5 * 0.5 + 100.1 * 2.0) / 2.5).abs() < 1e-9);
}

/// Sizes and prices as text with any number of trailing zeros, so that one value has many spellings.
fn price() -> impl Strategy<Value = String> {
    (1_u32..60, 0_u32..10, 0_usize..4).prop_map(|(whole, tenth, zeros)| {
        if zeros == 0 && tenth == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{tenth}{}", "0".repeat(zeros))
        }
    })
}

fn size() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0".to_owned()),
        Just("0.00".to_owned()),
        (1_u64..1000).prop_map(|n| format!("{}.{:02}", n / 100, n % 100))
    ]
}

/// Price in units of 10^-4, the finest the strategy makes.
fn ten_thousandths(text: &str) -> u64 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<4}").parse().expect("digits")
}

proptest! {
    #[test]
    fn equals_an_ordered_map(
        limit in prop_oneof![Just(0_usize), 1_usize..30],
        batches in prop::collection::vec(prop::collection::vec((any::<bool>(), price(), size()), 0..12), 0..30),
    ) {
        let mut book = Level2Book::new(limit);
        let mut model: [BTreeMap<u64, (String, String)>; 2] = Default::default();
        for batch in batches {
            let of = |wanted: bool| batch.iter().filter(move |(is_bid, ..)| *is_bid == wanted);
            let view = |wanted: bool| of(wanted).map(|(_, price, size)| (price.as_bytes(), size.as_bytes()));
            book.apply(view(true), view(false)).expect("good levels");
            for (is_bid, price, size) in &batch {
                let side = &mut model[usize::from(*is_bid)];
                if size.trim_start_matches(['0', '.']).is_empty() {
                    side.remove(&ten_thousandths(price));
                } else {
                    side.insert(ten_thousandths(price), (price.clone(), size.clone()));
                }
            }
            if limit > 0 {
                while model[1].len() > limit { model[1].pop_first(); }
                while model[0].len() > limit { model[0].pop_last(); }
            }
            let bids: Vec<_> = model[1].values().rev().cloned().collect();
            let asks: Vec<_> = model[0].values().cloned().collect();
            let found = |is_bid: bool| -> Vec<(String, String)> {
                book.side(is_bid).iter().map(|level| (level.price().to_string(), level.size().to_string())).collect()
            };
            prop_assert_eq!(found(true), bids.clone());
            prop_assert_eq!(found(false), asks.clone());
            let text: Vec<_> = bids.iter().chain(&asks).map(|(price, size)| format!("{price}:{size}")).collect();
            prop_assert_eq!(book.checksum(), crc32fast::hash(text.join(":").as_bytes()));
            let is_crossed = matches!((model[1].keys().last(), model[0].keys().next()), (Some(bid), Some(ask)) if bid >= ask);
            prop_assert_eq!(book.is_crossed(), is_crossed);
        }
    }
}
