//! Rate limits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use tradewire_core::limits::{self, Group, Rate, Turn};

use crate::errors::{Fault, Result, python};

/// Where a group stood when a request left. Counts in its reply belong to this moment, not to the reply's.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Mark(limits::Mark);

#[pymethods]
impl Mark {
    /// When that was, by the monotonic clock.
    #[getter]
    fn time_ns(&self) -> i64 {
        self.0.time_ns
    }
}

/// Says whether a request may go now, and if not, how long it must wait.
#[pyclass(frozen, module = "tradewire._native")]
#[derive(Clone)]
pub struct Limiter(Arc<Mutex<limits::Limiter>>);

impl Limiter {
    /// Borrows the limits.
    pub fn lock(&self) -> MutexGuard<'_, limits::Limiter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Borrows the limits and finds a group of them.
    pub fn of(&self, group: &str) -> Result<(MutexGuard<'_, limits::Limiter>, Group)> {
        let limiter = self.lock();
        match limiter.group(group) {
            Some(found) => Ok((limiter, found)),
            None => Err(Fault::Misuse(format!("there is no rate group {group:?}"))),
        }
    }
}

#[pymethods]
impl Limiter {
    #[new]
    #[pyo3(signature = (
        rates_per_s, *, shared="", bursts=None, cancel_share=0.1, long_period_groups=None, slow_rate_per_s=1.0
    ))]
    fn new(
        rates_per_s: &Bound<'_, PyDict>,
        shared: &str,
        bursts: Option<&Bound<'_, PyDict>>,
        cancel_share: f64,
        long_period_groups: Option<&Bound<'_, PyAny>>,
        slow_rate_per_s: f64,
    ) -> Result<Self> {
        let mut rates = Vec::with_capacity(rates_per_s.len());
        for (name, per_s) in rates_per_s.iter() {
            let per_s: f64 = python(per_s.extract())?;
            let burst = match bursts {
                Some(known) => python(known.get_item(&name))?,
                None => None,
            };
            rates.push(Rate {
                per_s,
                burst: burst.map_or(Ok(per_s), |burst| python(burst.extract()))?,
                is_metered: long_period_groups.map_or(Ok(false), |groups| python(groups.contains(&name)))?,
                name: python(name.extract())?,
            });
        }
        let shared = Some(shared).filter(|shared| !shared.is_empty());
        let limiter = limits::Limiter::new(rates, shared, cancel_share, slow_rate_per_s);
        Ok(Self(Arc::new(Mutex::new(limiter))))
    }

    /// Requests per second by group.
    #[getter]
    fn rates_per_s<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>> {
        let rates = PyDict::new(py);
        for (name, rate) in self.lock().rates_per_s() {
            python(rates.set_item(name, rate))?;
        }
        Ok(rates)
    }

    /// Take `weight` tokens and return 0, or take nothing and return the nanoseconds to wait.
    #[pyo3(signature = (group, weight, now_ns, *, is_cancel=false, is_next=false))]
    fn take(&self, group: &str, weight: f64, now_ns: i64, is_cancel: bool, is_next: bool) -> Result<i64> {
        let (mut limiter, found) = self.of(group)?;
        let turn = match (is_cancel, is_next) {
            (true, _) => Turn::Cancel,
            (false, true) => Turn::Next,
            (false, false) => Turn::Last,
        };
        limiter.take(found, weight, now_ns, turn).map_err(|fault| {
            Fault::Argument(format!(
                "a request in rate group {group} {fault}, got {weight}: split it"
            ))
        })
    }

    /// Stand in line: those who come later wait behind.
    fn join(&self, group: &str, weight: f64) -> Result<()> {
        let (mut limiter, found) = self.of(group)?;
        limiter.wait(found, weight);
        Ok(())
    }

    /// Leave the line, served or not.
    fn leave(&self, group: &str, weight: f64) -> Result<()> {
        let (mut limiter, found) = self.of(group)?;
        limiter.wait(found, -weight);
        Ok(())
    }

    /// Note that a request has taken its tokens and not left yet.
    fn hold(&self, group: &str, weight: f64) -> Result<()> {
        let (mut limiter, found) = self.of(group)?;
        limiter.hold(found, weight);
        Ok(())
    }

    /// Note that a held request has left, or never will: from now on its tokens are refilled.
    fn left(&self, group: &str, weight: f64, now_ns: i64) -> Result<()> {
        let (mut limiter, found) = self.of(group)?;
        limiter.left(found, weight, now_ns);
        Ok(())
    }

    /// Return where `group` stands as a request leaves; `ahead` are tokens of held ones that leave now.
    #[pyo3(signature = (group, now_ns, ahead=0.0))]
    fn mark(&self, group: &str, now_ns: i64, ahead: f64) -> Result<Mark> {
        let (limiter, found) = self.of(group)?;
        let mut mark = limiter.mark(found, now_ns);
        mark.spent += ahead;
        Ok(Mark(mark))
    }

    /// Learn from the venue how many tokens are left; never believe in more than it says.
    #[pyo3(signature = (group, remaining, now_ns, since=None))]
    fn observe(&self, group: &str, remaining: f64, now_ns: i64, since: Option<&Mark>) -> Result<()> {
        let (mut limiter, found) = self.of(group)?;
        limiter.observe(found, remaining, now_ns, since.map(|mark| mark.0));
        Ok(())
    }

    /// Learn from the venue what is left of its quotas of hours, by period; more than before is believed.
    fn observe_long_periods(&self, left: &Bound<'_, PyDict>, since: &Mark) -> Result<()> {
        let mut limiter = self.lock();
        for (period, left) in left.iter() {
            limiter.observe_long_period(python(period.extract())?, python(left.extract())?, since.0);
        }
        Ok(())
    }

    /// Empty `groups`, or all if none is named, and send nothing in them for `wait_ns`.
    #[pyo3(signature = (wait_ns, now_ns, *groups))]
    fn close(&self, wait_ns: i64, now_ns: i64, groups: &Bound<'_, PyTuple>) -> Result<()> {
        for group in groups {
            let (mut limiter, found) = self.of(python(group.extract())?)?;
            limiter.close(found, wait_ns, now_ns);
        }
        if groups.is_empty() {
            let mut limiter = self.lock();
            for group in limiter.groups() {
                limiter.close(group, wait_ns, now_ns);
            }
        }
        Ok(())
    }

    /// Return how long `group` stays closed; 0 if it is open.
    fn closed_ns(&self, group: &str, now_ns: i64) -> Result<i64> {
        let (limiter, found) = self.of(group)?;
        Ok(limiter.closed_ns(found, now_ns))
    }
}
