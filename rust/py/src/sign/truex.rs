//! The signer of `TrueX`.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use tradewire_core::sign::truex::{
    self, KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, USER_HEADER, without_query,
};

use super::{RequestSigner, ascii, text, whole};
use crate::errors::{Fault, Result, python};

/// Signs `TrueX` requests for one HMAC key.
#[pyclass(frozen, module = "tradewire._native")]
pub struct TruexSigner {
    signer: Arc<truex::TruexSigner>,
    /// The headers of every request, with the changing ones still empty.
    headers: Py<PyDict>,
}

#[pymethods]
impl TruexSigner {
    #[new]
    #[pyo3(signature = (key_id, secret, user_id=""))]
    fn new(py: Python<'_>, key_id: &str, secret: &str, user_id: &str) -> Result<Self> {
        let signer = truex::TruexSigner::new(key_id, secret, user_id)?;
        let headers = PyDict::new(py);
        if !user_id.is_empty() {
            python(headers.set_item(intern!(py, USER_HEADER), user_id))?;
        }
        python(headers.set_item(intern!(py, KEY_HEADER), key_id))?;
        python(headers.set_item(intern!(py, TIMESTAMP_HEADER), ""))?;
        python(headers.set_item(intern!(py, SIGN_HEADER), ""))?;
        Ok(Self {
            signer: signer.into(),
            headers: headers.unbind(),
        })
    }

    /// The id of the key.
    #[getter]
    fn key_id(&self) -> &str {
        self.signer.key_id()
    }

    /// What signs in the core, for templates.
    #[getter]
    fn for_templates(&self) -> RequestSigner {
        RequestSigner(self.signer.clone())
    }

    /// Return the signature of a request in base64. The query of `path` is left out, as the venue wants.
    fn sign<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        timestamp_s: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyString>> {
        let timestamp_s = whole("timestamp_s", timestamp_s)?;
        let signature = self
            .signer
            .sign(text(method)?, text(path)?, text(body)?, timestamp_s)?;
        ascii(method.py(), &signature)
    }

    /// Return every header a signed request carries.
    fn headers<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        timestamp_s: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyDict>> {
        let py = method.py();
        let signature = self.sign(method, path, body, timestamp_s)?;
        let mut digits = itoa::Buffer::new();
        let timestamp = ascii(py, digits.format(whole("timestamp_s", timestamp_s)?).as_bytes())?;
        let headers = python(self.headers.bind(py).copy())?;
        python(headers.set_item(intern!(py, TIMESTAMP_HEADER), timestamp))?;
        python(headers.set_item(intern!(py, SIGN_HEADER), signature))?;
        Ok(headers)
    }

    /// Return the signature of a stream's request in base64; an empty path leaves it out, as old servers want.
    fn sign_stream<'py>(
        &self,
        timestamp_s: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyString>> {
        let timestamp_s = whole("timestamp_s", timestamp_s)?;
        ascii(path.py(), &self.signer.sign_stream(timestamp_s, text(path)?)?)
    }

    /// Return the text that is signed, for error messages. There is no secret in it.
    #[staticmethod]
    fn string_to_sign(
        method: &Bound<'_, PyAny>,
        path: &Bound<'_, PyAny>,
        body: &Bound<'_, PyAny>,
        timestamp_s: u64,
    ) -> Result<String> {
        let mut signed = timestamp_s.to_string().into_bytes();
        for piece in [text(method)?, without_query(text(path)?), text(body)?] {
            signed.extend_from_slice(piece);
        }
        Ok(String::from_utf8_lossy(&signed).into_owned())
    }

    fn __repr__(&self) -> String {
        format!("TruexSigner(key_id={:?}, secret=redacted)", self.signer.key_id())
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument(
            "a TruexSigner is not copied or pickled: make a new one where it is needed".into(),
        ))
    }
}
