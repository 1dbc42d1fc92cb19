//! The way of a frame from the transport to those who watch: what most pushes need of it, in one call.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::coinex::CoinexFeed;
use super::event::FeedEvent;
use super::exchange::ExchangeFeed;
use super::truex::TruexFeed;
use crate::errors::{Result, python};

/// The sign of life of one book.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Pulse {
    /// When a push last proved it, or it was last asked for.
    heard_at_ns: AtomicI64,
    /// Pushes that were ignored since.
    ignored: AtomicU64,
    /// Nothing is to be done about it but to note the next proof.
    is_verified: AtomicBool,
}

#[pymethods]
impl Pulse {
    #[new]
    fn new() -> Self {
        Self {
            heard_at_ns: 0.into(),
            ignored: 0.into(),
            is_verified: false.into(),
        }
    }

    #[getter]
    fn heard_at_ns(&self) -> i64 {
        self.heard_at_ns.load(Relaxed)
    }

    #[setter]
    fn set_heard_at_ns(&self, heard_at_ns: i64) {
        self.heard_at_ns.store(heard_at_ns, Relaxed);
    }

    #[getter]
    fn ignored(&self) -> u64 {
        self.ignored.load(Relaxed)
    }

    #[setter]
    fn set_ignored(&self, ignored: u64) {
        self.ignored.store(ignored, Relaxed);
    }

    #[getter]
    fn is_verified(&self) -> bool {
        self.is_verified.load(Relaxed)
    }

    #[setter]
    fn set_is_verified(&self, is_verified: bool) {
        self.is_verified.store(is_verified, Relaxed);
    }

    /// Note that a push has proved the book.
    fn proved(&self, now_ns: i64) {
        self.heard_at_ns.store(now_ns, Relaxed);
        self.ignored.store(0, Relaxed);
    }
}

/// What a connection has brought.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Traffic {
    frames: AtomicU64,
    heard_at_ns: AtomicI64,
}

#[pymethods]
impl Traffic {
    #[new]
    fn new() -> Self {
        Self {
            frames: 0.into(),
            heard_at_ns: 0.into(),
        }
    }

    /// Frames, unreadable ones too.
    #[getter]
    fn frames(&self) -> u64 {
        self.frames.load(Relaxed)
    }

    /// When the last one came, or the connection was opened.
    #[getter]
    fn heard_at_ns(&self) -> i64 {
        self.heard_at_ns.load(Relaxed)
    }

    #[setter]
    fn set_heard_at_ns(&self, heard_at_ns: i64) {
        self.heard_at_ns.store(heard_at_ns, Relaxed);
    }

    /// Count a frame.
    fn heard(&self, now_ns: i64) {
        self.frames.fetch_add(1, Relaxed);
        self.heard_at_ns.store(now_ns, Relaxed);
    }
}

/// Where the items of one subscription go: to its callback, or else to its queue.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Inlet {
    take: Py<PyAny>,
    /// Gets what `take` raises that must end nothing of ours; `None` where everything it raises is ours.
    failed: Option<Py<PyAny>>,
    received: AtomicU64,
}

impl Inlet {
    fn pass(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
        self.received.fetch_add(1, Relaxed);
        match (self.take.bind(py).call1((item,)), &self.failed) {
            (Ok(_), _) => Ok(()),
            (Err(fault), Some(failed)) if is_callbacks_own(py, &fault)? => {
                failed.bind(py).call1((fault.into_value(py),)).map(drop)
            }
            (Err(fault), _) => Err(fault),
        }
    }
}

/// Tells whether it is an exception, or the `CancelledError` of a function that nobody cancels.
fn is_callbacks_own(py: Python<'_>, fault: &PyErr) -> PyResult<bool> {
    static CANCELLED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if fault.is_instance_of::<PyException>(py) {
        return Ok(true);
    }
    Ok(fault.is_instance(py, CANCELLED.import(py, "asyncio", "CancelledError")?))
}

#[pymethods]
impl Inlet {
    #[new]
    fn new(take: Py<PyAny>, failed: Option<Py<PyAny>>) -> Self {
        Self {
            take,
            failed,
            received: 0.into(),
        }
    }

    /// Items delivered.
    #[getter]
    fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Give one item to whoever reads.
    fn deliver(&self, item: &Bound<'_, PyAny>) -> Result<()> {
        python(self.pass(item.py(), item))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.take)?;
        visit.call(&self.failed)
    }
}

enum AnyFeed {
    Coinex(Py<CoinexFeed>),
    Exchange(Py<ExchangeFeed>),
    Truex(Py<TruexFeed>),
    /// `on_frame` of any other.
    Other(Py<PyAny>),
}

impl AnyFeed {
    fn of(feed: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(feed) = feed.cast::<CoinexFeed>() {
            return Ok(Self::Coinex(feed.clone().unbind()));
        }
        if let Ok(feed) = feed.cast::<ExchangeFeed>() {
            return Ok(Self::Exchange(feed.clone().unbind()));
        }
        if let Ok(feed) = feed.cast::<TruexFeed>() {
            return Ok(Self::Truex(feed.clone().unbind()));
        }
        Ok(Self::Other(feed.getattr("on_frame")?.unbind()))
    }

