//! A book equals an ordered map whatever is done to it.
#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tradewire_core::book::level2::Level2Book;
use tradewire_core::book::trust::Book;
use tradewire_core::units::{Fixed, Wide};

#[derive(Arbitrary, Debug)]
enum Operation {
    /// A level with this price and size, each in units of its own number of decimals.
    Set {
        is_bid: bool,
        price: u32,
        price_decimals: u8,
        size: u16,
        size_decimals: u8,
    },
    /// Any text at all.
    Text {
        is_bid: bool,
        price: String,
        size: String,
    },
    Clear,
}

/// Levels by price, with their texts: a checksum is over what was sent.
type Model = [BTreeMap<Wide, (String, String)>; 2];

/// Longest price and size whose texts a level keeps; longer ones come back in the plain spelling.
const KEPT_BYTES: usize = 45;

fn set(book: &mut Level2Book, model: &mut Model, is_bid: bool, price: &str, size: &str) {
    let is_plain = |text: &str| Wide::parse(text.as_bytes()).is_ok_and(|value| value.to_string() == text);
    if price.len() + size.len() > KEPT_BYTES && !(is_plain(price) && is_plain(size)) {
        return;
    }
    if book.set_text(is_bid, price.as_bytes(), size.as_bytes()).is_err() {
        return;
    }
    let value = |text: &str| Wide::parse_any_spelling(text.as_bytes()).expect("the book took it");
    let (key, amount) = (value(price), value(size));
    let side = &mut model[usize::from(is_bid)];
    // The latest spelling counts, of the price too, and a map keeps the key it had.
    side.remove(&key);
    if !amount.is_zero() {
        side.insert(key, (price.to_owned(), size.to_owned()));
    }
}

fuzz_target!(|operations: Vec<Operation>| {
    let mut book = Level2Book::new(0);
    let mut model = Model::default();
    for operation in operations {
        match operation {
            Operation::Set {
                is_bid,
                price,
                price_decimals,
                size,
                size_decimals,
            } => {
                let price = Fixed::new(price.into(), price_decimals % 13).expect("few decimals");
                let size = Fixed::new(size.into(), size_decimals % 9).expect("few decimals");
                set(
                    &mut book,
                    &mut model,
                    is_bid,
                    &price.to_string(),
                    &size.to_string(),
                );
            }
            Operation::Text { is_bid, price, size } => set(&mut book, &mut model, is_bid, &price, &size),
            Operation::Clear => {
                book.reset("no_snapshot");
                model = Model::default();
            }
        }
        let [asks, bids] = &model;
        let is_crossed = bids
            .last_key_value()
            .zip(asks.first_key_value())
            .is_some_and(|(bid, ask)| bid.0 >= ask.0);
        assert_eq!(book.is_crossed(), is_crossed);
    }
    let found = |is_bid: bool| -> Vec<String> {
        book.side(is_bid)
            .iter()
            .map(|level| {
                let (price, size) = level.texts();
                format!("{price}:{size}")
            })
            .collect()
    };
    let [asks, bids] = &model;
    let bids: Vec<String> = bids
        .iter()
        .rev()
        .map(|(_, (price, size))| format!("{price}:{size}"))
        .collect();
    let asks: Vec<String> = asks
        .iter()
        .map(|(_, (price, size))| format!("{price}:{size}"))
        .collect();
    assert_eq!((found(true), found(false)), (bids.clone(), asks.clone()));
    assert_eq!(
        book.checksum(),
        crc32fast::hash([bids, asks].concat().join(":").as_bytes())
    );
});
