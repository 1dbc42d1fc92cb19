//! Exact numbers across the border: `decimal.Decimal` on Python's side, by their text.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};
use tradewire_core::units::{Fixed, Wide};

use crate::errors::{Fault, Result, python};

/// A price and a size as Python sees them.
pub type Pair<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// Makes a `Decimal` of a decimal text.
pub fn decimal<'py>(py: Python<'py>, text: &[u8]) -> Result<Bound<'py, PyAny>> {
    python(
        DECIMAL
            .import(py, "decimal", "Decimal")
            .and_then(|class| class.call1((PyString::from_bytes(py, text)?,))),
    )
}

/// Tells whether `value` is a `Decimal` and not of a class derived from it, whose text could be anything.
pub fn is_decimal(value: &Bound<'_, PyAny>) -> Result<bool> {
    let class = python(DECIMAL.import(value.py(), "decimal", "Decimal"))?;
    Ok(value.get_type().is(class))
}

/// Makes a `Decimal` of a price.
pub fn fixed(py: Python<'_>, value: Fixed) -> Result<Bound<'_, PyAny>> {
    decimal(py, &value.text())
}

/// Makes a `Decimal` of a size or a sum.
pub fn wide(py: Python<'_>, value: Wide) -> Result<Bound<'_, PyAny>> {
    decimal(py, &value.text())
}

/// Reads a size from a `Decimal`, an `int` or a decimal text. A float is refused: it is not exact.
pub fn size(value: &Bound<'_, PyAny>) -> Result<Wide> {
    if value.is_instance_of::<pyo3::types::PyFloat>() {
        return Err(Fault::Argument(
            "pass Decimal, int or str, a float is not exact".into(),
        ));
    }
    // The format "f" spells a Decimal without an exponent.
    let text = if value.hasattr("as_tuple").unwrap_or(false) {
        python(
            value
                .call_method1("__format__", ("f",))
                .and_then(|text| text.extract::<String>()),
        )?
    } else {
        python(value.str().and_then(|text| text.extract::<String>()))?
    };
    Ok(Wide::parse(text.as_bytes())?)
}
