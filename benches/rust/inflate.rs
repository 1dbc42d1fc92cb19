//! Question: what does inflating one `CoinEx` frame cost, and which library does it best?
//! Absolute cost beside libdeflate alone, zlib-rs and miniz (through flate2), all into a reused buffer, all checking
//! the CRC-32. Inputs: depth frames of the venue's shape, a difference of 7 levels a side and a full push of 50.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use flate2::write::GzEncoder;
use flate2::{Compression, Decompress, FlushDecompress};
use tradewire_core::inflate::{Inflater, Limits};

const HEADER_BYTES: usize = 10;

/// Writes a depth push with prices and sizes that look drawn by lot, the same in every run.
fn depth_frame(levels: u64) -> Vec<u8> {
    let mut lot = 0x2545_f491_4f6c_dd1d_u64;
    let mut side = |sign: i64| {
        let mut text = String::new();
        let mut cents: i64 = 6_700_011;
        for _ in 0..levels {
            lot ^= lot << 13;
            lot ^= lot >> 7;
            lot ^= lot << 17;
            cents += sign * (lot % 5 + 1) as i64;
            let comma = if text.is_empty() { "" } else { "," };
            write!(
                text,
                r#"{comma}["{}.{:02}","{}.{:08}"]"#,
                cents / 100,
                cents % 100,
                lot % 3,
                lot % 100_000_000
            )
            .expect("a String takes all");
        }
        text
    };
    let (asks, bids) = (side(1), side(-1));
    format!(
        r#"{{"method":"depth.update","data":{{"market":"BTCUSDT","is_full":false,"depth":{{"asks":[{asks}],"bids":[{bids}],"last":"67000.11","updated_at":1763640000123,"checksum":2956436260}}}},"id":null}}"#
    )
    .into_bytes()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}

fn inflate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inflate");
    for levels in [7, 50] {
        let content = depth_frame(levels);
        let frame = gzip(&content);
        group.throughput(Throughput::Bytes(frame.len() as u64));
        let name =
            |library: &str| BenchmarkId::new(library, format!("{} to {} bytes", frame.len(), content.len()));

        let mut inflater = Inflater::new(Limits::default());
        assert_eq!(
            inflater.inflate(&frame).expect("whole"),
            content,
            "correct before fast"
        );
        group.bench_function(name("ours"), |bencher| {
            bencher.iter(|| inflater.inflate(black_box(&frame)).map(<[u8]>::len));
        });

        let mut output = vec![0; content.len()];
        let mut libdeflate = libdeflater::Decompressor::new();
        group.bench_function(name("libdeflate"), |bencher| {
            bencher.iter(|| libdeflate.gzip_decompress(black_box(&frame), &mut output));
        });
        assert_eq!(output, content, "correct before fast");

        let mut miniz = Decompress::new(false);
        group.bench_function(name("miniz"), |bencher| {
            bencher.iter(|| {
                miniz.reset(false);
                let status = miniz.decompress(
                    black_box(&frame[HEADER_BYTES..]),
                    &mut output,
                    FlushDecompress::Finish,
                );
                (status, crc32fast::hash(&output))
            });
        });
        assert_eq!(output, content, "correct before fast");

        let mut zlib_rs = zlib_rs::Inflate::new(false, 15);
        group.bench_function(name("zlib-rs"), |bencher| {
            bencher.iter(|| {
                zlib_rs.reset(false);
                let status = zlib_rs.decompress(
                    black_box(&frame[HEADER_BYTES..]),
                    &mut output,
                    zlib_rs::InflateFlush::Finish,
                );
                (status, crc32fast::hash(&output))
            });
        });
        assert_eq!(output, content, "correct before fast");
    }
    group.finish();
}

criterion_group!(benches, inflate);
criterion_main!(benches);
