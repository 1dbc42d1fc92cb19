//! The best bid and ask, and whether a frame changed what a reader sees of them.

use super::trust::{Book, Status};
use crate::units::Wide;

/// Price and size of a best level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its price.
    pub price: Wide,
    /// Its size.
    pub size: Wide,
}

/// Best bid and ask of a book; `None` where a side is empty. Equal by value, however the numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Top {
    /// The best bid.
    pub bid: Option<Quote>,
    /// The best ask.
    pub ask: Option<Quote>,
}

/// What a reader could see of a book's top before a frame: nothing unless the book was synced.
#[derive(Clone, Copy)]
pub(crate) struct Shown(Option<Top>);

impl Shown {
    /// Looks at a book.
    pub(crate) fn of(book: &impl Book) -> Self {
        Self((book.trust().status() == Status::Synced).then(|| book.top()))
    }

    /// Tells whether a reader now sees another top, or sees one again. A book that may not be read shows no change.
    pub(crate) fn is_outdated_by(self, book: &impl Book) -> bool {
        let now = Self::of(book);
        now.0.is_some() && now.0 != self.0
    }
}
