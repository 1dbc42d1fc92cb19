//! How `CoinEx` v2 wants a request signed. Source: docs.coinex.com/api/v2/authorization, read 2026-11-20.

use super::{HEX_BYTES, HmacKey, SignError, check_visible, write_field};
use crate::template::RequestSigner;

/// Header of the public half of the key.
pub const KEY_HEADER: &str = "X-COINEX-KEY";

/// Header of the signature.
pub const SIGN_HEADER: &str = "X-COINEX-SIGN";

/// Header of the signed time, milliseconds.
pub const TIMESTAMP_HEADER: &str = "X-COINEX-TIMESTAMP";

/// Header of the time a request stays valid, milliseconds; not signed.
pub const WINDOW_HEADER: &str = "X-COINEX-WINDOWTIME";

/// Signs requests for one API key.
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
        timestamp_ms: u64,
    ) -> Result<[u8; HEX_BYTES], SignError> {
        check_visible("method", method)?;
        check_visible("path", path)?;
        let mut digits = itoa::Buffer::new();
        Ok(self.signature(method, path, body, digits.format(timestamp_ms).as_bytes()))
    }

    fn signature(&self, method: &[u8], path: &[u8], body: &[u8], timestamp: &[u8]) -> [u8; HEX_BYTES] {
        self.key.hex(&[method, path, body, timestamp])
    }

    /// Returns the `signed_str` of `server.sign`: the signature of the timestamp alone.
    pub fn sign_stream(&self, timestamp_ms: u64) -> [u8; HEX_BYTES] {
        let mut digits = itoa::Buffer::new();
        self.key.hex(&[digits.format(timestamp_ms).as_bytes()])
    }
}

impl RequestSigner for CoinexSigner {
    fn write_fields(&self, out: &mut Vec<u8>, method: &[u8], path: &[u8], body: &[u8], timestamp_ms: u64) {
        let mut digits = itoa::Buffer::new();
        let timestamp = digits.format(timestamp_ms).as_bytes();
        write_field(out, KEY_HEADER, self.access_id.as_bytes());
        write_field(out, SIGN_HEADER, &self.signature(method, path, body, timestamp));
        write_field(out, TIMESTAMP_HEADER, timestamp);
    }
}
