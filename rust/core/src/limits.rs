//! Rate limits as a venue meters them: one token bucket a group, with a part kept back for cancels.
//!
//! Knows counts and times, no venue and no loop: it says how long to wait. All times are nanoseconds of one
//! monotonic clock.

use std::error::Error as StdError;
use std::fmt;

const NS_PER_S: f64 = 1e9;

/// No bucket ever holds what a request costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TooHeavy {
    /// What the bucket holds.
    pub capacity: f64,
}

impl fmt::Display for TooHeavy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must weigh at most {}", self.capacity)
    }
}

impl StdError for TooHeavy {}

/// Where a group stood when a request left. Counts in its reply belong to this moment, not to the reply's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// When that was.
    pub time_ns: i64,
    /// Tokens of this group that had left until then.
    pub spent: f64,
    /// The same of all groups that a long-period quota counts.
    pub account_spent: f64,
}

/// How a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Behind everyone in line.
    Last,
    /// It stood in line and is the next.
    Next,
    /// A cancel: it may use what is kept back, and need not stand in line.
    Cancel,
}

/// Tokens refill at a rate up to a capacity.
#[derive(Debug, Clone)]
struct Bucket {
    rate_per_s: f64,
    capacity: f64,
    tokens: f64,
    /// Promised to those in line.
    waiting: f64,
    /// Given out to requests that have not left yet: the venue has not counted them, and its bucket does not fill
    /// over its brim meanwhile, so neither may ours.
    held: f64,
    spent: f64,
    closed_until_ns: i64,
    time_ns: i64,
}

impl Bucket {
    fn new(rate_per_s: f64, capacity: f64) -> Self {
        Self {
            rate_per_s,
            capacity,
            tokens: capacity,
            waiting: 0.0,
            held: 0.0,
            spent: 0.0,
            closed_until_ns: 0,
            time_ns: 0,
        }
    }

    fn refilled(&self, since_ns: i64, now_ns: i64) -> f64 {
        now_ns.saturating_sub(since_ns) as f64 * self.rate_per_s / NS_PER_S
    }

    fn refill(&mut self, now_ns: i64) {
        let mut tokens = self.tokens;
        if now_ns > self.time_ns {
            tokens += self.refilled(self.time_ns, now_ns);
        }
        self.tokens = tokens.min(self.capacity - self.held);
        self.time_ns = now_ns;
    }

    /// Returns how long until `wanted` tokens are there and the bucket is open.
    fn wait_ns(&self, wanted: f64, now_ns: i64) -> i64 {
        if wanted <= self.tokens && now_ns >= self.closed_until_ns {
            return 0;
        }
        let refill_ns = ((wanted - self.tokens) * NS_PER_S / self.rate_per_s).round_ties_even();
        (refill_ns.max(0.0) as i64).max(self.closed_until_ns.saturating_sub(now_ns))
    }

    fn take(&mut self, weight: f64) {
        self.tokens -= weight;
        self.spent += weight;
    }

    /// Believes in `tokens` if we thought that there were more.
    fn learn(&mut self, tokens: f64) {
        self.tokens = self.tokens.min(tokens);
    }
}

/// Quotas of hours, shared by all of an account's groups. Who uses one up is served slowly, except for cancels.
///
/// A quota that is used up is obeyed by going slowly of our own accord: one request at a time, whose replies say when
/// there is more.
#[derive(Debug)]
struct LongPeriods {
    slow: Bucket,
    spent: f64,
    left: Vec<(String, f64)>,
}

/// A rate group, by its place among those a [`Limiter`] was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group(usize);

/// Says whether a request may go now, and if not, how long it must wait.
#[derive(Debug)]
pub struct Limiter {
    names: Vec<String>,
    buckets: Vec<Bucket>,
    /// The group every request draws from besides its own.
    shared: Option<usize>,
    cancel_share: f64,
    is_metered: Vec<bool>,
    long: LongPeriods,
}

/// A group of a [`Limiter`] to be made.
#[derive(Debug, Clone)]
pub struct Rate {
    /// Its name.
    pub name: String,
    /// Requests per second.
    pub per_s: f64,
    /// What its bucket holds.
    pub burst: f64,
    /// Whether it counts against the venue's quotas of hours.
    pub is_metered: bool,
}

impl Limiter {
    /// Makes one with every bucket full.
    ///
    /// `shared` is the group every request draws from besides its own; `cancel_share` the part of every bucket that
    /// only cancels may use, so that quoting can never starve them; `slow_rate_per_s` the pace, cancels aside, once a
    /// quota of hours is used up.
    pub fn new(rates: Vec<Rate>, shared: Option<&str>, cancel_share: f64, slow_rate_per_s: f64) -> Self {
        Self {
            shared: shared.and_then(|name| rates.iter().position(|rate| rate.name == name)),
            buckets: rates
                .iter()
                .map(|rate| Bucket::new(rate.per_s, rate.burst))
                .collect(),
            is_metered: rates.iter().map(|rate| rate.is_metered).collect(),
            names: rates.into_iter().map(|rate| rate.name).collect(),
            cancel_share,
            long: LongPeriods {
                slow: Bucket::new(slow_rate_per_s, 1.0),
                spent: 0.0,
                left: Vec::new(),
            },
        }
    }

