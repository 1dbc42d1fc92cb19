//! A deflate decoder for small streams, where building tables costs more than decoding.
//!
//! Source: RFC 1951. Tables have 9 bits for literals and lengths and 7 for distances, a fifth of what a general library
//! builds; the few codes that are longer are looked up in the canonical order. Code lengths are counted while they are
//! read, and symbols without a code are never looked at again. Whatever is unusual is left to the general decoder:
//! [`SmallDecoder::decode`] gives no reasons, only results.
#![expect(
    clippy::needless_range_loop,
    reason = "a number of bits is no index first of all"
)]

/// What must follow the stream, so that bits can be read eight bytes at a time.
const TRAILER_BYTES: usize = 8;

/// Room behind the output for copies of constant size.
pub(super) const SLACK_BYTES: usize = 320;

const LITLEN_BITS: usize = 9;
const DISTANCE_BITS: usize = 7;
const PRECODE_BITS: usize = 7;
const MOST_CODE_BITS: usize = 15;
/// The smallest table; larger ones are made by doubling it.
const START_BITS: usize = 3;
const LITLEN_SYMBOLS: usize = 288;
const DISTANCE_SYMBOLS: usize = 32;
const PRECODE_SYMBOLS: usize = 19;
const END_OF_BLOCK: usize = 256;

/// The order in which the lengths of the code length codes come (RFC 1951, section 3.2.7).
const PRECODE_ORDER: [u8; PRECODE_SYMBOLS] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// An entry: value from bit 16 on, bits of the code in bits 8 to 11, bits of code and extra together in bits 0 to 7.
type Entry = u32;
/// The value is a byte of output.
const LITERAL: Entry = 1 << 31;
/// Neither a literal nor a length: the end of the block, a code longer than the table, or no code at all.
const SPECIAL: Entry = 1 << 15;
/// The code is longer than the table has bits.
const LONG: Entry = 1 << 14;
/// One bit of code, in both places where an entry counts them.
const ONE_BIT: Entry = 0x101;
const INVALID: Entry = SPECIAL;

const fn with_extra(base: u32, extra_bits: u32) -> Entry {
    base << 16 | extra_bits
}

/// What each literal or length symbol means, without the bits of its code.
const LITLEN: [Entry; LITLEN_SYMBOLS] = {
    let mut entries = [INVALID; LITLEN_SYMBOLS];
    let mut symbol = 0;
    while symbol < END_OF_BLOCK {
        entries[symbol] = LITERAL | (symbol as u32) << 16;
        symbol += 1;
    }
    entries[END_OF_BLOCK] = SPECIAL | 1 << 16;
    let mut base = 3;
    symbol = END_OF_BLOCK + 1;
    while symbol < 285 {
        let group = (symbol as u32 - 257) / 4;
        let extra = if group == 0 { 0 } else { group - 1 };
        entries[symbol] = with_extra(base, extra);
        base += 1 << extra;
        symbol += 1;
    }
    entries[285] = with_extra(258, 0);
    entries
};

/// What each distance symbol means.
const DISTANCE: [Entry; DISTANCE_SYMBOLS] = {
    let mut entries = [INVALID; DISTANCE_SYMBOLS];
    let mut base = 1;
    let mut symbol = 0;
    while symbol < 30 {
        let pair = symbol as u32 / 2;
        let extra = if pair == 0 { 0 } else { pair - 1 };
        entries[symbol] = with_extra(base, extra);
        base += 1 << extra;
        symbol += 1;
    }
    entries
};

/// What each symbol of the code length code means: how often (value) and which length (bits 24 on).
const PRECODE: [Entry; PRECODE_SYMBOLS] = {
    let mut entries = [0; PRECODE_SYMBOLS];
    let mut length = 0;
    while length < 16 {
        entries[length as usize] = with_extra(length << 8 | 1, 0);
        length += 1;
    }
    entries[16] = with_extra(0xff << 8 | 3, 2);
    entries[17] = with_extra(3, 3);
    entries[18] = with_extra(11, 7);
    entries
};

/// A symbol that has a code, the bits of the code, and how many symbols before it have as many.
#[derive(Clone, Copy, Default)]
struct Coded(u32);

impl Coded {
    #[inline]
    fn new(symbol: usize, bits: u8, rank: u16) -> Self {
        Self(symbol as u32 | u32::from(bits) << 12 | u32::from(rank) << 16)
    }

    #[inline]
    fn symbol(self) -> u16 {
        self.0 as u16 & 0xfff
    }

    #[inline]
    fn bits(self) -> usize {
        (self.0 >> 12) as usize & MOST_CODE_BITS
    }

