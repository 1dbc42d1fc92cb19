//! One price level: exact numbers, and the venue's own text for its checksum.

use std::ops::Deref;

use super::BookError;
use crate::units::{DecimalText, Fixed, Wide};

/// Bytes of text kept beside the numbers, so that a record fills one cache line of 64 bytes.
/// Longer texts are written anew from the numbers, which keep every digit.
pub(super) const TEXT_BYTES: usize = 44;

/// Longest price or size whose text is copied as a block of fixed length, which is many times faster
/// than one of just the right length. Two blocks and their colons must fit [`TEXT_BYTES`].
const BLOCK_BYTES: usize = 20;

/// What a book keeps of a level besides its price.
#[derive(Debug, Clone, Copy)]
pub(super) struct LevelRecord {
    pub size: i128,
    pub size_scale: u8,
    /// Decimals of the price as the venue wrote it; the book may count in more.
    pub price_scale: u8,
    price_len: u8,
    /// Length of `price:size:`, 0 if no text is kept.
    text_len: u8,
    text: [u8; TEXT_BYTES],
}

const _: () = assert!(size_of::<LevelRecord>() == 64);

impl LevelRecord {
    /// Returns the block that starts with `price:size:` and the length of that, if the text is kept.
    #[inline]
    pub fn checksum_block(&self) -> Option<(&[u8; TEXT_BYTES], usize)> {
        (self.text_len > 0).then_some((&self.text, self.text_len.into()))
    }

    /// Returns the price and the size as they were received, if the text is kept.
    pub fn received(&self) -> Option<(&[u8], &[u8])> {
        let end = usize::from(self.text_len).checked_sub(1)?;
        let price_len = usize::from(self.price_len);
        Some((&self.text[..price_len], &self.text[price_len + 1..end]))
    }

    fn keep_text(&mut self, price: &[u8], size: &[u8]) {
        let end = price.len() + 1 + size.len();
        if end < TEXT_BYTES {
            self.text[..price.len()].copy_from_slice(price);
            self.text[price.len()] = b':';
            self.text[price.len() + 1..end].copy_from_slice(size);
            self.text[end] = b':';
            self.price_len = price.len() as u8;
            self.text_len = end as u8 + 1;
        }
    }
}

/// Sets the size of one price level; a size of zero removes it.
#[derive(Debug, Clone, Copy)]
pub struct LevelUpdate {
    pub(super) price: i64,
    /// Decimals `price` counts in.
    pub(super) scale: u8,
    pub(super) record: LevelRecord,
}

impl LevelUpdate {
    /// Makes an update from numbers: `price / 10^price_scale`, `size / 10^size_scale`.
    ///
    /// # Errors
    ///
    /// [`BookError::NegativeSize`].
    #[inline]
    pub fn from_ticks(price: i64, price_scale: u8, size: i128, size_scale: u8) -> Result<Self, BookError> {
        if size < 0 {
            return Err(BookError::NegativeSize);
        }
        let record =
            LevelRecord { size, size_scale, price_scale, price_len: 0, text_len: 0, text: [0; TEXT_BYTES] };
        Ok(Self { price, scale: price_scale, record })
    }

    /// Reads a level from the venue's text.
    ///
    /// # Errors
    ///
    /// [`BookError::NotANumber`] or [`BookError::NegativeSize`].
    pub fn parse(price: &[u8], size: &[u8]) -> Result<Self, BookError> {
        let (ticks, ticks_scale, text_scale) = match Fixed::parse(price) {
            Ok(price) => (price.mantissa(), price.scale(), price.scale()),
            Err(_) => parse_long_price(price)?,
        };
        let amount = match Fixed::parse(size) {
            Ok(size) => Wide::from(size),
            Err(_) => Wide::parse(size)?,
        };
        let mut update = Self::from_ticks(ticks, ticks_scale, amount.mantissa(), amount.scale())?;
        update.record.price_scale = text_scale;
        update.record.keep_text(price, size);
        Ok(update)
    }

    /// Makes an update from numbers that were just read from `source`: the price ends at `price.1`, the
    /// size starts at `size.0`, and so on. The caller has proved that these are the numbers' texts.
    #[inline]
    pub(crate) fn from_source(
        price: Fixed,
        size: Fixed,
        source: &[u8],
        price_at: (usize, usize),
        size_at: (usize, usize),
    ) -> Self {
        let mut record = LevelRecord {
            size: size.mantissa().into(),
            size_scale: size.scale(),
            price_scale: price.scale(),
            price_len: 0,
            text_len: 0,
            text: [0; TEXT_BYTES],
        };
        let price_len = price_at.1 - price_at.0;
        let size_len = size_at.1 - size_at.0;
        let blocks = (
            source.get(price_at.0..price_at.0 + BLOCK_BYTES),
            source.get(size_at.0..size_at.0 + BLOCK_BYTES),
        );
        if let (Some(price_block), Some(size_block)) = blocks
            && price_len <= BLOCK_BYTES
            && size_len <= BLOCK_BYTES
        {
            record.text[..BLOCK_BYTES].copy_from_slice(price_block);
            record.text[price_len] = b':';
            record.text[price_len + 1..price_len + 1 + BLOCK_BYTES].copy_from_slice(size_block);
            let end = price_len + 1 + size_len;
            record.text[end] = b':';
            record.price_len = price_len as u8;
            record.text_len = end as u8 + 1;
        } else {
            record.keep_text(&source[price_at.0..price_at.1], &source[size_at.0..size_at.1]);
        }
        Self { price: price.mantissa(), scale: price.scale(), record }
    }

    /// Tells whether this removes the level.
    pub const fn is_removal(&self) -> bool {
        self.record.size == 0
    }
}

/// Reads a price that has too many digits for 64 bits as it is written, but may have fewer without the
/// zeros at its end; returns ticks, their scale and the scale of the text.
#[cold]
fn parse_long_price(text: &[u8]) -> Result<(i64, u8, u8), BookError> {
    let wide = Wide::parse(text)?;
    let (mut mantissa, mut scale) = (wide.mantissa(), wide.scale());
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    let short = Fixed::try_from(Wide::new(mantissa, scale)?)?;
    Ok((short.mantissa(), short.scale(), wide.scale()))
}

/// A number as text: the venue's own where it is kept, else the same written anew.
#[derive(Debug, Clone, Copy)]
pub enum Written<'a> {
    /// As received.
    Kept(&'a [u8]),
    /// Written from the number; all digits are there, so it equals what was received.
    Made(DecimalText),
}

impl Deref for Written<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Kept(text) => text,
            Self::Made(text) => text.as_bytes(),
        }
    }
}

impl Written<'_> {
    /// Returns the text, which is pure ASCII.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self).unwrap_or_default()
    }
}
