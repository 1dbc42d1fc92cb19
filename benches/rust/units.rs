//! Question: what does one exact number cost on its way in and out?
//! Absolute cost of reading, ordering and writing, beside the standard library's float: not exact, but what most bots use.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tradewire_core::units::{Fixed, Wide};

const PRICE: &str = "67000.12";
const LONG_PRICE: &str = "0.000001234567890123";
const FUTURES_BALANCE: &str = "12345.67890123456789012345";

fn units(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("units");
    for text in [PRICE, LONG_PRICE] {
        assert_eq!(
            text.parse::<Fixed>().expect("a decimal").to_string(),
            text,
            "correct before fast"
        );
        group.bench_function(format!("Fixed from {text}"), |bencher| {
            bencher.iter(|| Fixed::parse(black_box(text.as_bytes())));
        });
        group.bench_function(format!("f64 from {text}"), |bencher| {
            bencher.iter(|| black_box(text).parse::<f64>());
        });
    }
    let wide: Wide = FUTURES_BALANCE.parse().expect("a decimal");
    assert_eq!(wide.to_string(), FUTURES_BALANCE, "correct before fast");
    group.bench_function(format!("Wide from {FUTURES_BALANCE}"), |bencher| {
        bencher.iter(|| Wide::parse(black_box(FUTURES_BALANCE.as_bytes())));
    });
    let fixed: Fixed = PRICE.parse().expect("a decimal");
    let other: Fixed = "67000.1".parse().expect("a decimal");
    assert!(other < fixed, "correct before fast");
    group.bench_function("Fixed compared across scales", |bencher| {
        bencher.iter(|| black_box(fixed).cmp(&black_box(other)));
    });
    group.bench_function("Fixed to text", |bencher| {
        bencher.iter(|| black_box(fixed).text());
    });
    group.bench_function("Wide to text", |bencher| bencher.iter(|| black_box(wide).text()));
    group.finish();
}

criterion_group!(benches, units);
criterion_main!(benches);
