//! Question: what does one change of a level-2 book cost, and does it stay flat as the book deepens?
//! Absolute cost. Changes fall off from the touch by an exponential law, as in the Python tape.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tradewire_core::book::level2::Level2Book;
use tradewire_core::book::side::Level;

const TOUCH: i64 = 100_000;

/// Makes a book of `depth` levels a side, one tick apart.
fn filled(depth: i64) -> Level2Book {
    let mut book = Level2Book::new(0);
    for level in 0..depth {
        book.set_ticks(true, TOUCH - level, 5).expect("a level");
        book.set_ticks(false, TOUCH + 1 + level, 5).expect("a level");
    }
    book
}

/// Changes of size, removals and insertions; the touch itself is never removed, so no book crosses.
fn changes(depth: i64) -> Vec<(bool, i64, i64)> {
    let mut state: u64 = 1;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    (0..2000)
        .map(|_| {
            let is_bid = random() < 0.5;
            let rank = ((-(1.0 - random()).ln() / 0.12) as i64).min(depth - 1);
            let size = if rank > 0 && random() < 0.3 { 0 } else { 7 };
            (is_bid, if is_bid { TOUCH - rank } else { TOUCH + 1 + rank }, size)
        })
        .collect()
}

fn change_and_best(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("book/change_and_best");
    for depth in [20, 100, 1000] {
        let (mut book, changes) = (filled(depth), changes(depth));
        group.throughput(criterion::Throughput::Elements(changes.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(depth), |bencher| {
            bencher.iter(|| {
                for &(is_bid, price, size) in &changes {
                    book.set_ticks(is_bid, price, size).expect("a level");
                    black_box((book.best_bid().map(Level::key), book.best_ask().map(Level::key)));
                }
            });
        });
        assert!(!book.is_crossed() && book.best_bid().map(Level::key) == Some(TOUCH));
    }
    group.finish();
}

fn checksum(criterion: &mut Criterion) {
    let mut book = Level2Book::new(50);
    let mut text = Vec::new();
    for (is_bid, first) in [(true, 86_512), (false, 86_513)] {
        for level in 0..50 {
            let price = if is_bid { first - level } else { first + level };
            let (price, size) = (format!("{price}.25"), format!("0.{:08}", 1 + level));
            book.set_text(is_bid, price.as_bytes(), size.as_bytes())
                .expect("a level");
            text.push(format!("{price}:{size}"));
        }
    }
    assert_eq!(book.checksum(), crc32fast::hash(text.join(":").as_bytes()));
    criterion.bench_function("book/checksum/50", |bencher| {
        bencher.iter(|| black_box(book.checksum()));
    });
}

criterion_group!(benches, change_and_best, checksum);
criterion_main!(benches);
