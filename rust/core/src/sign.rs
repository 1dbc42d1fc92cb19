//! Signatures: what proves to a venue that a request is ours.
//!
//! [`HmacKey`] is the hash with a key, for any venue; each venue's own room knows which pieces it wants
//! signed, in which order, and how the signature travels.

pub mod coinex;
mod error;
mod hmac;
pub mod truex;

pub use coinex::CoinexSigner;
pub use error::SignError;
pub use hmac::{BASE64_BYTES, HEX_BYTES, HmacKey, MAC_BYTES, Mac};
pub use truex::TruexSigner;

/// Makes sure that `text` may stand in a header or a request line.
///
/// # Errors
///
/// [`SignError::EmptyText`], or [`SignError::UnprintableText`] for a byte outside visible ASCII.
pub fn check_visible(what: &'static str, text: &[u8]) -> Result<(), SignError> {
    if text.is_empty() {
        return Err(SignError::EmptyText { what });
    }
    // Without an early exit the compiler looks at many bytes at once.
    if text
        .iter()
        .fold(true, |visible, byte| visible & byte.is_ascii_graphic())
    {
        return Ok(());
    }
    Err(unprintable(what, text))
}

#[cold]
fn unprintable(what: &'static str, text: &[u8]) -> SignError {
    let offset = text
        .iter()
        .position(|byte| !byte.is_ascii_graphic())
        .unwrap_or_default();
    let byte = text.get(offset).copied().unwrap_or_default();
    SignError::UnprintableText { what, offset, byte }
}

/// Appends a header line.
fn write_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
}
