//! What makes a book synced, and everything that makes it not.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tradewire_core::book::level2::Level2Book;
use tradewire_core::book::trust::Status;
use tradewire_core::feed::coinex::{CoinexFeed, Event};
use tradewire_core::feed::{BookId, Change, Shared, lock};
use tradewire_core::inflate::Limits;

struct Stage {
    feed: CoinexFeed,
    now_ns: i64,
}

impl Stage {
    fn new() -> Self {
        let mut feed = CoinexFeed::new(Limits::default());
        assert_eq!(feed.add_book("BTCUSDT", 5), BookId::default());
        Self { feed, now_ns: 0 }
    }

    fn send(&mut self, json: &str) -> Result<Event, &'static str> {
        self.now_ns += 1;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(json.as_bytes()).expect("a Vec takes all");
        let frame = encoder.finish().expect("a Vec takes all");
        self.feed
            .on_frame(&frame, self.now_ns)
            .map_err(|error| error.kind())
    }

    fn depth(&mut self, is_full: bool, time_ms: i64, levels: &str, checksum: &str) -> (Change, &'static str) {
        let json = format!(
            r#"{{"method":"depth.update","data":{{"market":"BTCUSDT","is_full":{is_full},"depth":{{{levels},"last":"1.5","updated_at":{time_ms},"checksum":{checksum}}}}},"id":null}}"#
        );
        match self.send(&json) {
            Ok(Event::Book {
                id:
                    BookId {
                        place: 0,
                        generation: 0,
                    },
                change,
                reason,
                ..
            }) => (change, reason.name()),
            other => panic!("no book event: {other:?}"),
        }
    }

    fn book(&self) -> &Shared<Level2Book> {
        self.feed.books.get(BookId::default()).expect("the book is there")
    }

    fn status(&self) -> (Status, &'static str) {
        let book = lock(self.book());
        (book.trust.status(), book.trust.reason().name())
    }

    fn snapshot(&mut self) {
        let checksum = crc32fast::hash(b"2:1:3:1").to_string();
        let levels = r#""bids":[["2","1"],["1","0"]],"asks":[["3","1"]]"#;
        assert_eq!(self.depth(true, 1000, levels, &checksum), (Change::Snapshot, ""));
        assert_eq!(self.status(), (Status::Synced, ""));
    }
}

#[test]
fn a_snapshot_then_differences_stay_proved() {
    let mut stage = Stage::new();
    assert_eq!(stage.status(), (Status::Syncing, "no_snapshot"));
    stage.snapshot();
    let checksum = crc32fast::hash(b"2:1.50:3:1") as i32;
    assert_eq!(
        stage.depth(
            false,
            1001,
            r#""bids":[["2","1.50"]]"#,
            &format!("\"{checksum}\"")
        ),
        (Change::Delta, "")
    );
    let book = lock(stage.book());
    assert_eq!(
        (book.updated_at_ms(), book.trust.proved_at_ns(), book.updates()),
        (1001, 2, 2)
    );
    assert_eq!(stage.feed.counters.checksums_ok, 2);
}

