//! The books of one `TrueX` connection, and the sequences of its channels.
//!
//! Stated by the vendor's code: every channel counts for itself, all its symbols together; a snapshot carries the
//! number expected next; a level's size is absolute and 0 removes it; a missing side is the price 0 or an extreme of
//! the engine's 128-bit numbers. Our judgement, since nothing states it: whether a snapshot uses its number up is
//! learned from the first update after one, which may carry that number or the next; a snapshot ahead of what was
//! expected means that updates of other symbols were missed; a number already seen is old and ignored. On a
//! connection without a login data is coalesced, and a jump there means nothing.
//!
//! What makes a book synced is a snapshot and an unbroken sequence since. Source: docs.truemarkets.co, WebSocket 1.0.5,
//! and the vendor's `processor.py`, read 2026-11-20.

use std::collections::HashMap;

use crate::book::level2::{Level2Book, TextLevel};
use crate::book::status::{Status, reason};
use crate::error::Error;
use crate::feed::coinex::{Change, SharedBook, lock};
use crate::frame::FrameError;
use crate::frame::truex::{DEPTH, DepthPush, Frame, LevelText, Update, read};
use crate::units::Wide;

/// Channels that count.
const COUNTED: [&str; 5] = [DEPTH, "EBBO", "TRADE", "INSTRUMENT", "DROPCOPY"];

/// The engine's smallest and largest number, 18 decimals: where a side is empty, its best price.
const EXTREMES: [&[u8]; 2] = [
    b"-170141183460469231731.687303715884105728",
    b"170141183460469231731.687303715884105727",
];

/// What one frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// Depth of a book of this feed.
    Book {
        /// Its slot.
        slot: usize,
        /// What happened to it.
        change: Change,
        /// Why it is not synced now; empty if it is.
        reason: &'static str,
    },
    /// Any other channel's data, or an end of snapshots.
    Push {
        /// The channel.
        channel: String,
        /// What the push is.
        update: Update,
        /// Symbol or item it names; empty for none.
        market: String,
    },
    /// An answer to the oldest request: the connection's status.
    Reply {
        /// The status, as sent.
        status: String,
    },
    /// Anything else.
    Unrecognised {
        /// Stable name of the reason.
        reason: &'static str,
        /// Market it names, if any.
        market: String,
    },
}

/// A break in a channel's sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The number that was expected.
    pub expected: u64,
    /// The number that came.
    pub received: u64,
}

/// What passed through a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames, unreadable ones too.
    pub frames: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Gaps in a sequence.
    pub gaps: u64,
}

/// Where a channel's sequence stands.
#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    /// The next number; `None` before the first.
    next: Option<u64>,
    /// A snapshot was the last to carry a number.
    after_snapshot: bool,
    /// An update repeated the number of the snapshot before it, so snapshots do not use theirs up: from now on
    /// the number after it means that one was missed.
    snapshots_are_free: bool,
}

enum Step {
    Next,
    Old,
    Jump(Gap),
}

impl Counter {
    /// Returns how far ahead of the expected number one may be: by the snapshot before it, if that used its up.
    fn slack(&self) -> u64 {
        u64::from(self.after_snapshot && !self.snapshots_are_free)
    }

    /// Forgets the numbers, not the venue's habit.
    fn restart(&mut self) {
        self.next = None;
        self.after_snapshot = false;
    }

    fn snapshot(&mut self, number: u64) -> Step {
        let step = match self.next {
            Some(next) if number > next.saturating_add(self.slack()) => Step::Jump(Gap {
                expected: next,
                received: number,
            }),
            _ => Step::Next,
        };
        self.next = Some(self.next.map_or(number, |next| next.max(number)));
        self.after_snapshot = true;
        step
    }

    fn update(&mut self, number: u64) -> Step {
        let Some(next) = self.next else {
            // A channel without snapshots, or one joined late: its first number is where it begins.
            self.next = Some(number.saturating_add(1));
            return Step::Next;
        };
        if number < next {
            return Step::Old;
        }
        let is_next = number - next <= self.slack();
        self.snapshots_are_free |= self.after_snapshot && number == next;
        self.next = Some(number.saturating_add(1));
        self.after_snapshot = false;
        if is_next {
            Step::Next
        } else {
            Step::Jump(Gap {
                expected: next,
                received: number,
            })
        }
    }
}

