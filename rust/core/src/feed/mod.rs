//! One object per connection that owns its books: one call per frame.
//!
//! A feed inflates, scans, routes to the market's book, applies, verifies, and says what changed in a small event.

pub mod coinex;
pub mod exchange;
pub mod truex;
