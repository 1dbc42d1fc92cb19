//! The venue of the tick-to-trade benches. Pushes a frame, and stops its clock when the order that answers it is whole.
//!
//! `tick-peer coinex|exchange FRAMES SECRET [CERT KEY]` serves one bot, HTTP and WebSocket on one port, and prints that
//! port. It never sleeps while it measures, so that no reaction waits for it; the moments are those right before a write
//! and right after a read, without ciphers and signature checks. Then one command a line on standard input:
//!
//! `go SKIP COUNT GAP_US JITTER_US` pushes SKIP + COUNT frames, each so long after the last reaction, and prints the
//! reactions to the last COUNT of them in nanoseconds, as one line of JSON. `show COUNT` pushes frames and prints the
//! orders that answered them. `flood COUNT` pushes frames as fast as they are taken and waits for no order. `poll` serves
//! without sleeping until `rest`; a POST to `/stamp` is then answered with the moment at which it was whole, one to
//! `/echo` with the request itself.
//!
//! FRAMES is a sequence of records: kind (one byte), length (four, big endian), frame. Kind 0 is a snapshot; those at the
//! front are sent after a subscription and whenever the frames begin anew. 1 is a push; 2 is one that must not be
//! answered; 3 is a push whose `#` stands for its sequence number, and begins nothing anew.

mod coinex;
mod exchange;
mod link;
mod peer;
mod wire;

use std::io::{self, BufRead};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use peer::{Peer, Record};

const NAP: Duration = Duration::from_micros(500);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [venue, frames, secret, rest @ ..] = args.as_slice() else {
        panic!("see the head of main.rs")
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener
        .set_nonblocking(true)
        .expect("a socket that does not wait");
    println!("{}", listener.local_addr().expect("it is bound").port());
    let records = records(&std::fs::read(frames).expect("the file of frames"));
    let tls = if let [cert, key] = rest {
        Some(tls(cert, key))
    } else {
        None
    };
    let mut peer = Peer::new(venue == "coinex", records, secret, listener, tls);
    let commands = commands();
    let mut is_polled = false;
    loop {
        match commands.try_recv() {
            Ok(line) => {
                let words: Vec<&str> = line.split_whitespace().collect();
                let numbers: Vec<u64> = words[1..]
                    .iter()
                    .map(|word| word.parse().expect("a number"))
                    .collect();
                match (words[0], numbers.as_slice()) {
                    ("go", &[skip, count, gap_us, jitter_us]) => peer.go(skip, count, gap_us, jitter_us),
                    ("show", &[count]) => peer.show(count),
                    ("flood", &[count]) => peer.flood(count),
                    ("poll", &[]) => is_polled = true,
                    ("rest", &[]) => is_polled = false,
                    _ => panic!("no such command: {line}"),
                }
            }
            Err(TryRecvError::Empty) => {
                if peer.turn().is_none() && !is_polled {
                    thread::sleep(NAP);
                }
            }
            Err(TryRecvError::Disconnected) => return,
        }
    }
}

fn commands() -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn records(mut file: &[u8]) -> Vec<Record> {
    let mut found = Vec::new();
    while let [kind, a, b, c, d, rest @ ..] = file {
        let (data, rest) = rest.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        found.push(Record {
            kind: *kind,
            data: data.to_vec(),
        });
        file = rest;
    }
    found
}

fn tls(cert: &str, key: &str) -> Arc<ServerConfig> {
    let chain = vec![CertificateDer::from_pem_file(cert).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(key).expect("a private key");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map(Arc::new)
        .expect("a key that fits its certificate")
}
