//! Where an order stands in its queue.

use pyo3::prelude::*;
use tradewire_core::book::level3::QueuePlace as CorePlace;

use super::values::side_name;

/// Where an order stands in its queue.
#[pyclass(frozen, get_all, module = "tradewire._native")]
pub struct QueuePlace {
    side: &'static str,
    price: u64,
    remaining: u64,
    orders_ahead: u32,
    size_ahead: u128,
    own_ahead: u32,
}

impl From<CorePlace> for QueuePlace {
    fn from(place: CorePlace) -> Self {
        Self {
            side: side_name(place.order.side),
            price: place.order.price,
            remaining: place.order.remaining,
            orders_ahead: place.orders_ahead,
            size_ahead: place.size_ahead,
            own_ahead: place.own_ahead,
        }
    }
}

#[pymethods]
impl QueuePlace {
    fn __repr__(&self) -> String {
        format!(
            "QueuePlace({} {} at {}, behind {} orders of {} together)",
            self.side, self.remaining, self.price, self.orders_ahead, self.size_ahead
        )
    }
}
