//! Compressed frames: what passes, and what is refused under which name.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use tradewire_core::inflate::{FREE_BYTES, Inflater, Limits};

const FRAME: &[u8] = br#"{"method":"depth.update","data":{"market":"BTCUSDT","is_full":true},"id":null}"#;

fn gzip(data: &[u8]) -> Vec<u8> {
    gzip_at(6, data)
}

fn gzip_at(level: u32, data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(data).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}

fn kind(inflater: &mut Inflater, frame: &[u8]) -> &'static str {
    inflater.inflate(frame).expect_err("refused").kind()
}

#[test]
fn every_wrapping_is_understood() {
    let mut inflater = Inflater::new(Limits::default());
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(FRAME).expect("a Vec takes all");
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(FRAME).expect("a Vec takes all");
    let raw = raw.finish().expect("a Vec takes all");
    for wrapped in [
        gzip(FRAME),
        zlib.finish().expect("a Vec takes all"),
        raw,
        FRAME.to_vec(),
    ] {
        assert_eq!(inflater.inflate(&wrapped).expect("whole"), FRAME);
    }
}

#[test]
fn a_gzip_name_and_comment_are_skipped() {
    let mut encoder = flate2::GzBuilder::new()
        .filename("frame")
        .comment("ours")
        .extra(vec![1, 2, 3])
        .write(Vec::new(), Compression::default());
    encoder.write_all(FRAME).expect("a Vec takes all");
    let member = encoder.finish().expect("a Vec takes all");
    let mut inflater = Inflater::new(Limits::default());
    assert_eq!(inflater.inflate(&member).expect("whole"), FRAME);
    assert_eq!(
        kind(&mut inflater, &member[..member.len() - 12]),
        "compressed_truncated"
    );
}

#[test]
fn every_truncation_is_refused() {
    let member = gzip(FRAME);
    let mut inflater = Inflater::new(Limits::default());
    for length in 2..member.len() {
        assert_eq!(
            kind(&mut inflater, &member[..length]),
            "compressed_truncated",
            "after {length} bytes"
        );
        assert!(inflater.output().is_empty());
    }
}

#[test]
fn every_flipped_bit_of_content_is_refused() {
    let member = gzip(FRAME);
    let mut inflater = Inflater::new(Limits::default());
    // Time, extra flags and system of the header (bytes 4 to 9) carry nothing.
    for at in 10..member.len() {
        for bit in 0..8 {
            let mut damaged = member.clone();
            damaged[at] ^= 1 << bit;
            match inflater.inflate(&damaged) {
                // The last bits of the deflate stream are padding: they carry nothing either.
                Ok(content) => assert_eq!((content, at), (FRAME, member.len() - 9)),
                Err(error) => {
                    let known = ["compressed_truncated", "compressed_corrupted", "trailing_bytes"];
                    assert!(known.contains(&error.kind()), "byte {at} bit {bit}: {error}");
                }
            }
        }
    }
}

#[test]
fn what_follows_a_member_is_refused() {
    let mut member = gzip(FRAME);
    member.extend_from_slice(b"more");
    assert_eq!(
        kind(&mut Inflater::new(Limits::default()), &member),
        "trailing_bytes"
    );
}

/// libdeflate stops at the end of a member without a word; what follows may look like the same end.
#[test]
fn what_follows_a_member_is_refused_even_if_it_ends_alike() {
    let mut inflater = Inflater::new(Limits::default());
    let member = gzip(FRAME);
    let other: Vec<u8> = FRAME.iter().map(|byte| byte ^ 1).collect();
    let size = &member[member.len() - 4..];
    for more in [
        member.clone(),
        gzip(&other),
        size.to_vec(),
        [b"junk", size].concat(),
    ] {
        assert_eq!(
            kind(&mut inflater, &[member.clone(), more].concat()),
            "trailing_bytes"
        );
    }
    for zeros in 1..9 {
        let longer = [gzip(b""), vec![0; zeros]].concat();
        assert_eq!(kind(&mut inflater, &longer), "trailing_bytes", "{zeros} zeros");
    }
    assert_eq!(inflater.inflate(&gzip(b"")).expect("whole"), b"");
}

