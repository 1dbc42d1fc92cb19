//! Published vectors: RFC 4231 and the venue's worked examples.

use tradewire_core::error::SignError;
use tradewire_core::sign::{CoinexSigner, HmacKey};
use tradewire_core::template::RequestSigner;

fn hex(text: &[u8]) -> &str {
    std::str::from_utf8(text).expect("hex is ASCII")
}

/// RFC 4231 section 4: key, data, and as much of the MAC as the RFC prints.
#[test]
fn rfc_4231() {
    let cases: [(Vec<u8>, Vec<u8>, &str); 7] = [
        (vec![0x0b; 20], b"Hi There".to_vec(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (vec![0xaa; 20], vec![0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        ((1..=25).collect(), vec![0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (vec![0x0c; 20], b"Test With Truncation".to_vec(), "a3b6167473100ee06e0c796c2955552b"),
        (
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            vec![0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to \
              be hashed before being used by the HMAC algorithm."
                .to_vec(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (key, data, wanted) in cases {
        let key = HmacKey::new(&key);
        assert!(hex(&key.hex(&[&data])).starts_with(wanted));
        // However the message is cut, the MAC is the same.
        for cut in 0..=data.len() {
            assert!(
                hex(&key.hex(&[&data[..cut], b"", &data[cut..]])).starts_with(wanted),
                "cut at {cut}"
            );
        }
    }
}

/// Project Wycheproof: every good tag is ours, whole or truncated, and no modified one is.
#[test]
fn wycheproof() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/vectors/wycheproof_hmac_sha256.json"))
            .expect("JSON");
    let cases = file["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 174);
    for case in cases {
        let text = |name: &str| case[name].as_str().expect("a text");
        let bytes = |name: &str| -> Vec<u8> {
            let digit = |at: usize| u8::from_str_radix(&text(name)[at..at + 2], 16).expect("hex");
            (0..text(name).len()).step_by(2).map(digit).collect()
        };
        let mac = HmacKey::new(&bytes("key")).hex(&[&bytes("message")]);
        let is_ours = hex(&mac).starts_with(text("tag"));
        assert_eq!(
            is_ours,
            case["valid"].as_bool().expect("a verdict"),
            "case {}",
            case["id"]
        );
    }
}

const SECRET: &str = "SANDBOX_SECRET_0123456789ABCDEF0123456789ABCDEF";
const ORDER: &str = concat!(
    r#"{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit","amount":"0.001","#,
    r#""price":"30000","client_id":"sdk-0001"}"#
);

#[test]
fn coinex_requests() {
    let signer = CoinexSigner::new("key", SECRET).expect("a good key");
    let spaced = ORDER.replace(':', ": ").replace(',', ", ");
    let pending = "/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT&side=buy&page=1&limit=10";
    let cancel = r#"{"market":"BTCUSDT","market_type":"SPOT"}"#;
    let cases = [
        (
            "GET",
            "/v2/assets/spot/balance",
            "",
            1_763_640_000_000,
            "d2c672d5c0452c22064fa2760b48d0e7c297491786507a0f416e58f0afbed5ad",
        ),
        (
            "GET",
            pending,
            "",
            1_700_490_703_564,
            "12d82ca28119079f781ebeccf44447b8a3090f15211792bd56bc4bc25f13f2f1",
        ),
        (
            "POST",
            "/v2/spot/order",
            ORDER,
            1_763_640_000_123,
            "5395c1cf040c372e2957a4e06de543012269d07c3fb4f38c2118c44b0cab94c5",
        ),
        (
            "POST",
            "/v2/spot/order",
            &spaced,
            1_763_640_000_123,
            "db964cfbfcb294fb02a74a46f4b17e4f20639c8c206420a7b691f6ebbd39daf6",
        ),
        (
            "GET",
            "/v2/spot/ticker?market=BTCUSDT%2CETHUSDT",
            "",
            1_763_640_000_456,
            "e8ec7a171ad6d0354b315667b76432374b7fa40823d4616e17368ee569efb540",
        ),
        (
            "GET",
            "/v2/spot/ticker?market=BTCUSDT,ETHUSDT",
            "",
            1_763_640_000_456,
            "0cb9af43c2fb1e10e770df1dd723a0fa55da5be0b4f4b3e6d3469679abf3868c",
        ),
        (
            "POST",
            "/v2/spot/cancel-all-order",
            cancel,
            1_763_640_001_000,
            "47448963c4f588c8cdfa28fceb25fedaf61354bf84c676734a59a25a29f286cf",
        ),
    ];
    for (method, path, body, timestamp_ms, wanted) in cases {
        let signature = signer.sign(method.as_bytes(), path.as_bytes(), body.as_bytes(), timestamp_ms);
        assert_eq!(
            hex(&signature.expect("a good request")),
            wanted,
            "{method} {path}"
        );
    }
}

#[test]
fn coinex_stream() {
    let signer = CoinexSigner::new("key", SECRET).expect("a good key");
    let wanted = "1ef5a6e612a7600f756be6148a617fe701384bb11584fc9c3d4b7262b2c6a65a";
    assert_eq!(hex(&signer.sign_stream(1_763_640_000_789)), wanted);
}

#[test]
fn coinex_vector_of_a_third_party() {
    let signer = CoinexSigner::new("key", "test-secret").expect("a good key");
    let signature = signer.sign(
        b"GET",
        b"/v2/assets/spot/balance?ccy=USDT",
        b"",
        1_700_000_000_000,
    );
    let wanted = "0ae98f8e934908ae006b1a5e38a398756949d2c926e857cfab2b076c17b47c02";
    assert_eq!(hex(&signature.expect("a good request")), wanted);
}

/// `TrueX` signs the same way, in base64.
#[test]
fn truex_base64() {
    let key = HmacKey::new(b"tmk-example-secret-0123456789abcdef");
    let signature = key.base64(&[b"1770000000", b"GET", b"/v1/cefi/balances"]);
    assert_eq!(hex(&signature), "AGbFD2qq/lt1QeFzFKrlWc9m2vDvPm5lL3++bR+msOs=");
}

#[test]
fn what_could_smuggle_in_a_header_is_refused() {
    for id in ["", "two words", "line\r\nbreak", "schlüssel"] {
        assert!(CoinexSigner::new(id, SECRET).is_err(), "{id:?}");
    }
    assert_eq!(
        CoinexSigner::new("key", "").err(),
        Some(SignError::EmptyText { what: "secret" })
    );
    let signer = CoinexSigner::new("key", SECRET).expect("a good key");
    assert!(signer.sign(b"GET", b"/v2/time\r\nX: y", b"", 1).is_err());
    assert!(signer.sign(b"G T", b"/v2/time", b"", 1).is_err());
}

#[test]
fn secrets_are_redacted() {
    let signer = CoinexSigner::new("public", SECRET).expect("a good key");
    let shown = format!("{signer:?} {:?}", HmacKey::new(SECRET.as_bytes()));
    assert!(shown.contains("redacted") && !shown.contains("SANDBOX"));
}

#[test]
fn header_lines_go_on_the_wire_as_they_are() {
    let signer = CoinexSigner::new("access", "test-secret").expect("good halves");
    let path = b"/v2/assets/spot/balance?ccy=USDT";
    let mut head = Vec::new();
    signer.write_fields(&mut head, b"GET", path, b"", 1_700_000_000_000);
    let wanted = "X-COINEX-KEY: access\r\n\
        X-COINEX-SIGN: 0ae98f8e934908ae006b1a5e38a398756949d2c926e857cfab2b076c17b47c02\r\n\
        X-COINEX-TIMESTAMP: 1700000000000\r\n";
    assert_eq!(head, wanted.as_bytes());
}

/// Every length around the edges of a block and of what is gathered before compressing, in one piece and in two.
#[test]
fn every_length_agrees_with_the_hash_of_another_crate() {
    let message: Vec<u8> = (0..1400_u32).map(|index| (index * 31 % 251) as u8).collect();
    let key = HmacKey::new(b"secret");
    for length in 0..message.len() {
        let wanted = plain_hmac(b"secret", &message[..length]);
        assert_eq!(key.mac(&[&message[..length]]), wanted, "length {length}");
        let (head, tail) = message[..length].split_at(length / 3);
        assert_eq!(key.mac(&[head, b"", tail]), wanted, "length {length} in pieces");
    }
}

/// RFC 2104 word by word, over `sha2`'s own padding.
fn plain_hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}
