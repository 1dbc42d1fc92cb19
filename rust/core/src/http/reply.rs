//! A reader of replies. It is fed whatever the socket gives and holds one reply.
//!
//! What RFC 9112 leaves to taste is refused by name where two readers could see two different replies: an order's fate
//! must not hang on that.

use std::fmt;
use std::mem::MaybeUninit;
use std::ops::Range;

use memchr::memchr;

use super::{is_token, is_value};

/// Header fields of one head; more are refused.
pub const MAX_FIELDS: usize = 128;
/// Informational replies (100, 102, 103) before the final one; more are refused.
pub const MAX_INFORMATIONAL: u32 = 16;
/// A line that announces a chunk, with its extensions.
const MAX_CHUNK_LINE_BYTES: usize = 4096;
/// Consumed chunks are dropped from the buffer in pieces of about this size.
const DRAIN_BYTES: usize = 1 << 16;

/// How much of a reply is taken.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Status line and fields, and the trailers of a chunked body.
    pub head_bytes: usize,
    /// The body.
    pub body_bytes: usize,
}

/// Why a reply is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It does not begin with `HTTP/1.`.
    NotHttp,
    /// Its head breaks the grammar.
    BadHead(&'static str),
    /// Its head is larger than allowed.
    HeadTooBig(usize),
    /// It has more than [`MAX_FIELDS`] fields.
    TooManyFields,
    /// Its status is below 100.
    BadStatus(u16),
    /// 101: it switched to a protocol that no one asked for.
    Switched,
    /// More than [`MAX_INFORMATIONAL`] informational replies.
    TooManyInformational,
    /// A `Content-Length` that is no number.
    BadLength,
    /// Two lengths that differ.
    DifferentLengths,
    /// A length and chunks.
    LengthAndChunks,
    /// A `Transfer-Encoding` other than `chunked`, or one in HTTP/1.0.
    UnknownTransferCoding,
    /// A compressed body, which was not asked for.
    Encoded,
    /// Its body is larger than allowed.
    BodyTooBig(usize),
    /// A chunk breaks the grammar.
    BadChunk,
    /// The trailers break the grammar or are too many.
    BadTrailer,
    /// The peer left before the reply was whole.
    Truncated,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp => f.write_str("the reply is not HTTP/1.1"),
            Self::BadHead(what) => write!(f, "the head of the reply breaks the grammar: {what}"),
            Self::HeadTooBig(limit) => write!(f, "the head of the reply has more than {limit} bytes"),
            Self::TooManyFields => write!(f, "the reply has more than {MAX_FIELDS} header fields"),
            Self::BadStatus(status) => write!(f, "the status of the reply must be 100 or more, got {status}"),
            Self::Switched => f.write_str("the reply switches to a protocol that was not asked for"),
            Self::TooManyInformational => {
                write!(
                    f,
                    "more than {MAX_INFORMATIONAL} informational replies before the reply"
                )
            }
            Self::BadLength => f.write_str("the Content-Length of the reply is not a number"),
            Self::DifferentLengths => f.write_str("the reply has two Content-Lengths that differ"),
            Self::LengthAndChunks => f.write_str("the reply has both Content-Length and Transfer-Encoding"),
            Self::UnknownTransferCoding => {
                f.write_str("the Transfer-Encoding of the reply must be chunked, in HTTP/1.1")
            }
            Self::Encoded => f.write_str("the body of the reply is compressed, which was not asked for"),
            Self::BodyTooBig(limit) => write!(f, "the body of the reply has more than {limit} bytes"),
            Self::BadChunk => f.write_str("a chunk of the reply breaks the grammar"),
            Self::BadTrailer => f.write_str("the trailers of the reply break the grammar"),
            Self::Truncated => f.write_str("connection lost before the reply was whole"),
        }
    }
}

impl std::error::Error for Refusal {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// The body ends at this offset of the buffer.
    Length(usize),
    ChunkLine,
    /// Bytes of this chunk still to come.
    ChunkData(usize),
    ChunkEnd,
    Trailers,
    UntilClose,
    Whole,
}

#[derive(Debug, Clone)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

