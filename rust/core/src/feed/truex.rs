//! The books of one `TrueX` connection, and the sequences of its channels.
//!
//! Stated by the vendor's code: every channel counts for itself, all its symbols together; a snapshot carries the
//! number expected next; a level's size is absolute and 0 removes it; a missing side is the price 0 or an extreme of
//! the engine's 128-bit numbers. Our judgement, since nothing states it: whether a snapshot uses its number up is
//! learned from the first update after one, which may carry that number or the next; a snapshot ahead of what was
//! expected means that updates of other symbols were missed; one behind it means that the numbers began again, which
//! leaves the other books without proof; an update whose number was seen is a repetition if it says what its book holds
//! already, else the numbers began again with it, and no book is certain. On a connection without a login data is
//! coalesced, and a jump ahead means nothing there. Depth without a number proves nothing.
//!
//! What makes a book synced is a snapshot and an unbroken sequence since. Source: docs.truemarkets.co, WebSocket 1.0.5,
//! and the vendor's `processor.py`, read 2026-11-20.

use super::{BookId, Books, Change, lock};
use crate::book::level2::{Level2Book, TextLevel};
use crate::book::top::Shown;
use crate::book::trust::{Reason, Status};
use crate::error::Error;
use crate::frame::truex::{DEPTH, DepthPush, Frame, LevelText, Update, read};
use crate::frame::{FrameError, FrameFault};
use crate::units::Wide;

/// Channels that count.
const COUNTED: [&str; 5] = [DEPTH, "EBBO", "TRADE", "INSTRUMENT", "DROPCOPY"];

/// Decimals of the engine's numbers, whose smallest and largest stand for the price of an empty side.
const ENGINE_DECIMALS: u8 = 18;

/// What one frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// Depth of a book of this feed.
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
    /// Depth updates ignored because their number had been seen and they changed nothing.
    pub stale_pushes: u64,
}

/// Where a channel's sequence stands.
#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    /// The next number; `None` before the first.
    next: Option<u64>,
    /// A snapshot was the last to carry a number.
    after_snapshot: bool,
    /// An update repeated the number of the snapshot before it: snapshots do not use theirs up, as the venue's own
    /// client has it.
    snapshots_are_free: bool,
    /// How often the number after a snapshot's followed it before any was repeated. Once may be a lost update.
    ahead: u8,
}

/// Times the number after a snapshot's must follow it before that is taken for the venue's habit.
const HABIT: u8 = 2;

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Next,
    /// The number was seen: the update came twice, or the numbers began again.
    Old(Gap),
    Jump(Gap),
    /// The frame has no number.
    Unnumbered,
}

impl Counter {
    /// Returns how far ahead of the expected number `number` may be: by the snapshot before it, if those use theirs up.
    fn slack(&mut self, number: u64) -> u64 {
        if !self.after_snapshot || self.snapshots_are_free {
            return 0;
        }
        if self.next.and_then(|next| next.checked_add(1)) == Some(number) {
            self.ahead = self.ahead.saturating_add(1);
        }
        u64::from(self.ahead >= HABIT)
    }

    /// Forgets the numbers, not the venue's habit.
    fn restart(&mut self) {
        self.next = None;
        self.after_snapshot = false;
    }

    /// Counts go on from a snapshot, be it ahead of what was expected or behind it: numbers may begin again.
    fn snapshot(&mut self, number: u64) -> Step {
        let slack = self.slack(number);
        let step = match self.next {
            Some(next) if number < next || number > next.saturating_add(slack) => Step::Jump(Gap {
                expected: next,
                received: number,
            }),
            _ => Step::Next,
        };
        self.next = Some(number);
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
            return Step::Old(Gap {
                expected: next,
                received: number,
            });
        }
        let is_next = number - next <= self.slack(number);
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
    /// Its books.
    pub books: Books<Level2Book>,
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
            books: Books::default(),
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

    /// Adds an empty book, or empties the one that is there.
    pub fn add_book(&mut self, symbol: &str) -> BookId {
        if let Some(id) = self.books.id(symbol) {
            self.books.reset(symbol, Reason::NoSnapshot.name());
            return id;
        }
        self.books.add(symbol, Level2Book::new(self.limit))
    }

