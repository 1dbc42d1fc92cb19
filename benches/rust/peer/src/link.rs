//! One accepted connection, plain or TLS: never waits, and says when bytes came and went.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use rustls::{ServerConfig, ServerConnection};

const CHUNK: usize = 64 << 10;

pub struct Link {
    tcp: TcpStream,
    tls: Option<Box<ServerConnection>>,
    /// What was read and not used yet.
    pub input: Vec<u8>,
    pub is_closed: bool,
}

impl Link {
    pub fn new(tcp: TcpStream, tls: Option<&Arc<ServerConfig>>) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_nonblocking(true)?;
        let tls = tls
            .map(|config| ServerConnection::new(Arc::clone(config)).map(Box::new))
            .transpose()
            .map_err(io::Error::other)?;
        Ok(Self {
            tcp,
            tls,
            input: Vec::with_capacity(CHUNK),
            is_closed: false,
        })
    }

    /// Read what is there. Returns the moment at which the system had handed it over, before any of it is deciphered.
    pub fn receive(&mut self) -> Option<Instant> {
        let got = match &mut self.tls {
            None => {
                let mut chunk = [0; CHUNK];
                self.tcp.read(&mut chunk).map(|count| {
                    let moment = Instant::now();
                    self.input.extend_from_slice(&chunk[..count]);
                    (count, moment)
                })
            }
            Some(tls) => tls.read_tls(&mut self.tcp).map(|count| (count, Instant::now())),
        };
        match got {
            Ok((0, _)) => self.is_closed = true,
            Ok((_, moment)) => {
                if self.decipher().is_err() {
                    self.is_closed = true;
                }
                return Some(moment);
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.is_closed = true,
        }
        None
    }

    /// Send all of `data`. Returns the moment right before it was handed to the system, enciphered.
    pub fn send(&mut self, data: &[u8]) -> Instant {
        let mut sealed = Vec::new();
        let mut rest = data;
        if let Some(tls) = &mut self.tls {
            let sealing = tls.writer().write_all(data);
            while tls.wants_write() && tls.write_tls(&mut sealed).is_ok() {}
            self.is_closed |= sealing.is_err();
            rest = &sealed;
        }
        let moment = Instant::now();
        while !rest.is_empty() && !self.is_closed {
            match self.tcp.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => self.is_closed = true,
            }
        }
        moment
    }

    fn decipher(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        let state = tls.process_new_packets().map_err(io::Error::other)?;
        let at = self.input.len();
        self.input.resize(at + state.plaintext_bytes_to_read(), 0);
        tls.reader().read_exact(&mut self.input[at..])?;
        while tls.wants_write() {
            match tls.write_tls(&mut self.tcp) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}
