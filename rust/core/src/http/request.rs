//! The bytes of a request, or why there can be none.

use std::fmt;

use zeroize::Zeroizing;

use super::{is_token, is_value};

/// Why a request cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestFault {
    /// The method is no token.
    Method,
    /// The target is not visible ASCII that begins with `/`.
    Target,
    /// A field's name is no token.
    Name,
    /// A field's value holds a control character or is not ASCII.
    Value,
    /// A field that this module writes itself.
    Reserved,
}

impl fmt::Display for RequestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "the method must be a token of RFC 9110",
            Self::Target => "the path must begin with / and be visible ASCII, percent-encoded",
            Self::Name => "a header name must be a token of RFC 9110",
            Self::Value => "a header value must be ASCII without control characters",
            Self::Reserved => {
                "the transport writes Host, Connection, Accept-Encoding, Content-Length and Transfer-Encoding itself"
            }
        })
    }
}

impl std::error::Error for RequestFault {}

/// Some gateways turn requests away that do not say what sent them.
const USER_AGENT: &[u8] = concat!("User-Agent: tradewire/", env!("CARGO_PKG_VERSION"), "\r\n").as_bytes();
const LENGTH: &[u8] = b"Content-Length: ";
const RESERVED: [&[u8]; 5] = [
    b"host",
    b"connection",
    b"accept-encoding",
    b"content-length",
    b"transfer-encoding",
];

/// Writes one request: its line, then its fields, then its body.
#[derive(Debug)]
pub struct RequestWriter {
    out: Vec<u8>,
    has_body: bool,
    has_agent: bool,
}

impl RequestWriter {
    /// Begins a request whose body has `body_bytes`.
    ///
    /// # Errors
    /// A part could be read as something else.
    pub fn new(method: &str, target: &str, host: &str, body_bytes: usize) -> Result<Self, RequestFault> {
        const START: &[u8] = b" HTTP/1.1\r\nHost: ";
        const SPARE_BYTES: usize = 448;
        if !is_token(method.as_bytes()) {
            return Err(RequestFault::Method);
        }
        if !target.starts_with('/') || !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(RequestFault::Target);
        }
        if !host.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RequestFault::Value);
        }
        let mut out = Vec::with_capacity(SPARE_BYTES + target.len() + body_bytes);
        for part in [method.as_bytes(), b" ", target.as_bytes(), START, host.as_bytes()] {
            out.extend_from_slice(part);
        }
        out.extend_from_slice(b"\r\nAccept-Encoding: identity\r\n");
        Ok(Self {
            out,
            has_body: matches!(method, "POST" | "PUT" | "PATCH"),
            has_agent: false,
        })
    }

    /// Adds a field.
    ///
    /// # Errors
    /// It could be read as something else, or is written by this module.
    pub fn field(&mut self, name: &str, value: &str) -> Result<(), RequestFault> {
        let (name, value) = (name.as_bytes(), value.as_bytes());
        if !is_token(name) {
            return Err(RequestFault::Name);
        }
        if !value.is_ascii() || !is_value(value) {
            return Err(RequestFault::Value);
        }
        if RESERVED
            .iter()
            .any(|reserved| name.eq_ignore_ascii_case(reserved))
        {
            return Err(RequestFault::Reserved);
        }
        self.has_agent |= name.eq_ignore_ascii_case(b"user-agent");
        for part in [name, b": ", value, b"\r\n"] {
            self.out.extend_from_slice(part);
        }
        Ok(())
    }

    /// Returns how many bytes have been written so far.
    pub(crate) fn written_bytes(&self) -> usize {
        self.out.len()
    }

    /// Returns the head of a request, up to the digits of the length of its body if it has one, and whether it has.
    pub(crate) fn head(mut self, body: &[u8]) -> (Vec<u8>, bool) {
        self.add_agent();
        let has_body = self.has_body || !body.is_empty();
        if has_body {
            self.out.extend_from_slice(LENGTH);
        }
        (self.out, has_body)
    }

    /// Returns the whole request, which is wiped on drop: it may hold a key.
    pub fn finish(self, body: &[u8]) -> Zeroizing<Vec<u8>> {
        let (mut out, has_body) = self.head(body);
        if has_body {
            out.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body);
        Zeroizing::new(out)
    }

    fn add_agent(&mut self) {
        if !self.has_agent {
            self.out.extend_from_slice(USER_AGENT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_written_whole_or_refused() {
        let write = |method: &str, target: &str, fields: &[(&str, &str)], body: &[u8]| {
            let mut writer = RequestWriter::new(method, target, "h:1", body.len())?;
            for (name, value) in fields {
                writer.field(name, value)?;
            }
            Ok(writer.finish(body).to_vec())
        };
        let agent = String::from_utf8_lossy(USER_AGENT);
        assert_eq!(
            String::from_utf8(write("POST", "/a?b=%20", &[("X-Key", "v w")], b"{}").unwrap_or_default()),
            Ok(format!(
                "POST /a?b=%20 HTTP/1.1\r\nHost: h:1\r\nAccept-Encoding: identity\r\nX-Key: v w\r\n{agent}Content-Length: 2\r\n\r\n{{}}"
            ))
        );
        let own = write("GET", "/", &[("user-agent", "me")], b"").unwrap_or_default();
        assert!(!String::from_utf8_lossy(&own).contains(&*agent));
        assert!(
            !write("GET", "/", &[], b"")
                .unwrap_or_default()
                .ends_with(b"Content-Length: 0\r\n\r\n")
        );
        assert!(
            write("POST", "/", &[], b"")
                .unwrap_or_default()
                .ends_with(b"Content-Length: 0\r\n\r\n")
        );
        for (method, target, field, fault) in [
            ("GE T", "/", ("A", "b"), RequestFault::Method),
            ("", "/", ("A", "b"), RequestFault::Method),
            ("GET", "/a b", ("A", "b"), RequestFault::Target),
            ("GET", "/a\r\nX: y", ("A", "b"), RequestFault::Target),
            ("GET", "/a#b", ("A", "b"), RequestFault::Target),
            ("GET", "a", ("A", "b"), RequestFault::Target),
            ("GET", "/\u{e9}", ("A", "b"), RequestFault::Target),
            ("GET", "/", ("A:", "b"), RequestFault::Name),
            ("GET", "/", ("A", "b\r\nX: y"), RequestFault::Value),
            ("GET", "/", ("A", "\u{e9}"), RequestFault::Value),
            ("GET", "/", ("content-LENGTH", "1"), RequestFault::Reserved),
        ] {
            assert_eq!(write(method, target, &[field], b""), Err(fault));
        }
    }
}
