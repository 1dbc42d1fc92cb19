//! The venue's time, estimated from replies that carry it.
//!
//! The sample with the shortest round trip is the best: its error is at most half of that trip. Old samples leave
//! after [`SAMPLES`] newer ones, so that a drifting clock is followed, or at once when a new one contradicts them.
//! Times come in as arguments, nanoseconds.

use std::collections::VecDeque;
use std::fmt;

/// How many samples are kept.
pub const SAMPLES: usize = 16;
const NS_PER_S: i64 = 1_000_000_000;
/// A sample's error is half of its round trip; the narrowest window of a venue has 5 s.
const MAX_ROUND_TRIP_NS: i64 = 4 * NS_PER_S;
/// No clock that a program trades by is a day off; a venue's reply in other units is.
const MAX_OFFSET_NS: i64 = 86_400 * NS_PER_S;
/// Our wall clock was set if it went this much further than the monotonic one.
const STEP_NS: i64 = NS_PER_S / 4;
/// Beyond the error of both, a sample this far from the estimate means that the venue's clock was set. Some venues
/// tell whole seconds only.
const DISAGREEMENT_NS: i64 = 3 * NS_PER_S / 2;

/// Why a sample is not believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Disbelief {
    /// Our own clock was set while the venue answered.
    Step,
    /// The reply took so long, in seconds.
    RoundTrip(f64),
    /// The venue's clock would be so many days ahead of ours.
    Offset(f64),
}

impl fmt::Display for Disbelief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step => f.write_str("our own clock was set while the venue answered"),
            Self::RoundTrip(seconds) => write!(f, "the reply took {seconds:.1} s"),
            Self::Offset(days) => write!(
                f,
                "the venue's clock would be {days:+.0} days from ours; set this machine's clock"
            ),
        }
    }
}

/// What one reply said. Ordered by how good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sample {
    round_trip_ns: i64,
    offset_ns: i64,
}

/// Offset between our clock and the venue's.
///
/// When our own clock is set, the estimate moves with it and is in doubt until it is proved again.
#[derive(Debug, Default)]
pub struct ClockEstimate {
    samples: VecDeque<Sample>,
    is_outdated: bool,
    skew_ns: Option<i64>,
    offset_ns: i64,
    believed: u64,
    steps: u64,
    is_in_doubt: bool,
}

impl ClockEstimate {
    /// Returns the venue's time minus ours; 0 until the first sample.
    pub fn offset_ns(&self) -> i64 {
        self.offset_ns
    }

    /// Returns the largest error of the offset, or `None` before the first sample.
    pub fn uncertainty_ns(&self) -> Option<i64> {
        self.best().map(|best| best.round_trip_ns / 2)
    }

    /// Returns how many samples were taken so far.
    pub fn believed(&self) -> u64 {
        self.believed
    }

    /// Returns how often our own clock was set, as far as was seen.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Tells whether our own clock was set since [`Self::settle`].
    pub fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// Takes the estimate for good: the venue is asked, or will not be.
    pub fn settle(&mut self) {
        self.is_in_doubt = false;
    }

    /// Returns the venue's time, given both of our clocks; notices when the first of them was set.
    pub fn venue_ns(&mut self, wall_ns: i64, monotonic_ns: i64) -> i64 {
        let skew_ns = wall_ns.saturating_sub(monotonic_ns);
        if let Some(before_ns) = self.skew_ns.replace(skew_ns) {
            let step_ns = skew_ns.saturating_sub(before_ns);
            if !(-STEP_NS..=STEP_NS).contains(&step_ns) {
                self.shift(step_ns);
            }
        }
        wall_ns.saturating_add(self.offset_ns)
    }

    /// Adds a sample: when we sent and received, and the venue's time in between. `elapsed_ns` is what a monotonic
    /// clock counted between the two, which unlike them cannot be set meanwhile.
    ///
    /// # Errors
    /// It is not believed; the estimate stays as it was.
    pub fn observe(
        &mut self,
        sent_ns: i64,
        received_ns: i64,
        venue_ns: i128,
        elapsed_ns: Option<i64>,
    ) -> Result<(), Disbelief> {
        let took_ns = received_ns.saturating_sub(sent_ns);
        if elapsed_ns.is_some_and(|elapsed_ns| took_ns.abs_diff(elapsed_ns) > STEP_NS.unsigned_abs()) {
            return Err(Disbelief::Step);
        }
        let round_trip_ns = took_ns.max(0);
        if round_trip_ns > MAX_ROUND_TRIP_NS {
            return Err(Disbelief::RoundTrip(round_trip_ns as f64 / NS_PER_S as f64));
        }
        let ahead_ns = venue_ns.saturating_sub(i128::from(sent_ns) + i128::from(round_trip_ns / 2));
        let offset_ns = i64::try_from(ahead_ns)
            .ok()
            .filter(|offset_ns| offset_ns.unsigned_abs() <= MAX_OFFSET_NS.unsigned_abs())
            .ok_or(Disbelief::Offset(ahead_ns as f64 / MAX_OFFSET_NS as f64))?;
        let sample = Sample {
            round_trip_ns,
            offset_ns,
        };
        if self.is_outdated || self.contradicts(sample) {
            self.samples.clear();
            self.is_outdated = false;
        }
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
        self.keep_offset();
        self.believed += 1;
        Ok(())
    }

    /// Forgets all samples once there is a new one: until then an old estimate is better than none.
    pub fn restart(&mut self) {
        self.is_outdated = true;
    }

    fn best(&self) -> Option<Sample> {
        self.samples.iter().min().copied()
    }

    fn contradicts(&self, sample: Sample) -> bool {
        self.best().is_some_and(|best| {
            let error_ns = sample.round_trip_ns.midpoint(best.round_trip_ns);
            (sample.offset_ns - best.offset_ns).abs() > error_ns + DISAGREEMENT_NS
        })
    }

    fn shift(&mut self, step_ns: i64) {
        self.steps += 1;
        self.is_in_doubt = true;
        for sample in &mut self.samples {
            sample.offset_ns = sample.offset_ns.saturating_sub(step_ns);
        }
        self.keep_offset();
    }

    /// Kept, since every request is stamped with it.
    fn keep_offset(&mut self) {
        self.offset_ns = self.best().map_or(0, |best| best.offset_ns);
    }
}
