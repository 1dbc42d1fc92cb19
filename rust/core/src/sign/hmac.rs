//! HMAC-SHA256 with both pads hashed beforehand: a short message costs its own blocks plus one.
//!
//! Compression is the `sha2` crate's, which uses the processor's SHA instructions where it finds them at run time. What
//! is ours is only the bookkeeping of blocks, so that pieces are fed without joining and a key is hashed once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop};

const BLOCK_BYTES: usize = 64;

/// Blocks compressed in one call; an order with its head and body fits.
const GATHERED_BLOCKS: usize = 8;

/// Where the length stands in the last block, and the byte that ends the message: FIPS 180-4, section 5.1.1.
const LENGTH_AT: usize = BLOCK_BYTES - size_of::<u64>();
const END_OF_MESSAGE: u8 = 0x80;

/// What the outer hash reads: a pad and a MAC.
const OUTER_BITS: u64 = (BLOCK_BYTES as u64 + MAC_BYTES as u64) * 8;

/// Length of a MAC.
pub const MAC_BYTES: usize = 32;

/// Length of a MAC in lower hex.
pub const HEX_BYTES: usize = 64;

/// Length of a MAC in standard base64 with padding.
pub const BASE64_BYTES: usize = 44;

/// FIPS 180-4, section 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A key, as the hash states after its two pads. The secret itself is not kept; the states are wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct HmacKey {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl std::fmt::Debug for HmacKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("HmacKey(redacted)")
    }
}

impl HmacKey {
    /// Hashes the pads of `secret`, which may have any length.
    pub fn new(secret: &[u8]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        if secret.len() > BLOCK_BYTES {
            let mut hash = Hash::resume(INITIAL, 0);
            hash.update(secret);
            block[..MAC_BYTES].copy_from_slice(&hash.finish());
            hash.blocks.zeroize();
            hash.state.zeroize();
        } else {
            block[..secret.len()].copy_from_slice(secret);
        }
        let pad = |byte: u8| {
            let mut state = INITIAL;
            let mut padded = block.map(|key| key ^ byte);
            compress256(&mut state, &[padded]);
            padded.zeroize();
            state
        };
        let key = Self {
            inner: pad(0x36),
            outer: pad(0x5c),
        };
        block.zeroize();
        key
    }

    /// Starts a MAC to be fed piece by piece.
    #[inline]
    pub fn start(&self) -> Mac<'_> {
        Mac {
            key: self,
            inner: Hash::resume(self.inner, BLOCK_BYTES as u64),
        }
    }

    /// Returns the MAC of the pieces, one after the other.
    #[inline]
    pub fn mac(&self, pieces: &[&[u8]]) -> [u8; MAC_BYTES] {
        let mut inner = Hash::resume(self.inner, BLOCK_BYTES as u64);
        for piece in pieces {
            inner.update(piece);
        }
        self.close(&inner.finish())
    }

    /// Returns the MAC of the pieces in lower hex.
    pub fn hex(&self, pieces: &[&[u8]]) -> [u8; HEX_BYTES] {
        hex(self.mac(pieces))
    }

    /// Returns the MAC of the pieces in standard base64 with padding.
    pub fn base64(&self, pieces: &[&[u8]]) -> [u8; BASE64_BYTES] {
        base64(self.mac(pieces))
    }

    /// Hashes the inner digest with the outer pad: always one block.
    fn close(&self, digest: &[u8; MAC_BYTES]) -> [u8; MAC_BYTES] {
        let mut block = [0; BLOCK_BYTES];
        block[..MAC_BYTES].copy_from_slice(digest);
        block[MAC_BYTES] = END_OF_MESSAGE;
        block[LENGTH_AT..].copy_from_slice(&OUTER_BITS.to_be_bytes());
        let mut state = self.outer;
        compress256(&mut state, &[block]);
        bytes_of(state)
    }
}

/// A MAC under way.
pub struct Mac<'key> {
    key: &'key HmacKey,
    inner: Hash,
}

impl Mac<'_> {
    /// Feeds the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.inner.update(piece);
    }

    /// Returns the MAC in lower hex.
    pub fn hex(mut self) -> [u8; HEX_BYTES] {
        hex(self.key.close(&self.inner.finish()))
    }

    /// Returns the MAC in standard base64 with padding.
    pub fn base64(mut self) -> [u8; BASE64_BYTES] {
        base64(self.key.close(&self.inner.finish()))
    }
}

fn hex(mac: [u8; MAC_BYTES]) -> [u8; HEX_BYTES] {
    // Arithmetic, not a table: the compiler makes vector instructions of it.
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut text = [0; HEX_BYTES];
    for (pair, byte) in text.chunks_exact_mut(2).zip(mac) {
        pair[0] = digit(byte >> 4);
        pair[1] = digit(byte & 15);
    }
    text
}

fn base64(mac: [u8; MAC_BYTES]) -> [u8; BASE64_BYTES] {
    let mut text = [0; BASE64_BYTES];
    // 32 bytes are always 44 letters, so the slice cannot be too short.
    let _ = STANDARD.encode_slice(mac, &mut text);
    text
}

fn bytes_of(state: [u32; 8]) -> [u8; MAC_BYTES] {
    let mut bytes = [0; MAC_BYTES];
    for (bytes, word) in bytes.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

/// A SHA-256 under way. Pieces are gathered, so that one call compresses many blocks: a call costs a
/// third of a block, copying next to nothing.
struct Hash {
    state: [u32; 8],
    /// One block more than is ever gathered, for the padding.
    blocks: [[u8; BLOCK_BYTES]; GATHERED_BLOCKS + 1],
    filled: usize,
    total_bytes: u64,
}

// Inlined, because moving the blocks about costs as much as compressing one.
impl Hash {
    #[inline]
    fn resume(state: [u32; 8], total_bytes: u64) -> Self {
        Self {
            state,
            blocks: [[0; BLOCK_BYTES]; GATHERED_BLOCKS + 1],
            filled: 0,
            total_bytes,
        }
    }

    #[inline]
    fn update(&mut self, mut bytes: &[u8]) {
        self.total_bytes += bytes.len() as u64;
        let gathered = &mut self.blocks.as_flattened_mut()[..GATHERED_BLOCKS * BLOCK_BYTES];
        while bytes.len() >= gathered.len() - self.filled {
            let (head, tail) = bytes.split_at(gathered.len() - self.filled);
            gathered[self.filled..].copy_from_slice(head);
            compress256(&mut self.state, gathered.as_chunks().0);
            self.filled = 0;
            bytes = tail;
        }
        gathered[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
    }

    #[inline]
    fn finish(&mut self) -> [u8; MAC_BYTES] {
        let used = self.filled / BLOCK_BYTES + 1 + usize::from(self.filled % BLOCK_BYTES >= LENGTH_AT);
        let last = &mut self.blocks.as_flattened_mut()[self.filled..used * BLOCK_BYTES];
        last.fill(0);
        last[0] = END_OF_MESSAGE;
        let length_at = last.len() - size_of::<u64>();
        last[length_at..].copy_from_slice(&(self.total_bytes * 8).to_be_bytes());
        compress256(&mut self.state, &self.blocks[..used]);
        bytes_of(self.state)
    }
}
