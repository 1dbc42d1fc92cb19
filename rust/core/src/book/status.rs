//! Whether a book may be believed, and why not.

/// State of a book's agreement with the venue's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waits for its first, or next, snapshot.
    Syncing,
    /// Proved equal to the venue's book at the last push.
    Synced,
    /// Was synced; the connection is gone or silent.
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

/// Why a book is not synced: stable names, empty for a synced book.
pub mod reason {
    /// Synced.
    pub const NONE: &str = "";
    /// No snapshot yet.
    pub const NO_SNAPSHOT: &str = "no_snapshot";
    /// A difference came before any snapshot.
    pub const DELTA_BEFORE_SNAPSHOT: &str = "delta_before_snapshot";
    /// The venue's checksum differs from ours.
    pub const CHECKSUM_MISMATCH: &str = "checksum_mismatch";
    /// The push carried no checksum, so nothing is proved.
    pub const NO_CHECKSUM: &str = "no_checksum";
    /// Best bid not below best ask.
    pub const CROSSED: &str = "crossed";
    /// A level that is no pair of exact decimals.
    pub const BAD_LEVEL: &str = "bad_level";
    /// A frame of the connection could not be read; it may have been for this book.
    pub const UNREADABLE_FRAME: &str = "unreadable_frame";
    /// The connection is gone.
    pub const DISCONNECTED: &str = "disconnected";

    /// A number of the sequence is missing.
    pub const SEQUENCE_GAP: &str = "sequence_gap";
    /// The venue says that it skipped something for us.
    pub const RESYNC_REQUIRED: &str = "resync_required";
    /// An event of a kind that is not known: what it did to the book is not known either.
    pub const UNKNOWN_EVENT: &str = "unknown_event";

    /// Every reason.
    pub const ALL: &[&str] = &[
        NONE,
        NO_SNAPSHOT,
        DELTA_BEFORE_SNAPSHOT,
        CHECKSUM_MISMATCH,
        NO_CHECKSUM,
        CROSSED,
        BAD_LEVEL,
        UNREADABLE_FRAME,
        DISCONNECTED,
        SEQUENCE_GAP,
        RESYNC_REQUIRED,
        UNKNOWN_EVENT,
    ];

    /// Returns the reason of that name, [`NO_SNAPSHOT`] if there is none.
    pub fn known(name: &str) -> &'static str {
        ALL.iter()
            .copied()
            .find(|reason| *reason == name && !name.is_empty())
            .unwrap_or(NO_SNAPSHOT)
    }
}
