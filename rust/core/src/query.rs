//! The one way a query string is written here, so that what is signed is what is sent.
//!
//! RFC 3986: unreserved characters stay, every other byte becomes `%XX` in upper case; a blank becomes `%20`, never `+`.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `text` percent-encoded.
pub fn encode_into(out: &mut String, text: &str) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Returns `name=value` pairs joined by `&`, in the order given; empty for none.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode_into(&mut out, name);
        out.push('=');
        encode_into(&mut out, value);
    }
    out
}
