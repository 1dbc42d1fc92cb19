//! Connections that a request can be written to in the call that makes it.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList};

use crate::errors::{Result, python};

/// Returns the event loop that runs in this thread, or `None`.
pub fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    RUNNING.import(py, "asyncio", "_get_running_loop")?.call0()
}

/// The sending side of one connection, and whether a request may be written to it.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Wire {
    write: Py<PyAny>,
    is_closing: Py<PyAny>,
    /// Returns what stands unread on the socket, given how long to wait. A transport in memory has none.
    unread: Option<Py<PyAny>>,
    expires_s: AtomicU64,
}

impl Wire {
    fn is_unread(&self, py: Python<'_>) -> PyResult<bool> {
        match &self.unread {
            Some(unread) => unread.bind(py).call1((0,))?.is_truthy(),
            None => Ok(false),
        }
    }

    fn can_write(&self, py: Python<'_>, now_s: f64) -> PyResult<bool> {
        Ok(now_s < self.expires_s()
            && !self.is_closing.bind(py).call0()?.is_truthy()?
            && !self.is_unread(py)?)
    }
}

#[pymethods]
impl Wire {
    #[new]
    fn new(write: Py<PyAny>, is_closing: Py<PyAny>, unread: Option<Py<PyAny>>, expires_s: f64) -> Self {
        Self {
            write,
            is_closing,
            unread,
            expires_s: expires_s.to_bits().into(),
        }
    }

    /// When it has been idle for too long, by the loop's clock.
    #[getter]
    fn expires_s(&self) -> f64 {
        f64::from_bits(self.expires_s.load(Ordering::Relaxed))
    }

    #[setter]
    fn set_expires_s(&self, expires_s: f64) {
        self.expires_s.store(expires_s.to_bits(), Ordering::Relaxed);
    }

    /// Whether bytes stand on the socket that the loop has not read, or its end.
    #[getter]
    fn has_unread(&self, py: Python<'_>) -> Result<bool> {
        python(self.is_unread(py))
    }

    /// Return whether it is open, has not been idle for too long, and nothing came that no one asked for.
    fn is_ready(&self, py: Python<'_>, now_s: f64) -> Result<bool> {
        python(self.can_write(py, now_s))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.write)?;
        visit.call(&self.is_closing)?;
        visit.call(&self.unread)
    }
}

/// The connections to one host that wait for a request, the one used last at the end.
#[pyclass(frozen, module = "tradewire._native")]
pub struct HttpDoor {
    event_loop: Py<PyAny>,
    time: Py<PyAny>,
    idle: Py<PyList>,
}

/// A connection that a request can be written to now; nothing may run before that.
pub struct Ready<'py> {
    connection: Bound<'py, PyAny>,
    wire: Bound<'py, Wire>,
}

impl HttpDoor {
    /// Returns the connection used last, unless it is not ready, or another loop runs. It still waits.
    pub fn ready<'py>(&self, py: Python<'py>) -> PyResult<Option<Ready<'py>>> {
        if !running_loop(py)?.is(&self.event_loop) {
            return Ok(None);
        }
        let idle = self.idle.bind(py);
        let Some(last) = idle.len().checked_sub(1) else {
            return Ok(None);
        };
        let connection = idle.get_item(last)?;
        let Ok(wire) = connection.getattr(intern!(py, "wire"))?.cast_into::<Wire>() else {
            return Ok(None);
        };
        let now_s = self.time.bind(py).call0()?.extract()?;
        let can_write = wire.get().can_write(py, now_s)?;
        Ok(can_write.then_some(Ready { connection, wire }))
    }

    /// Writes `request` to a connection that waits no longer then; returns the connection.
    pub fn write_to<'py>(
        &self,
        ready: Ready<'py>,
        request: &Bound<'py, PyBytes>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = request.py();
        let idle = self.idle.bind(py);
        let last = idle.len() - 1;
        idle.del_item(last)?;
        let Ready { connection, wire } = ready;
        if let Err(fault) = wire.get().write.bind(py).call1((request,)) {
            // Some of it may be out.
            connection.call_method0(intern!(py, "end"))?;
            return Err(fault);
        }
        Ok(connection)
    }
}

#[pymethods]
impl HttpDoor {
    #[new]
    fn new(event_loop: &Bound<'_, PyAny>, idle: Py<PyList>) -> Result<Self> {
        Ok(Self {
            time: python(event_loop.getattr("time"))?.unbind(),
            event_loop: event_loop.clone().unbind(),
            idle,
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event_loop)?;
        visit.call(&self.time)?;
        visit.call(&self.idle)
    }
}