/// A stored block may hold the very bytes of its own trailer's size.
#[test]
fn a_member_that_contains_its_size_is_whole() {
    let mut data = vec![b'x'; 300];
    data[100..104].copy_from_slice(&300_u32.to_le_bytes());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(&data).expect("a Vec takes all");
    let member = encoder.finish().expect("a Vec takes all");
    let mut inflater = Inflater::new(Limits::default());
    assert_eq!(inflater.inflate(&member).expect("whole"), data);
}

#[test]
fn every_flipped_bit_of_a_header_that_matters_is_refused() {
    let member = gzip(FRAME);
    let mut inflater = Inflater::new(Limits::default());
    for (at, bits) in [(2, 0..8), (3, 5..8)] {
        for bit in bits {
            let mut damaged = member.clone();
            damaged[at] ^= 1 << bit;
            assert_eq!(
                kind(&mut inflater, &damaged),
                "compressed_corrupted",
                "bit {bit} of byte {at}"
            );
        }
    }
}

#[test]
fn what_is_not_compressed_is_refused() {
    let mut inflater = Inflater::new(Limits::default());
    assert_eq!(kind(&mut inflater, b""), "not_compressed");
    assert_eq!(kind(&mut inflater, &[0xff; 40]), "not_compressed");
}

#[test]
fn text_passes_for_the_scanner_to_judge() {
    let page = b"<html>502</html>\r\n";
    assert_eq!(
        Inflater::new(Limits::default()).inflate(page).expect("text"),
        page
    );
}

#[test]
fn a_bomb_is_refused_by_ratio() {
    let bomb = gzip(&vec![b' '; 8 << 20]);
    assert!(bomb.len() < 10_000);
    assert_eq!(
        kind(&mut Inflater::new(Limits::default()), &bomb),
        "ratio_exceeded"
    );
}

#[test]
fn a_bomb_that_lies_about_its_size_is_refused() {
    let mut bomb = gzip(&vec![b' '; 8 << 20]);
    let size_at = bomb.len() - 4;
    bomb[size_at..].copy_from_slice(&10_u32.to_le_bytes());
    assert_eq!(
        kind(&mut Inflater::new(Limits::default()), &bomb),
        "ratio_exceeded"
    );
}

#[test]
fn more_than_the_cap_is_refused() {
    let limits = Limits {
        max_output_bytes: 1000,
        max_ratio: 200,
    };
    let mut inflater = Inflater::new(limits);
    assert_eq!(
        inflater
            .inflate(&gzip(&[b'x'; 1000]))
            .expect("exactly the cap")
            .len(),
        1000
    );
    assert_eq!(kind(&mut inflater, &gzip(&[b'x'; 1001])), "output_too_big");
    assert_eq!(kind(&mut inflater, &[b' '; 1001]), "output_too_big");
}

#[test]
fn small_frames_may_compress_well() {
    let mut inflater = Inflater::new(Limits {
        max_output_bytes: 1 << 20,
        max_ratio: 2,
    });
    let frame = gzip(&vec![b' '; FREE_BYTES]);
    assert_eq!(inflater.inflate(&frame).expect("harmless").len(), FREE_BYTES);
}

/// Writes a member of our own making around deflated bytes that are said to hold `content`.
fn member(deflated: &[u8], content: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.extend_from_slice(deflated);
    member.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    member.extend_from_slice(&(content.len() as u32).to_le_bytes());
    member
}

/// Packs bits as deflate does, from pairs of a number and how many bits it has.
fn bits(parts: &[(u32, u32)]) -> Vec<u8> {
    let all = parts
        .iter()
        .flat_map(|&(value, count)| (0..count).map(move |bit| value >> bit & 1 == 1));
    let mut bytes = Vec::new();
    for (at, bit) in all.enumerate() {
        if at % 8 == 0 {
            bytes.push(0);
        }
        *bytes.last_mut().expect("one was pushed") |= u8::from(bit) << (at % 8);
    }
    bytes
}

/// A dynamic block of 16 length codes, all of four bits and in order: lengths 0 to 15 stand for themselves, and the words
/// for repeating are not there.
fn dynamic(litlens: u32, distances: u32, lengths: &[u32], codes: &[(u32, u32)]) -> Vec<u8> {
    let mut parts = vec![(1, 1), (2, 2), (litlens - 257, 5), (distances - 1, 5), (15, 4)];
    // The order of the code is 16, 17, 18, 0, 8, 7, ..., 15.
    parts.extend([(0, 3); 3]);
    parts.extend([(4, 3); 16]);
    parts.extend(lengths.iter().map(|length| (length.reverse_bits() >> 28, 4)));
    parts.extend_from_slice(codes);
    bits(&parts)
}

