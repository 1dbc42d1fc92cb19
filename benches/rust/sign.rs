//! Question: what does a signature cost, and how far is it from the hash itself?
//! Absolute cost beside `hmac` with a key made beforehand and copied, and beside the bare compression of as many
//! blocks: the floor. Fairness: `hmac` is fed the same pieces and returns bytes, ours returns hex.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sha2::block_api::compress256;
use tradewire_core::sign::{CoinexSigner, HmacKey};

const SECRET: &[u8] = b"SANDBOX_SECRET_0123456789ABCDEF0123456789ABCDEF";
const METHOD: &[u8] = b"POST";
const PATH: &[u8] = b"/v2/spot/order";
const TIMESTAMP_MS: u64 = 1_763_640_000_123;
const DIGITS: &[u8] = b"1763640000123";

/// Bytes that are signed: a small order and a large one.
const SIZES_BYTES: [usize; 2] = [100, 323];

fn sign(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign");
    let signer = CoinexSigner::new("access", "SANDBOX_SECRET_0123456789ABCDEF0123456789ABCDEF")
        .expect("visible ASCII");
    let key = HmacKey::new(SECRET);
    let keyed = Hmac::<Sha256>::new_from_slice(SECRET).expect("any length will do");
    for size in SIZES_BYTES {
        let body = vec![b'x'; size - METHOD.len() - PATH.len() - DIGITS.len()];
        let pieces: [&[u8]; 4] = [METHOD, PATH, &body, DIGITS];
        let by_crate = || {
            let mut mac = keyed.clone();
            for piece in pieces {
                mac.update(piece);
            }
            mac.finalize().into_bytes()
        };
        assert_eq!(key.mac(&pieces), *by_crate(), "correct before fast");

        group.bench_function(BenchmarkId::new("coinex request to hex", size), |bencher| {
            bencher.iter(|| signer.sign(METHOD, PATH, black_box(&body), TIMESTAMP_MS));
        });
        group.bench_function(BenchmarkId::new("hmac crate", size), |bencher| {
            bencher.iter(|| black_box(by_crate()));
        });
        let blocks = vec![[7; 64]; (size + 9).div_ceil(64)];
        group.bench_function(BenchmarkId::new("compression alone", size), |bencher| {
            bencher.iter(|| {
                let mut state = black_box([1; 8]);
                compress256(&mut state, black_box(&blocks));
                compress256(&mut state, black_box(&blocks[..1]));
                state
            });
        });
    }
    group.finish();
}

criterion_group!(benches, sign);
criterion_main!(benches);
