use super::*;
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    head_bytes: 1024,
    body_bytes: 64,
};

type Seen = (u16, Vec<u8>, bool);

/// Feeds `pieces`, then the end, and returns what came out.
fn read(pieces: &[&[u8]], is_head_request: bool) -> Result<Seen, Refusal> {
    let mut reader = ReplyReader::new(LIMITS);
    reader.begin(is_head_request);
    for piece in pieces {
        reader.feed(piece)?;
    }
    let is_whole_before_the_end = reader.state == State::Whole;
    reader.finish()?;
    Ok((
        reader.status(),
        reader.body().to_vec(),
        reader.can_reuse() && is_whole_before_the_end,
    ))
}

fn whole(reply: &str) -> Result<Seen, Refusal> {
    read(&[reply.as_bytes()], false)
}

#[test]
fn replies_that_are_right() {
    let table: [(&str, u16, &str, bool); 14] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\nContent-Length: 2\r\n\r\nhi",
            200,
            "hi",
            true,
        ),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, "", true),
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", 200, "hi", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            304,
            "",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nhi",
            200,
            "hi",
            false,
        ),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false),
        (
            "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi",
            200,
            "hi",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\nuntil the end",
            200,
            "until the end",
            false,
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: x\r\n\r\nHTTP/1.1 502 Bad\r\nContent-Length: 1\r\n\r\nx",
            502,
            "x",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            200,
            "abc0123456789",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nExpires: never\r\n\r\n",
            200,
            "a",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1",
            200,
            "hi",
            false,
        ),
    ];
    for (reply, status, body, is_kept) in table {
        assert_eq!(
            whole(reply),
            Ok((status, body.as_bytes().to_vec(), is_kept)),
            "{reply}"
        );
    }
}

#[test]
fn a_reply_to_head_has_no_body() {
    let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(read(&[reply], true), Ok((200, vec![], true)));
    let encoded = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(read(&[encoded], true), Ok((200, vec![], true)));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of refusals")]
fn replies_that_are_refused() {
    let table: [(&str, Refusal); 34] = [
        ("", Refusal::Truncated),
        ("HTT", Refusal::Truncated),
        ("garbage\r\n\r\n", Refusal::NotHttp),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", Refusal::NotHttp),
        ("HTTP/2.0 200 OK\r\n\r\n", Refusal::NotHttp),
        ("HTTP/1.2 200 OK\r\n\r\n", Refusal::NotHttp),
        ("HTTP/1.1\r\n\r\n", Refusal::NotHttp),
        ("HTTP/1.1 abc OK\r\n\r\n", Refusal::BadHead("the status")),
        ("HTTP/1.1 20 OK\r\n\r\n", Refusal::BadHead("the status")),
        (
            "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
            Refusal::BadStatus(0),
        ),
        ("HTTP/1.1 101 X\r\n\r\n", Refusal::Switched),
        (
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            Refusal::BadHead("a header name"),
        ),
        (
            "HTTP/1.1 200 OK\r\nA : x\r\n\r\n",
            Refusal::BadHead("a header name"),
        ),
        (
            "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
            Refusal::BadHead("a header name"),
        ),
        (
            "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
            Refusal::BadHead("a header value"),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            Refusal::BadLength,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
            Refusal::BadLength,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nhi",
            Refusal::BadLength,
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhi", Refusal::BadLength),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nhi",
            Refusal::DifferentLengths,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
            Refusal::DifferentLengths,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n",
            Refusal::BodyTooBig(64),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            Refusal::BodyTooBig(64),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
            Refusal::Truncated,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            Refusal::LengthAndChunks,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            Refusal::UnknownTransferCoding,
        ),
        (
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            Refusal::UnknownTransferCoding,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
            Refusal::Encoded,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            Refusal::BadChunk,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
            Refusal::BadChunk,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n",
            Refusal::BodyTooBig(64),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
            Refusal::BadChunk,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nno colon\r\n\r\n",
            Refusal::BadTrailer,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
            Refusal::Truncated,
        ),
    ];
    for (reply, refusal) in table {
        assert_eq!(whole(reply), Err(refusal), "{reply}");
    }
}

#[test]
fn a_chunk_line_without_a_size_does_not_end_the_body() {
    let read_line = |line: &str| {
        whole(&format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{line}\r\nhi\r\n0\r\n\r\n"
        ))
    };
    for line in ["2", "02", "0000000000000002", "2 ", "2\t;a", "2;a=\"b c\";d"] {
        assert_eq!(read_line(line), Ok((200, b"hi".to_vec(), true)), "{line:?}");
    }
    for line in [
        "",
        ";",
        ";a=b",
        " ",
        "\t",
        " 2",
        "+2",
        "-0",
        "0x2",
        "2 2",
        "2\r",
        "2\n",
        "2;a\nb",
        "2;a\0b",
        "2\x0c",
        "2,",
        "00000000000000002",
    ] {
        assert_eq!(read_line(line), Err(Refusal::BadChunk), "{line:?}");
    }
}

