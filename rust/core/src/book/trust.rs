//! Whether a book may be believed, why not, and when it was last proved. The rules stand here once, for every kind of book.
//!
//! A book is proved by a matching checksum or an unbroken sequence and by nothing else. What was ignored proves nothing.

use std::sync::Arc;

use super::top::Top;

/// State of a book's agreement with the venue's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waits for its first, or next, snapshot.
    Syncing,
    /// Proved equal to the venue's book at the last push.
    Synced,
    /// Nothing feeds it any more: the connection is gone or silent, or the book was removed.
    Stale,
    /// Something does not add up.
    Suspect,
}

impl Status {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syncing => "syncing",
            Self::Synced => "synced",
            Self::Stale => "stale",
            Self::Suspect => "suspect",
        }
    }
}

/// Why a book is not synced, or why a frame was ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is synced.
    None,
    /// No snapshot yet.
    NoSnapshot,
    /// A difference came before any snapshot.
    DeltaBeforeSnapshot,
    /// The venue's checksum differs from ours.
    ChecksumMismatch,
    /// The push carried no checksum, so nothing is proved.
    NoChecksum,
    /// Best bid not below best ask.
    Crossed,
    /// A level that is no pair of exact decimals.
    BadLevel,
    /// A frame of the connection could not be read; it may have been for this book.
    UnreadableFrame,
    /// The connection is gone.
    Disconnected,
    /// The feed no longer keeps the book.
    Removed,
    /// A number of the sequence is missing.
    SequenceGap,
    /// A frame without a number where frames are numbered: nothing says where it belongs.
    NoSequence,
    /// The frame is older than the book by the venue's own time or number. It was ignored and proves nothing.
    StalePush,
    /// The venue says that it skipped something for us.
    ResyncRequired,
    /// An event of a kind that is not known: what it did to the book is not known either.
    UnknownEvent,
    /// An event that cannot be true of the book as it stands: another price or side, or a size that may not grow.
    ContradictsBook,
    /// What the caller gave, in its own words; see [`Trust::reason_text`].
    Given,
}

impl Reason {
    /// Every reason that has a name.
    pub const NAMED: &[Self] = &[
        Self::NoSnapshot,
        Self::DeltaBeforeSnapshot,
        Self::ChecksumMismatch,
        Self::NoChecksum,
        Self::Crossed,
        Self::BadLevel,
        Self::UnreadableFrame,
        Self::Disconnected,
        Self::Removed,
        Self::SequenceGap,
        Self::NoSequence,
        Self::StalePush,
        Self::ResyncRequired,
        Self::UnknownEvent,
        Self::ContradictsBook,
    ];

    /// Returns the stable name; empty for a synced book.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::NoSnapshot => "no_snapshot",
            Self::DeltaBeforeSnapshot => "delta_before_snapshot",
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::NoChecksum => "no_checksum",
            Self::Crossed => "crossed",
            Self::BadLevel => "bad_level",
            Self::UnreadableFrame => "unreadable_frame",
            Self::Disconnected => "disconnected",
            Self::Removed => "removed",
            Self::SequenceGap => "sequence_gap",
            Self::NoSequence => "no_sequence",
            Self::StalePush => "stale_push",
            Self::ResyncRequired => "resync_required",
            Self::UnknownEvent => "unknown_event",
            Self::ContradictsBook => "contradicts_book",
            Self::Given => "given",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::NAMED.iter().copied().find(|reason| reason.name() == name)
    }
}

/// Status, reason and last proof of one book.
#[derive(Clone, Debug)]
pub struct Trust {
    status: Status,
    reason: Reason,
    /// Words of [`Reason::Given`].
    given: Option<Arc<str>>,
    proved_at_ns: i64,
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            status: Status::Syncing,
            reason: Reason::NoSnapshot,
            given: None,
            proved_at_ns: 0,
        }
    }
}

impl Trust {
    /// Whether the book may be believed.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Why it is not synced.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Why it is not synced: the reason's name, or the words the caller gave; empty if it is synced.
    pub fn reason_text(&self) -> &str {
        match (self.reason, &self.given) {
            (Reason::Given, Some(given)) => given,
            (reason, _) => reason.name(),
        }
    }

    /// Our time of the last proof, nanoseconds; 0 before the first.
    pub fn proved_at_ns(&self) -> i64 {
        self.proved_at_ns
    }

    /// Returns how long before `now_ns` the last proof was; `None` before the first. Negative if the clock was set back.
    pub fn age_ns(&self, now_ns: i64) -> Option<i64> {
        (self.proved_at_ns != 0).then(|| now_ns.saturating_sub(self.proved_at_ns))
    }

    /// Says that a checksum matched, or that the sequence is unbroken.
    pub fn mark_synced(&mut self, now_ns: i64) {
        self.status = Status::Synced;
        self.reason = Reason::None;
        self.proved_at_ns = now_ns;
    }

    /// Says that something does not add up.
    pub fn mark_suspect(&mut self, reason: Reason) {
        self.status = Status::Suspect;
        self.reason = reason;
    }

    /// Says that nothing feeds the book any more, because of a named reason or in words of the caller's own.
    pub fn mark_stale(&mut self, reason: &str) {
        self.status = Status::Stale;
        self.set_reason(reason);
    }

    /// Says that the book waits for a snapshot, because of a named reason or in words of the caller's own.
    pub fn mark_syncing(&mut self, reason: &str) {
        self.status = Status::Syncing;
        self.set_reason(reason);
    }

    /// Judges a book to which a frame was applied: proved, unless there is a doubt or the book is crossed.
    pub fn mark_applied(&mut self, doubt: Option<Reason>, is_crossed: bool, now_ns: i64) {
        match doubt {
            Some(reason) => self.mark_suspect(reason),
            None if is_crossed => self.mark_suspect(Reason::Crossed),
            None => self.mark_synced(now_ns),
        }
    }

    fn set_reason(&mut self, reason: &str) {
        if reason.is_empty() {
            self.reason = Reason::NoSnapshot;
            return;
        }
        self.reason = Reason::of(reason).unwrap_or_else(|| {
            self.given = Some(reason.into());
            Reason::Given
        });
    }
}

/// What every kind of book has.
pub trait Book {
    /// Whether to believe it.
    fn trust(&self) -> &Trust;

    /// Its trust, to be changed.
    fn trust_mut(&mut self) -> &mut Trust;

    /// Returns the best bid and ask as they stand, whether or not to believe them.
    fn top(&self) -> Top;

    /// Forgets the content and every mark of what is old; the book then waits for a snapshot because of `reason`.
    fn reset(&mut self, reason: &str);
}
