//! The way of frames that prove their book and say nothing else: most of them, and the ones that a bot reacts to.

use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors::{Result, python};
use crate::feed::event::FeedEvent;

/// Reads the frames of one stream and delivers what a plain one says, without Python between the feed and the reader.
#[pyclass(frozen, generic, module = "tradewire._native")]
pub struct ShortWay {
    /// Of the feed: takes a frame and our time of it.
    read: Py<PyAny>,
    /// Counts frames, and knows when the last one came.
    protocol: Py<PyAny>,
    /// The health of each book by market.
    health: Py<PyDict>,
    /// What a healthy one's phase is.
    verified: Py<PyAny>,
    /// The subscriptions of each book by market.
    watchers: Py<PyDict>,
}

#[pymethods]
impl ShortWay {
    #[new]
    fn new(
        read: Py<PyAny>,
        protocol: Py<PyAny>,
        health: Py<PyDict>,
        verified: Py<PyAny>,
        watchers: Py<PyDict>,
    ) -> Self {
        Self {
            read,
            protocol,
            health,
            verified,
            watchers,
        }
    }

    /// Take one frame. Returns what it said unless that is delivered. Raises `FrameError` for one that cannot be read.
    fn take<'py>(
        &self,
        data: &Bound<'py, PyAny>,
        received_at_ns: &Bound<'py, PyAny>,
        now_ns: &Bound<'py, PyAny>,
    ) -> Result<Option<Bound<'py, PyAny>>> {
        python(self.deliver(data, received_at_ns, now_ns))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        visit.call(&self.read)?;
        visit.call(&self.protocol)?;
        visit.call(&self.health)?;
        visit.call(&self.watchers)
    }
}

impl ShortWay {
    fn deliver<'py>(
        &self,
        data: &Bound<'py, PyAny>,
        received_at_ns: &Bound<'py, PyAny>,
        now_ns: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = data.py();
        let protocol = self.protocol.bind(py);
        let frames = protocol.getattr(intern!(py, "frames"))?.extract::<u64>()?;
        protocol.setattr(intern!(py, "frames"), frames + 1)?;
        protocol.setattr(intern!(py, "heard_at_ns"), now_ns)?;
        let news = self.read.bind(py).call1((data, received_at_ns))?;
        let Some(watchers) = self.proved(&news, now_ns)? else {
            return Ok(Some(news));
        };
        for watcher in watchers.iter() {
            let direct = watcher.getattr(intern!(py, "direct"))?;
            if direct.is_none() {
                watcher.call_method1(intern!(py, "deliver"), (&news,))?;
                continue;
            }
            let received = watcher.getattr(intern!(py, "received"))?.extract::<u64>()?;
            watcher.setattr(intern!(py, "received"), received + 1)?;
            if let Err(error) = direct.call1((&news,)) {
                watcher.call_method1(intern!(py, "callback_raised"), (error,))?;
            }
        }
        Ok(None)
    }

    /// Takes note that a frame proved its book; returns who watches that, unless there is anything else to do.
    fn proved<'py>(
        &self,
        news: &Bound<'py, PyAny>,
        now_ns: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let py = news.py();
        let Ok(event) = news.cast::<FeedEvent>() else {
            return Ok(None);
        };
        let event = event.get();
        if !event.is_plain.bind(py).is_true() {
            return Ok(None);
        }
        let (health, watchers) = (self.health.bind(py), self.watchers.bind(py));
        let (Some(health), Some(watchers)) =
            (health.get_item(&event.market)?, watchers.get_item(&event.market)?)
        else {
            return Ok(None);
        };
        if !health.getattr(intern!(py, "phase"))?.is(&self.verified) {
            return Ok(None);
        }
        health.setattr(intern!(py, "heard_at_ns"), now_ns)?;
        health.setattr(intern!(py, "ignored_pushes"), 0)?;
        watchers
            .cast_into::<PyTuple>()
            .map(Some)
            .map_err(|_| PyTypeError::new_err("watchers must be tuples"))
    }
}