/// Owns the books of one connection.
pub struct TruexFeed {
    books: Vec<Option<SharedBook>>,
    slots: HashMap<Box<str>, usize>,
    counters_of: [Counter; COUNTED.len()],
    push: DepthPush,
    max_frame_bytes: usize,
    gap: Option<Gap>,
    seqnum: Option<u64>,
    /// Levels a side that new books are kept to; 0 for no limit.
    pub limit: usize,
    /// Jumps in a sequence mean nothing: the venue coalesces what it sends without a login.
    pub is_coalesced: bool,
    /// Counts what passed.
    pub counters: Counters,
}

impl TruexFeed {
    /// Makes a feed without books.
    pub fn new(max_frame_bytes: usize, is_coalesced: bool) -> Self {
        Self {
            books: Vec::new(),
            slots: HashMap::new(),
            counters_of: [Counter::default(); COUNTED.len()],
            push: DepthPush::default(),
            max_frame_bytes,
            gap: None,
            seqnum: None,
            limit: 0,
            is_coalesced,
            counters: Counters::default(),
        }
    }

    /// Adds an empty book, or empties the one that is there; returns its slot.
    pub fn add_book(&mut self, symbol: &str) -> usize {
        if let Some(&slot) = self.slots.get(symbol) {
            self.resync(symbol, reason::NO_SNAPSHOT);
            return slot;
        }
        self.books
            .push(Some(SharedBook::new(Level2Book::new(self.limit).into())));
        self.slots.insert(symbol.into(), self.books.len() - 1);
        self.books.len() - 1
    }

    /// Lets a book go; those who hold it keep a stale one.
    pub fn remove_book(&mut self, symbol: &str) {
        if let Some(book) = self.slots.remove(symbol).and_then(|slot| self.books[slot].take()) {
            lock(&book).doubt(Status::Stale, reason::DISCONNECTED);
        }
    }

    /// Returns the slot of a market's book.
    pub fn slot(&self, symbol: &str) -> Option<usize> {
        self.slots.get(symbol).copied()
    }

    /// Returns a book by its slot.
    pub fn book(&self, slot: usize) -> Option<&SharedBook> {
        self.books.get(slot)?.as_ref()
    }

    /// Empties a book, which then waits for a snapshot.
    pub fn resync(&mut self, symbol: &str, reason: &'static str) {
        if let Some(book) = self.slot(symbol).and_then(|slot| self.book(slot)) {
            lock(book).reset(reason);
        }
    }

    /// The connection is gone: every book is stale, every sequence begins anew.
    pub fn disconnected(&mut self) {
        self.counters_of.iter_mut().for_each(Counter::restart);
        self.doubt_all(Status::Stale, reason::DISCONNECTED);
    }

    /// Returns the break in the sequence that the last frame showed.
    pub fn gap(&self) -> Option<Gap> {
        self.gap
    }

    /// Returns the number of the last frame.
    pub fn seqnum(&self) -> Option<u64> {
        self.seqnum
    }

    /// Takes one frame.
    ///
    /// # Errors
    ///
    /// The frame cannot be read. A change may have been lost with it, so every synced book is suspect.
    pub fn on_frame(&mut self, frame: &[u8], received_at_ns: i64) -> Result<Event, Error> {
        self.counters.frames += 1;
        self.counters.bytes_in += frame.len() as u64;
        self.gap = None;
        self.seqnum = None;
        let result = self.take(frame, received_at_ns);
        if result.is_err() {
            self.doubt_synced(reason::UNREADABLE_FRAME);
        }
        result
    }

    fn take(&mut self, frame: &[u8], received_at_ns: i64) -> Result<Event, Error> {
        if frame.len() > self.max_frame_bytes {
            return Err(FrameError::new("too_long", frame, self.max_frame_bytes).into());
        }
        let found = read(frame, &mut self.push)?;
        self.seqnum = found.seqnum;
        Ok(match (&*found.channel, found.update) {
            ("WEBSOCKET", Update::Welcome) => push(found, "WELCOME"),
            ("WEBSOCKET", Update::Snapshot | Update::Update) => Event::Reply {
                status: found.status.into_owned(),
            },
            (channel, Update::Complete) if COUNTED.contains(&channel) => Event::Push {
                channel: channel.to_owned(),
                update: Update::Complete,
                market: found.item.into_owned(),
            },
            (channel, update @ (Update::Snapshot | Update::Update)) if COUNTED.contains(&channel) => {
                let is_old = self.count(channel, update, found.seqnum);
                if channel == DEPTH {
                    self.on_depth(frame, update, is_old, received_at_ns)
                } else {
                    let channel = channel.to_owned();
                    push(found, &channel)
                }
            }
            _ => Event::Unrecognised {
                reason: "unknown_frame",
                market: found.symbol.into_owned(),
            },
        })
    }

