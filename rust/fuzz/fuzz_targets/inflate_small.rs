//! What our decoder for small streams takes is what libdeflate and flate2 make of it, with no checksum in the way.
#![no_main]

use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Decompressor;
use libfuzzer_sys::fuzz_target;

#[path = "../../core/src/inflate/small.rs"]
mod small;

const MOST_BYTES: usize = 1 << 16;

fuzz_target!(|stream: &[u8]| {
    let mut output = vec![0; MOST_BYTES + small::SLACK_BYTES];
    if let Some((written, taken)) = small::SmallDecoder::new().decode(stream, &mut output) {
        assert!(written <= MOST_BYTES && taken + 8 <= stream.len());
        let mut content = vec![0; MOST_BYTES + 1];
        let mut other = Decompress::new(false);
        let status = other.decompress(stream, &mut content, FlushDecompress::Finish);
        assert!(matches!(status, Ok(Status::StreamEnd)), "{status:?}");
        assert_eq!((other.total_out(), other.total_in()), (written as u64, taken as u64));
        assert!(content[..written] == output[..written]);
        // It takes over where ours gives up: both must be the same decoder to whoever reads.
        let mut fallback = vec![0; MOST_BYTES];
        let size = Decompressor::new().deflate_decompress(&stream[..taken], &mut fallback);
        assert_eq!(size, Ok(written));
        assert!(fallback[..written] == output[..written]);
    }
});
