//! Requests of one kind that leave at once, or not at all.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tradewire_core::limits::{Group, Turn};

use crate::clock::ClockEstimate;
use crate::door::HttpDoor;
use crate::errors::{Fault, Result, python};
use crate::limits::Limiter;
use crate::template::{RequestTemplate, Values};

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
    ours: Ours,
}

/// What Python's side is asked before a request leaves.
struct Ours {
    wall_ns: Py<PyAny>,
    monotonic_ns: Py<PyAny>,
    /// Says whether the session is closed.
    line: Py<PyAny>,
    /// Says whether there is a place for one more request under way.
    pacer: Py<PyAny>,
    /// `None` where a transport offers none.
    door: Option<Py<HttpDoor>>,
}

impl Ours {
    fn may_leave(&self, py: Python<'_>, turn: Turn) -> PyResult<bool> {
        if self
            .line
            .bind(py)
            .getattr(intern!(py, "is_closed"))?
            .is_truthy()?
        {
            return Ok(false);
        }
        if matches!(turn, Turn::Cancel) {
            return Ok(true);
        }
        self.pacer
            .bind(py)
            .getattr(intern!(py, "free_places"))?
            .is_truthy()
    }

    fn times_ns(&self, py: Python<'_>) -> PyResult<(i64, i64)> {
        let read = |clock: &Py<PyAny>| clock.bind(py).call0()?.extract();
        Ok((read(&self.wall_ns)?, read(&self.monotonic_ns)?))
    }
}

/// The members of `Ours` as Python passes them.
type OursPassed = (Py<PyAny>, Py<PyAny>, Py<PyAny>, Py<PyAny>, Option<Py<HttpDoor>>);

/// A connection, what was written to it, and its timestamp.
pub type Written<'py> = (Bound<'py, PyAny>, Bound<'py, PyBytes>, i64);

impl RequestLane {
    /// Writes a request to a connection that is ready. `None`: a value is not of the usual form, or it has to wait, or
    /// no connection is ready, or no place free; nothing was taken.
    pub fn write_values<'py>(
        &self,
        py: Python<'py>,
        values: impl Values<'py>,
    ) -> Result<Option<Written<'py>>> {
        let Some(door) = &self.ours.door else {
            return Ok(None);
        };
        if !python(self.ours.may_leave(py, self.turn))? {
            return Ok(None);
        }
        let Some(ready) = python(door.get().ready(py))? else {
            return Ok(None);
        };
        let Some((request, timestamp_ms)) = self.fill_in(python(self.ours.times_ns(py))?, py, values)? else {
            return Ok(None);
        };
        let connection = python(door.get().write_to(ready, &request))?;
        Ok(Some((connection, request, timestamp_ms)))
    }

    /// Returns a whole request and its timestamp in milliseconds; `None` if a value is not of the usual form, or the
    /// time in doubt.
    fn encode<'py>(
        &self,
        (wall_ns, monotonic_ns): (i64, i64),
        values: impl Values<'py>,
    ) -> Result<Option<(Vec<u8>, i64)>> {
        let timestamp_ms = {
            let mut clock = self.clock.lock();
            let venue_ns = clock.venue_ns(wall_ns, monotonic_ns);
            if self.is_signed && clock.is_in_doubt() {
                return Ok(None);
            }
            venue_ns.div_euclid(NS_PER_MS)
        };
        let request = self.template.get().write(timestamp_ms, values)?;
        Ok(request.map(|request| (request, timestamp_ms)))
    }

    /// Does what `write_values` does, but takes nothing and writes nothing: the next request finds its caches warm.
    pub fn rehearse<'py>(&self, py: Python<'py>, values: impl Values<'py>) -> Result<()> {
        if let Some(door) = &self.ours.door
            && python(self.ours.may_leave(py, self.turn))?
            && python(door.get().ready(py))?.is_some()
        {
            let request = self.encode(python(self.ours.times_ns(py))?, values)?;
            std::hint::black_box(request.map(|(request, _)| PyBytes::new(py, &request)));
        }
        Ok(())
    }

    /// Takes the tokens of a request and returns it whole, with its timestamp in milliseconds.
    fn fill_in<'py>(
        &self,
        (wall_ns, monotonic_ns): (i64, i64),
        py: Python<'py>,
        values: impl Values<'py>,
    ) -> Result<Option<(Bound<'py, PyBytes>, i64)>> {
        let Some((request, timestamp_ms)) = self.encode((wall_ns, monotonic_ns), values)? else {
            return Ok(None);
        };
        let taken = self
            .limiter
            .lock()
            .take(self.group, self.weight, monotonic_ns, self.turn);
        Ok((taken == Ok(0)).then(|| (PyBytes::new(py, &request), timestamp_ms)))
    }
}

#[pymethods]
impl RequestLane {
    #[new]
    #[pyo3(signature = (template, limiter, group, weight, clock, *, is_cancel, is_signed, ours))]
    #[allow(clippy::too_many_arguments, reason = "what a request must pass")]
    fn new(
        template: Py<RequestTemplate>,
        limiter: &Limiter,
        group: &str,
        weight: f64,
        clock: &ClockEstimate,
        is_cancel: bool,
        is_signed: bool,
        ours: OursPassed,
    ) -> Result<Self> {
        let (wall_ns, monotonic_ns, line, pacer, door) = ours;
        let found = limiter.of(group)?.1;
        Ok(Self {
            template,
            limiter: limiter.clone(),
            group: found,
            weight,
            turn: if is_cancel { Turn::Cancel } else { Turn::Last },
            clock: clock.clone(),
            is_signed,
            ours: Ours {
                wall_ns,
                monotonic_ns,
                line,
                pacer,
                door,
            },
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
        let filled = self.fill_in((wall_ns, monotonic_ns), py, values.iter_borrowed())?;
        Ok(filled.map(|(request, _)| request))
    }

    /// Write a request to a connection that is ready and return connection, request and timestamp in milliseconds.
    /// `None`: as `fill`, or no connection is ready, or no place free.
    #[pyo3(signature = (*values))]
    fn write<'py>(&self, values: &Bound<'py, PyTuple>) -> Result<Option<Written<'py>>> {
        self.write_values(values.py(), values.iter_borrowed())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.ours.wall_ns)?;
        visit.call(&self.ours.monotonic_ns)?;
        visit.call(&self.ours.line)?;
        visit.call(&self.ours.pacer)?;
        visit.call(&self.ours.door)
    }

    fn __repr__(&self) -> &'static str {
        "RequestLane(redacted)"
    }

    fn __reduce__(&self) -> Result<()> {
        Err(Fault::Argument("a RequestLane is not copied or pickled".into()))
    }
}