    #[inline]
    fn rank(self) -> usize {
        (self.0 >> 16) as usize
    }
}

/// How many codes have how many bits.
type Counts = [u16; MOST_CODE_BITS + 1];

/// Bits there are at least after a refill; two codes with their extra bits need 48.
const FULL_BITS: u32 = 0x38;

/// Bits of the input, lowest first.
struct Bits<'a> {
    input: &'a [u8],
    at: usize,
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            at: 0,
            buffer: 0,
            count: 0,
        }
    }

    /// Fills up to at least [`FULL_BITS`]. `None` if the stream has run into the eight bytes that follow it.
    #[inline]
    fn refill(&mut self) -> Option<()> {
        if let Some(word) = self.input.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            self.buffer |= u64::from_le_bytes(*word) << self.count;
            self.at += (63 - self.count as usize) >> 3;
            self.count |= FULL_BITS;
            return Some(());
        }
        self.refill_at_end()
    }

    #[cold]
    fn refill_at_end(&mut self) -> Option<()> {
        if self.taken_bytes() + TRAILER_BYTES > self.input.len() {
            return None;
        }
        // Bits that were loaded beyond `count` are loaded again.
        while self.count < FULL_BITS {
            self.buffer |= u64::from(*self.input.get(self.at)?) << self.count;
            self.at += 1;
            self.count += 8;
        }
        Some(())
    }

    fn taken_bytes(&self) -> usize {
        self.at - self.count as usize / 8
    }

    #[inline]
    fn skip(&mut self, bits: u32) {
        self.buffer >>= bits & 63;
        self.count = self.count.wrapping_sub(bits);
    }

    #[inline]
    fn take(&mut self, bits: u32) -> u32 {
        let value = self.buffer as u32 & ((1 << bits) - 1);
        self.skip(bits);
        value
    }
}

/// Codes longer than a table, in canonical order.
#[derive(Clone, Copy)]
struct LongCodes {
    /// First code beyond those of this many bits, at the left of 15 bits.
    limit: [u16; MOST_CODE_BITS + 1],
    /// What added to a code gives its place among the sorted symbols.
    shift: [u16; MOST_CODE_BITS + 1],
}

/// One prefix code: a table for its short codes, and what finds its long ones.
struct Code<const SIZE: usize, const SYMBOLS: usize> {
    table: [Entry; SIZE],
    bits: usize,
    mask: u64,
    sorted: [u16; SYMBOLS],
    long: LongCodes,
}

impl<const SIZE: usize, const SYMBOLS: usize> Code<SIZE, SYMBOLS> {
    const BITS: usize = SIZE.trailing_zeros() as usize;

    const fn new() -> Self {
        Self {
            table: [INVALID; SIZE],
            bits: 0,
            mask: 0,
            sorted: [0; SYMBOLS],
            long: LongCodes {
                limit: [0; MOST_CODE_BITS + 1],
                shift: [0; MOST_CODE_BITS + 1],
            },
        }
    }

    /// Builds the tables of a complete code; `None` for any other. No code has more than `MOST` bits.
    #[inline]
    fn build<const MOST: usize>(
        &mut self,
        coded: &[Coded],
        counts: &Counts,
        meaning: &[Entry],
    ) -> Option<()> {
        let mut places = [0_u16; MOST_CODE_BITS + 1];
        let (mut left, mut longest, mut place) = (1_u32, 0, 0);
        for bits in 1..=MOST {
            let count = counts[bits];
            places[bits] = place;
            place += count;
            left = (left << 1).wrapping_sub(count.into());
            longest = if count > 0 { bits } else { longest };
        }
        // A code that has more symbols than its bits allow never comes back to zero.
        if left != 0 {
            return None;
        }
        for coded in coded {
            let place = usize::from(places[coded.bits()]) + coded.rank();
            *self.sorted.get_mut(place)? = coded.symbol();
        }
        self.bits = longest.clamp(START_BITS, Self::BITS);
        self.mask = (1 << self.bits) - 1;
        if longest > Self::BITS {
            self.table.fill(LONG | SPECIAL);
            self.find_long(counts);
        }
        self.fill(counts, meaning)
    }

