//! Books as Python holds them.

pub mod level2;
pub mod level3;

pub use level2::Level2Book;
pub use level3::{Level3Book, QueuePlace};