    /// Follows a channel's sequence; returns whether the frame is old. A jump on depth puts every book in doubt.
    fn count(&mut self, channel: &str, update: Update, number: Option<u64>) -> bool {
        let (Some(number), Some(at)) = (number, COUNTED.iter().position(|one| *one == channel)) else {
            return false;
        };
        let counter = &mut self.counters_of[at];
        let step = if update == Update::Snapshot {
            counter.snapshot(number)
        } else {
            counter.update(number)
        };
        match step {
            Step::Next => false,
            Step::Old => true,
            Step::Jump(_) if self.is_coalesced => false,
            Step::Jump(gap) => {
                self.gap = Some(gap);
                self.counters.gaps += 1;
                if channel == DEPTH {
                    self.doubt_synced(reason::SEQUENCE_GAP);
                }
                false
            }
        }
    }

    fn on_depth(&mut self, frame: &[u8], update: Update, is_old: bool, now_ns: i64) -> Event {
        let symbol = self.push.symbol.as_str();
        let Some((slot, book)) = self
            .slots
            .get(symbol)
            .and_then(|&slot| Some((slot, self.books.get(slot)?.as_ref()?)))
        else {
            return Event::Unrecognised {
                reason: "no_such_book",
                market: symbol.to_owned(),
            };
        };
        let book = &mut *lock(book);
        let change = if update == Update::Snapshot {
            apply(book, &self.push, frame, now_ns, true)
        } else if is_old || book.status() != Status::Synced {
            Change::Ignored
        } else {
            apply(book, &self.push, frame, now_ns, false)
        };
        let change = if self.gap.is_some() && change == Change::Ignored {
            Change::Delta
        } else {
            change
        };
        Event::Book {
            slot,
            change,
            reason: book.reason(),
        }
    }

    fn doubt_synced(&self, reason: &'static str) {
        for book in self.books.iter().flatten() {
            let mut book = lock(book);
            if book.status() == Status::Synced {
                book.doubt(Status::Suspect, reason);
            }
        }
    }

    fn doubt_all(&self, status: Status, reason: &'static str) {
        for book in self.books.iter().flatten() {
            lock(book).doubt(status, reason);
        }
    }
}

fn push(found: Frame<'_>, channel: &str) -> Event {
    Event::Push {
        channel: channel.to_owned(),
        update: found.update,
        market: found.symbol.into_owned(),
    }
}

fn apply(book: &mut Level2Book, push: &DepthPush, frame: &[u8], now_ns: i64, is_snapshot: bool) -> Change {
    let (bids, asks) = (levels(&push.bids, frame), levels(&push.asks, frame));
    let (change, applied) = if is_snapshot {
        (Change::Snapshot, book.replace(bids, asks))
    } else {
        (Change::Delta, book.apply(bids, asks))
    };
    book.note(0, now_ns, None);
    if applied.is_err() {
        book.doubt(Status::Suspect, reason::BAD_LEVEL);
    } else if book.is_crossed() {
        book.doubt(Status::Suspect, reason::CROSSED);
    } else {
        book.prove(now_ns);
    }
    change
}

fn levels<'a>(side: &'a [LevelText], frame: &'a [u8]) -> impl Iterator<Item = TextLevel<'a>> {
    side.iter()
        .map(|level| level.of(frame))
        .filter(|(price, _, _)| !is_sentinel(price))
        .map(TextLevel::from)
}

/// Tells whether a price stands for an empty side.
fn is_sentinel(price: &[u8]) -> bool {
    EXTREMES.contains(&price) || (price.starts_with(b"0") && Wide::parse(price).is_ok_and(Wide::is_zero))
}
