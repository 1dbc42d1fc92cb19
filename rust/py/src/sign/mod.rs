//! Signing keys. Neither shows, copies or pickles its secret.

pub mod coinex;
pub mod truex;

use std::sync::Arc;

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tradewire_core::sign::{self, Mac};
use tradewire_core::template;

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

/// Signs the requests of one venue for one key, inside the core only.
#[pyclass(frozen, module = "tradewire._native")]
#[derive(Clone)]
pub struct RequestSigner(pub Arc<dyn template::RequestSigner + Send + Sync>);

impl RequestSigner {
    /// Borrows the signer of the core.
    pub fn core(&self) -> &dyn template::RequestSigner {
        &*self.0
    }
}

#[pymethods]
impl RequestSigner {
    fn __repr__(&self) -> &'static str {
        "RequestSigner(redacted)"
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument("a RequestSigner is not copied or pickled".into()))
    }
}