    /// Returns the group of that name.
    pub fn group(&self, name: &str) -> Option<Group> {
        self.names.iter().position(|known| known == name).map(Group)
    }

    /// Returns every group.
    pub fn groups(&self) -> impl Iterator<Item = Group> + use<> {
        (0..self.names.len()).map(Group)
    }

    /// Returns names and requests per second of all groups.
    pub fn rates_per_s(&self) -> impl Iterator<Item = (&str, f64)> {
        let rates = self.buckets.iter().map(|bucket| bucket.rate_per_s);
        self.names.iter().map(String::as_str).zip(rates)
    }

    /// Takes `weight` tokens and returns 0, or takes nothing and returns the nanoseconds to wait.
    ///
    /// # Errors
    /// [`TooHeavy`] if no bucket ever holds so many.
    pub fn take(&mut self, group: Group, weight: f64, now_ns: i64, turn: Turn) -> Result<i64, TooHeavy> {
        let mut longest_ns = 0;
        for at in self.together(group) {
            let bucket = &mut self.buckets[at];
            bucket.refill(now_ns);
            if weight > bucket.capacity {
                return Err(TooHeavy {
                    capacity: bucket.capacity,
                });
            }
            let mut wanted = weight;
            if turn != Turn::Cancel {
                let kept_back = bucket.capacity * self.cancel_share;
                let ahead = if turn == Turn::Next { 0.0 } else { bucket.waiting };
                wanted += kept_back.min(bucket.capacity - weight) + ahead;
            }
            longest_ns = longest_ns.max(bucket.wait_ns(wanted, now_ns));
        }
        let is_metered = self.is_metered[group.0];
        let is_slow =
            is_metered && turn != Turn::Cancel && self.long.left.iter().any(|(_, left)| *left < 1.0);
        if is_slow {
            self.long.slow.refill(now_ns);
            longest_ns = longest_ns.max(self.long.slow.wait_ns(1.0, now_ns));
        }
        if longest_ns > 0 {
            return Ok(longest_ns);
        }
        for at in self.together(group) {
            self.buckets[at].take(weight);
        }
        if is_metered {
            self.long.spent += weight;
            for (_, left) in &mut self.long.left {
                *left -= weight;
            }
        }
        if is_slow {
            self.long.slow.take(1.0);
        }
        Ok(0)
    }

    /// Adds `weight` to what stands in line: those who come later wait behind. Less than 0 leaves the line.
    pub fn wait(&mut self, group: Group, weight: f64) {
        for at in self.together(group) {
            self.buckets[at].waiting += weight;
        }
    }

    /// Notes that a request has taken its tokens and not left yet.
    pub fn hold(&mut self, group: Group, weight: f64) {
        for at in self.together(group) {
            self.buckets[at].held += weight;
        }
    }

    /// Notes that a held request has left, or never will: from now on its tokens are refilled.
    pub fn left(&mut self, group: Group, weight: f64, now_ns: i64) {
        for at in self.together(group) {
            self.buckets[at].refill(now_ns);
            self.buckets[at].held -= weight;
        }
    }

    /// Returns where `group` stands as a request leaves, for [`Limiter::observe`] to count from.
    pub fn mark(&self, group: Group, now_ns: i64) -> Mark {
        let bucket = &self.buckets[group.0];
        Mark {
            time_ns: now_ns,
            spent: bucket.spent - bucket.held,
            account_spent: self.long.spent,
        }
    }

    /// Learns from the venue how many tokens are left; never believes in more than it says.
    ///
    /// It counted them at about the request's mark: what was refilled and spent since then is allowed for, so that a
    /// late reply costs no token that the venue has.
    pub fn observe(&mut self, group: Group, mut remaining: f64, now_ns: i64, since: Option<Mark>) {
        let bucket = &mut self.buckets[group.0];
        bucket.refill(now_ns);
        if let Some(since) = since {
            remaining += bucket.refilled(since.time_ns, now_ns);
            remaining -= bucket.spent - since.spent;
        }
        bucket.learn(remaining);
    }

    /// Learns from the venue what is left of one of its quotas of hours; more than before is believed.
    pub fn observe_long_period(&mut self, period: &str, left: f64, since: Mark) {
        let left = left - (self.long.spent - since.account_spent);
        match self.long.left.iter_mut().find(|(known, _)| known == period) {
            Some(known) => known.1 = left,
            None => self.long.left.push((period.to_owned(), left)),
        }
    }

    /// Empties a group and sends nothing in it for `wait_ns`.
    pub fn close(&mut self, group: Group, wait_ns: i64, now_ns: i64) {
        let bucket = &mut self.buckets[group.0];
        bucket.refill(now_ns);
        bucket.learn(0.0);
        bucket.closed_until_ns = bucket.closed_until_ns.max(now_ns.saturating_add(wait_ns));
    }

    /// Returns how long `group` stays closed; 0 if it is open.
    pub fn closed_ns(&self, group: Group, now_ns: i64) -> i64 {
        let closed = |at: usize| self.buckets[at].closed_until_ns.saturating_sub(now_ns);
        self.together(group).map(closed).max().unwrap_or(0).max(0)
    }

    /// Returns the bucket of `group`, and the shared one if it is another.
    fn together(&self, group: Group) -> impl Iterator<Item = usize> + use<> {
        let other = self.shared.filter(|shared| *shared != group.0);
        std::iter::once(group.0).chain(other)
    }
}
