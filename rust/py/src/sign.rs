//! Signing keys. Neither shows, copies or pickles its secret.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use tradewire_core::sign;

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

/// Makes a Python string of ASCII bytes.
fn ascii<'py>(py: Python<'py>, bytes: &[u8]) -> Result<Bound<'py, PyString>> {
    python(PyString::from_bytes(py, bytes))
}

fn mac<const N: usize>(
    pieces: &Bound<'_, PyTuple>,
    sign: impl FnOnce(&[&[u8]]) -> [u8; N],
) -> Result<[u8; N]> {
    let items: Vec<_> = pieces.iter().collect();
    let pieces = items.iter().map(text).collect::<Result<Vec<_>>>()?;
    Ok(sign(&pieces))
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
        ascii(py, &mac(pieces, |pieces| self.0.hex(pieces))?)
    }

    /// Return the MAC of the pieces, one after the other, in standard base64 with padding.
    #[pyo3(signature = (*pieces))]
    fn sign_base64<'py>(
        &self,
        py: Python<'py>,
        pieces: &Bound<'py, PyTuple>,
    ) -> Result<Bound<'py, PyString>> {
        ascii(py, &mac(pieces, |pieces| self.0.base64(pieces))?)
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
pub struct CoinexSigner(sign::CoinexSigner);

#[pymethods]
impl CoinexSigner {
    #[new]
    fn new(access_id: &str, secret: &str) -> Result<Self> {
        Ok(Self(sign::CoinexSigner::new(access_id, secret)?))
    }

    /// The public half of the key.
    #[getter]
    fn access_id(&self) -> &str {
        self.0.access_id()
    }

    /// Return the signature of a request: verb, path with query, body and timestamp, in lower hex.
    fn sign<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        timestamp_ms: i64,
    ) -> Result<Bound<'py, PyString>> {
        let signature = self
            .0
            .sign(text(method)?, text(path)?, text(body)?, timestamp_ms)?;
        ascii(method.py(), &signature)
    }

    /// Return every header a signed request carries.
    #[pyo3(signature = (method, path, body, timestamp_ms, window_ms=None))]
    fn headers<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        timestamp_ms: i64,
        window_ms: Option<i64>,
    ) -> Result<Bound<'py, PyDict>> {
        let py = method.py();
        let signature = self.sign(method, path, body, timestamp_ms)?;
        let mut digits = itoa::Buffer::new();
        let headers = PyDict::new(py);
        python(headers.set_item(intern!(py, "X-COINEX-KEY"), self.0.access_id()))?;
        python(headers.set_item(intern!(py, "X-COINEX-SIGN"), signature))?;
        python(headers.set_item(intern!(py, "X-COINEX-TIMESTAMP"), digits.format(timestamp_ms)))?;
        if let Some(window_ms) = window_ms {
            python(headers.set_item(intern!(py, "X-COINEX-WINDOWTIME"), digits.format(window_ms)))?;
        }
        Ok(headers)
    }

    /// Return the parameters of `server.sign`.
    fn ws_params<'py>(&self, py: Python<'py>, timestamp_ms: i64) -> Result<Bound<'py, PyDict>> {
        let params = PyDict::new(py);
        python(params.set_item(intern!(py, "access_id"), self.0.access_id()))?;
        python(params.set_item(
            intern!(py, "signed_str"),
            ascii(py, &self.0.sign_stream(timestamp_ms))?,
        ))?;
        python(params.set_item(intern!(py, "timestamp"), timestamp_ms))?;
        Ok(params)
    }

    fn __repr__(&self) -> String {
        format!(
            "CoinexSigner(access_id={:?}, secret=redacted)",
            self.0.access_id()
        )
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument(
            "a CoinexSigner is not copied or pickled: make a new one where it is needed".into(),
        ))
    }
}
