//! As much of HTTP/1.1 and of WebSocket as the bots use, and members of flat JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

pub struct Request {
    pub method: String,
    pub path: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// Take a whole request from the front of `input`, if there is one.
    pub fn take(input: &mut Vec<u8>) -> Option<Self> {
        let end = input.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&input[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut request = Self {
            method,
            path,
            headers,
            body: String::new(),
        };
        let whole = end + request.header("content-length").parse().unwrap_or(0);
        if input.len() < whole {
            return None;
        }
        request.body = String::from_utf8_lossy(&input[end..whole]).into_owned();
        input.drain(..whole);
        Some(request)
    }

    /// Return the request as it came, names of headers in lower case.
    pub fn text(&self) -> String {
        let lines: String = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        format!(
            "{} {} HTTP/1.1\r\n{lines}\r\n{}",
            self.method, self.path, self.body
        )
    }

    /// Return a header by its lower-case name, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }
}

pub fn reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

pub fn upgrade(key: &str) -> Vec<u8> {
    let hash = digest::digest(
        &digest::SHA1_FOR_LEGACY_USE_ONLY,
        format!("{key}{GUID}").as_bytes(),
    );
    let accept = STANDARD.encode(hash);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes()
}

#[derive(Clone, Copy)]
pub enum Opcode {
    Text = 1,
    Binary = 2,
    Pong = 10,
}

/// Write one whole frame as a server does.
pub fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 10);
    out.push(0x80 | opcode as u8);
    match payload.len() {
        short @ 0..126 => out.push(short as u8),
        medium @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            out.push(127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
    out
}

/// Take a whole client's frame from the front of `input`, if there is one: its opcode and what it carries.
pub fn take_frame(input: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let (first, second) = (*input.first()?, *input.get(1)?);
    let (length, at) = match second & 0x7f {
        126 => (u16::from_be_bytes(input.get(2..4)?.try_into().ok()?) as usize, 4),
        127 => (
            u64::from_be_bytes(input.get(2..10)?.try_into().ok()?) as usize,
            10,
        ),
        short => (short as usize, 2),
    };
    let mask: [u8; 4] = input.get(at..at + 4)?.try_into().ok()?;
    let masked = input.get(at + 4..at + 4 + length)?;
    let payload = masked
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, key)| byte ^ key)
        .collect();
    input.drain(..at + 4 + length);
    Some((first & 0x0f, payload))
}

/// Return a member of a flat JSON object as its text without quotes, empty if it is not there.
pub fn member<'a>(json: &'a str, name: &str) -> &'a str {
    let Some(at) = json.find(&format!("\"{name}\"")) else {
        return "";
    };
    let rest = json[at + name.len() + 2..].trim_start_matches([':', ' ']);
    match rest.strip_prefix('"') {
        Some(text) => text.split('"').next().unwrap_or(""),
        None => rest.split([',', '}', ']']).next().unwrap_or("").trim(),
    }
}
