//! HMAC-SHA256 with both pads hashed beforehand: a short message costs its own blocks plus one.
//!
//! Compression is the `sha2` crate's, which uses the processor's SHA instructions where it finds them at run time. What
//! is ours is only the bookkeeping of blocks, so that pieces are fed without joining and a key is hashed once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::SignError;

const BLOCK_BYTES: usize = 64;

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
            block[..32].copy_from_slice(&hash.finish());
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

    /// Returns the MAC of the pieces, one after the other.
    pub fn mac(&self, pieces: &[&[u8]]) -> [u8; 32] {
        let mut inner = Hash::resume(self.inner, BLOCK_BYTES as u64);
        for piece in pieces {
            inner.update(piece);
        }
        let mut outer = Hash::resume(self.outer, BLOCK_BYTES as u64);
        outer.update(&inner.finish());
        outer.finish()
    }

    /// Returns the MAC of the pieces in lower hex.
    pub fn hex(&self, pieces: &[&[u8]]) -> [u8; HEX_BYTES] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; HEX_BYTES];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.mac(pieces)) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        text
    }

    /// Returns the MAC of the pieces in standard base64 with padding.
    pub fn base64(&self, pieces: &[&[u8]]) -> [u8; BASE64_BYTES] {
        let mut text = [0; BASE64_BYTES];
        // 32 bytes are always 44 letters, so the slice cannot be too short.
        let _ = STANDARD.encode_slice(self.mac(pieces), &mut text);
        text
    }
}

/// A SHA-256 under way.
struct Hash {
    state: [u32; 8],
    block: [u8; BLOCK_BYTES],
    filled: usize,
    total_bytes: u64,
}

impl Hash {
    fn resume(state: [u32; 8], total_bytes: u64) -> Self {
        Self {
            state,
            block: [0; BLOCK_BYTES],
            filled: 0,
            total_bytes,
        }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        self.total_bytes += bytes.len() as u64;
        if self.filled > 0 {
            let taken = bytes.len().min(BLOCK_BYTES - self.filled);
            self.block[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled < BLOCK_BYTES {
                return;
            }
            compress256(&mut self.state, &[self.block]);
            self.filled = 0;
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
        compress256(&mut self.state, blocks);
        self.block[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }

    fn finish(mut self) -> [u8; 32] {
        self.block[self.filled..].fill(0);
        self.block[self.filled] = 0x80;
        if self.filled >= BLOCK_BYTES - 8 {
            compress256(&mut self.state, &[self.block]);
            self.block.fill(0);
        }
        self.block[BLOCK_BYTES - 8..].copy_from_slice(&(self.total_bytes * 8).to_be_bytes());
        compress256(&mut self.state, &[self.block]);
        self.block.zeroize();
        let mut digest = [0; 32];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }
}

/// Makes sure that `text` may stand in a header or a request line.
///
/// # Errors
///
/// [`SignError::EmptyText`], or [`SignError::UnprintableText`] for a byte outside visible ASCII.
pub fn check_visible(what: &'static str, text: &[u8]) -> Result<(), SignError> {
    if text.is_empty() {
        return Err(SignError::EmptyText { what });
    }
    match text.iter().position(|byte| !byte.is_ascii_graphic()) {
        Some(offset) => Err(SignError::UnprintableText {
            what,
            offset,
            byte: text[offset],
        }),
        None => Ok(()),
    }
}

/// Signs `CoinEx` v2 requests. Source: docs.coinex.com/api/v2/authorization, read 2026-11-20.
#[derive(Debug)]
pub struct CoinexSigner {
    key: HmacKey,
    access_id: String,
}

impl CoinexSigner {
    /// Makes a signer for one API key.
    ///
    /// # Errors
    ///
    /// [`SignError`] if `access_id` cannot stand in a header, or the secret is empty.
    pub fn new(access_id: &str, secret: &str) -> Result<Self, SignError> {
        check_visible("access_id", access_id.as_bytes())?;
        if secret.is_empty() {
            return Err(SignError::EmptyText { what: "secret" });
        }
        Ok(Self {
            key: HmacKey::new(secret.as_bytes()),
            access_id: access_id.to_owned(),
        })
    }

    /// Returns the public half of the API key.
    pub fn access_id(&self) -> &str {
        &self.access_id
    }

    /// Returns the `X-COINEX-SIGN` value of a request: verb, path with query, body and timestamp, not separated.
    ///
    /// # Errors
    ///
    /// [`SignError`] if verb or path could not stand in a request line.
    pub fn sign(
        &self,
        method: &[u8],
        path: &[u8],
        body: &[u8],
        timestamp_ms: i64,
    ) -> Result<[u8; HEX_BYTES], SignError> {
        check_visible("method", method)?;
        check_visible("path", path)?;
        let mut digits = itoa::Buffer::new();
        Ok(self
            .key
            .hex(&[method, path, body, digits.format(timestamp_ms).as_bytes()]))
    }

    /// Returns the `signed_str` of `server.sign`: the signature of the timestamp alone.
    pub fn sign_stream(&self, timestamp_ms: i64) -> [u8; HEX_BYTES] {
        let mut digits = itoa::Buffer::new();
        self.key.hex(&[digits.format(timestamp_ms).as_bytes()])
    }
}
