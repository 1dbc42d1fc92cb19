//! Requests of one kind that leave at once, or not at all.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tradewire_core::limits::{Group, Turn};

use crate::clock::ClockEstimate;
use crate::errors::{Fault, Result};
use crate::limits::Limiter;
use crate::template::RequestTemplate;

const NS_PER_MS: i64 = 1_000_000;

/// Checks, meters, stamps and writes requests that differ in a few values, in one call each.
#[pyclass(frozen, module = "tradewire._native")]
pub struct RequestLane {
    template: Py<RequestTemplate>,
    limiter: Limiter,
    group: Group,
    weight: f64,
    turn: Turn,
    clock: ClockEstimate,
    is_signed: bool,
}

#[pymethods]
impl RequestLane {
    #[new]
    #[pyo3(signature = (template, limiter, group, weight, clock, *, is_cancel, is_signed))]
    fn new(
        template: Py<RequestTemplate>,
        limiter: &Limiter,
        group: &str,
        weight: f64,
        clock: &ClockEstimate,
        is_cancel: bool,
        is_signed: bool,
    ) -> Result<Self> {
        let found = limiter.of(group)?.1;
        Ok(Self {
            template,
            limiter: limiter.clone(),
            group: found,
            weight,
            turn: if is_cancel { Turn::Cancel } else { Turn::Last },
            clock: clock.clone(),
            is_signed,
        })
    }

    /// Take the tokens of a request and return it whole, stamped by both of our clocks. `None`: a value is not of the
    /// usual form, or it has to wait; nothing was taken.
    fn fill<'py>(
        &self,
        wall_ns: i64,
        monotonic_ns: i64,
        values: &Bound<'py, PyTuple>,
    ) -> Result<Option<Bound<'py, PyBytes>>> {
        let py = values.py();
        let timestamp_ms = {
            let mut clock = self.clock.lock();
            let venue_ns = clock.venue_ns(wall_ns, monotonic_ns);
            if self.is_signed && clock.is_in_doubt() {
                return Ok(None);
            }
            venue_ns.div_euclid(NS_PER_MS)
        };
        let Some(request) = self.template.get().write(timestamp_ms, values)? else {
            return Ok(None);
        };
        let taken = self
            .limiter
            .lock()
            .take(self.group, self.weight, monotonic_ns, self.turn);
        Ok((taken == Ok(0)).then(|| PyBytes::new(py, &request)))
    }

    fn __repr__(&self) -> &'static str {
        "RequestLane(redacted)"
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument("a RequestLane is not copied or pickled".into()))
    }
}
