//! No bytes make the reader of replies panic or exceed its limits, and pieces are read as the whole is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_core::http::{Limits, Refusal, ReplyReader};

const LIMITS: Limits = Limits {
    head_bytes: 1 << 12,
    body_bytes: 1 << 14,
};

type Seen = (u16, Vec<(Vec<u8>, Vec<u8>)>, Vec<u8>);

/// Feeds pieces until the reply is whole or they end.
fn read<'a>(
    reader: &mut ReplyReader,
    mut pieces: impl Iterator<Item = &'a [u8]>,
    is_head_request: bool,
) -> Result<Seen, Refusal> {
    reader.begin(is_head_request);
    let mut is_whole = false;
    while !is_whole {
        match pieces.next() {
            Some(piece) => is_whole = reader.feed(piece)?,
            None => break,
        }
    }
    reader.finish()?;
    let fields = reader
        .fields()
        .map(|(name, value)| (name.to_vec(), value.to_vec()));
    Ok((reader.status(), fields.collect(), reader.body().to_vec()))
}

// The first byte says how the rest is cut, and whether it answers `HEAD`.
fuzz_target!(|input: &[u8]| {
    let Some((&how, bytes)) = input.split_first() else {
        return;
    };
    let (piece_bytes, is_head_request) = (usize::from(how & 0x7f).max(1), how & 0x80 != 0);
    let mut reader = ReplyReader::new(LIMITS);
    let whole = read(&mut reader, [bytes].into_iter(), is_head_request);
    if let Ok((status, _, body)) = &whole {
        assert!(*status >= 200);
        assert!(body.len() <= LIMITS.body_bytes);
    }
    assert_eq!(
        read(&mut reader, bytes.chunks(piece_bytes), is_head_request),
        whole
    );
});
