//! The canonical query string, by examples from RFC 3986; the standard library of Python judges the rest.

use tradewire_core::query::encode;

#[test]
fn unreserved_letters_stay_and_all_others_are_escaped_in_upper_case() {
    let unreserved = "ABCXYZabcxyz0189-._~";
    assert_eq!(encode([("q", unreserved)]), format!("q={unreserved}"));
    assert_eq!(encode([("a b", "1+1=2&/?,%")]), "a%20b=1%2B1%3D2%26%2F%3F%2C%25");
    assert_eq!(encode([("e", "é\r\n\0")]), "e=%C3%A9%0D%0A%00");
}

#[test]
fn order_and_blanks_are_kept() {
    assert_eq!(encode([("b", "2"), ("a", ""), ("b", "1")]), "b=2&a=&b=1");
    assert_eq!(encode([]), "");
}

/// The separator depends on the pair's place, not on whether anything was written yet.
#[test]
fn an_empty_pair_is_a_pair() {
    assert_eq!(encode([("", ""), ("", "")]), "=&=");
}
