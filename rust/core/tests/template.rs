//! What a template writes is what is written without one.

use tradewire_core::http::{RequestFault, RequestWriter};
use tradewire_core::sign::{CoinexSigner, TruexSigner};
use tradewire_core::template::{Kind, RequestSigner, Template, TemplateFault, TextTemplate};
use tradewire_core::units::Wide;

const BODY: &[u8] = br#"{"id":11,"price":"2.2","name":"n3","size":"4.4"}"#;

fn wide(text: &str) -> Wide {
    Wide::parse(text.as_bytes()).expect("a number")
}

fn template() -> Template {
    let price = Kind::Number {
        step: Some(wide("0.05")),
        minimum: Some(wide("1")),
    };
    let size = Kind::Number {
        step: None,
        minimum: None,
    };
    let marks: [(&[u8], Kind); 4] = [
        (b"4.4", size),
        (b"11", Kind::Digits),
        (b"n3", Kind::Text),
        (b"2.2", price),
    ];
    let fields = [("Content-Type", "application/json")];
    Template::new(
        ("POST", "/v2/order?a=1", "localhost:1"),
        "/signed",
        fields,
        BODY,
        &marks,
    )
    .expect("a good template")
}

fn written(body: &[u8], signer: Option<&dyn RequestSigner>) -> Vec<u8> {
    let mut writer =
        RequestWriter::new("POST", "/v2/order?a=1", "localhost:1", body.len()).expect("a request");
    if let Some(signer) = signer {
        let mut fields = Vec::new();
        signer.write_fields(&mut fields, b"POST", b"/signed", body, 1_700_000_000_123);
        for line in std::str::from_utf8(&fields).expect("ASCII").lines() {
            let (name, value) = line.split_once(": ").expect("a field");
            writer.field(name, value).expect("a good field");
        }
    }
    writer
        .field("Content-Type", "application/json")
        .expect("a good field");
    writer.finish(body).to_vec()
}

#[test]
fn values_stand_where_their_marks_did_and_are_signed() {
    let coinex = CoinexSigner::new("access", "secret").expect("a good key");
    let truex = TruexSigner::new("key", "secret", "user").expect("a good key");
    let signers: [Option<&dyn RequestSigner>; 3] = [None, Some(&coinex), Some(&truex)];
    let body = br#"{"id":90,"price":"1.05","name":"mine-1","size":"0.001"}"#;
    for signer in signers {
        let filled = template().fill(&[b"0.001", b"90", b"mine-1", b"1.05"], signer, 1_700_000_000_123);
        assert_eq!(filled.expect("good values"), written(body, signer));
    }
}

#[test]
fn what_is_not_of_the_usual_form_is_left_to_the_general_way() {
    let good: [&[u8]; 4] = [b"1", b"0", b"x", b"1"];
    assert!(template().fill(&good, None, 0).is_some());
    let bad: [(usize, &[&[u8]]); 3] = [
        (
            1,
            &[
                b"",
                b"01",
                b"-1",
                b"1.0",
                b"12345678901234567890",
                "\u{661}".as_bytes(),
            ],
        ),
        (2, &[b"", b"a b", b"a\"", b"a\\", b"a\n", "\u{fc}".as_bytes()]),
        (
            3,
            &[
                b"",
                b"0",
                b"0.00",
                b"-1",
                b"1e1",
                b"01",
                b"1.",
                b".5",
                b"+1",
                b"NaN",
                b"0.95",
                b"1.01",
                b"1.051",
                b"100000000000000000000000000000000000000",
            ],
        ),
    ];
    for (place, texts) in bad {
        for text in texts {
            let mut values = good;
            values[place] = text;
            assert_eq!(
                template().fill(&values, None, 0),
                None,
                "{:?}",
                String::from_utf8_lossy(text)
            );
        }
    }
    assert_eq!(template().fill(&good[..3], None, 0), None);
}

