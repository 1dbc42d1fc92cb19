//! The checksum some venues send with their books.

use super::level::TEXT_BYTES;
use super::{Ladder, Side};

impl Ladder {
    /// Computes the CRC-32 (IEEE) of `price:size:price:size...` over the venue's own texts: all bids,
    /// best first, then all asks, best first. `text` is scratch space that is worth keeping.
    ///
    /// CoinEx: <https://docs.coinex.com/api/v2/spot/market/ws/market-depth>, read 2026-11-20.
    pub fn checksum(&self, text: &mut Vec<u8>) -> u32 {
        // Every level is copied as one block of fixed length and the next one overwrites the excess.
        let room = (self.len(Side::Bid) + self.len(Side::Ask)) * TEXT_BYTES;
        if text.len() < room {
            text.resize(room, 0);
        }
        let mut end = 0;
        for side in Side::BOTH {
            for rung in self.rungs(side).iter() {
                let Some((block, length)) = self.record(rung).checksum_block() else {
                    return self.checksum_written();
                };
                text[end..end + TEXT_BYTES].copy_from_slice(block);
                end += length;
            }
        }
        crc32fast::hash(&text[..end.saturating_sub(1)])
    }

    /// The same for a ladder in which some level keeps no text.
    #[cold]
    fn checksum_written(&self) -> u32 {
        let mut text = Vec::new();
        for level in Side::BOTH.into_iter().flat_map(|side| self.levels(side)) {
            let (price, size) = level.written();
            for part in [&*price, b":", &*size, b":"] {
                text.extend_from_slice(part);
            }
        }
        text.pop();
        crc32fast::hash(&text)
    }
}