    /// Fills the table: each size is the one before, twice, with the codes that are one bit longer.
    #[inline]
    fn fill(&mut self, counts: &Counts, meaning: &[Entry]) -> Option<()> {
        let mut symbols = self.sorted.iter();
        let mut code = 0_u16;
        for bits in 1..=START_BITS {
            code <<= 1;
            let length = ONE_BIT * bits as u32;
            for &symbol in symbols.by_ref().take(counts[bits].into()) {
                let entry = meaning.get(usize::from(symbol))? + length;
                let first = usize::from(code.reverse_bits() >> (16 - bits));
                for at in (first..1 << START_BITS).step_by(1 << bits) {
                    self.table[at] = entry;
                }
                code += 1;
            }
        }
        for bits in START_BITS + 1..=self.bits {
            let half = 1 << (bits - 1);
            for at in (0..half).step_by(1 << START_BITS) {
                let chunk: [Entry; 1 << START_BITS] =
                    self.table.get(at..at + (1 << START_BITS))?.try_into().ok()?;
                self.table
                    .get_mut(half + at..half + at + (1 << START_BITS))?
                    .copy_from_slice(&chunk);
            }
            code <<= 1;
            let length = ONE_BIT * bits as u32;
            for &symbol in symbols.by_ref().take(counts[bits].into()) {
                let entry = meaning.get(usize::from(symbol))? + length;
                *self
                    .table
                    .get_mut(usize::from(code.reverse_bits() >> (16 - bits)))? = entry;
                code += 1;
            }
        }
        Some(())
    }

    #[cold]
    fn find_long(&mut self, counts: &Counts) {
        let (mut code, mut place) = (0_u16, 0_u16);
        for bits in 1..=MOST_CODE_BITS {
            code <<= 1;
            self.long.shift[bits] = place.wrapping_sub(code);
            code += counts[bits];
            place += counts[bits];
            self.long.limit[bits] = code << (MOST_CODE_BITS - bits);
        }
    }

    /// Looks up the code in front of `buffer`.
    #[inline]
    fn entry(&self, buffer: u64) -> Option<Entry> {
        self.table.get((buffer & self.mask) as usize).copied()
    }

    /// Looks up a code longer than the table.
    #[inline(never)]
    fn long_entry(&self, buffer: u64, meaning: &[Entry]) -> Entry {
        let code = (buffer as u16).reverse_bits() >> 1;
        for bits in Self::BITS + 1..=MOST_CODE_BITS {
            if code < self.long.limit[bits] {
                let place = (code >> (MOST_CODE_BITS - bits)).wrapping_add(self.long.shift[bits]);
                let symbol = self.sorted.get(usize::from(place)).copied().unwrap_or_default();
                let meaning = meaning.get(usize::from(symbol)).copied().unwrap_or(INVALID);
                return meaning + ONE_BIT * bits as u32;
            }
        }
        INVALID
    }
}

/// Decodes small deflate streams, with tables that are built for each block.
pub(super) struct SmallDecoder {
    litlen: Code<{ 1 << LITLEN_BITS }, LITLEN_SYMBOLS>,
    distance: Code<{ 1 << DISTANCE_BITS }, DISTANCE_SYMBOLS>,
    precode: Code<{ 1 << PRECODE_BITS }, PRECODE_SYMBOLS>,
    coded: [Coded; LITLEN_SYMBOLS + DISTANCE_SYMBOLS],
}

impl SmallDecoder {
    pub(super) const fn new() -> Self {
        Self {
            litlen: Code::new(),
            distance: Code::new(),
            precode: Code::new(),
            coded: [Coded(0); LITLEN_SYMBOLS + DISTANCE_SYMBOLS],
        }
    }

    /// Decodes the stream at the start of `input`, which eight more bytes must follow, into `output`, whose last
    /// [`SLACK_BYTES`] are room for overshooting. Returns bytes written and bytes taken; `None` if the stream is damaged,
    /// longer than the output, or unusual.
    pub(super) fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Option<(usize, usize)> {
        let mut bits = Bits::new(input);
        let mut written = 0;
        loop {
            bits.refill()?;
            let is_last = bits.take(1) != 0;
            // Stored blocks and the fixed code are for the general decoder.
            if bits.take(2) != 2 {
                return None;
            }
            self.read_codes(&mut bits)?;
            written = self.block(&mut bits, output, written)?;
            if is_last {
                let taken = bits.taken_bytes();
                let fits = written + SLACK_BYTES <= output.len() && taken + TRAILER_BYTES <= input.len();
                return fits.then_some((written, taken));
            }
        }
    }

