//! The books of one feed: found by market, shared with readers, in places that are used again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::book::trust::{Book, Reason, Status};

/// A book that its feed writes and others read.
pub type Shared<B> = Arc<Mutex<B>>;

/// Locks a book. A panic while it was locked cannot leave it unusable: its status says whether to believe it.
pub fn lock<B>(book: &Shared<B>) -> MutexGuard<'_, B> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Names a book of a feed. A place is used again after its book was removed; the generation tells the two apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookId {
    /// Which place of the feed.
    pub place: usize,
    /// How many books the place had before.
    pub generation: u32,
}

struct Place<B> {
    generation: u32,
    tenant: Option<Tenant<B>>,
}

struct Tenant<B> {
    market: Box<str>,
    book: Shared<B>,
}

/// The books of one feed.
pub struct Books<B> {
    by_market: HashMap<Box<str>, usize>,
    places: Vec<Place<B>>,
    free: Vec<usize>,
    /// Where the last book was found: frames of one market often follow each other.
    last: usize,
}

impl<B> Default for Books<B> {
    fn default() -> Self {
        Self {
            by_market: HashMap::new(),
            places: Vec::new(),
            free: Vec::new(),
            last: 0,
        }
    }
}

impl<B: Book> Books<B> {
    /// Adds a book for a market that has none.
    pub fn add(&mut self, market: &str, book: B) -> BookId {
        let tenant = Some(Tenant {
            market: market.into(),
            book: Arc::new(Mutex::new(book)),
        });
        let place = if let Some(place) = self.free.pop() {
            self.places[place].tenant = tenant;
            place
        } else {
            self.places.push(Place {
                generation: 0,
                tenant,
            });
            self.places.len() - 1
        };
        self.by_market.insert(market.into(), place);
        BookId {
            place,
            generation: self.places[place].generation,
        }
    }

    /// Lets a book go. Those who hold it keep a stale one that nothing feeds any more. Returns its place, now free.
    pub fn remove(&mut self, market: &str) -> Option<usize> {
        let place = self.by_market.remove(market)?;
        let tenant = self.places[place].tenant.take()?;
        lock(&tenant.book).trust_mut().mark_stale(Reason::Removed.name());
        self.places[place].generation = self.places[place].generation.wrapping_add(1);
        self.free.push(place);
        Some(place)
    }

    /// Returns the id of a market's book.
    pub fn id(&self, market: &str) -> Option<BookId> {
        let place = *self.by_market.get(market)?;
        Some(BookId {
            place,
            generation: self.places[place].generation,
        })
    }

    /// Returns a book by its id; `None` once it was removed.
    pub fn get(&self, id: BookId) -> Option<&Shared<B>> {
        let place = self.places.get(id.place)?;
        let tenant = place.tenant.as_ref()?;
        (place.generation == id.generation).then_some(&tenant.book)
    }

    /// Returns a market's book for a frame of that market.
    pub fn find(&mut self, market: &str) -> Option<(BookId, &Shared<B>)> {
        let is_last = self
            .places
            .get(self.last)
            .and_then(|place| place.tenant.as_ref())
            .is_some_and(|tenant| *tenant.market == *market);
        if !is_last {
            self.last = *self.by_market.get(market)?;
        }
        let place = self.places.get(self.last)?;
        let id = BookId {
            place: self.last,
            generation: place.generation,
        };
        Some((id, &place.tenant.as_ref()?.book))
    }

    /// Returns every book.
    pub fn iter(&self) -> impl Iterator<Item = &Shared<B>> {
        self.places
            .iter()
            .filter_map(|place| place.tenant.as_ref().map(|tenant| &tenant.book))
    }

    /// Number of places, used or free.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// Empties a market's book, which then waits for a snapshot because of `reason`.
    pub fn reset(&self, market: &str, reason: &str) {
        if let Some(book) = self.id(market).and_then(|id| self.get(id)) {
            lock(book).reset(reason);
        }
    }

    /// Marks every book stale.
    pub fn mark_stale(&self, reason: &str) {
        for book in self.iter() {
            lock(book).trust_mut().mark_stale(reason);
        }
    }

    /// Marks every synced book suspect.
    pub fn mark_suspect(&self, reason: Reason) {
        for book in self.iter() {
            let mut book = lock(book);
            if book.trust().status() == Status::Synced {
                book.trust_mut().mark_suspect(reason);
            }
        }
    }
}
