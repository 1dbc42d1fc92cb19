//! Question: what does reading a depth frame cost, and is a scanner of our own worth its keep?
//! Absolute cost beside `serde_json`: into a tree, into borrowed texts, and only validated.
//! Fairness: serde's borrowed texts hold the same levels as ours; its tree holds more than anyone needs.

use std::borrow::Cow;
use std::hint::black_box;
use std::io::Read;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tradewire_core::frame::coinex::{DepthPush, Frame, read};

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    depth: Depth<'a>,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(borrow)]
    bids: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    #[serde(borrow)]
    asks: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Every frame of the tape, inflated.
fn frames() -> Vec<Vec<u8>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../benches/data/coinex-depth50.json.gz"
    );
    let packed = std::fs::read(path).expect("the tape is in the tree");
    let mut rest = packed.as_slice();
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        let mut frame = Vec::new();
        member.read_to_end(&mut frame).expect("a gzip member");
        rest = member.into_inner();
        frames.push(frame);
    }
    frames
}

fn depth(criterion: &mut Criterion) {
    let (fulls, deltas): (Vec<_>, Vec<_>) = frames().into_iter().partition(|frame| frame.len() > 2000);
    for (name, frames) in [("delta", deltas), ("full", fulls)] {
        let frame = frames[frames.len() / 2].as_slice();
        let mut push = DepthPush::default();
        assert!(matches!(read(frame, &mut push), Ok(Frame::Depth)));
        let oracle: Push<'_> = serde_json::from_slice(frame).expect("a push");
        let texts = |levels: &[(Cow<'_, str>, Cow<'_, str>)]| -> Vec<(Vec<u8>, Vec<u8>)> {
            levels
                .iter()
                .map(|(price, size)| (price.as_bytes().to_vec(), size.as_bytes().to_vec()))
                .collect()
        };
        let ours = |levels: &[tradewire_core::frame::coinex::LevelText]| -> Vec<(Vec<u8>, Vec<u8>)> {
            levels
                .iter()
                .map(|level| level.of(frame))
                .map(|(price, size)| (price.to_vec(), size.to_vec()))
                .collect()
        };
        assert_eq!(ours(&push.bids), texts(&oracle.data.depth.bids));
        assert_eq!(ours(&push.asks), texts(&oracle.data.depth.asks));

        let mut group = criterion.benchmark_group(format!("frame/{name}"));
        group.throughput(Throughput::Bytes(frame.len() as u64));
        group.bench_function("ours", |bencher| {
            bencher.iter(|| black_box(read(black_box(frame), &mut push)).is_ok());
        });
        group.bench_function("serde_json_borrowed", |bencher| {
            bencher.iter(|| serde_json::from_slice::<Push<'_>>(black_box(frame)).is_ok());
        });
        group.bench_function("serde_json_tree", |bencher| {
            bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(frame)).is_ok());
        });
        group.bench_function("serde_json_validated", |bencher| {
            bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(frame)).is_ok());
        });
        group.finish();
    }
}

criterion_group!(benches, depth);
criterion_main!(benches);