    /// Reads the codes of a block.
    #[inline]
    fn read_codes(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        let litlens = 257 + bits.take(5) as usize;
        let distances = 1 + bits.take(5) as usize;
        let precodes = 4 + bits.take(4) as usize;
        if litlens > 286 || distances > 30 {
            return None;
        }
        let mut lengths = [0_u8; PRECODE_SYMBOLS];
        for (place, &symbol) in PRECODE_ORDER.iter().take(precodes).enumerate() {
            if place == 12 {
                bits.refill()?;
            }
            lengths[usize::from(symbol)] = bits.take(3) as u8;
        }
        let mut counts: Counts = [0; 16];
        let mut coded = [Coded::default(); PRECODE_SYMBOLS];
        let mut count = 0;
        for (symbol, &bits) in lengths.iter().enumerate() {
            coded[count] = Coded::new(symbol, bits, counts[usize::from(bits & 7)]);
            counts[usize::from(bits & 7)] += 1;
            count += usize::from(bits != 0);
        }
        self.precode
            .build::<PRECODE_BITS>(coded.get(..count)?, &counts, &PRECODE)?;

        let all = litlens + distances;
        let mut counts: [Counts; 2] = [[0; 16]; 2];
        let (mut symbol, mut count, mut split) = (0, 0, 0);
        let mut previous = 0;
        let coded = &mut self.coded;
        let mut add = |symbol: usize, bits: u8| -> Option<()> {
            let is_distance = symbol >= litlens;
            let own = symbol - if is_distance { litlens } else { 0 };
            let same = &mut counts[usize::from(is_distance)][usize::from(bits & 15)];
            *coded.get_mut(count)? = Coded::new(own, bits, *same);
            *same += 1;
            count += usize::from(bits != 0);
            split = if is_distance { split } else { count };
            Some(())
        };
        'all: loop {
            bits.refill()?;
            for _ in 0..4 {
                let entry = self.precode.entry(bits.buffer)?;
                let extra = extra(bits.buffer, entry);
                bits.skip(entry & 0xff);
                let repeats = (entry >> 16 & 0xff) as usize + extra;
                let length = (entry >> 24) as u8;
                if repeats == 1 {
                    add(symbol, length)?;
                    previous = length;
                } else if length == 0 {
                    previous = 0;
                } else if symbol == 0 {
                    return None;
                } else if previous != 0 {
                    for symbol in symbol..symbol + repeats {
                        add(symbol, previous)?;
                    }
                }
                symbol += repeats;
                if symbol >= all {
                    break 'all;
                }
            }
        }
        if symbol != all {
            return None;
        }
        let coded = self.coded.get(..count)?;
        let (litlen, distance) = coded.split_at_checked(split)?;
        self.litlen.build::<MOST_CODE_BITS>(litlen, &counts[0], &LITLEN)?;
        self.distance
            .build::<MOST_CODE_BITS>(distance, &counts[1], &DISTANCE)
    }

    /// Decodes one block.
    #[inline]
    fn block(&self, bits: &mut Bits<'_>, output: &mut [u8], mut written: usize) -> Option<usize> {
        let end = output.len().checked_sub(SLACK_BYTES)?;
        bits.refill()?;
        let mut entry = self.litlen.entry(bits.buffer)?;
        loop {
            if written > end {
                return None;
            }
            let mut saved = bits.buffer;
            bits.skip(entry & 0xff);
            if entry & LITERAL != 0 {
                let next = self.litlen.entry(bits.buffer)?;
                *output.get_mut(written)? = (entry >> 16) as u8;
                written += 1;
                entry = next;
                saved = bits.buffer;
                bits.skip(entry & 0xff);
                if entry & LITERAL != 0 {
                    let next = self.litlen.entry(bits.buffer)?;
                    *output.get_mut(written)? = (entry >> 16) as u8;
                    written += 1;
                    entry = next;
                    saved = bits.buffer;
                    bits.skip(entry & 0xff);
                    if entry & LITERAL != 0 {
                        let next = self.litlen.entry(bits.buffer)?;
                        bits.refill()?;
                        *output.get_mut(written)? = (entry >> 16) as u8;
                        written += 1;
                        entry = next;
                        continue;
                    }
                }
            }
            if entry & SPECIAL != 0 {
                if entry & LONG != 0 {
                    bits.refill()?;
                    saved = bits.buffer;
                    entry = self.litlen.long_entry(bits.buffer, &LITLEN);
                    bits.skip(entry & 0xff);
                    if entry & LITERAL != 0 {
                        let next = self.litlen.entry(bits.buffer)?;
                        bits.refill()?;
                        *output.get_mut(written)? = (entry >> 16) as u8;
                        written += 1;
                        entry = next;
                        continue;
                    }
                }
                if entry & SPECIAL != 0 {
                    return (entry >> 16 == 1).then_some(written);
                }
            }
            let length = (entry >> 16) as usize + extra(saved, entry);
            entry = self.distance.entry(bits.buffer)?;
            bits.refill()?;
            if entry & SPECIAL != 0 {
                if entry & LONG == 0 {
                    return None;
                }
                entry = self.distance.long_entry(bits.buffer, &DISTANCE);
                if entry & SPECIAL != 0 {
                    return None;
                }
            }
            let distance = (entry >> 16) as usize + extra(bits.buffer, entry);
            bits.skip(entry & 0xff);
            entry = self.litlen.entry(bits.buffer)?;
            bits.refill()?;
            copy_back(output, written, distance, length)?;
            written += length;
        }
    }
}

