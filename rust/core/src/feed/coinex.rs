//! The books of one `CoinEx` connection.
//!
//! What makes a book synced is the venue's checksum over all its levels; whatever makes it doubtful, a later checksum
//! that matches proves it again. Source: docs.coinex.com/api/v2/spot/market/ws/market-depth, read 2026-11-20.

use super::{BookId, Books, Change, lock};
use crate::book::level2::{Level2Book, read_price};
use crate::book::top::Shown;
use crate::book::trust::Reason;
use crate::error::Error;
use crate::frame::coinex::{DepthPush, Frame, read};
use crate::inflate::{Inflater, Limits};

/// What one frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A depth push for a book of this feed.
    Book {
        /// Which book.
        id: BookId,
        /// What happened to it.
        change: Change,
        /// Why it is not synced now, or why the push was ignored.
        reason: Reason,
        /// The book is synced, and its best bid or ask differs from before, or was not synced in between.
        top_changed: bool,
    },
    /// Any other push; read it from [`CoinexFeed::json`].
    Push {
        /// For instance `deals.update`.
        method: String,
        /// The market, empty if the push names none.
        market: String,
    },
    /// An answer to a request.
    Reply {
        /// The request's id.
        id: i64,
        /// 0 for success.
        code: i64,
        /// The venue's words.
        message: String,
    },
    /// Valid JSON that is nothing we know, or depth of a market without a book.
    Unrecognised {
        /// Stable name of the reason.
        reason: &'static str,
        /// The market, if known.
        market: String,
    },
}

/// Counters of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames taken, unreadable ones too.
    pub frames: u64,
    /// Their bytes as received.
    pub bytes_in: u64,
    /// Their bytes inflated.
    pub bytes_inflated: u64,
    /// Checksums that matched.
    pub checksums_ok: u64,
    /// Checksums that did not.
    pub checksums_failed: u64,
    /// Pushes ignored because they were older than their book.
    pub stale_pushes: u64,
}

/// Owns the books of one connection.
pub struct CoinexFeed {
    /// Its books.
    pub books: Books<Level2Book>,
    inflater: Inflater,
    push: DepthPush,
    /// Counts what passed.
    pub counters: Counters,
}

impl CoinexFeed {
    /// Makes a feed without books whose frames must stay within `limits`.
    pub fn new(limits: Limits) -> Self {
        Self {
            books: Books::default(),
            inflater: Inflater::new(limits),
            push: DepthPush::default(),
            counters: Counters::default(),
        }
    }

    /// Adds an empty book of `limit` levels a side, or empties the one that is there.
    pub fn add_book(&mut self, market: &str, limit: usize) -> BookId {
        let fresh = Level2Book::new(limit);
        let Some(id) = self.books.id(market) else {
            return self.books.add(market, fresh);
        };
        if let Some(book) = self.books.get(id) {
            *lock(book) = fresh;
        }
        id
    }

    /// The connection is gone, or nothing feeds the books any more: every book is stale because of `reason`.
    pub fn disconnected(&mut self, reason: &str) {
        self.books.mark_stale(reason);
    }

    /// Returns the JSON of the last frame.
    pub fn json(&self) -> &[u8] {
        self.inflater.output()
    }

    /// Takes one frame: inflates, scans, applies, verifies.
    ///
    /// # Errors
    ///
    /// The frame cannot be read. A difference may have been lost with it, so every synced book is suspect until its
    /// next matching checksum.
    pub fn on_frame(&mut self, frame: &[u8], received_at_ns: i64) -> Result<Event, Error> {
        self.counters.frames += 1;
        self.counters.bytes_in += frame.len() as u64;
        let result = self.take(frame, received_at_ns);
        if result.is_err() {
            self.books.mark_suspect(Reason::UnreadableFrame);
        }
        result
    }

    fn take(&mut self, frame: &[u8], received_at_ns: i64) -> Result<Event, Error> {
        let json = self.inflater.inflate(frame)?;
        self.counters.bytes_inflated += json.len() as u64;
        Ok(match read(json, &mut self.push)? {
            Frame::Depth => {
                let market = self.push.market.as_str();
                match self.books.find(market) {
                    Some((id, book)) => {
                        let book = &mut *lock(book);
                        let before = Shown::of(book);
                        let (change, reason) =
                            apply(book, &self.push, json, received_at_ns, &mut self.counters);
                        Event::Book {
                            id,
                            change,
                            reason,
                            top_changed: before.is_outdated_by(book),
                        }
                    }
                    None => Event::Unrecognised {
                        reason: "no_such_book",
                        market: market.to_owned(),
                    },
                }
            }
            Frame::Push { method, market } => Event::Push {
                method: method.into_owned(),
                market: market.into_owned(),
            },
            Frame::Reply { id, code, message } => Event::Reply {
                id,
                code,
                message: message.into_owned(),
            },
            Frame::Unrecognised => Event::Unrecognised {
                reason: "unknown_frame",
                market: String::new(),
            },
        })
    }
}

fn apply(
    book: &mut Level2Book,
    push: &DepthPush,
    json: &[u8],
    now_ns: i64,
    counters: &mut Counters,
) -> (Change, Reason) {
    if book.has_snapshot()
        && push.updated_at_ms < book.updated_at_ms()
        && !proves_itself(push, json, book.limit())
    {
        counters.stale_pushes += 1;
        return (Change::Ignored, Reason::StalePush);
    }
    if !push.is_full && !book.has_snapshot() {
        book.trust.mark_suspect(Reason::DeltaBeforeSnapshot);
        return (Change::Ignored, Reason::DeltaBeforeSnapshot);
    }
    let (bids, asks) = (push.bids(json), push.asks(json));
    let (change, applied) = if push.is_full {
        (Change::Snapshot, book.replace(bids, asks))
    } else {
        (Change::Delta, book.apply(bids, asks))
    };
    let last = push
        .last
        .clone()
        .and_then(|span| read_price(json.get(span)?).ok());
    book.record_update(push.updated_at_ms, now_ns, last);
    let doubt = if applied.is_err() || push.bad_level.is_some() {
        Some(Reason::BadLevel)
    } else {
        match push.checksum {
            None => Some(Reason::NoChecksum),
            Some(wanted) if book.checksum() == wanted => {
                counters.checksums_ok += 1;
                None
            }
            Some(_) => {
                counters.checksums_failed += 1;
                Some(Reason::ChecksumMismatch)
            }
        }
    };
    book.mark_applied(doubt, now_ns);
    (change, book.trust.reason())
}

/// Tells whether a push that looks old is a whole book with the right checksum: then the venue's time has stepped back,
/// and the book follows it. Anything less proves nothing.
#[cold]
fn proves_itself(push: &DepthPush, json: &[u8], limit: usize) -> bool {
    let mut book = Level2Book::new(limit);
    push.is_full
        && push.bad_level.is_none()
        && book.replace(push.bids(json), push.asks(json)).is_ok()
        && push.checksum == Some(book.checksum())
}