#[test]
fn a_failed_checksum_is_suspect_until_one_matches() {
    let mut stage = Stage::new();
    stage.snapshot();
    assert_eq!(
        stage.depth(false, 1001, r#""bids":[["2","4"]]"#, "7"),
        (Change::Delta, "checksum_mismatch")
    );
    assert_eq!(stage.status(), (Status::Suspect, "checksum_mismatch"));
    let checksum = crc32fast::hash(b"2:5:3:1").to_string();
    assert_eq!(
        stage.depth(false, 1002, r#""bids":[["2","5"]]"#, &checksum),
        (Change::Delta, "")
    );
    assert_eq!(stage.status(), (Status::Synced, ""));
}

#[test]
fn a_difference_before_a_snapshot_is_suspect_and_not_applied() {
    let mut stage = Stage::new();
    let checksum = crc32fast::hash(b"2:1").to_string();
    let change = stage.depth(false, 1000, r#""bids":[["2","1"]]"#, &checksum);
    assert_eq!(change, (Change::Ignored, "delta_before_snapshot"));
    assert!(lock(stage.book()).side(true).is_empty());
    stage.snapshot();
}

#[test]
fn a_crossed_book_is_suspect_even_with_its_checksum() {
    let mut stage = Stage::new();
    stage.snapshot();
    let checksum = crc32fast::hash(b"3:1:2:1:3:1").to_string();
    assert_eq!(
        stage.depth(false, 1001, r#""bids":[["3","1"]]"#, &checksum),
        (Change::Delta, "crossed")
    );
}

#[test]
fn a_missing_checksum_proves_nothing() {
    let mut stage = Stage::new();
    assert_eq!(
        stage.depth(true, 1000, r#""bids":[["2","1"]]"#, "null"),
        (Change::Snapshot, "no_checksum")
    );
}

#[test]
fn a_bad_level_is_suspect() {
    for levels in [
        r#""bids":[["2","1x"]]"#,
        r#""bids":[[2,"1"]]"#,
        r#""bids":[["-2","1"]]"#,
    ] {
        let mut stage = Stage::new();
        stage.snapshot();
        assert_eq!(
            stage.depth(false, 1001, levels, "0"),
            (Change::Delta, "bad_level"),
            "{levels}"
        );
    }
}

#[test]
fn an_old_push_is_ignored() {
    let mut stage = Stage::new();
    stage.snapshot();
    assert_eq!(
        stage.depth(false, 999, r#""bids":[["2","9"]]"#, "0"),
        (Change::Ignored, "stale_push")
    );
    assert_eq!(
        (stage.status().0, stage.feed.counters.stale_pushes),
        (Status::Synced, 1)
    );
}

#[test]
fn a_clock_that_steps_back_is_followed_by_a_whole_push_with_the_right_checksum() {
    let mut stage = Stage::new();
    stage.snapshot();
    let (levels, texts) = (r#""bids":[["2","9"]],"asks":[["4","1"]]"#, b"2:9:4:1");
    let good = crc32fast::hash(texts).to_string();
    for checksum in ["7", "null"] {
        assert_eq!(
            stage.depth(true, 400, levels, checksum),
            (Change::Ignored, "stale_push")
        );
    }
    // A difference proves nothing here, whatever its checksum: it may be older than the book.
    assert_eq!(
        stage.depth(false, 400, levels, &good),
        (Change::Ignored, "stale_push")
    );
    assert_eq!(
        lock(stage.book()).trust.proved_at_ns(),
        1,
        "what is ignored is no proof"
    );
    assert_eq!(stage.depth(true, 400, levels, &good), (Change::Snapshot, ""));
    let next = crc32fast::hash(b"2:8:4:1").to_string();
    assert_eq!(
        stage.depth(false, 401, r#""bids":[["2","8"]]"#, &next),
        (Change::Delta, "")
    );
    assert_eq!(
        (
            lock(stage.book()).trust.proved_at_ns(),
            stage.feed.counters.stale_pushes
        ),
        (6, 3)
    );
}

#[test]
fn levels_in_scientific_notation_are_read_and_summed_as_sent() {
    let mut stage = Stage::new();
    let levels = r#""bids":[["1.001E+2","1E-8"]],"asks":[["100.2","3e3"],["0100.30","+1"]]"#;
    let checksum = crc32fast::hash(b"1.001E+2:1E-8:100.2:3e3:0100.30:+1").to_string();
    assert_eq!(stage.depth(true, 1000, levels, &checksum), (Change::Snapshot, ""));
    let book = lock(stage.book());
    let found: Vec<_> = book
        .side(true)
        .iter()
        .chain(book.side(false).iter())
        .map(|level| (level.price().to_string(), level.size().to_string()))
        .collect();
    let wanted = [("100.1", "0.00000001"), ("100.2", "3000"), ("100.30", "1")];
    assert_eq!(
        found,
        wanted.map(|(price, size)| (price.to_owned(), size.to_owned()))
    );
}

#[test]
fn watching_and_leaving_for_ever_does_not_grow() {
    let mut feed = CoinexFeed::new(Limits::default());
    let first = feed.add_book("M0", 5);
    let kept = feed.books.get(first).expect("the book is there").clone();
    for number in 1..1000 {
        feed.books.remove(&format!("M{}", number - 1));
        let id = feed.add_book(&format!("M{number}"), 5);
        assert_eq!((id.place, feed.books.places()), (0, 1));
    }
    assert!(feed.books.get(first).is_none(), "another market stands there now");
    let kept = lock(&kept);
    assert_eq!(
        (kept.trust.status(), kept.trust.reason_text()),
        (Status::Stale, "removed")
    );
}

#[test]
fn books_say_in_the_callers_words_why_nothing_feeds_them() {
    let mut stage = Stage::new();
    stage.snapshot();
    stage.feed.disconnected("the task that feeds it was cancelled");
    assert_eq!(
        lock(stage.book()).trust.reason_text(),
        "the task that feeds it was cancelled"
    );
    stage.feed.disconnected("removed");
    assert_eq!(stage.status(), (Status::Stale, "removed"));
    stage.snapshot();
    assert_eq!(lock(stage.book()).trust.reason_text(), "");
}

#[test]
fn an_unreadable_frame_casts_doubt_until_the_next_proof() {
    let mut stage = Stage::new();
    stage.snapshot();
    assert_eq!(stage.send("{\"method\":"), Err("unexpected_end"));
    assert_eq!(stage.status(), (Status::Suspect, "unreadable_frame"));
    let checksum = crc32fast::hash(b"2:1:3:1").to_string();
    assert_eq!(
        stage.depth(false, 1001, r#""asks":[]"#, &checksum),
        (Change::Delta, "")
    );
    assert!(stage.feed.on_frame(&[0x1f, 0x8b, 8], 9).is_err());
    assert_eq!(stage.status(), (Status::Suspect, "unreadable_frame"));
}

#[test]
fn a_lost_connection_is_stale_and_a_resync_starts_anew() {
    let mut stage = Stage::new();
    stage.snapshot();
    stage.feed.disconnected("disconnected");
    assert_eq!(stage.status(), (Status::Stale, "disconnected"));
    stage.feed.books.reset("BTCUSDT", "checksum_mismatch");
    assert_eq!(stage.status(), (Status::Syncing, "checksum_mismatch"));
    stage.snapshot();
    stage.feed.books.reset("NOSUCH", "no_snapshot");
    let kept = stage.book().clone();
    stage.feed.books.remove("BTCUSDT");
    assert_eq!(lock(&kept).trust.status(), Status::Stale);
    assert!(stage.feed.books.id("BTCUSDT").is_none());
}

#[test]
fn depth_of_another_market_is_handed_up() {
    let mut stage = Stage::new();
    let json = r#"{"method":"depth.update","data":{"market":"ETHUSD_SIGNPRICE","is_full":true,"depth":{"asks":[]}},"id":null}"#;
    let event = Event::Unrecognised {
        reason: "no_such_book",
        market: "ETHUSD_SIGNPRICE".into(),
    };
    assert_eq!(stage.send(json), Ok(event));
    assert_eq!(stage.feed.json(), json.as_bytes());
}

#[test]
fn replies_and_pushes_are_told_apart() {
    let mut stage = Stage::new();
    let reply = stage.send(r#"{"id":1,"code":21002,"message":"signature incorrect"}"#);
    assert_eq!(
        reply,
        Ok(Event::Reply {
            id: 1,
            code: 21002,
            message: "signature incorrect".into()
        })
    );
    let push = stage.send(r#"{"method":"order.update","data":{"event":"put","order":{}},"id":null}"#);
    assert_eq!(
        push,
        Ok(Event::Push {
            method: "order.update".into(),
            market: String::new()
        })
    );
}
