//! Requests that are written beforehand, but for a few values.

use std::ops::Deref;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyString, PyTuple};
use tradewire_core::template::{Kind, Template, TextTemplate};
use tradewire_core::units::Wide;

use crate::decimal::{is_decimal, text_of};
use crate::errors::{Fault, Result, python};
use crate::sign::RequestSigner;

/// One kind of request to one host: only values, timestamp and signature are written for each.
#[pyclass(frozen, module = "tradewire._native")]
pub struct RequestTemplate {
    template: Template,
    signer: Option<RequestSigner>,
}

/// A value as it is written.
enum Written<'py> {
    Text(Bound<'py, PyString>),
    Whole(itoa::Buffer, u64),
}

/// What stands in the holes of one request, in their order.
pub trait Values<'py>: ExactSizeIterator<Item: Deref<Target = Bound<'py, PyAny>>> {}

impl<'py, I: ExactSizeIterator<Item: Deref<Target = Bound<'py, PyAny>>>> Values<'py> for I {}

/// Has `write` write values as texts; `None` if one of them is not of the usual form, or not allowed.
fn with_texts<'py, T>(
    kinds: &[Kind],
    values: impl Values<'py>,
    write: impl FnOnce(&[&[u8]]) -> Option<T>,
) -> Result<Option<T>> {
    if values.len() != kinds.len() {
        return Ok(None);
    }
    let mut texts = Vec::with_capacity(kinds.len());
    for (value, kind) in values.zip(kinds) {
        let is_number = matches!(kind, Kind::Number { .. });
        if let Ok(text) = value.cast::<PyString>() {
            texts.push(Written::Text(text.to_owned()));
        } else if !matches!(kind, Kind::Text) && value.is_exact_instance_of::<PyInt>() {
            match value.extract() {
                Ok(whole) => texts.push(Written::Whole(itoa::Buffer::new(), whole)),
                // Nowhere is one below zero, or of more than 64 bits, of the usual form.
                Err(_) => return Ok(None),
            }
        } else if is_number && is_decimal(&value)? {
            texts.push(Written::Text(python(text_of(&value))?));
        } else {
            return Ok(None);
        }
    }
    let mut slices = Vec::with_capacity(texts.len());
    for text in &mut texts {
        slices.push(match text {
            // What has no UTF-8 is for the general way to refuse.
            Written::Text(text) => match text.to_str() {
                Ok(text) => text.as_bytes(),
                Err(_) => return Ok(None),
            },
            Written::Whole(buffer, whole) => buffer.format(*whole).as_bytes(),
        });
    }
    Ok(write(&slices))
}

/// A mark as Python names it, with the kind of its hole, step and minimum.
type NamedMark = (Vec<u8>, String, String, String);

fn marks(holes: &[NamedMark]) -> Result<Vec<(&[u8], Kind)>> {
    holes
        .iter()
        .map(|(mark, kind, step, minimum)| Ok((mark.as_slice(), kind_of(kind, step, minimum)?)))
        .collect()
}

/// A frame that is written but for a few values.
#[pyclass(frozen, module = "tradewire._native")]
pub struct FrameTemplate(TextTemplate);

#[pymethods]
impl FrameTemplate {
    #[new]
    fn new(text: &[u8], holes: Vec<NamedMark>) -> Result<Self> {
        let template = TextTemplate::new(text, &marks(&holes)?);
        template
            .map(Self)
            .map_err(|fault| Fault::Argument(fault.to_string()))
    }

