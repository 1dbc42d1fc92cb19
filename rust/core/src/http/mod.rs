//! HTTP/1.1, one exchange at a time: the bytes of a request, and a reader of its reply.

mod reply;
mod request;

pub use reply::{Limits, MAX_FIELDS, MAX_INFORMATIONAL, Refusal, ReplyReader};
pub use request::{RequestFault, RequestWriter};

/// Tells whether `text` is a token of RFC 9110.
fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Tells whether `text` can be the value of a field.
fn is_value(text: &[u8]) -> bool {
    text.iter()
        .all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}
