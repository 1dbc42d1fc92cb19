//! Sides, ids, levels and whole numbers across the border.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use tradewire_core::book::level3::{LevelView, Side};
use tradewire_core::units::uuid;

use crate::decimal::{self, Pair};
use crate::errors::{Fault, Result, python};

/// The face's word for a side.
pub fn side_name(side: Side) -> &'static str {
    match side {
        Side::Bid => "buy",
        Side::Ask => "sell",
    }
}

pub(super) fn side_of(name: &str) -> Result<Side> {
    match name {
        "buy" => Ok(Side::Bid),
        "sell" => Ok(Side::Ask),
        other => Err(Fault::Argument(format!("side is 'buy' or 'sell', was {other:?}"))),
    }
}

pub(super) fn id_of(text: &str) -> Result<u128> {
    uuid::parse(text.as_bytes())
        .ok_or_else(|| Fault::Argument(format!("an order id is a UUID in lower case, was {text:?}")))
}

pub(super) fn pair<'py>(py: Python<'py>, level: &LevelView) -> Result<Pair<'py>> {
    Ok((
        decimal::wide(py, i128::from(level.price).into())?,
        decimal::decimal(py, level.size.to_string().as_bytes())?,
    ))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a view in floats is as exact as floats are"
)]
pub(super) fn float(whole: u128) -> f64 {
    whole as f64
}

pub(super) fn floats(level: Option<LevelView>) -> (f64, f64) {
    level.map_or((f64::NAN, f64::NAN), |level| {
        (float(level.price.into()), float(level.size))
    })
}

/// Reads a whole number from an `int` or a `Decimal` without a fraction.
pub(super) fn whole(name: &str, value: &Bound<'_, PyAny>) -> Result<u128> {
    let size = decimal::size(value)?.to_string();
    let digits = size.split_once('.').map_or(size.as_str(), |(digits, fraction)| {
        if fraction.bytes().all(|digit| digit == b'0') {
            digits
        } else {
            ""
        }
    });
    digits
        .parse()
        .map_err(|_| Fault::Argument(format!("{name} is a whole number here, was {size}")))
}

/// Makes an `int`. The narrow way is several times cheaper and nearly always wide enough.
pub(super) fn int(py: Python<'_>, value: u128) -> Result<Bound<'_, PyAny>> {
    python(match u64::try_from(value) {
        Ok(value) => value.into_bound_py_any(py),
        Err(_) => value.into_bound_py_any(py),
    })
}
