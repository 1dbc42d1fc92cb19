//! No bytes make the inflater panic or exceed its caps, and gzip has the same verdict as another implementation.
#![no_main]

use std::io::Read;

use flate2::bufread::GzDecoder;
use libfuzzer_sys::fuzz_target;
use tradewire_core::inflate::{FREE_BYTES, Inflater, Limits};

const LIMITS: Limits = Limits {
    max_output_bytes: 1 << 20,
    max_ratio: 50,
};
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Returns the content of exactly one gzip member.
fn gunzip(frame: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = GzDecoder::new(frame);
    let mut content = Vec::new();
    decoder
        .by_ref()
        .take(LIMITS.max_output_bytes as u64 + 1)
        .read_to_end(&mut content)
        .ok()?;
    decoder.into_inner().is_empty().then_some(content)
}

fuzz_target!(|frame: &[u8]| {
    let mut inflater = Inflater::new(LIMITS);
    let verdict = inflater.inflate(frame).map(<[u8]>::to_vec);
    if let Ok(content) = &verdict {
        assert!(content.len() <= LIMITS.max_output_bytes);
        assert!(content.len() <= FREE_BYTES.max(frame.len() * LIMITS.max_ratio));
    }
    if frame.starts_with(&GZIP_MAGIC) {
        match (verdict, gunzip(frame)) {
            (Ok(ours), theirs) => assert_eq!(Some(ours), theirs),
            (Err(error), Some(_)) => {
                // flate2 knows no caps and lets reserved flags pass.
                let kind = error.kind();
                let is_reserved = frame.get(3).is_some_and(|flags| flags & 0xe0 != 0);
                assert!(
                    is_reserved || matches!(kind, "output_too_big" | "ratio_exceeded"),
                    "{error}"
                );
            }
            (Err(_), None) => {}
        }
    }
    // A frame that was refused leaves nothing behind for the next one.
    assert_eq!(inflater.inflate(b"{}"), Ok(b"{}".as_slice()));
});
