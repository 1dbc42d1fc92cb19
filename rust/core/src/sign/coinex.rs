//! How `CoinEx` v2 wants a request signed. Source: docs.coinex.com/api/v2/authorization, read 2026-11-20.

use super::{HEX_BYTES, HmacKey, check_visible};
use crate::sign::SignError;

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
        Ok(self
            .key
            .hex(&[method, path, body, digits.format(timestamp_ms).as_bytes()]))
    }

    /// Appends the signed header lines of a request, each with its line end, as they go on the wire.
    ///
    /// # Errors
    ///
    /// [`SignError`] if verb or path could not stand in a request line; nothing is appended then.
    pub fn write_headers(
        &self,
        out: &mut Vec<u8>,
        method: &[u8],
        path: &[u8],
        body: &[u8],
        timestamp_ms: u64,
    ) -> Result<(), SignError> {
        let signature = self.sign(method, path, body, timestamp_ms)?;
        let mut digits = itoa::Buffer::new();
        for (name, value) in [
            (KEY_HEADER, self.access_id.as_bytes()),
            (SIGN_HEADER, &signature),
            (TIMESTAMP_HEADER, digits.format(timestamp_ms).as_bytes()),
        ] {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        }
        Ok(())
    }

    /// Returns the `signed_str` of `server.sign`: the signature of the timestamp alone.
    pub fn sign_stream(&self, timestamp_ms: u64) -> [u8; HEX_BYTES] {
        let mut digits = itoa::Buffer::new();
        self.key.hex(&[digits.format(timestamp_ms).as_bytes()])
    }
}
