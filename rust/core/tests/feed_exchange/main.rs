//! The feed of Exchange: what it believes, and why.

mod doubts;
mod model;
mod wire;
