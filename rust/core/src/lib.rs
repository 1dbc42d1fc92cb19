//! The hot paths of tradewire: sign a request, read a frame, keep a book.
//!
//! This crate has never heard of Python. It does no I/O, reads no clock and writes no log: bytes and
//! the time come in as arguments, values and errors come out. A Rust bot can use it as it is.

#![forbid(unsafe_code)]

pub mod book;
pub mod clock;
pub mod error;
mod excerpt;
pub mod feed;
pub mod frame;
pub mod http;
pub mod inflate;
pub mod limits;
pub mod query;
pub mod sign;
pub mod template;
pub mod units;
