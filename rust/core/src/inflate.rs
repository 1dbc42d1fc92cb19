//! Compressed frames, into one reused buffer, with hard caps.
//!
//! Who compresses sends every frame as one gzip member; zlib and raw deflate were seen as well, so those are understood
//! too, and plain text passes as it is. The fast paths are a decoder of our own for small members and libdeflate for
//! all others. Both want to know the output size: gzip says it in its last four bytes. Those may lie, so they only choose
//! the buffer, within the caps, and must prove right. What our own decoder will not have goes to libdeflate; whatever
//! that refuses or doubts is judged by a streaming inflater, which names the fault.

mod error;
mod small;

use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Decompressor;
use memchr::memmem;

pub use self::error::InflateError;
use self::small::{SLACK_BYTES, SmallDecoder};

/// Caps on what a frame may inflate to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of output.
    pub max_output_bytes: usize,
    /// Most output bytes per input byte, beyond the first [`FREE_BYTES`].
    pub max_ratio: usize,
}

impl Default for Limits {
    /// 16 MiB, and a ratio of 200: a frame of all markets stays under 2 MiB, and depth JSON compresses to a tenth.
    fn default() -> Self {
        Self {
            max_output_bytes: 16 << 20,
            max_ratio: 200,
        }
    }
}

/// Output this small is harmless whatever its ratio.
pub const FREE_BYTES: usize = 64 << 10;

/// Longest member that our own decoder takes: on longer ones the large tables of libdeflate pay.
const SMALL_BYTES: usize = 768;

/// First buffer of a stream that does not say its size.
const FIRST_BUFFER_BYTES: usize = 1024;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// How a member without optional fields begins.
const PLAIN_HEADER: [u8; 4] = [0x1f, 0x8b, DEFLATE_METHOD, 0];
const GZIP_HEADER_BYTES: usize = 10;
const GZIP_TRAILER_BYTES: usize = 8;

/// RFC 1952, section 2.3.1: the only method there is, and the flags that must be zero.
const DEFLATE_METHOD: u8 = 8;
const RESERVED_FLAGS: u8 = 0xe0;

/// Inflates frames into a buffer of its own.
pub struct Inflater {
    limits: Limits,
    decompressor: Decompressor,
    small: Box<SmallDecoder>,
    output: Vec<u8>,
    length: usize,
}