    /// Reads one frame.
    fn read<'py>(&self, data: &Bound<'py, PyAny>, received_at_ns: i64) -> PyResult<Bound<'py, PyAny>> {
        let py = data.py();
        let event = match self {
            Self::Coinex(feed) => feed.bind(py).try_borrow_mut()?.on_frame(data, received_at_ns)?,
            Self::Exchange(feed) => feed.bind(py).try_borrow_mut()?.on_frame(data, received_at_ns)?,
            Self::Truex(feed) => feed.bind(py).try_borrow_mut()?.on_frame(data, received_at_ns)?,
            Self::Other(on_frame) => return on_frame.bind(py).call1((data, received_at_ns)),
        };
        Ok(Bound::new(py, event)?.into_any())
    }
}

/// Reads the frames of one connection. A push that proves its verified book and says nothing else goes to those who
/// watch it at once; everything else goes to `take`, and what goes wrong to `broken`.
#[pyclass(frozen, module = "tradewire._native")]
pub struct FramePath {
    feed: AnyFeed,
    monotonic_ns: Py<PyAny>,
    traffic: Py<Traffic>,
    /// By market.
    pulses: Py<PyDict>,
    /// By market, those who watch its book.
    inlets: Py<PyDict>,
    take: Py<PyAny>,
    broken: Py<PyAny>,
    is_open: AtomicBool,
}

impl FramePath {
    fn pass(&self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> PyResult<()> {
        let py = data.py();
        let now_ns: i64 = self.monotonic_ns.bind(py).call0()?.extract()?;
        self.traffic.get().heard(now_ns);
        let handled = self
            .feed
            .read(data, received_at_ns)
            .and_then(|event| self.hand_on(&event, now_ns));
        match handled {
            // A bug of ours, or an unreadable frame.
            Err(fault) if fault.is_instance_of::<PyException>(py) => {
                let broken = self.broken.bind(py);
                broken.call1((fault.into_value(py), now_ns)).map(drop)
            }
            handled => handled,
        }
    }

    fn hand_on(&self, event: &Bound<'_, PyAny>, now_ns: i64) -> PyResult<()> {
        let py = event.py();
        if let Ok(read) = event.cast::<FeedEvent>()
            && let Some(watchers) = self.watchers_of(read.get(), py, now_ns)?
        {
            for watcher in watchers {
                watcher.cast::<Inlet>()?.get().pass(py, event)?;
            }
            return Ok(());
        }
        self.take.bind(py).call1((event, now_ns)).map(drop)
    }

    /// Returns who gets a push that asks for nothing else, and notes that it proved its book.
    fn watchers_of<'py>(
        &self,
        event: &FeedEvent,
        py: Python<'py>,
        now_ns: i64,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        if !event.is_plain.bind(py).is_true() {
            return Ok(None);
        }
        let Some(watchers) = self.inlets.bind(py).get_item(&event.market)? else {
            return Ok(None);
        };
        let Some(pulse) = self.pulses.bind(py).get_item(&event.market)? else {
            return Ok(None);
        };
        let pulse = pulse.cast::<Pulse>()?.get();
        if !pulse.is_verified() {
            return Ok(None);
        }
        pulse.proved(now_ns);
        Ok(Some(watchers.cast_into()?))
    }
}

#[pymethods]
impl FramePath {
    #[new]
    #[pyo3(signature = (feed, monotonic_ns, traffic, *, pulses, inlets, take, broken))]
    fn new(
        feed: &Bound<'_, PyAny>,
        monotonic_ns: Py<PyAny>,
        traffic: Py<Traffic>,
        pulses: Py<PyDict>,
        inlets: Py<PyDict>,
        take: Py<PyAny>,
        broken: Py<PyAny>,
    ) -> Result<Self> {
        Ok(Self {
            feed: python(AnyFeed::of(feed))?,
            monotonic_ns,
            traffic,
            pulses,
            inlets,
            take,
            broken,
            is_open: false.into(),
        })
    }

    /// Whether frames are taken; those that come else are what was still under way.
    #[getter]
    fn is_open(&self) -> bool {
        self.is_open.load(Relaxed)
    }

    #[setter]
    fn set_is_open(&self, is_open: bool) {
        self.is_open.store(is_open, Relaxed);
    }

    /// Take one frame and deliver what it says before this returns.
    fn on_frame(&self, data: &Bound<'_, PyAny>, received_at_ns: i64) -> Result<()> {
        if self.is_open() {
            python(self.pass(data, received_at_ns))?;
        }
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let AnyFeed::Other(on_frame) = &self.feed {
            visit.call(on_frame)?;
        }
        visit.call(&self.monotonic_ns)?;
        visit.call(&self.pulses)?;
        visit.call(&self.inlets)?;
        visit.call(&self.take)?;
        visit.call(&self.broken)
    }
}