    /// Return the frame, or `None` if a value is not of the usual form.
    #[pyo3(signature = (*values))]
    fn fill<'py>(&self, values: &Bound<'py, PyTuple>) -> Result<Option<Bound<'py, PyBytes>>> {
        let frame = with_texts(self.0.kinds(), values.iter_borrowed(), |texts| self.0.fill(texts))?;
        Ok(frame.map(|frame| PyBytes::new(values.py(), &frame)))
    }

    /// Hand `send` the frame whose first value `new_id` returns, and return that; `None` if another value is not of the
    /// usual form: nothing was sent.
    #[pyo3(signature = (send, new_id, *values))]
    fn send<'py>(
        &self,
        send: &Bound<'py, PyAny>,
        new_id: &Bound<'py, PyAny>,
        values: &Bound<'py, PyTuple>,
    ) -> Result<Option<Bound<'py, PyString>>> {
        let Some(kinds) = self.0.kinds().get(1..) else {
            return Ok(None);
        };
        let id = python(new_id.call0())?;
        let id = python(id.cast_into::<PyString>().map_err(PyErr::from))?;
        let first = python(id.to_str())?.as_bytes();
        let frame = with_texts(kinds, values.iter_borrowed(), |texts| {
            let mut all = Vec::with_capacity(texts.len() + 1);
            all.push(first);
            all.extend_from_slice(texts);
            self.0.fill(&all)
        })?;
        let Some(frame) = frame else { return Ok(None) };
        python(send.call1((PyBytes::new(values.py(), &frame),)))?;
        Ok(Some(id))
    }
}

impl RequestTemplate {
    /// Writes a whole request; `None` if a value is not of the usual form, or not allowed.
    pub fn write<'py>(&self, timestamp_ms: i64, values: impl Values<'py>) -> Result<Option<Vec<u8>>> {
        let Ok(timestamp_ms) = u64::try_from(timestamp_ms) else {
            return Ok(None);
        };
        let signer = self.signer.as_ref().map(RequestSigner::core);
        with_texts(self.template.kinds(), values, |texts| {
            self.template.fill(texts, signer, timestamp_ms)
        })
    }
}

#[pymethods]
impl RequestTemplate {
    #[new]
    #[pyo3(signature = (method, path, host, signer, headers, body, holes, *, signed_path=None))]
    #[allow(clippy::too_many_arguments, reason = "the parts of a request")]
    fn new(
        method: &str,
        path: &str,
        host: &str,
        signer: Option<&RequestSigner>,
        headers: &Bound<'_, PyDict>,
        body: &[u8],
        holes: Vec<NamedMark>,
        signed_path: Option<&str>,
    ) -> Result<Self> {
        let fields: Vec<(String, String)> = python(headers.items().extract())?;
        let template = Template::new(
            (method, path, host),
            signed_path.unwrap_or(path),
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            body,
            &marks(&holes)?,
        );
        match template {
            Ok(template) => Ok(Self {
                template,
                signer: signer.cloned(),
            }),
            // A caller's text may happen to hold a mark.
            Err(fault) => Err(Fault::Argument(fault.to_string())),
        }
    }

    /// Return a whole request, or `None` if a value is not of the usual form, or not allowed.
    #[pyo3(signature = (timestamp_ms, *values))]
    fn fill<'py>(
        &self,
        timestamp_ms: i64,
        values: &Bound<'py, PyTuple>,
    ) -> Result<Option<Bound<'py, PyBytes>>> {
        let request = self.write(timestamp_ms, values.iter_borrowed())?;
        Ok(request.map(|request| PyBytes::new(values.py(), &request)))
    }

    fn __repr__(&self) -> &'static str {
        "RequestTemplate(redacted)"
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument(
            "a RequestTemplate is not copied or pickled".into(),
        ))
    }
}

fn kind_of(kind: &str, step: &str, minimum: &str) -> Result<Kind> {
    let number = |text: &str| match text {
        "" => Ok(None),
        text => Wide::parse(text.as_bytes()).map(Some).map_err(Fault::from),
    };
    match kind {
        "number" => Ok(Kind::Number {
            step: number(step)?,
            minimum: number(minimum)?,
        }),
        "text" => Ok(Kind::Text),
        "digits" => Ok(Kind::Digits),
        "count" => Ok(Kind::Count),
        "uuid" => Ok(Kind::Uuid),
        "segment" => Ok(Kind::Segment),
        _ => Err(Fault::Misuse(format!("there is no kind of hole {kind:?}"))),
    }
}
