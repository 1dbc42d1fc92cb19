//! The venue itself: serves its clients in turns, pushes frames and takes the time of the orders that answer them.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustls::ServerConfig;

use crate::link::Link;
use crate::wire::{Opcode, Request, frame, member, reply, take_frame, upgrade};
use crate::{coinex, exchange};

/// So long that a bot on a busy machine is not taken for one that does not answer.
const REACTION: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_millis(20);
const SUBSCRIPTION: Duration = Duration::from_secs(20);
/// Turns between looks at where orders do not come from. Each look is a system call: who keeps spare connections would
/// otherwise pay for them with the time of the venue.
const ROUND_EVERY: u64 = 16;
const SNAPSHOT: u8 = 0;
const UNANSWERED: u8 = 2;
const NUMBERED: u8 = 3;

pub struct Record {
    pub kind: u8,
    pub data: Vec<u8>,
}

/// An order as it came.
pub struct Order {
    moment: Instant,
    is_signed: bool,
    text: String,
}

struct Client {
    link: Link,
    is_upgraded: bool,
    is_known: bool,
    /// The last order came from it.
    is_trading: bool,
}

pub struct Peer {
    is_coinex: bool,
    records: Vec<Record>,
    secret: String,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    clients: Vec<Client>,
    /// Where the books go: the last client that subscribed.
    subscriber: Option<usize>,
    next: usize,
    sequence: u64,
    orders: u64,
    subscriptions: u64,
    /// The answer to the snapshot of the last subscription has not come yet.
    is_owed: bool,
    turns: u64,
    seed: u64,
}

impl Peer {
    pub fn new(
        is_coinex: bool,
        records: Vec<Record>,
        secret: &str,
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        Self {
            is_coinex,
            records,
            secret: secret.to_owned(),
            listener,
            tls,
            clients: Vec::new(),
            subscriber: None,
            next: 1,
            sequence: 0,
            orders: 0,
            subscriptions: 0,
            is_owed: false,
            turns: 0,
            seed: 20_261_128,
        }
    }

