//! One object per connection that owns its books: one call per frame.
//!
//! A feed inflates, scans, routes to the market's book, applies, verifies, and says what changed in a small event.

mod books;
pub mod coinex;
pub mod exchange;
pub mod truex;

pub use books::{BookId, Books, Shared, lock};

/// What a frame did to a book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// It was replaced.
    Snapshot,
    /// Levels changed, or the frame put the book in doubt.
    Delta,
    /// Nothing changed and nothing was proved: the push was old, or the book waits for a snapshot.
    #[default]
    Ignored,
}

impl Change {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Delta => "delta",
            Self::Ignored => "ignored",
        }
    }
}