/// The verdicts are those of the general inflater, with a trailer that is right wherever there is content.
#[test]
fn every_malformed_block_is_refused() {
    // One letter, the end of a block and a copy of three, then one distance.
    let mut lengths = vec![0; 259];
    (lengths[97], lengths[256], lengths[257], lengths[258]) = (1, 2, 2, 1);
    let (a, end, copy, back) = ((0, 1), (1, 2), (3, 2), (0, 1));
    let mut inflater = Inflater::new(Limits::default());
    for (content, codes) in [
        ("", [end].as_slice()),
        ("aa", &[a, a, end]),
        ("aaaa", &[a, copy, back, end]),
    ] {
        let frame = member(&dynamic(258, 1, &lengths, codes), content.as_bytes());
        assert_eq!(inflater.inflate(&frame), Ok(content.as_bytes()));
    }

    let with = |changes: &[(usize, u32)]| {
        let mut lengths = lengths.clone();
        for &(at, length) in changes {
            lengths[at] = length;
        }
        lengths
    };
    let longest = [lengths.as_slice(), &[0; 29]].concat();
    for (what, wanted, block) in [
        (
            "a stored length that is not proved",
            "compressed_corrupted",
            bits(&[(1, 8), (1, 16), (1, 16)]),
        ),
        (
            "a block of the fourth kind",
            "compressed_corrupted",
            bits(&[(7, 3), (0, 16)]),
        ),
        (
            "codes without a length",
            "compressed_corrupted",
            bits(&[(1, 1), (2, 2), (0, 14), (0, 28)]),
        ),
        (
            "more codes than fit",
            "compressed_corrupted",
            dynamic(258, 1, &with(&[(98, 1)]), &[a, a, end]),
        ),
        (
            "fewer codes than fit",
            "compressed_corrupted",
            dynamic(258, 1, &with(&[(257, 0)]), &[a, a, end]),
        ),
        (
            "no end",
            "compressed_corrupted",
            dynamic(258, 1, &with(&[(256, 0), (98, 2)]), &[a, a, a]),
        ),
        (
            "287 literals and lengths",
            "compressed_corrupted",
            dynamic(287, 1, &longest, &[a, a, end]),
        ),
        (
            "a copy of what is not there",
            "compressed_corrupted",
            dynamic(258, 1, &lengths, &[copy, back, end]),
        ),
        (
            "a distance without a code",
            "compressed_corrupted",
            dynamic(258, 1, &lengths, &[a, copy, (1, 1), end]),
        ),
        (
            "other content",
            "compressed_corrupted",
            dynamic(258, 1, &lengths, &[a, copy, back, end]),
        ),
    ] {
        assert_eq!(kind(&mut inflater, &member(&block, b"aa")), wanted, "{what}");
    }
}

proptest! {
    #[test]
    fn any_bytes_come_back_at_every_level(data in prop::collection::vec(any::<u8>(), 0..4000), level in 0..10_u32) {
        let mut inflater = Inflater::new(Limits::default());
        prop_assert_eq!(inflater.inflate(&gzip_at(level, &data)).expect("whole"), data);
    }

    /// Few different letters and many repeats, as in the frames of a venue.
    #[test]
    fn any_text_comes_back_at_every_level(data in "([a-d]{1,9}|[0-9\\.]{3,12}|\",\"|(ab){1,140}){0,120}", level in 0..10_u32) {
        let mut inflater = Inflater::new(Limits::default());
        prop_assert_eq!(inflater.inflate(&gzip_at(level, data.as_bytes())).expect("whole"), data.as_bytes());
    }

    #[test]
    fn no_bytes_panic(mut data in prop::collection::vec(any::<u8>(), 0..400), is_gzip in any::<bool>()) {
        if is_gzip {
            data.splice(0..0, [0x1f, 0x8b, 8]);
        }
        let _ = Inflater::new(Limits { max_output_bytes: 4096, max_ratio: 10 }).inflate(&data);
    }
}