/// Returns the extra bits that follow a code.
#[inline]
fn extra(buffer: u64, entry: Entry) -> usize {
    ((buffer & ((1 << (entry & 0x3f)) - 1)) >> (entry >> 8 & 0xf)) as usize
}

/// Copies `length` bytes from `distance` bytes before `at`; may write up to 15 bytes more.
#[inline]
fn copy_back(output: &mut [u8], at: usize, distance: usize, length: usize) -> Option<()> {
    let from = at.checked_sub(distance)?;
    if distance >= 16 {
        copy_16(output, from, at)?;
        let mut done = 16;
        while done < length {
            copy_16(output, from + done, at + done)?;
            done += 16;
        }
        return Some(());
    }
    for done in 0..length {
        *output.get_mut(at + done)? = *output.get(from + done)?;
    }
    Some(())
}

#[inline]
fn copy_16(output: &mut [u8], from: usize, to: usize) -> Option<()> {
    let chunk: [u8; 16] = output.get(from..from + 16)?.try_into().ok()?;
    output.get_mut(to..to + 16)?.copy_from_slice(&chunk);
    Some(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::DeflateEncoder;
    use flate2::{Compression, Decompress, FlushDecompress, Status};
    use proptest::prelude::*;

    use super::{SLACK_BYTES, SmallDecoder};

    const TRAILER: [u8; super::TRAILER_BYTES] = [0; super::TRAILER_BYTES];
    const MOST_BYTES: usize = 4096;

    fn decode(stream: &[u8]) -> Option<(Vec<u8>, usize)> {
        let mut output = vec![0; MOST_BYTES + SLACK_BYTES];
        let input = [stream, &TRAILER].concat();
        let (written, taken) = SmallDecoder::new().decode(&input, &mut output)?;
        output.truncate(written);
        Some((output, taken))
    }

    fn other(stream: &[u8]) -> Option<(Vec<u8>, usize)> {
        let mut output = vec![0; MOST_BYTES + SLACK_BYTES];
        let mut inflater = Decompress::new(false);
        let status = inflater.decompress(stream, &mut output, FlushDecompress::Finish);
        output.truncate(inflater.total_out() as usize);
        matches!(status, Ok(Status::StreamEnd)).then_some((output, inflater.total_in() as usize))
    }

    fn deflate(level: u32, content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(content).expect("a Vec takes all");
        encoder.finish().expect("a Vec takes all")
    }

    /// Letters as different in frequency as a code of 15 bits needs, so that no table holds them all.
    #[test]
    fn codes_longer_than_the_tables_are_found() {
        let mut content: Vec<u8> = (0..11)
            .flat_map(|letter| vec![b'a' + letter; 1 << letter])
            .collect();
        let mut lot = 1_u32;
        for at in (1..content.len()).rev() {
            lot = lot.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            content.swap(at, lot as usize % (at + 1));
        }
        let stream = deflate(9, &content);
        assert_eq!(stream[0] >> 1 & 3, 2, "a block with codes of its own");
        assert_eq!(decode(&stream), Some((content, stream.len())));
    }

    proptest! {
        #[test]
        fn text_with_codes_of_its_own_is_taken(content in "([a-z]{1,9}|[0-9\\.]{3,12}){40,120}", level in 1..10_u32) {
            let stream = deflate(level, content.as_bytes());
            prop_assume!(stream[0] >> 1 & 3 == 2);
            prop_assert_eq!(decode(&stream), Some((content.into_bytes(), stream.len())));
        }

        /// Whatever is taken of a damaged stream is what another inflater makes of it.
        #[test]
        fn damage_is_never_read_in_another_way(content in "[0-9\\.,]{100,400}", flips in prop::collection::vec(0..1600_usize, 1..4)) {
            let mut stream = deflate(6, content.as_bytes());
            let bits = stream.len() * 8;
            for flip in flips {
                stream[flip % bits / 8] ^= 1 << (flip % 8);
            }
            if let Some(ours) = decode(&stream) {
                prop_assert_eq!(Some(ours), other(&[stream.as_slice(), &TRAILER].concat()));
            }
        }
    }
}
