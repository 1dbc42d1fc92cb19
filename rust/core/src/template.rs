//! Requests that differ in a few values only: line, fields and body are written beforehand, and what is left to do for
//! one of them is to copy, to fill in, to sign.
//!
//! A template is made of a request that was written the general way, so that there is one truth about what is sent.

use std::error::Error as StdError;
use std::fmt;

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
}

const MAX_NUMBER_BYTES: usize = 38;
const MAX_DIGITS: usize = 19;
/// 2^63 - 1, which has as many digits as are allowed.
const MAX_COUNT: &[u8] = b"9223372036854775807";

impl Kind {
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
            Self::Count => is_whole(text) && text != b"0" && (text.len() < MAX_DIGITS || text <= MAX_COUNT),
        }
    }
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
    /// The mark of this hole does not stand in the text exactly once.
    Mark(usize),
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(fault) => fault.fmt(f),
            Self::Mark(at) => write!(f, "mark {at} must stand in the text exactly once"),
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

/// A text that is written but for a few values: the frame of a stream, or the body of a request.
#[derive(Debug)]
pub struct TextTemplate {
    /// The text without its marks.
    text: Vec<u8>,
    /// In the order of the text.
    holes: Vec<Hole>,
    /// In the order of the values.
    kinds: Vec<Kind>,
}

impl TextTemplate {
    /// Makes a template of `text`, in which each of `marks` stands where a value will.
    ///
    /// # Errors
    /// A mark is missing or ambiguous.
    pub fn new(text: &[u8], marks: &[(&[u8], Kind)]) -> Result<Self, TemplateFault> {
        let mut places = Vec::with_capacity(marks.len());
        for (value, (mark, _)) in marks.iter().enumerate() {
            let mut found = memchr::memmem::find_iter(text, mark);
            match (found.next(), found.next()) {
                (Some(at), None) => places.push((at, at + mark.len(), value)),
                _ => return Err(TemplateFault::Mark(value)),
            }
        }
        places.sort_unstable();
        let (mut rest, mut kept, mut holes) = (0, Vec::with_capacity(text.len()), Vec::new());
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
        Ok(Self {
            text: kept,
            holes,
            kinds: marks.iter().map(|(_, kind)| *kind).collect(),
        })
    }

    /// Returns what each value must be.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Returns the text with `values`, in the order of the marks, or `None` if one of them does not fit.
    pub fn fill(&self, values: &[&[u8]]) -> Option<Vec<u8>> {
        let fits = |(kind, text): (&Kind, &&[u8])| kind.takes(text);
        if values.len() != self.kinds.len() || !self.kinds.iter().zip(values).all(fits) {
            return None;
        }
        let values_bytes: usize = values.iter().map(|value| value.len()).sum();
        let mut filled = Vec::with_capacity(self.text.len() + values_bytes);
        let mut from = 0;
        for hole in &self.holes {
            filled.extend_from_slice(&self.text[from..hole.until]);
            filled.extend_from_slice(values[hole.value]);
            from = hole.until;
        }
        filled.extend_from_slice(&self.text[from..]);
        Some(filled)
    }
}

/// One kind of request to one host.
#[derive(Debug)]
pub struct Template {
    method: Vec<u8>,
    signed_path: Vec<u8>,
    /// Request line and the fields before those of the signer.
    start: Vec<u8>,
    /// The fields after them, up to the length of the body.
    end: Vec<u8>,
    body: TextTemplate,
}

impl Template {
    /// Makes a template of a request with a `body`, in which each of `marks` stands where a value will.
    ///
    /// # Errors
    /// A part of the request could be read as something else, or a mark is missing or ambiguous.
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
        let mut start = writer.until_length();
        let end = start.split_off(start_bytes);
        Ok(Self {
            method: method.into(),
            signed_path: signed_path.into(),
            start,
            end,
            body: TextTemplate::new(body, marks)?,
        })
    }

    /// Returns what each value must be.
    pub fn kinds(&self) -> &[Kind] {
        self.body.kinds()
    }

    /// Returns a whole request with `values`, in the order of the marks, or `None` if one of them does not fit.
    pub fn fill(
        &self,
        values: &[&[u8]],
        signer: Option<&dyn RequestSigner>,
        timestamp_ms: u64,
    ) -> Option<Vec<u8>> {
        const SIGNED_BYTES: usize = 320;
        let body = self.body.fill(values)?;
        let head_bytes = self.start.len() + SIGNED_BYTES + self.end.len();
        let mut out = Vec::with_capacity(head_bytes + body.len());
        out.extend_from_slice(&self.start);
        if let Some(signer) = signer {
            signer.write_fields(&mut out, &self.method, &self.signed_path, &body, timestamp_ms);
        }
        out.extend_from_slice(&self.end);
        out.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(&body);
        Some(out)
    }
}