#[test]
fn request_that_cannot_be_written_makes_no_template() {
    let new = |path, marks: &[&[u8]]| {
        let marks: Vec<_> = marks.iter().map(|mark| (*mark, Kind::Text)).collect();
        Template::new(("POST", path, "localhost"), path, [], BODY, &marks).err()
    };
    assert_eq!(new("/", &[b"n3"]), None);
    assert_eq!(
        new("/ HTTP/1.1", &[]),
        Some(TemplateFault::Request(RequestFault::Target))
    );
    let ambiguous: [&[&[u8]]; 3] = [&[b"none"], &[b"\""], &[b"n3", b"n3\",\"s"]];
    for marks in ambiguous {
        assert!(
            matches!(new("/", marks), Some(TemplateFault::Mark(_))),
            "{marks:?}"
        );
    }
}

#[test]
fn value_in_the_path_is_written_and_signed_there() {
    let coinex = CoinexSigner::new("access", "secret").expect("a good key");
    let mark: &[(&[u8], Kind)] = &[(b"m1", Kind::Segment)];
    let request = ("DELETE", "/v1/orders/m1?type=x", "localhost:1");
    let template =
        Template::new(request, "/signed/m1?type=x", [("X", "y")], b"", mark).expect("a good template");
    let mut fields = Vec::new();
    coinex.write_fields(
        &mut fields,
        b"DELETE",
        b"/signed/a.b~c_d-e?type=x",
        b"",
        1_700_000_000_123,
    );
    let mut writer =
        RequestWriter::new("DELETE", "/v1/orders/a.b~c_d-e?type=x", "localhost:1", 0).expect("a request");
    for line in std::str::from_utf8(&fields).expect("ASCII").lines() {
        let (name, value) = line.split_once(": ").expect("a field");
        writer.field(name, value).expect("a good field");
    }
    writer.field("X", "y").expect("a good field");
    let filled = template.fill(&[b"a.b~c_d-e"], Some(&coinex), 1_700_000_000_123);
    assert_eq!(filled.expect("a good value"), writer.finish(b"").to_vec());
    for bad in ["", ".", "..", "a/b", "a b", "a%2F", "a?", "a#", "\u{fc}"] {
        assert_eq!(template.fill(&[bad.as_bytes()], None, 0), None, "{bad:?}");
    }
}

#[test]
fn what_may_hold_a_slash_is_no_part_of_a_path() {
    for kind in [
        Kind::Text,
        Kind::Number {
            step: None,
            minimum: None,
        },
    ] {
        let made = Template::new(("GET", "/m1", "localhost"), "/m1", [], b"", &[(b"m1", kind)]);
        assert_eq!(made.err(), Some(TemplateFault::Mark(0)));
    }
    let twice = Template::new(
        ("POST", "/m1", "localhost"),
        "/m1",
        [],
        b"m1",
        &[(b"m1", Kind::Segment)],
    );
    assert_eq!(twice.err(), Some(TemplateFault::Mark(0)));
}

#[test]
fn counts_and_uuids_are_of_one_spelling() {
    let template = TextTemplate::new(b"{c1,u2}", &[(b"c1", Kind::Count), (b"u2", Kind::Uuid)]);
    let template = template.expect("a good template");
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    let fill = |count: &str, uuid: &str| template.fill(&[count.as_bytes(), uuid.as_bytes()]);
    assert_eq!(
        fill("9223372036854775807", uuid),
        Some(format!("{{9223372036854775807,{uuid}}}").into())
    );
    for bad in [
        "",
        "0",
        "-1",
        "01",
        "1.0",
        "9223372036854775808",
        "10000000000000000000",
    ] {
        assert_eq!(fill(bad, uuid), None, "{bad}");
    }
    for bad in [
        &uuid[1..],
        &uuid.to_uppercase(),
        &uuid.replace('-', "0"),
        &uuid.replace('0', "-"),
    ] {
        assert_eq!(fill("1", bad), None, "{bad}");
    }
}
