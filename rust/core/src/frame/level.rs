//! Price levels as JSON: `["30000.5","0.4"]`.

use super::{Scanner, Stop};
use crate::book::{BookError, LevelUpdate};
use crate::units::Fixed;

/// Most digits that surely fit 64 bits.
const MAX_DIGITS: usize = 18;

/// Reads the level that is next. The inner error says why it is no level; it is stepped over then.
#[inline]
pub(super) fn level(scanner: &mut Scanner<'_>) -> Result<Result<LevelUpdate, NotALevel>, Stop> {
    if let Some((update, end)) = compact_level(scanner.bytes(), scanner.offset()) {
        scanner.rewind(end);
        return Ok(Ok(update));
    }
    any_level(scanner)
}

/// Why a value is no price level.
#[derive(Debug)]
pub(super) enum NotALevel {
    /// It is no array of two strings.
    Shape,
    /// Its strings are not the numbers a book can hold.
    Numbers,
}

impl From<BookError> for NotALevel {
    fn from(_: BookError) -> Self {
        Self::Numbers
    }
}

/// Reads a level in the spelling venues really send: no blanks, no escapes, two plain numbers that fit
/// 64 bits. Returns the level and where it ends; `None` does not mean that it is wrong.
#[inline]
fn compact_level(source: &[u8], at: usize) -> Option<(LevelUpdate, usize)> {
    let price_at = after(source, at, b"[\"")?;
    let (price, price_end) = decimal(source, price_at)?;
    let size_at = after(source, price_end, b"\",\"")?;
    let (size, size_end) = decimal(source, size_at)?;
    let end = after(source, size_end, b"\"]")?;
    Some((LevelUpdate::from_source(price, size, source, (price_at, price_end), (size_at, size_end)), end))
}

#[inline]
fn after<const N: usize>(source: &[u8], at: usize, expected: &[u8; N]) -> Option<usize> {
    (source.get(at..at + N)? == expected).then_some(at + N)
}

/// Reads an unsigned decimal in the one spelling [`Fixed`] accepts, and where it ends.
#[inline]
fn decimal(source: &[u8], at: usize) -> Option<(Fixed, usize)> {
    let (whole, whole_end) = digits(source, at, 0)?;
    let whole_len = whole_end - at;
    if whole_len == 0 || (whole_len > 1 && source[at] == b'0') {
        return None;
    }
    if source.get(whole_end) != Some(&b'.') {
        return (whole_len <= MAX_DIGITS).then(|| Some((Fixed::new(whole as i64, 0).ok()?, whole_end)))?;
    }
    let (mantissa, end) = digits(source, whole_end + 1, whole)?;
    let scale = end - whole_end - 1;
    if scale == 0 || whole_len + scale > MAX_DIGITS {
        return None;
    }
    Some((Fixed::new(mantissa as i64, scale as u8).ok()?, end))
}

/// Appends the digits at `at` to `value` and returns where they end, eight at a time. The value is
/// right for at most [`MAX_DIGITS`] digits in all. `None` near the end of the source, where the slow way
/// must do.
#[inline]
fn digits(source: &[u8], mut at: usize, mut value: u64) -> Option<(u64, usize)> {
    const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    loop {
        let chunk = u64::from_le_bytes(*source.get(at..at + 8)?.first_chunk()?);
        // A byte less than ten after the subtraction of '0' by XOR is a digit; adding 0x76 sets the high
        // bit of every other one. A carry out of such a byte can only reach later ones.
        let nibbles = chunk ^ 0x3030_3030_3030_3030;
        let others = (nibbles.wrapping_add(0x7676_7676_7676_7676) | nibbles) & 0x8080_8080_8080_8080;
        let count = (others.trailing_zeros() / 8) as usize;
        if count > 0 {
            // Shifted so that the digits end in the last byte, zeros before them.
            let digits = nibbles << (64 - 8 * count);
            let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
            let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
            let all = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
            value = value.wrapping_mul(POWERS[count]).wrapping_add(all);
        }
        at += count;
        if count < 8 {
            return Some((value, at));
        }
    }
}

/// Reads a level in any spelling JSON allows.
#[cold]
fn any_level(scanner: &mut Scanner<'_>) -> Result<Result<LevelUpdate, NotALevel>, Stop> {
    let mut texts = [None, None];
    let mut count = 0;
    let is_array = scanner.array(|scanner| {
        let text = scanner.text()?;
        if let Some(place) = texts.get_mut(count) {
            *place = text;
        }
        count += 1;
        Ok(())
    })?;
    if !is_array {
        scanner.skip_value()?;
    }
    let ([Some(price), Some(size)], 2) = (texts, count) else { return Ok(Err(NotALevel::Shape)) };
    let update = LevelUpdate::parse(price.decode().as_bytes(), size.decode().as_bytes());
    Ok(update.map_err(NotALevel::from))
}
