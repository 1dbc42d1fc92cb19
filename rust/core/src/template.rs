//! Requests that differ in a few values only: line, fields and body are written beforehand, and what is left to do for
//! one of them is to copy, to fill in, to sign.
//!
//! A template is made of a request that was written the general way, so that there is one truth about what is sent.

use std::error::Error as StdError;
use std::fmt;

use zeroize::Zeroizing;

use crate::http::{RequestFault, RequestWriter};
use crate::units::Wide;

/// Writes the fields that prove who sends a request.
pub trait RequestSigner {
    /// Appends them, each with its line end, to the head of a request whose method and path can stand in it.
    fn write_fields(&self, out: &mut Vec<u8>, method: &[u8], path: &[u8], body: &[u8], timestamp_ms: u64);
}

/// What may stand in a hole. Only the usual spelling fits; any other is for the general way to judge.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A number above zero without an exponent: a multiple of `step` and at least `minimum`, where they are given.
    Number {
        /// The grid.
        step: Option<Wide>,
        /// The least.
        minimum: Option<Wide>,
    },
    /// Visible ASCII that stands in a JSON string as it is.
    Text,
    /// A whole number from 0, at most 19 digits.
    Digits,
    /// A whole number from 1 to 2^63 - 1.
    Count,
    /// A UUID in lower case.
    Uuid,
    /// A segment of a path that needs no encoding: letters, digits, `-`, `.`, `_` and `~` (RFC 3986).
    Segment,
}

const MAX_NUMBER_BYTES: usize = 38;
const MAX_DIGITS: usize = 19;
/// 2^63 - 1, which has as many digits as are allowed.
const MAX_COUNT: &[u8] = b"9223372036854775807";

impl Kind {
    /// Tells whether what it takes may stand in a path.
    fn is_path_safe(self) -> bool {
        matches!(self, Self::Digits | Self::Count | Self::Uuid | Self::Segment)
    }

    fn takes(self, text: &[u8]) -> bool {
        match self {
            Self::Number { step, minimum } => {
                text.len() <= MAX_NUMBER_BYTES
                    && Wide::parse(text).is_ok_and(|number| {
                        number.mantissa() > 0
                            && minimum.is_none_or(|minimum| number >= minimum)
                            && step.is_none_or(|step| is_multiple(number, step))
                    })
            }
            Self::Text => {
                let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
                !text.is_empty() && text.iter().all(is_plain)
            }
            Self::Digits => is_whole(text),
            Self::Uuid => is_uuid(text),
            Self::Segment => {
                let is_unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
                !matches!(text, b"" | b"." | b"..") && text.iter().all(is_unreserved)
            }
            Self::Count => is_whole(text) && text != b"0" && (text.len() < MAX_DIGITS || text <= MAX_COUNT),
        }
    }
}

/// Tells whether `text` is a UUID in lower case.
fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Tells whether `text` is a whole number without zeros in front.
fn is_whole(text: &[u8]) -> bool {
    let is_canonical = text.len() == 1 || text.first().is_some_and(|digit| *digit != b'0');
    is_canonical && text.len() <= MAX_DIGITS && text.iter().all(u8::is_ascii_digit)
}

/// Tells whether `number` is on a grid, as far as that can be calculated.
fn is_multiple(number: Wide, step: Wide) -> bool {
    let scale = number.scale().max(step.scale());
    match (number.rescale(scale), step.rescale(scale)) {
        (Ok(number), Ok(step)) => !step.is_zero() && number.mantissa() % step.mantissa() == 0,
        _ => false,
    }
}

/// Why no template is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateFault {
    /// The request cannot be written.
    Request(RequestFault),
    /// The mark of this hole does not stand exactly once in the body, or in the path.
    Mark(usize),
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(fault) => fault.fmt(f),
            Self::Mark(at) => write!(f, "mark {at} must stand exactly once in the body, or in the path"),
        }
    }
}

impl StdError for TemplateFault {}

impl From<RequestFault> for TemplateFault {
    fn from(fault: RequestFault) -> Self {
        Self::Request(fault)
    }
}

/// A place in a text that a value is written to.
#[derive(Debug)]
struct Hole {
    /// Where the text before it ends.
    until: usize,
    /// Which of the values.
    value: usize,
}

/// A text with holes.
#[derive(Debug)]
struct Pattern {
    /// The text without its marks.
    text: Zeroizing<Vec<u8>>,
    /// In the order of the text.
    holes: Vec<Hole>,
}

impl Pattern {
    /// Makes a pattern of `text`, in which each of `marks`, given with the place of its value, stands once.
    fn new(text: &[u8], marks: &[(usize, &[u8])]) -> Result<Self, TemplateFault> {
        let mut places = Vec::with_capacity(marks.len());
        for &(value, mark) in marks {
            let mut found = memchr::memmem::find_iter(text, mark);
            match (found.next(), found.next()) {
                (Some(at), None) => places.push((at, at + mark.len(), value)),
                _ => return Err(TemplateFault::Mark(value)),
            }
        }
        places.sort_unstable();
        let mut kept = Zeroizing::new(Vec::with_capacity(text.len()));
        let (mut rest, mut holes) = (0, Vec::new());
        for (from, to, value) in places {
            // Marks that overlap are no marks.
            kept.extend_from_slice(text.get(rest..from).ok_or(TemplateFault::Mark(value))?);
            holes.push(Hole {
                until: kept.len(),
                value,
            });
            rest = to;
        }
        kept.extend_from_slice(&text[rest..]);
        Ok(Self { text: kept, holes })
    }

