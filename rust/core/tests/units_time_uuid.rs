//! Times and ids as venues write them: what is read, what is refused, what comes back.

use proptest::prelude::*;
use tradewire_core::units::time::rfc3339_ns;
use tradewire_core::units::uuid::{Text, parse};

const NS_PER_S: i64 = 1_000_000_000;

#[test]
fn known_points_in_time() {
    for (text, wanted) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-04-02T09:30:00.125Z", 1_775_122_200_125_000_000),
        ("2026-04-02T09:29:58.000451+00:00", 1_775_122_198_000_451_000),
        ("2026-04-02T11:30:00.125+02:00", 1_775_122_200_125_000_000),
        ("2026-04-02T04:00:00.125-05:30", 1_775_122_200_125_000_000),
        ("2024-02-29T23:59:59.999999999Z", 1_709_251_199_999_999_999),
        ("2000-02-29 00:00:00z", 951_782_400 * NS_PER_S),
        ("1970-01-01t00:00:00-23:59", 86_340 * NS_PER_S),
        ("1970-01-01T00:00:00+00:01", -60 * NS_PER_S),
        ("2261-12-31T23:59:59.5Z", 9_214_646_399_500_000_000),
    ] {
        assert_eq!(rfc3339_ns(text.as_bytes()), Some(wanted), "{text}");
    }
}

#[test]
fn what_is_no_point_in_time_is_refused() {
    for text in [
        "",
        "2026-04-02",
        "2026-04-02T09:30:00",
        "2026-04-02T09:30Z",
        "2026-04-02T09:30:00.Z",
        "2026-04-02T09:30:00.1234567890Z",
        "2026-04-02T09:30:00,5Z",
        "2026-04-02T09:30:00.12 Z",
        "2026-04-02T09:30:00Z ",
        " 2026-04-02T09:30:00Z",
        "2026-04-02T09:30:00ZZ",
        "2026-04-02T09:30:00+0000",
        "2026-04-02T09:30:00+00",
        "2026-04-02T09:30:00+24:00",
        "2026-04-02T09:30:00+00:60",
        "2026-04-02T09:30:00+00:000",
        "2026-04-02X09:30:00Z",
        "2026/04/02T09:30:00Z",
        "2026-00-02T09:30:00Z",
        "2026-13-02T09:30:00Z",
        "2026-04-00T09:30:00Z",
        "2026-04-31T09:30:00Z",
        "2026-02-29T09:30:00Z",
        "2100-02-29T09:30:00Z",
        "2026-04-02T24:00:00Z",
        "2026-04-02T09:60:00Z",
        "2026-04-02T09:30:60Z",
        "1969-12-31T23:59:59Z",
        "2262-01-01T00:00:00Z",
        "26-04-02T09:30:00Z",
        "+026-04-02T09:30:00Z",
        "2026-04-02T09:30:00.-5Z",
        "2026-04-0\u{662}T09:30:00Z",
        "1775122200",
    ] {
        assert_eq!(rfc3339_ns(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!(rfc3339_ns(b"2026-04-02T09:30:00\xff"), None);
}

#[test]
fn every_truncation_is_refused() {
    let text = b"2026-04-02T09:30:00.125+00:00";
    for length in 0..text.len() {
        assert_eq!(rfc3339_ns(&text[..length]), None, "{length}");
    }
}

#[test]
fn an_id_is_36_characters_in_lower_case() {
    let text = "0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a11";
    let id = 0x0b6f_7c1e_5a52_4f0a_9b1e_2d6f_1d0c_7a11;
    assert_eq!(parse(text.as_bytes()), Some(id));
    assert_eq!(Text(id).to_string(), text);
    assert_eq!(Text(0).to_string(), "00000000-0000-0000-0000-000000000000");
    assert_eq!(parse(b"ffffffff-ffff-ffff-ffff-ffffffffffff"), Some(u128::MAX));
}

#[test]
fn what_is_no_id_is_refused() {
    for text in [
        "",
        "0B6F7C1E-5A52-4F0A-9B1E-2D6F1D0C7A11",
        "0b6f7c1e5a524f0a9b1e2d6f1d0c7a11",
        "0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a1",
        "0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a111",
        "0b6f7c1-e5a52-4f0a-9b1e-2d6f1d0c7a11",
        "0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a1g",
        "0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a1 ",
        "0b6f7c1e--5a5-4f0a-9b1e-2d6f1d0c7a11",
        "0b6f7c1e-5a52-4f0a-9b1e--d6f1d0c7a11",
        "{0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a}",
        "urn:uuid:0b6f7c1e-5a52-4f0a-9b1e-2d6",
    ] {
        assert_eq!(parse(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!(parse(&[0xFF; 36]), None);
}

proptest! {
    #[test]
    fn any_id_comes_back(id in any::<u128>()) {
        prop_assert_eq!(parse(Text(id).to_string().as_bytes()), Some(id));
    }

    #[test]
    fn one_byte_changed_is_another_id_or_none(id in any::<u128>(), at in 0_usize..36, byte in any::<u8>()) {
        let mut text = Text(id).to_string().into_bytes();
        let is_same = text[at] == byte;
        text[at] = byte;
        match parse(&text) {
            Some(found) => {
                prop_assert_eq!(found == id, is_same);
                prop_assert_eq!(Text(found).to_string().into_bytes(), text);
            }
            None => prop_assert!(!is_same),
        }
    }

    #[test]
    fn days_follow_each_other(days in 0_i64..106_000, second in 0_i64..86_400) {
        // Counted the long way: year by year and month by month.
        let (mut year, mut left) = (1970, days);
        let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        while left >= 365 + i64::from(is_leap(year)) {
            left -= 365 + i64::from(is_leap(year));
            year += 1;
        }
        let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while left >= lengths[month] {
            left -= lengths[month];
            month += 1;
        }
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60);
        let text = format!("{year}-{:02}-{:02}T{hour:02}:{minute:02}:{rest:02}Z", month + 1, left + 1);
        prop_assert_eq!(rfc3339_ns(text.as_bytes()), Some((days * 86_400 + second) * NS_PER_S));
    }
}
