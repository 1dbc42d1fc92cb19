//! Question: where does the time of one depth frame go: inflating, scanning, applying, summing?
//! Absolute cost over the tape that the Python benches use. Every frame must prove the book.

use std::hint::black_box;
use std::io::Read;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tradewire_core::book::level2::Level2Book;
use tradewire_core::feed::coinex::CoinexFeed;
use tradewire_core::frame::coinex::{DepthPush, read};
use tradewire_core::inflate::{Inflater, Limits};

const MARKET: &str = "BTCUSDT";

/// The gzip members of the tape, as received, with their content.
fn tape() -> Vec<(Vec<u8>, Vec<u8>)> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../benches/data/coinex-depth50.json.gz"
    );
    let packed = std::fs::read(path).expect("the tape is in the tree");
    let mut rest = packed.as_slice();
    let mut members = Vec::new();
    while !rest.is_empty() {
        let mut decoder = flate2::bufread::GzDecoder::new(rest);
        let mut content = Vec::new();
        decoder.read_to_end(&mut content).expect("a gzip member");
        let after = decoder.into_inner();
        members.push((rest[..rest.len() - after.len()].to_vec(), content));
        rest = after;
    }
    members
}

/// A feed whose book stands at the first full push, or waits for one.
fn feed(first: Option<&[u8]>) -> CoinexFeed {
    let mut feed = CoinexFeed::new(Limits::default());
    feed.add_book(MARKET, 50);
    if let Some(frame) = first {
        feed.on_frame(frame, 0).expect("a good frame");
    }
    feed
}

/// A push, read from its frame.
fn scanned(json: &[u8]) -> (DepthPush, &[u8]) {
    let mut push = DepthPush::default();
    read(json, &mut push).expect("a good frame");
    (push, json)
}

fn apply(book: &mut Level2Book, push: &DepthPush, json: &[u8]) {
    let bids = push.bids.iter().map(|level| level.of(json));
    let asks = push.asks.iter().map(|level| level.of(json));
    let done = if push.is_full {
        book.replace(bids, asks)
    } else {
        book.apply(bids, asks)
    };
    done.expect("good levels");
}

fn depth(criterion: &mut Criterion) {
    let (fulls, deltas): (Vec<_>, Vec<_>) = tape().into_iter().partition(|(_, content)| content.len() > 2000);
    let snapshot = fulls[0].0.clone();
    for (name, frames, first) in [
        ("delta", &deltas, Some(snapshot.as_slice())),
        ("full", &fulls, None),
    ] {
        let mut proof = feed(first);
        for (frame, _) in frames {
            proof.on_frame(frame, 1).expect("a good frame");
        }
        assert_eq!(proof.counters.checksums_failed, 0);
        assert_eq!(
            proof.counters.checksums_ok,
            frames.len() as u64 + u64::from(first.is_some())
        );

        let mut group = criterion.benchmark_group(format!("feed/{name}"));
        group.throughput(Throughput::Elements(frames.len() as u64));
        group.bench_function("whole", |bencher| {
            bencher.iter_batched_ref(
                || feed(first),
                |feed| {
                    for (frame, _) in frames {
                        let _ = black_box(feed.on_frame(frame, 1));
                    }
                },
                BatchSize::SmallInput,
            );
        });
        let mut inflater = Inflater::new(Limits::default());
        group.bench_function("inflate", |bencher| {
            bencher.iter(|| {
                for (frame, _) in frames {
                    let _ = black_box(inflater.inflate(frame));
                }
            });
        });
        let mut push = DepthPush::default();
        group.bench_function("scan", |bencher| {
            bencher.iter(|| {
                for (_, json) in frames {
                    let _ = black_box(read(json, &mut push));
                }
            });
        });
        let pushes: Vec<_> = frames.iter().map(|(_, json)| scanned(json)).collect();
        let mut book = Level2Book::new(50);
        group.bench_function("apply", |bencher| {
            bencher.iter(|| {
                for (push, json) in &pushes {
                    apply(&mut book, push, json);
                }
            });
        });
        group.bench_function("checksum", |bencher| {
            bencher.iter(|| {
                for _ in frames {
                    black_box(book.checksum());
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, depth);
criterion_main!(benches);
