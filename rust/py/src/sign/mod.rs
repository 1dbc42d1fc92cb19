//! Signing keys. Neither shows, copies or pickles its secret.

pub mod truex;

use pyo3::exceptions::PyOverflowError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use tradewire_core::sign::coinex::{self, KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, WINDOW_HEADER};
use tradewire_core::sign::{self, HEX_BYTES, Mac};

use crate::errors::{Fault, Result, python};

/// Borrows the bytes of a `str` or `bytes`.
fn text<'a>(value: &'a Bound<'_, PyAny>) -> Result<&'a [u8]> {
    if let Ok(text) = value.cast::<PyString>() {
        return python(text.to_str()).map(str::as_bytes);
    }
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes()),
        Err(_) => Err(Fault::Argument(format!(
            "sign str or bytes, was {}",
            value.get_type()
        ))),
    }
}

/// Reads a time, which is whole and not negative.
fn whole(what: &str, value: &Bound<'_, PyAny>) -> Result<u64> {
    // Python reads signed words several times faster than unsigned ones.
    let signed: PyResult<i64> = value.extract();
    match signed.map(u64::try_from) {
        Ok(Ok(number)) => Ok(number),
        Err(error) if !error.is_instance_of::<PyOverflowError>(value.py()) => Err(Fault::Python(error)),
        _ => Err(Fault::Argument(format!(
            "{what} must be a whole number from 0 to 2^63 - 1, was {value}"
        ))),
    }
}

/// Makes a Python string of ASCII bytes.
fn ascii<'py>(py: Python<'py>, bytes: &[u8]) -> Result<Bound<'py, PyString>> {
    python(PyString::from_bytes(py, bytes))
}

fn feed<'key>(key: &'key HmacKey, pieces: &Bound<'_, PyTuple>) -> Result<Mac<'key>> {
    let mut mac = key.0.start();
    for piece in pieces {
        mac.update(text(&piece)?);
    }
    Ok(mac)
}

/// An HMAC-SHA256 key with both pads hashed beforehand.
#[pyclass(frozen, module = "tradewire._native")]
pub struct HmacKey(sign::HmacKey);

#[pymethods]
impl HmacKey {
    #[new]
    fn new(secret: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(sign::HmacKey::new(text(secret)?)))
    }

    /// Return the MAC of the pieces, one after the other, in lower hex.
    #[pyo3(signature = (*pieces))]
    fn sign_hex<'py>(&self, py: Python<'py>, pieces: &Bound<'py, PyTuple>) -> Result<Bound<'py, PyString>> {
        ascii(py, &feed(self, pieces)?.hex())
    }

    /// Return the MAC of the pieces, one after the other, in standard base64 with padding.
    #[pyo3(signature = (*pieces))]
    fn sign_base64<'py>(
        &self,
        py: Python<'py>,
        pieces: &Bound<'py, PyTuple>,
    ) -> Result<Bound<'py, PyString>> {
        ascii(py, &feed(self, pieces)?.base64())
    }

    fn __repr__(&self) -> &'static str {
        "HmacKey(redacted)"
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument(
            "an HmacKey is not copied or pickled: make a new one where it is needed".into(),
        ))
    }
}

/// Signs CoinEx v2 requests for one API key.
#[pyclass(frozen, module = "tradewire._native")]
pub struct CoinexSigner {
    signer: coinex::CoinexSigner,
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
            signer,
            headers: headers.unbind(),
        })
    }

    /// The public half of the key.
    #[getter]
    fn access_id(&self) -> &str {
        self.signer.access_id()
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
