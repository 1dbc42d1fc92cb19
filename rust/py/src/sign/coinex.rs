//! The signer of `CoinEx`.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use tradewire_core::sign::HEX_BYTES;
use tradewire_core::sign::coinex::{self, KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, WINDOW_HEADER};

use super::{RequestSigner, ascii, text, whole};
use crate::errors::{Fault, Result, python};

/// Signs CoinEx v2 requests for one API key.
#[pyclass(frozen, module = "tradewire._native")]
pub struct CoinexSigner {
    signer: Arc<coinex::CoinexSigner>,
    /// The headers of every request, with the changing ones still empty: copying it is cheaper than
    /// building a dict.
    headers: Py<PyDict>,
}

impl CoinexSigner {
    fn signature(
        &self,
        method: &Bound<'_, PyAny>,
        path: &Bound<'_, PyAny>,
        body: &Bound<'_, PyAny>,
        timestamp_ms: u64,
    ) -> Result<[u8; HEX_BYTES]> {
        Ok(self
            .signer
            .sign(text(method)?, text(path)?, text(body)?, timestamp_ms)?)
    }
}

#[pymethods]
impl CoinexSigner {
    #[new]
    fn new(py: Python<'_>, access_id: &str, secret: &str) -> Result<Self> {
        let signer = coinex::CoinexSigner::new(access_id, secret)?;
        let headers = PyDict::new(py);
        python(headers.set_item(intern!(py, KEY_HEADER), access_id))?;
        python(headers.set_item(intern!(py, SIGN_HEADER), ""))?;
        python(headers.set_item(intern!(py, TIMESTAMP_HEADER), ""))?;
        Ok(Self {
            signer: signer.into(),
            headers: headers.unbind(),
        })
    }

    /// The public half of the key.
    #[getter]
    fn access_id(&self) -> &str {
        self.signer.access_id()
    }

    /// What signs in the core, for templates.
    #[getter]
    fn for_templates(&self) -> RequestSigner {
        RequestSigner(self.signer.clone())
    }

    /// Return the signature of a request: verb, path with query, body and timestamp, in lower hex.
    fn sign<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        timestamp_ms: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyString>> {
        let timestamp_ms = whole("timestamp_ms", timestamp_ms)?;
        ascii(method.py(), &self.signature(method, path, body, timestamp_ms)?)
    }

    /// Return every header a signed request carries.
    #[pyo3(signature = (method, path, body, timestamp_ms, window_ms=None))]
    fn headers<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        timestamp_ms: &Bound<'py, PyAny>,
        window_ms: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyDict>> {
        let py = method.py();
        let timestamp_ms = whole("timestamp_ms", timestamp_ms)?;
        let signature = ascii(py, &self.signature(method, path, body, timestamp_ms)?)?;
        let mut digits = itoa::Buffer::new();
        let timestamp = ascii(py, digits.format(timestamp_ms).as_bytes())?;
        let headers = python(self.headers.bind(py).copy())?;
        python(headers.set_item(intern!(py, SIGN_HEADER), signature))?;
        python(headers.set_item(intern!(py, TIMESTAMP_HEADER), timestamp))?;
        if let Some(window_ms) = window_ms {
            let window_ms = whole("window_ms", window_ms)?;
            python(headers.set_item(intern!(py, WINDOW_HEADER), digits.format(window_ms)))?;
        }
        Ok(headers)
    }

    /// Return the parameters of `server.sign`.
    fn ws_params<'py>(
        &self,
        py: Python<'py>,
        timestamp_ms: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyDict>> {
        let timestamp_ms = whole("timestamp_ms", timestamp_ms)?;
        let params = PyDict::new(py);
        python(params.set_item(intern!(py, "access_id"), self.signer.access_id()))?;
        python(params.set_item(
            intern!(py, "signed_str"),
            ascii(py, &self.signer.sign_stream(timestamp_ms))?,
        ))?;
        python(params.set_item(intern!(py, "timestamp"), timestamp_ms))?;
        Ok(params)
    }

    fn __repr__(&self) -> String {
        format!(
            "CoinexSigner(access_id={:?}, secret=redacted)",
            self.signer.access_id()
        )
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument(
            "a CoinexSigner is not copied or pickled: make a new one where it is needed".into(),
        ))
    }
}
