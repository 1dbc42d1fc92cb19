//! Exact numbers across the border: `decimal.Decimal` on Python's side, by their text.

use std::sync::{Mutex, PoisonError};

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

/// A `Decimal` and its text.
type Spelled = (Py<PyAny>, Py<PyString>);

/// How many are remembered: the best prices of a few markets, and the sizes a bot trades in.
const REMEMBERED: usize = 16;

/// The `Decimal`s that were read from a book or written in an order last, and where the next one goes.
static LATEST: Mutex<([Option<Spelled>; REMEMBERED], usize)> = Mutex::new(([const { None }; REMEMBERED], 0));

/// Remembers the text of a `Decimal`, which an order is likely to hold soon: Python takes longer to spell it.
fn remember(value: &Bound<'_, PyAny>, text: &Bound<'_, PyString>) {
    let spelled = (value.clone().unbind(), text.clone().unbind());
    let forgotten = {
        let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
        let at = latest.1;
        latest.1 = (at + 1) % REMEMBERED;
        latest.0[at].replace(spelled)
    };
    drop(forgotten);
}

/// Returns the text of a `Decimal` in plain digits, or as Python spells it.
pub fn text_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    let py = value.py();
    let known = {
        let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = latest.0.iter().flatten();
        all.find(|(known, _)| known.is(value))
            .map(|(_, text)| text.clone_ref(py))
    };
    if let Some(text) = known {
        return Ok(text.into_bound(py));
    }
    let text = value.str()?;
    remember(value, &text);
    Ok(text)
}

/// Makes a `Decimal` that an order may soon hold.
pub fn remembered(py: Python<'_>, value: Wide) -> Result<Bound<'_, PyAny>> {
    let text = python(PyString::from_bytes(py, &value.text()))?;
    let made = python(
        DECIMAL
            .import(py, "decimal", "Decimal")
            .and_then(|class| class.call1((&text,))),
    )?;
    remember(&made, &text);
    Ok(made)
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