    fn fill_into(&self, out: &mut Vec<u8>, values: &[&[u8]]) {
        let mut from = 0;
        for hole in &self.holes {
            out.extend_from_slice(&self.text[from..hole.until]);
            out.extend_from_slice(values[hole.value]);
            from = hole.until;
        }
        out.extend_from_slice(&self.text[from..]);
    }

    fn fill(&self, values: &[&[u8]]) -> Vec<u8> {
        let values_bytes: usize = values.iter().map(|value| value.len()).sum();
        let mut filled = Vec::with_capacity(self.text.len() + values_bytes);
        self.fill_into(&mut filled, values);
        filled
    }
}

fn all_fit(kinds: &[Kind], values: &[&[u8]]) -> bool {
    values.len() == kinds.len() && kinds.iter().zip(values).all(|(kind, text)| kind.takes(text))
}

/// A text that is written but for a few values: the frame of a stream.
#[derive(Debug)]
pub struct TextTemplate {
    pattern: Pattern,
    /// In the order of the values.
    kinds: Vec<Kind>,
}

impl TextTemplate {
    /// Makes a template of `text`, in which each of `marks` stands where a value will.
    ///
    /// # Errors
    /// A mark is missing or ambiguous.
    pub fn new(text: &[u8], marks: &[(&[u8], Kind)]) -> Result<Self, TemplateFault> {
        let numbered: Vec<_> = marks.iter().map(|(mark, _)| *mark).enumerate().collect();
        Ok(Self {
            pattern: Pattern::new(text, &numbered)?,
            kinds: marks.iter().map(|(_, kind)| *kind).collect(),
        })
    }

    /// Returns what each value must be.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Returns the text with `values`, in the order of the marks, or `None` if one of them does not fit.
    pub fn fill(&self, values: &[&[u8]]) -> Option<Vec<u8>> {
        all_fit(&self.kinds, values).then(|| self.pattern.fill(values))
    }
}

/// One kind of request to one host.
#[derive(Debug)]
pub struct Template {
    method: Vec<u8>,
    signed_path: Pattern,
    /// Request line and the fields before those of the signer.
    start: Pattern,
    /// The fields after them, up to the length of the body if it has one. May hold a key.
    end: Zeroizing<Vec<u8>>,
    body: Option<Pattern>,
    /// In the order of the values.
    kinds: Vec<Kind>,
}

impl Template {
    /// Makes a template of a request, in whose `body` or path each of `marks` stands where a value will.
    ///
    /// # Errors
    /// A part of the request could be read as something else, or a mark is missing, ambiguous, or not for a path.
    pub fn new<'a>(
        (method, path, host): (&str, &str, &str),
        signed_path: &str,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: &[u8],
        marks: &[(&[u8], Kind)],
    ) -> Result<Self, TemplateFault> {
        let mut writer = RequestWriter::new(method, path, host, body.len())?;
        let start_bytes = writer.written_bytes();
        for (name, value) in fields {
            writer.field(name, value)?;
        }
        let (head, has_body) = writer.head(body);
        let (start, end) = head.split_at(start_bytes);
        let (mut in_path, mut in_body) = (Vec::new(), Vec::new());
        for (value, &(mark, kind)) in marks.iter().enumerate() {
            if memchr::memmem::find(path.as_bytes(), mark).is_none() {
                in_body.push((value, mark));
            } else if kind.is_path_safe() && memchr::memmem::find(body, mark).is_none() {
                in_path.push((value, mark));
            } else {
                return Err(TemplateFault::Mark(value));
            }
        }
        let body = Pattern::new(body, &in_body)?;
        Ok(Self {
            method: method.into(),
            signed_path: Pattern::new(signed_path.as_bytes(), &in_path)?,
            start: Pattern::new(start, &in_path)?,
            end: Zeroizing::new(end.to_vec()),
            body: has_body.then_some(body),
            kinds: marks.iter().map(|(_, kind)| *kind).collect(),
        })
    }

    /// Returns what each value must be.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Returns a whole request with `values`, in the order of the marks, or `None` if one of them does not fit.
    pub fn fill(
        &self,
        values: &[&[u8]],
        signer: Option<&dyn RequestSigner>,
        timestamp_ms: u64,
    ) -> Option<Vec<u8>> {
        const SIGNED_BYTES: usize = 320;
        if !all_fit(&self.kinds, values) {
            return None;
        }
        let body = self.body.as_ref().map(|body| body.fill(values));
        let sent = body.as_deref().unwrap_or_default();
        let values_bytes: usize = values.iter().map(|value| value.len()).sum();
        let head_bytes = self.start.text.len() + values_bytes + SIGNED_BYTES + self.end.len();
        let mut out = Vec::with_capacity(head_bytes + sent.len());
        self.start.fill_into(&mut out, values);
        if let Some(signer) = signer {
            if self.signed_path.holes.is_empty() {
                signer.write_fields(&mut out, &self.method, &self.signed_path.text, sent, timestamp_ms);
            } else {
                let path = self.signed_path.fill(values);
                signer.write_fields(&mut out, &self.method, &path, sent, timestamp_ms);
            }
        }
        out.extend_from_slice(&self.end);
        if body.is_some() {
            out.extend_from_slice(itoa::Buffer::new().format(sent.len()).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(sent);
        Some(out)
    }
}