#[test]
fn a_connection_is_not_kept_where_a_body_was_announced_that_may_not_be_there() {
    for head in [
        "HTTP/1.1 204 X\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 304 X\r\nContent-Length: 2\r\n\r\n",
    ] {
        assert!(
            matches!(whole(head), Ok((_, body, false)) if body.is_empty()),
            "{head}"
        );
    }
    let empty = whole("HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(empty, Ok((204, vec![], true)));
}

#[test]
fn what_never_ends_is_refused_at_its_limit() {
    let fields = "A: b\r\n".repeat(MAX_FIELDS + 1);
    let long = "a".repeat(2000);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let table = [
        (format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), Refusal::TooManyFields),
        (format!("HTTP/1.1 200 OK\r\nA: {long}"), Refusal::HeadTooBig(1024)),
        (
            format!("HTTP/1.1 200 OK\r\nA: {long}\r\n\r\n"),
            Refusal::HeadTooBig(1024),
        ),
        ("HTTP/1.1 100 X\r\n\r\n".repeat(17), Refusal::TooManyInformational),
        (format!("HTTP/1.1 200 OK\r\n\r\n{long}"), Refusal::BodyTooBig(64)),
        (format!("{chunked}1;{}", long.repeat(3)), Refusal::BadChunk),
        (
            format!("{chunked}0\r\n{}", "A: b\r\n".repeat(200)),
            Refusal::BadTrailer,
        ),
        (format!("{chunked}0\r\nA: {long}"), Refusal::BadTrailer),
    ];
    for (reply, refusal) in table {
        assert_eq!(whole(&reply), Err(refusal));
    }
}

#[test]
fn a_reader_reads_one_reply_after_another() {
    let mut reader = ReplyReader::new(LIMITS);
    for body in ["", "a", "ab"] {
        reader.begin(false);
        let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(reader.feed(reply.as_bytes()), Ok(true));
        assert_eq!((reader.body(), reader.can_reuse()), (body.as_bytes(), true));
        assert_eq!(reader.fields().count(), 1);
    }
}

const REPLIES: [&str; 5] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi!",
];

proptest! {
    #[test]
    fn any_split_gives_the_same_reply(at in 0..REPLIES.len(), mut cuts in proptest::collection::vec(0usize..120, 0..8)) {
        let reply = REPLIES[at].as_bytes();
        for cut in &mut cuts {
            *cut = (*cut).min(reply.len());
        }
        cuts.extend([0, reply.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|pair| &reply[pair[0]..pair[1]]).collect();
        prop_assert_eq!(read(&pieces, false), read(&[reply], false));
    }

    #[test]
    fn no_bytes_make_it_panic(start in 0..REPLIES.len(), keep in 0usize..120, noise: Vec<u8>) {
        let reply = REPLIES[start].as_bytes();
        let mut bytes = reply[..keep.min(reply.len())].to_vec();
        bytes.extend(noise);
        let _ = read(&[&bytes], false);
    }
}
