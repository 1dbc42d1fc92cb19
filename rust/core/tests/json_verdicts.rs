//! The scanner and `JSONTestSuite`: what must be read is, what must be refused is, and which way we took where both may be.

use serde_json::Value;
use tradewire_core::frame::FrameError;
use tradewire_core::frame::scan::Scanner;

fn cases(verdict: char) -> Vec<(String, Vec<u8>)> {
    let file: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/json_verdicts.json")).expect("JSON");
    let text = |case: &Value, name: &str| case[name].as_str().expect("a text").to_owned();
    let bytes = |text: String| {
        text.chars()
            .map(|one| u8::try_from(one).expect("Latin-1"))
            .collect()
    };
    file["cases"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|case| (text(case, "case"), bytes(text(case, "text"))))
        .filter(|(name, _)| name.starts_with(verdict))
        .collect()
}

fn read(bytes: &[u8]) -> Result<(), FrameError> {
    let mut scanner = Scanner::new(bytes)?;
    scanner.skip()?;
    scanner.end()
}

#[test]
fn what_must_be_accepted_is() {
    let cases = cases('y');
    assert_eq!(cases.len(), 95);
    for (name, bytes) in cases {
        assert!(read(&bytes).is_ok(), "{name}");
    }
}

#[test]
fn what_must_be_refused_is() {
    let cases = cases('n');
    assert_eq!(cases.len(), 188);
    for (name, bytes) in cases {
        assert!(read(&bytes).is_err(), "{name}");
    }
}

/// Numbers of any length are kept as text, and a lone surrogate is read as U+FFFD. Refused are what is not UTF-8, a byte
/// order mark, and more nesting than [`tradewire_core::frame::scan::MAX_DEPTH`].
#[test]
fn what_may_be_either_is_refused_for_its_encoding_or_depth_alone() {
    for (name, bytes) in cases('i') {
        let is_utf8 = std::str::from_utf8(&bytes).is_ok();
        let is_marked = bytes.starts_with(b"\xef\xbb\xbf") || name.contains("utf16");
        let is_deep = name.contains("500_nested");
        assert_eq!(read(&bytes).is_ok(), is_utf8 && !is_marked && !is_deep, "{name}");
    }
}