    /// The connection is gone, or nothing feeds the books any more: every book is stale because of `reason`, every
    /// sequence begins again.
    pub fn disconnected(&mut self, reason: &str) {
        self.counters_of.iter_mut().for_each(Counter::restart);
        self.books.mark_stale(reason);
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
            self.books.mark_suspect(Reason::UnreadableFrame);
        }
        result
    }

    fn take(&mut self, frame: &[u8], received_at_ns: i64) -> Result<Event, Error> {
        if frame.len() > self.max_frame_bytes {
            return Err(FrameError::new(FrameFault::TooLong, frame, self.max_frame_bytes).into());
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
                let step = self.count(frame, channel, update, found.seqnum);
                if channel == DEPTH {
                    self.on_depth(frame, update, step, received_at_ns)
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

    /// Follows a channel's sequence.
    fn count(&mut self, frame: &[u8], channel: &str, update: Update, number: Option<u64>) -> Step {
        let (Some(number), Some(at)) = (number, COUNTED.iter().position(|one| *one == channel)) else {
            return Step::Unnumbered;
        };
        let counter = &mut self.counters_of[at];
        let step = if update == Update::Snapshot {
            counter.snapshot(number)
        } else {
            counter.update(number)
        };
        match step {
            Step::Jump(gap) if self.is_coalesced && gap.received > gap.expected => Step::Next,
            Step::Jump(gap) => self.broken(at, gap),
            Step::Old(gap) => {
                // Of the last push alone it is plain that nothing is lost, whether it came twice or not.
                let is_repeated = if channel == DEPTH {
                    self.holds_pushed(frame)
                } else {
                    gap.received.checked_add(1) == Some(gap.expected)
                };
                if is_repeated {
                    return step;
                }
                self.counters_of[at].next = Some(gap.received.saturating_add(1));
                self.broken(at, gap)
            }
            _ => step,
        }
    }

    /// Takes note of a break in a channel's sequence. One on depth puts every book in doubt.
    fn broken(&mut self, channel: usize, gap: Gap) -> Step {
        self.gap = Some(gap);
        self.counters.gaps += 1;
        if COUNTED[channel] == DEPTH {
            self.books.mark_suspect(Reason::SequenceGap);
        }
        Step::Jump(gap)
    }

    /// Tells whether the depth just read says what its book holds already.
    fn holds_pushed(&mut self, frame: &[u8]) -> bool {
        let Some((_, book)) = self.books.find(&self.push.symbol) else {
            return true;
        };
        let book = lock(book);
        book.holds(true, levels(&self.push.bids, frame)) && book.holds(false, levels(&self.push.asks, frame))
    }

    fn on_depth(&mut self, frame: &[u8], update: Update, step: Step, now_ns: i64) -> Event {
        let symbol = self.push.symbol.as_str();
        let Some((id, book)) = self.books.find(symbol) else {
            return Event::Unrecognised {
                reason: "no_such_book",
                market: symbol.to_owned(),
            };
        };
        let book = &mut *lock(book);
        let before = Shown::of(book);
        let is_synced = book.trust.status() == Status::Synced;
        let (change, reason) = match (update, step) {
            (Update::Snapshot, _) => apply(book, &self.push, frame, now_ns, Change::Snapshot, step),
            // Nothing says where it belongs, so it may not be applied, and what it changed is missing.
            (_, Step::Unnumbered) if is_synced => {
                book.trust.mark_suspect(Reason::NoSequence);
                (Change::Delta, Reason::NoSequence)
            }
            (_, Step::Old(_)) => {
                self.counters.stale_pushes += 1;
                (Change::Ignored, Reason::StalePush)
            }
            (_, Step::Jump(_)) => (Change::Delta, book.trust.reason()),
            _ if is_synced => apply(book, &self.push, frame, now_ns, Change::Delta, step),
            _ => (Change::Ignored, book.trust.reason()),
        };
        Event::Book {
            id,
            change,
            reason,
            top_changed: before.is_outdated_by(book),
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

fn apply(
    book: &mut Level2Book,
    push: &DepthPush,
    frame: &[u8],
    now_ns: i64,
    change: Change,
    step: Step,
) -> (Change, Reason) {
    let (bids, asks) = (levels(&push.bids, frame), levels(&push.asks, frame));
    let applied = if change == Change::Snapshot {
        book.replace(bids, asks)
    } else {
        book.apply(bids, asks)
    };
    book.record_update(0, now_ns, None);
    let doubt = match applied {
        Err(_) => Some(Reason::BadLevel),
        Ok(()) => (step == Step::Unnumbered).then_some(Reason::NoSequence),
    };
    book.mark_applied(doubt, now_ns);
    (change, book.trust.reason())
}

fn levels<'a>(side: &'a [LevelText], frame: &'a [u8]) -> impl DoubleEndedIterator<Item = TextLevel<'a>> {
    side.iter()
        .map(|level| level.of(frame))
        .filter(|(price, _, _)| !is_sentinel(price))
        .map(TextLevel::from)
}

/// Tells whether a price stands for an empty side: zero, or an extreme of the engine's numbers.
fn is_sentinel(price: &[u8]) -> bool {
    // The largest number is 40 bytes long in its shortest spelling without an exponent.
    if matches!(price, [b'1'..=b'9', ..]) && price.len() < 40 {
        return false;
    }
    Wide::parse_any_spelling(price).is_ok_and(|price| {
        let is_extreme = price.scale() == ENGINE_DECIMALS
            && (price.mantissa() == i128::MIN || price.mantissa() == i128::MAX);
        price.is_zero() || is_extreme
    })
}
