//! The venue's time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tradewire_core::clock;

/// Offset between our clock and the venue's, estimated from replies that carry its time.
#[pyclass(frozen, module = "tradewire._native")]
#[derive(Clone)]
pub struct ClockEstimate(Arc<Mutex<clock::ClockEstimate>>);

impl ClockEstimate {
    /// Borrows the estimate.
    pub fn lock(&self) -> MutexGuard<'_, clock::ClockEstimate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl ClockEstimate {
    #[new]
    fn new() -> Self {
        Self(Arc::default())
    }

    /// The venue's time minus ours; 0 until the first sample.
    #[getter]
    fn offset_ns(&self) -> i64 {
        self.lock().offset_ns()
    }

    /// Largest error of `offset_ns`; `None` before the first sample.
    #[getter]
    fn uncertainty_ns(&self) -> Option<i64> {
        self.lock().uncertainty_ns()
    }

    /// Samples taken so far.
    #[getter]
    fn believed(&self) -> u64 {
        self.lock().believed()
    }

    /// How often our own clock was set, as far as we saw.
    #[getter]
    fn steps(&self) -> u64 {
        self.lock().steps()
    }

    /// Our own clock was set since `settle`.
    #[getter]
    fn is_in_doubt(&self) -> bool {
        self.lock().is_in_doubt()
    }

    /// Take the estimate for good: the venue is asked, or will not be.
    fn settle(&self) {
        self.lock().settle();
    }

    /// Return the venue's time, given both of our clocks; notices when the first of them was set.
    fn venue_ns(&self, wall_ns: i64, monotonic_ns: i64) -> i64 {
        self.lock().venue_ns(wall_ns, monotonic_ns)
    }

    /// Add a sample and return an empty text, or return why it is not believed.
    #[pyo3(signature = (sent_ns, received_ns, venue_ns, elapsed_ns=None))]
    fn observe(&self, sent_ns: i64, received_ns: i64, venue_ns: i128, elapsed_ns: Option<i64>) -> String {
        let taken = self.lock().observe(sent_ns, received_ns, venue_ns, elapsed_ns);
        taken.map_or_else(|why| why.to_string(), |()| String::new())
    }

    /// Forget all samples once there is a new one.
    fn restart(&self) {
        self.lock().restart();
    }
}
