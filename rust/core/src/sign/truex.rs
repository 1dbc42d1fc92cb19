//! How `TrueX` wants a request signed: HMAC-SHA256 in standard base64, the secret's text as it is.
//!
//! Timestamps are whole seconds. The venue refuses a stream's timestamp that lies in the future at all, so whoever
//! makes one rounds down. Source: docs.truemarkets.co, REST 1.0.5 and WebSocket 1.0.5, read 2026-11-20.

use super::{BASE64_BYTES, HmacKey, SignError, check_visible, write_field};
use crate::template::RequestSigner;

const MS_PER_S: u64 = 1000;

/// Header that names the client; free text.
pub const USER_HEADER: &str = "x-truex-auth-userid";

/// Header of the signed time, seconds.
pub const TIMESTAMP_HEADER: &str = "x-truex-auth-timestamp";

/// Header of the key's id.
pub const KEY_HEADER: &str = "x-truex-auth-token";

/// Header of the signature.
pub const SIGN_HEADER: &str = "x-truex-auth-signature";

/// What stands between timestamp and key in a stream's text.
pub const STREAM_WORD: &str = "TRUEXWS";

/// Signs requests for one HMAC key.
#[derive(Debug)]
pub struct TruexSigner {
    key: HmacKey,
    key_id: String,
    user_id: String,
}

/// Returns a path without its query, which is sent and not signed.
pub fn without_query(path: &[u8]) -> &[u8] {
    path.iter()
        .position(|byte| *byte == b'?')
        .map_or(path, |at| &path[..at])
}

impl TruexSigner {
    /// Makes a signer for one key; an empty `user_id` leaves its header out.
    ///
    /// # Errors
    ///
    /// [`SignError`] if an id cannot stand in a header, or the secret is empty.
    pub fn new(key_id: &str, secret: &str, user_id: &str) -> Result<Self, SignError> {
        check_visible("key_id", key_id.as_bytes())?;
        if !user_id.is_empty() {
            check_visible("user_id", user_id.as_bytes())?;
        }
        if secret.is_empty() {
            return Err(SignError::EmptyText { what: "secret" });
        }
        Ok(Self {
            key: HmacKey::new(secret.as_bytes()),
            key_id: key_id.to_owned(),
            user_id: user_id.to_owned(),
        })
    }

    /// Returns the id of the key.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns what the user header carries; empty for none.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// Returns the signature of a request: timestamp, verb, path without query and body, not separated.
    ///
    /// # Errors
    ///
    /// [`SignError`] if verb or path could not stand in a request line.
    pub fn sign(
        &self,
        method: &[u8],
        path: &[u8],
        body: &[u8],
        timestamp_s: u64,
    ) -> Result<[u8; BASE64_BYTES], SignError> {
        check_visible("method", method)?;
        check_visible("path", path)?;
        let mut digits = itoa::Buffer::new();
        Ok(self.signature(method, path, body, digits.format(timestamp_s).as_bytes()))
    }

    fn signature(&self, method: &[u8], path: &[u8], body: &[u8], timestamp: &[u8]) -> [u8; BASE64_BYTES] {
        self.key.base64(&[timestamp, method, without_query(path), body])
    }

    /// Returns the signature of a stream's request; an empty `path` leaves it out, as old servers want.
    ///
    /// # Errors
    ///
    /// [`SignError`] if the path could not stand in a request line.
    pub fn sign_stream(&self, timestamp_s: u64, path: &[u8]) -> Result<[u8; BASE64_BYTES], SignError> {
        if !path.is_empty() {
            check_visible("path", path)?;
        }
        let mut digits = itoa::Buffer::new();
        let timestamp = digits.format(timestamp_s).as_bytes();
        Ok(self.key.base64(&[
            timestamp,
            STREAM_WORD.as_bytes(),
            self.key_id.as_bytes(),
            without_query(path),
        ]))
    }
}

impl RequestSigner for TruexSigner {
    fn write_fields(&self, out: &mut Vec<u8>, method: &[u8], path: &[u8], body: &[u8], timestamp_ms: u64) {
        let mut digits = itoa::Buffer::new();
        let timestamp = digits.format(timestamp_ms / MS_PER_S).as_bytes();
        if !self.user_id.is_empty() {
            write_field(out, USER_HEADER, self.user_id.as_bytes());
        }
        write_field(out, KEY_HEADER, self.key_id.as_bytes());
        write_field(out, TIMESTAMP_HEADER, timestamp);
        write_field(out, SIGN_HEADER, &self.signature(method, path, body, timestamp));
    }
}