impl Inflater {
    /// Makes an inflater with empty buffers.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            decompressor: Decompressor::new(),
            small: Box::new(SmallDecoder::new()),
            output: Vec::new(),
            length: 0,
        }
    }

    /// Returns the last frame's content.
    pub fn output(&self) -> &[u8] {
        &self.output[..self.length]
    }

    /// Inflates one frame; plain text passes as it is.
    ///
    /// # Errors
    ///
    /// Any [`InflateError`]; the output is empty then.
    pub fn inflate(&mut self, frame: &[u8]) -> Result<&[u8], InflateError> {
        self.length = 0;
        self.length = match frame {
            [a, b, ..] if [*a, *b] == GZIP_MAGIC => self.gzip(frame)?,
            [_, ..] if is_text(frame) => self.text(frame)?,
            [first, second, ..] if is_zlib_header(*first, *second) => {
                // Raw deflate may begin like zlib, though none was ever seen; the first verdict counts.
                let zlib = self.stream(frame, true);
                zlib.or_else(|refusal| self.stream(frame, false).map_err(|_| refusal))?
            }
            [first_byte, ..] => self.stream(frame, false).map_err(|error| match error {
                InflateError::Corrupted { .. } | InflateError::Truncated { .. } => {
                    InflateError::NotCompressed {
                        first_byte: *first_byte,
                    }
                }
                other => other,
            })?,
            [] => return Err(InflateError::NotCompressed { first_byte: 0 }),
        };
        Ok(self.output())
    }

    fn cap(&self, input_bytes: usize) -> usize {
        let by_ratio = input_bytes.saturating_mul(self.limits.max_ratio).max(FREE_BYTES);
        self.limits.max_output_bytes.min(by_ratio)
    }

    #[cold]
    fn over_the_cap(&self, output_bytes: usize) -> InflateError {
        if output_bytes > self.limits.max_output_bytes {
            InflateError::OutputTooBig {
                limit_bytes: self.limits.max_output_bytes,
            }
        } else {
            InflateError::RatioExceeded {
                limit: self.limits.max_ratio,
            }
        }
    }

    fn grow(&mut self, bytes: usize) {
        if self.output.len() < bytes {
            self.output.resize(bytes, 0);
        }
    }

    fn text(&mut self, frame: &[u8]) -> Result<usize, InflateError> {
        if frame.len() > self.limits.max_output_bytes {
            return Err(self.over_the_cap(frame.len()));
        }
        self.grow(frame.len());
        self.output[..frame.len()].copy_from_slice(frame);
        Ok(frame.len())
    }

    fn gzip(&mut self, frame: &[u8]) -> Result<usize, InflateError> {
        let Some(size_at) = frame
            .len()
            .checked_sub(4)
            .filter(|_| frame.len() >= GZIP_HEADER_BYTES + GZIP_TRAILER_BYTES)
        else {
            return Err(InflateError::Truncated { bytes: frame.len() });
        };
        let claimed = frame[size_at..]
            .iter()
            .rev()
            .fold(0, |sum: usize, &byte| sum << 8 | usize::from(byte));
        if claimed > self.cap(frame.len()) {
            // A damaged trailer claims anything; only a member that really is that long exceeds a cap.
            return self.judge(frame);
        }
        self.grow(claimed + SLACK_BYTES);
        if frame.len() <= SMALL_BYTES && self.small(frame, claimed) {
            return Ok(claimed);
        }
        let output = &mut self.output[..claimed];
        match self.decompressor.gzip_decompress(frame, output) {
            Ok(length) if length == claimed && !may_have_more(frame, size_at) => Ok(length),
            _ => self.judge(frame),
        }
    }

    /// Inflates a small member without optional fields. `false` if it is damaged or unusual.
    fn small(&mut self, frame: &[u8], claimed: usize) -> bool {
        if !frame.starts_with(&PLAIN_HEADER) {
            return false;
        }
        let stream = &frame[GZIP_HEADER_BYTES..];
        let (deflated, trailer) = stream.split_at(stream.len() - GZIP_TRAILER_BYTES);
        let done = self
            .small
            .decode(stream, &mut self.output[..claimed + SLACK_BYTES]);
        done == Some((claimed, deflated.len()))
            && trailer.starts_with(&libdeflater::crc32(&self.output[..claimed]).to_le_bytes())
    }

    /// Inflates a gzip member slowly, but says exactly what is wrong with it.
    #[cold]
    fn judge(&mut self, frame: &[u8]) -> Result<usize, InflateError> {
        let bytes = frame.len();
        let truncated = InflateError::Truncated { bytes };
        let corrupted = InflateError::Corrupted { bytes };
        let header = gzip_header_bytes(frame).ok_or(truncated)?;
        let (length, taken) = self
            .inflate_stream(&frame[header..], false)
            .map_err(|error| match error {
                InflateError::Truncated { .. } => truncated,
                InflateError::Corrupted { .. } => corrupted,
                other => other,
            })?;
        let (trailer, more) = frame[header + taken..]
            .split_first_chunk::<GZIP_TRAILER_BYTES>()
            .ok_or(truncated)?;
        let mut wanted = [0; GZIP_TRAILER_BYTES];
        wanted[..4].copy_from_slice(&libdeflater::crc32(&self.output[..length]).to_le_bytes());
        wanted[4..].copy_from_slice(&(length as u32).to_le_bytes());
        let is_plain = frame[2] == DEFLATE_METHOD && frame[3] & RESERVED_FLAGS == 0;
        if !is_plain || *trailer != wanted {
            return Err(corrupted);
        }
        match more.len() {
            0 => Ok(length),
            bytes => Err(InflateError::TrailingBytes { bytes }),
        }
    }

    fn stream(&mut self, frame: &[u8], has_zlib_header: bool) -> Result<usize, InflateError> {
        let (length, taken) = self.inflate_stream(frame, has_zlib_header)?;
        match frame.len() - taken {
            0 => Ok(length),
            bytes => Err(InflateError::TrailingBytes { bytes }),
        }
    }

    /// Inflates without knowing the size. Returns the bytes written and the bytes taken.
    fn inflate_stream(
        &mut self,
        input: &[u8],
        has_zlib_header: bool,
    ) -> Result<(usize, usize), InflateError> {
        let bytes = input.len();
        let cap = self.cap(bytes);
        let mut stream = Decompress::new(has_zlib_header);
        // One byte beyond the cap tells "exactly the cap" from "more".
        self.grow((bytes * 4).max(FIRST_BUFFER_BYTES).min(cap + 1));
        loop {
            let (taken, written) = (stream.total_in() as usize, stream.total_out() as usize);
            let status = stream
                .decompress(
                    &input[taken..],
                    &mut self.output[written..],
                    FlushDecompress::None,
                )
                .map_err(|_| InflateError::Corrupted { bytes })?;
            let total = stream.total_out() as usize;
            if total > cap {
                return Err(self.over_the_cap(if cap == self.limits.max_output_bytes {
                    cap + 1
                } else {
                    total
                }));
            }
            if status == Status::StreamEnd {
                return Ok((total, stream.total_in() as usize));
            }
            if total == self.output.len() {
                self.grow((total * 2).min(cap + 1));
            } else if (stream.total_in() as usize, total) == (taken, written) {
                return Err(InflateError::Truncated { bytes });
            }
        }
    }
}

/// Tells whether more may follow the member that was just inflated, which libdeflate does not say.
///
/// If so, the member's own size stands somewhere before the last four bytes, which repeat it. Hardly any
/// member has those four bytes by chance, so a slow second look costs nothing.
fn may_have_more(frame: &[u8], size_at: usize) -> bool {
    let before = &frame[GZIP_HEADER_BYTES..frame.len() - 1];
    memmem::find(before, &frame[size_at..]).is_some()
}

/// Tells plain text from compressed bytes, which are hardly ever UTF-8 without control characters.
fn is_text(frame: &[u8]) -> bool {
    frame
        .iter()
        .all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r'))
        && std::str::from_utf8(frame).is_ok()
}

fn is_zlib_header(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0
}

/// Returns the length of a gzip header with its optional fields; `None` if the input ends within it.
fn gzip_header_bytes(frame: &[u8]) -> Option<usize> {
    let flags = *frame.get(3)?;
    let mut at = GZIP_HEADER_BYTES;
    if flags & 4 != 0 {
        let low = usize::from(*frame.get(at)?);
        let high = usize::from(*frame.get(at + 1)?);
        at += 2 + (high << 8 | low);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += frame.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    (at <= frame.len()).then_some(at)
}
