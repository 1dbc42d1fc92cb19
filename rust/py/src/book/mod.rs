//! Books as Python holds them.

pub mod level2;
pub mod level3;
pub mod top;

pub use level2::Level2Book;
pub use level3::{Level3Book, QueuePlace};
pub use top::Top;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// A book as events name it.
pub trait OfMarket {
    /// Returns the market, always the same object.
    fn market(&self) -> &Py<PyString>;
}
