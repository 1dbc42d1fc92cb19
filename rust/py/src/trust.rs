//! What every reading method asks of a book first: whether to believe it, and how old its proof may be.

use std::sync::{PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use tradewire_core::book::trust::{Status, Trust};

use crate::errors::{Fault, NotSynced, Result};

/// Stands for the system's clock while it is set.
static CLOCK: RwLock<Option<Py<PyAny>>> = RwLock::new(None);

/// Let books take our time from `wall_ns()` instead of the system's clock, `None` for the latter: in a world on virtual
/// time, which has one thread. A clock that fails shows 0.
#[pyfunction]
pub fn set_book_clock(wall_ns: Option<Py<PyAny>>) {
    *CLOCK.write().unwrap_or_else(PoisonError::into_inner) = wall_ns;
}

/// Our time, nanoseconds UTC, as frames are stamped with it.
pub fn now_ns() -> i64 {
    if let Some(clock) = CLOCK.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
        return Python::attach(|py| {
            clock
                .call0(py)
                .and_then(|now| now.extract(py))
                .unwrap_or_default()
        });
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// Refuses a book that may not be believed. The clock is read only if there is a limit of age.
#[inline]
pub fn check(market: &str, trust: &Trust, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<()> {
    if max_age_ns.is_none() && (unsynced_ok || trust.status() == Status::Synced) {
        return Ok(());
    }
    check_closely(market, trust, unsynced_ok, max_age_ns)
}

#[cold]
#[inline(never)]
fn check_closely(market: &str, trust: &Trust, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<()> {
    let refusal = |reason: &str, age_ns, max_age_ns| {
        Err(Fault::NotSynced(Box::new(NotSynced {
            market: market.to_owned(),
            status: trust.status().name(),
            reason: reason.to_owned(),
            age_ns,
            max_age_ns,
        })))
    };
    if !unsynced_ok && trust.status() != Status::Synced {
        return refusal(trust.reason_text(), None, None);
    }
    let age_ns = max_age_ns.and_then(|_| trust.age_ns(now_ns()));
    match (age_ns, max_age_ns) {
        (_, None) => Ok(()),
        // A proof in the future is no better: the clock was set back, so its age is not known.
        (Some(age_ns), Some(max_age_ns)) if (0..=max_age_ns).contains(&age_ns) => Ok(()),
        _ => refusal("too_old", age_ns, max_age_ns),
    }
}