    pub fn go(&mut self, skip: u64, count: u64, gap_us: u64, jitter_us: u64) {
        let mut reactions_ns = Vec::new();
        let (mut missed, mut unsigned) = (0, 0);
        if !self.await_subscriber() {
            println!(r#"{{"error":"nobody subscribed"}}"#);
            return;
        }
        for number in 0..skip + count {
            let pause = Duration::from_micros(gap_us + self.random() % (jitter_us + 1));
            self.idle(pause);
            while self.records[self.next].kind == UNANSWERED {
                self.advance();
            }
            let is_snapshot = self.records[self.next].kind == SNAPSHOT;
            match self.push(REACTION) {
                (sent, Some(order)) => {
                    unsigned += u64::from(!order.is_signed);
                    if number >= skip && !is_snapshot {
                        reactions_ns.push((order.moment - sent).as_nanos());
                    }
                }
                _ => {
                    missed += 1;
                    break;
                }
            }
        }
        println!(r#"{{"ns":{reactions_ns:?},"missed":{missed},"unsigned":{unsigned}}}"#);
    }

    pub fn show(&mut self, count: u64) {
        if !self.await_subscriber() {
            println!(r#"{{"error":"nobody subscribed"}}"#);
            return;
        }
        let mut shown = Vec::new();
        for _ in 0..count {
            let is_wrong = self.records[self.next].kind == UNANSWERED;
            let patience = if is_wrong { SILENCE } else { REACTION };
            let seen = self.subscriptions;
            shown.push(match self.push(patience).1 {
                Some(order) if order.is_signed => order.text,
                Some(_) => "\"a wrong signature\"".to_owned(),
                None if !is_wrong => break,
                None => {
                    // Whoever saw that the push was wrong subscribes anew, when it sees fit.
                    self.serve_until(|peer| peer.subscriptions > seen && !peer.is_owed);
                    "null".to_owned()
                }
            });
            self.idle(Duration::from_micros(200));
        }
        println!(r#"{{"orders":[{}]}}"#, shown.join(","));
    }

    /// Push frames as fast as the subscriber takes them.
    pub fn flood(&mut self, count: u64) {
        self.serve_until(|peer| peer.subscriber.is_some());
        for _ in 0..count {
            let Some(at) = self.subscriber else { break };
            let data = self.next_frame();
            self.clients[at].link.send(&data);
            self.advance();
            self.turn();
        }
        if self.subscriber.is_some() {
            println!(r#"{{"pushed":{count}}}"#);
        } else {
            println!(r#"{{"error":"the subscriber is gone"}}"#);
        }
    }

    /// Push the next frame and wait for the order that answers it.
    fn push(&mut self, patience: Duration) -> (Instant, Option<Order>) {
        let data = self.next_frame();
        let Some(at) = self.subscriber else {
            self.await_subscriber();
            return (Instant::now(), None);
        };
        let subscriptions = self.subscriptions;
        let sent = self.clients[at].link.send(&data);
        self.advance();
        loop {
            // Who subscribes anew answers the snapshot that it gets, not the push.
            if let Some(order) = self.turn()
                && subscriptions == self.subscriptions
            {
                return (sent, Some(order));
            }
            if sent.elapsed() > patience {
                return (sent, None);
            }
        }
    }

    fn next_frame(&mut self) -> Vec<u8> {
        let record = &self.records[self.next];
        if record.kind == NUMBERED {
            self.sequence += 1;
            let text = String::from_utf8_lossy(&record.data).replacen('#', &self.sequence.to_string(), 1);
            return frame(self.opcode(), text.as_bytes());
        }
        frame(self.opcode(), &record.data)
    }

    fn advance(&mut self) {
        self.next += 1;
        if self.next == self.records.len() {
            self.next = usize::from(self.records[1].kind == NUMBERED);
        }
    }

    fn opcode(&self) -> Opcode {
        if self.is_coinex {
            Opcode::Binary
        } else {
            Opcode::Text
        }
    }

    /// Wait until somebody has subscribed and answered the snapshot, as every bot does.
    fn await_subscriber(&mut self) -> bool {
        self.serve_until(|peer| peer.subscriber.is_some() && !peer.is_owed);
        self.subscriber.is_some()
    }

    fn serve_until(&mut self, is_done: impl Fn(&Self) -> bool) {
        let until = Instant::now() + SUBSCRIPTION;
        while !is_done(self) && Instant::now() < until {
            self.turn();
        }
    }

    /// Serve for so long; orders that come meanwhile answer nothing.
    fn idle(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        while Instant::now() < until {
            self.turn();
        }
    }

    fn accept(&mut self) {
        while let Ok((tcp, _)) = self.listener.accept() {
            if let Ok(link) = Link::new(tcp, self.tls.as_ref()) {
                self.clients.push(Client {
                    link,
                    is_upgraded: false,
                    is_known: false,
                    is_trading: false,
                });
            }
        }
    }

    /// Look at the connection orders come from, now and then at every other one, and return an order that came.
    pub fn turn(&mut self) -> Option<Order> {
        let mut found = None;
        self.turns += 1;
        let is_round = self.turns.is_multiple_of(ROUND_EVERY);
        if is_round {
            self.accept();
        }
        let is_trading = self.clients.iter().any(|client| client.is_trading);
        for at in 0..self.clients.len() {
            if is_trading && !is_round && !self.clients[at].is_trading {
                continue;
            }
            if let Some(moment) = self.clients[at].link.receive()
                && let Some(order) = self.serve(at, moment)
            {
                found = Some(order);
                for (other, client) in self.clients.iter_mut().enumerate() {
                    client.is_trading = other == at;
                }
            }
        }
        if self.clients.iter().any(|client| client.link.is_closed) {
            let subscriber = self.subscriber.map(|at| self.clients[at].link.is_closed);
            if subscriber == Some(true) {
                self.subscriber = None;
            } else if let Some(at) = self.subscriber {
                let gone = self.clients[..at]
                    .iter()
                    .filter(|client| client.link.is_closed)
                    .count();
                self.subscriber = Some(at - gone);
            }
            self.clients.retain(|client| !client.link.is_closed);
        }
        found
    }

    fn serve(&mut self, at: usize, moment: Instant) -> Option<Order> {
        let mut found = None;
        loop {
            if self.clients[at].is_upgraded {
                let Some((opcode, payload)) = take_frame(&mut self.clients[at].link.input) else {
                    break;
                };
                match opcode {
                    1 | 2 => {
                        found = self
                            .converse(at, moment, &String::from_utf8_lossy(&payload))
                            .or(found)
                    }
                    8 => self.clients[at].link.is_closed = true,
                    9 => drop(self.clients[at].link.send(&frame(Opcode::Pong, &payload))),
                    _ => {}
                }
                continue;
            }
            let Some(request) = Request::take(&mut self.clients[at].link.input) else {
                break;
            };
            let client = &mut self.clients[at];
            if !request.header("sec-websocket-key").is_empty() {
                client.is_upgraded = true;
                client.link.send(&upgrade(request.header("sec-websocket-key")));
            } else if self.is_coinex {
                let received_at_ns = (now() - moment.elapsed()).as_nanos();
                let (bytes, is_signed) = coinex::serve(&request, &self.secret, received_at_ns, self.orders);
                client.link.send(&bytes);
                if let Some(is_signed) = is_signed {
                    self.orders += 1;
                    self.is_owed = false;
                    found = Some(Order {
                        moment,
                        is_signed,
                        text: request.body,
                    });
                }
            } else {
                client.link.send(&reply(
                    "200 OK",
                    "",
                    &exchange::body(&request.path, now().as_millis()),
                ));
            }
        }
        found
    }

    fn converse(&mut self, at: usize, moment: Instant, text: &str) -> Option<Order> {
        let opcode = self.opcode();
        let client = &mut self.clients[at];
        let mut has_subscribed = false;
        let mut found = None;
        if self.is_coinex {
            let (answer, is_depth) = coinex::answer(text);
            has_subscribed = is_depth;
            if let Some(payload) = answer {
                client.link.send(&frame(opcode, &payload));
            }
        } else {
            match exchange::answer(text, self.orders) {
                exchange::Asked::Nothing => {}
                exchange::Asked::Login(payload) => {
                    client.is_known = member(text, "api_key") == self.secret;
                    client.link.send(&frame(opcode, &payload));
                }
                exchange::Asked::Goodbye(payload) => drop(client.link.send(&frame(opcode, &payload))),
                exchange::Asked::Book => has_subscribed = true,
                exchange::Asked::Order(replies) => {
                    self.orders += 1;
                    self.is_owed = false;
                    found = Some(Order {
                        moment,
                        is_signed: client.is_known,
                        text: text.to_owned(),
                    });
                    for payload in replies {
                        client.link.send(&frame(opcode, &payload));
                    }
                }
            }
        }
        if has_subscribed {
            let snapshots = self.records.iter().take_while(|record| record.kind == SNAPSHOT);
            (self.next, self.sequence) = (0, 0);
            for snapshot in snapshots {
                client.link.send(&frame(opcode, &snapshot.data));
                self.next += 1;
            }
            self.subscriber = Some(at);
            self.subscriptions += 1;
            self.is_owed = true;
        }
        found
    }

    fn random(&mut self) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.seed >> 33
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
