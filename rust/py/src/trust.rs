//! What every reading method asks of a book first: whether to believe it, and how old its proof may be.

use std::time::{SystemTime, UNIX_EPOCH};

use tradewire_core::book::trust::{Status, Trust};

use crate::errors::{Fault, NotSynced, Result};

/// Our time, nanoseconds UTC, as frames are stamped with it.
pub fn now_ns() -> i64 {
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
