//! Requests as bytes, and replies out of bytes.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use tradewire_core::http::{Limits, Refusal, ReplyReader, RequestFault, RequestWriter};

use crate::errors::{Fault, Result, python};

/// Return a whole HTTP/1.1 request. Raise `ConfigError` if a part of it could be read as something else.
#[pyfunction]
pub fn http_request<'py>(
    py: Python<'py>,
    method: &str,
    target: &str,
    host: &str,
    headers: &Bound<'py, PyDict>,
    body: &[u8],
) -> Result<Bound<'py, PyBytes>> {
    let mut writer = RequestWriter::new(method, target, host, body.len()).map_err(refusal)?;
    for (name, value) in headers.iter() {
        let (Ok(name), Ok(value)) = (name.cast::<PyString>(), value.cast::<PyString>()) else {
            return Err(Fault::Argument("names and values of headers must be str".into()));
        };
        writer
            .field(python(name.to_str())?, python(value.to_str())?)
            .map_err(refusal)?;
    }
    Ok(PyBytes::new(py, &writer.finish(body)))
}

fn refusal(fault: RequestFault) -> Fault {
    Fault::Argument(fault.to_string())
}

/// A whole reply: status, headers by their names in lower case, body, and whether the connection may be kept.
type Reply<'py> = (u16, Bound<'py, PyDict>, Bound<'py, PyBytes>, bool);

/// What came of the bytes so far.
#[derive(IntoPyObject)]
pub enum Progress<'py> {
    /// The reply.
    Whole(Reply<'py>),
    /// Why it is refused.
    Refused(String),
}

/// Reads the reply to one request after another. Holds no socket.
#[pyclass(module = "tradewire._native", frozen)]
pub struct HttpReplyReader {
    reader: std::sync::Mutex<ReplyReader>,
}

impl HttpReplyReader {
    fn reader(&self) -> std::sync::MutexGuard<'_, ReplyReader> {
        self.reader
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[pymethods]
impl HttpReplyReader {
    #[new]
    fn new(max_head_bytes: usize, max_body_bytes: usize) -> Self {
        let limits = Limits {
            head_bytes: max_head_bytes,
            body_bytes: max_body_bytes,
        };
        Self {
            reader: ReplyReader::new(limits).into(),
        }
    }

    /// Wait for the next reply.
    fn begin(&self, is_head_request: bool) {
        self.reader().begin(is_head_request);
    }

    /// Take bytes; return the reply once it is whole, a text if it is refused, `None` if more must come.
    fn feed<'py>(&self, py: Python<'py>, data: &[u8]) -> Result<Option<Progress<'py>>> {
        let mut reader = self.reader();
        match reader.feed(data) {
            Ok(true) => whole(py, &reader).map(Some),
            Ok(false) => Ok(None),
            Err(refusal) => Ok(Some(refused(refusal))),
        }
    }

    /// Learn that no more bytes come; return the reply if that ends it, else why it is refused.
    fn finish<'py>(&self, py: Python<'py>) -> Result<Progress<'py>> {
        let mut reader = self.reader();
        match reader.finish() {
            Ok(()) => whole(py, &reader),
            Err(refusal) => Ok(refused(refusal)),
        }
    }
}

fn refused<'py>(refusal: Refusal) -> Progress<'py> {
    Progress::Refused(refusal.to_string())
}

fn whole<'py>(py: Python<'py>, reader: &ReplyReader) -> Result<Progress<'py>> {
    let headers = PyDict::new(py);
    for (name, value) in reader.fields() {
        let name = PyString::new(py, &text(name).to_ascii_lowercase());
        let value = text(value);
        // RFC 9110, section 5.3: fields of one name are one list.
        let value = match python(headers.get_item(&name))? {
            Some(before) => format!(
                "{}, {value}",
                python(before.cast_into::<PyString>().map_err(Into::into))?
            ),
            None => value.into_owned(),
        };
        python(headers.set_item(name, value))?;
    }
    let body = PyBytes::new(py, reader.body());
    Ok(Progress::Whole((
        reader.status(),
        headers,
        body,
        reader.can_reuse(),
    )))
}

/// Bytes above ASCII are Latin-1, as everywhere in HTTP.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => bytes
            .iter()
            .map(|&byte| char::from(byte))
            .collect::<String>()
            .into(),
    }
}