/// Reads one reply after another, each to a request of its own.
#[derive(Debug)]
pub struct ReplyReader {
    limits: Limits,
    buffer: Vec<u8>,
    /// The head is `buffer[..head_end]` once it is read.
    head_end: usize,
    /// What is read of the buffer.
    position: usize,
    fields: Vec<Field>,
    chunks: Vec<u8>,
    state: State,
    status: u16,
    informational: u32,
    trailer_bytes: usize,
    is_head_request: bool,
    is_kept: bool,
    is_chunked: bool,
}

impl ReplyReader {
    /// Makes a reader that waits for the reply to a request with a body.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            buffer: Vec::with_capacity(2048),
            head_end: 0,
            position: 0,
            fields: Vec::with_capacity(16),
            chunks: Vec::new(),
            state: State::Head,
            status: 0,
            informational: 0,
            trailer_bytes: 0,
            is_head_request: false,
            is_kept: false,
            is_chunked: false,
        }
    }

    /// Forgets the last reply and waits for the next; the reply to `HEAD` has no body.
    pub fn begin(&mut self, is_head_request: bool) {
        self.buffer.clear();
        if self.buffer.capacity() > DRAIN_BYTES {
            self.buffer.shrink_to(DRAIN_BYTES);
        }
        self.chunks = Vec::new();
        self.fields.clear();
        self.head_end = 0;
        self.position = 0;
        self.state = State::Head;
        self.informational = 0;
        self.trailer_bytes = 0;
        self.is_head_request = is_head_request;
        self.is_kept = false;
        self.is_chunked = false;
    }

    /// Takes bytes and returns whether the reply is whole.
    ///
    /// # Errors
    /// The reply is refused; the reader must begin again.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<bool, Refusal> {
        self.buffer.extend_from_slice(bytes);
        while self.step()? {}
        Ok(self.state == State::Whole)
    }

    /// Learns that the peer sends no more and returns whether the reply is whole, which it may be by that.
    ///
    /// # Errors
    /// The reply is cut short.
    pub fn finish(&mut self) -> Result<(), Refusal> {
        match self.state {
            State::Whole => Ok(()),
            State::UntilClose => {
                self.state = State::Whole;
                Ok(())
            }
            _ => Err(Refusal::Truncated),
        }
    }

    /// The status of the whole reply.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The fields of the whole reply, in the order they came, names as they were spelled.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|field| {
            (
                &self.buffer[field.name.clone()],
                &self.buffer[field.value.clone()],
            )
        })
    }

    /// The body of the whole reply.
    pub fn body(&self) -> &[u8] {
        if self.is_chunked {
            &self.chunks
        } else {
            &self.buffer[self.head_end..self.position]
        }
    }

    /// Whether the connection can carry another request: both sides keep it, and nothing came behind the reply.
    pub fn can_reuse(&self) -> bool {
        self.is_kept && self.state == State::Whole && self.position == self.buffer.len()
    }

    /// Goes one state further and returns whether it could.
    fn step(&mut self) -> Result<bool, Refusal> {
        match self.state {
            State::Head => self.read_head(),
            State::Length(end) => {
                let is_whole = self.buffer.len() >= end;
                self.position = end.min(self.buffer.len());
                if is_whole {
                    self.state = State::Whole;
                }
                Ok(false)
            }
            State::ChunkLine => self.read_chunk_line(),
            State::ChunkData(missing) => {
                let there = &self.buffer[self.position..];
                let taken = missing.min(there.len());
                self.chunks.extend_from_slice(&there[..taken]);
                self.position += taken;
                if self.position - self.head_end > DRAIN_BYTES {
                    self.buffer.drain(self.head_end..self.position);
                    self.position = self.head_end;
                }
                self.state = match missing - taken {
                    0 => State::ChunkEnd,
                    left => State::ChunkData(left),
                };
                Ok(self.state == State::ChunkEnd)
            }
            State::ChunkEnd => {
                let there = &self.buffer[self.position..];
                let line_end = b"\r\n";
                if !line_end.starts_with(&there[..there.len().min(2)]) {
                    return Err(Refusal::BadChunk);
                }
                if there.len() < 2 {
                    return Ok(false);
                }
                self.position += 2;
                self.state = State::ChunkLine;
                Ok(true)
            }
            State::Trailers => self.read_trailer(),
            State::UntilClose => {
                self.position = self.buffer.len();
                if self.position - self.head_end > self.limits.body_bytes {
                    return Err(Refusal::BodyTooBig(self.limits.body_bytes));
                }
                Ok(false)
            }
            State::Whole => Ok(false),
        }
    }

    fn read_head(&mut self) -> Result<bool, Refusal> {
        const START: &[u8] = b"HTTP/1.";
        let there = self.buffer.len().min(START.len());
        if self.buffer[..there] != START[..there] {
            return Err(Refusal::NotHttp);
        }
        let Some(end) = self.find_head_end() else {
            return if self.buffer.len() > self.limits.head_bytes {
                Err(Refusal::HeadTooBig(self.limits.head_bytes))
            } else {
                Ok(false)
            };
        };
        if end > self.limits.head_bytes {
            return Err(Refusal::HeadTooBig(self.limits.head_bytes));
        }
        let version = self.parse_head(end)?;
        if self.status < 200 {
            self.informational += 1;
            return match self.status {
                ..=99 => Err(Refusal::BadStatus(self.status)),
                101 => Err(Refusal::Switched),
                _ if self.informational > MAX_INFORMATIONAL => Err(Refusal::TooManyInformational),
                _ => {
                    self.buffer.drain(..end);
                    self.position = 0;
                    Ok(!self.buffer.is_empty())
                }
            };
        }
        self.head_end = end;
        self.position = end;
        self.state = self.frame_body(version)?;
        Ok(true)
    }

    /// Returns the offset behind the empty line; a line ends with CRLF or, as RFC 9112 allows, with LF.
    fn find_head_end(&mut self) -> Option<usize> {
        // What was searched before needs no second look, but for the line end it stopped in.
        let mut at = self.position;
        while let Some(found) = memchr(b'\n', &self.buffer[at..]) {
            let line_end = at + found;
            match self.buffer.get(line_end + 1..) {
                Some([b'\n', ..]) => return Some(line_end + 2),
                Some([b'\r', b'\n', ..]) => return Some(line_end + 3),
                Some([] | [b'\r']) | None => {
                    self.position = line_end;
                    return None;
                }
                Some(_) => at = line_end + 1,
            }
        }
        self.position = self.buffer.len();
        None
    }

    /// Reads status and fields, and returns the minor version.
    fn parse_head(&mut self, end: usize) -> Result<u8, Refusal> {
        let head = &self.buffer[..end];
        let mut slots = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; MAX_FIELDS];
        let mut response = httparse::Response::new(&mut []);
        let parsed = httparse::ParserConfig::default()
            .parse_response_with_uninit_headers(&mut response, head, &mut slots)
            .map_err(|error| match error {
                httparse::Error::TooManyHeaders => Refusal::TooManyFields,
                httparse::Error::HeaderName => Refusal::BadHead("a header name"),
                httparse::Error::HeaderValue => Refusal::BadHead("a header value"),
                httparse::Error::NewLine => Refusal::BadHead("a line end"),
                httparse::Error::Status => Refusal::BadHead("the status"),
                httparse::Error::Token => Refusal::BadHead("a character that may not stand there"),
                httparse::Error::Version => Refusal::NotHttp,
            })?;
        if parsed != httparse::Status::Complete(end) {
            return Err(Refusal::BadHead("an empty line"));
        }
        let (Some(version), Some(status)) = (response.version, response.code) else {
            return Err(Refusal::BadHead("the status"));
        };
        let base = head.as_ptr() as usize;
        self.fields.clear();
        self.fields.extend(response.headers.iter().map(|header| {
            let name_at = header.name.as_ptr() as usize - base;
            let value_at = header.value.as_ptr() as usize - base;
            Field {
                name: name_at..name_at + header.name.len(),
                value: value_at..value_at + header.value.len(),
            }
        }));
        self.status = status;
        Ok(version)
    }

    /// Returns how the body ends, by RFC 9112 section 6.3.
    fn frame_body(&mut self, version: u8) -> Result<State, Refusal> {
        let mut length: Option<usize> = None;
        let mut is_chunked = false;
        let mut is_encoded = false;
        let (mut says_close, mut says_keep) = (false, false);
        for (name, value) in self.fields() {
            if name.eq_ignore_ascii_case(b"content-length") {
                for text in value.split(|&byte| byte == b',') {
                    let this = decimal(text.trim_ascii())?;
                    if length.is_some_and(|other| other != this) {
                        return Err(Refusal::DifferentLengths);
                    }
                    length = Some(this);
                }
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                if is_chunked || version == 0 || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                    return Err(Refusal::UnknownTransferCoding);
                }
                is_chunked = true;
            } else if name.eq_ignore_ascii_case(b"connection") {
                for token in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                    says_close |= token.eq_ignore_ascii_case(b"close");
                    says_keep |= token.eq_ignore_ascii_case(b"keep-alive");
                }
            } else if name.eq_ignore_ascii_case(b"content-encoding") {
                let value = value.trim_ascii();
                is_encoded |= !value.is_empty() && !value.eq_ignore_ascii_case(b"identity");
            }
        }
        if is_chunked && length.is_some() {
            return Err(Refusal::LengthAndChunks);
        }
        self.is_kept = !says_close && (version == 1 || says_keep);
        if self.is_head_request || self.status == 204 || self.status == 304 {
            // The body that the head announces is none of ours; should it come all the same, no request may meet it.
            self.is_kept &= self.is_head_request || !is_chunked && length.unwrap_or(0) == 0;
            return Ok(State::Whole);
        }
        if is_encoded {
            return Err(Refusal::Encoded);
        }
        if is_chunked {
            self.is_chunked = true;
            return Ok(State::ChunkLine);
        }
        match length {
            Some(length) if length > self.limits.body_bytes => {
                Err(Refusal::BodyTooBig(self.limits.body_bytes))
            }
            Some(length) => {
                self.buffer
                    .reserve((self.head_end + length).saturating_sub(self.buffer.len()));
                Ok(State::Length(self.head_end + length))
            }
            None => {
                self.is_kept = false;
                Ok(State::UntilClose)
            }
        }
    }

    fn read_chunk_line(&mut self) -> Result<bool, Refusal> {
        let there = &self.buffer[self.position..];
        let Some(found) = memchr(b'\n', &there[..there.len().min(MAX_CHUNK_LINE_BYTES)]) else {
            return if there.len() < MAX_CHUNK_LINE_BYTES {
                Ok(false)
            } else {
                Err(Refusal::BadChunk)
            };
        };
        let size = there[..found]
            .strip_suffix(b"\r")
            .and_then(chunk_size)
            .ok_or(Refusal::BadChunk)?;
        let left = self.limits.body_bytes - self.chunks.len();
        let size = usize::try_from(size)
            .ok()
            .filter(|&size| size <= left)
            .ok_or(Refusal::BodyTooBig(self.limits.body_bytes))?;
        self.position += found + 1;
        self.state = if size == 0 {
            State::Trailers
        } else {
            State::ChunkData(size)
        };
        Ok(true)
    }

    /// Reads one line behind the last chunk; the fields there are checked and dropped.
    fn read_trailer(&mut self) -> Result<bool, Refusal> {
        let there = &self.buffer[self.position..];
        let Some(found) = memchr(b'\n', there) else {
            return if self.trailer_bytes + there.len() > self.limits.head_bytes {
                Err(Refusal::BadTrailer)
            } else {
                Ok(false)
            };
        };
        let line = there[..found].strip_suffix(b"\r").unwrap_or(&there[..found]);
        self.trailer_bytes += found + 1;
        if self.trailer_bytes > self.limits.head_bytes {
            return Err(Refusal::BadTrailer);
        }
        if line.is_empty() {
            self.state = State::Whole;
        } else if !is_field(line) {
            return Err(Refusal::BadTrailer);
        }
        self.position += found + 1;
        Ok(self.state != State::Whole)
    }
}

/// Returns the number that `text` spells in digits and nothing else.
fn decimal(text: &[u8]) -> Result<usize, Refusal> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::BadLength);
    }
    // Digits alone: what cannot be held is too large, and larger than any limit.
    Ok(std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usize::MAX))
}

/// Returns the size that the line of a chunk gives. Stricter than `httparse`, to which no digit at all is 0, the end of
/// the body, and which takes line ends and NULs in an extension.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, rest) = line.split_at(digits);
    let extension = rest.trim_ascii_start();
    if digits > 16 || !is_value(rest) || !(extension.is_empty() || extension.starts_with(b";")) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()
}

fn is_field(line: &[u8]) -> bool {
    memchr(b':', line).is_some_and(|colon| is_token(&line[..colon]) && is_value(&line[colon + 1..]))
}

#[cfg(test)]
mod tests;
