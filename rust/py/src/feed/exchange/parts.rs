//! Orders, fills and trades in messages of Exchange, as Python sees them.

use pyo3::prelude::*;
use tradewire_core::feed::exchange::SeenTrade;
use tradewire_core::frame::exchange::{OwnFill as CoreFill, OwnOrder as CoreOrder};
use tradewire_core::units::uuid::Text;

use crate::book::level3::side_name;

/// An order of ours, as `order_state` describes it.
#[pyclass(frozen, eq, get_all, module = "tradewire._native")]
#[derive(Clone, PartialEq)]
pub struct OwnOrder {
    /// The venue's id.
    order_id: String,
    /// Whose it is.
    trader_id: String,
    market: String,
    /// `buy` or `sell`.
    side: &'static str,
    /// Limit price.
    price: u64,
    /// Size it was sent with.
    quantity: u64,
    /// Size still open, or pulled by a cancel.
    remaining: u64,
    /// When it was accepted, nanoseconds UTC.
    created_at_ns: i64,
}

impl From<CoreOrder<'_>> for OwnOrder {
    fn from(order: CoreOrder<'_>) -> Self {
        Self {
            order_id: Text(order.id).to_string(),
            trader_id: Text(order.trader).to_string(),
            market: order.market.into_owned(),
            side: side_name(order.side),
            price: order.price,
            quantity: order.quantity,
            remaining: order.remaining,
            created_at_ns: order.created_at_ns,
        }
    }
}

#[pymethods]
impl OwnOrder {
    fn __repr__(&self) -> String {
        format!(
            "OwnOrder({} {} of {} {} at {}, id {})",
            self.side, self.remaining, self.quantity, self.market, self.price, self.order_id
        )
    }
}

/// A fill of ours. It names no side: one of its orders is ours.
#[pyclass(frozen, eq, get_all, module = "tradewire._native")]
#[derive(Clone, PartialEq)]
pub struct OwnFill {
    /// The venue's id.
    fill_id: String,
    market: String,
    /// The order that rested.
    maker_order_id: String,
    /// The order that came.
    taker_order_id: String,
    /// The maker's price.
    price: u64,
    /// Size.
    quantity: u64,
    /// When it happened, nanoseconds UTC.
    time_ns: i64,
}

impl From<CoreFill<'_>> for OwnFill {
    fn from(fill: CoreFill<'_>) -> Self {
        Self {
            fill_id: Text(fill.id).to_string(),
            market: fill.market.into_owned(),
            maker_order_id: Text(fill.trade.maker).to_string(),
            taker_order_id: Text(fill.trade.taker).to_string(),
            price: fill.trade.price,
            quantity: fill.trade.quantity,
            time_ns: fill.occurred_at_ns,
        }
    }
}

#[pymethods]
impl OwnFill {
    fn __repr__(&self) -> String {
        format!(
            "OwnFill({} {} at {}, id {})",
            self.quantity, self.market, self.price, self.fill_id
        )
    }
}

/// A public trade. Its ids are written out when they are read.
#[pyclass(frozen, eq, module = "tradewire._native")]
#[derive(Clone, PartialEq)]
pub struct PublicTrade(pub SeenTrade);

#[pymethods]
impl PublicTrade {
    /// The order that rested.
    #[getter]
    fn maker_order_id(&self) -> String {
        Text(self.0.trade.maker).to_string()
    }

    /// The order that came.
    #[getter]
    fn taker_order_id(&self) -> String {
        Text(self.0.trade.taker).to_string()
    }

    /// The maker's price.
    #[getter]
    fn price(&self) -> u64 {
        self.0.trade.price
    }

    /// Size.
    #[getter]
    fn quantity(&self) -> u64 {
        self.0.trade.quantity
    }

    /// Who came, `buy` or `sell`; empty if the book never saw the maker.
    #[getter]
    fn aggressor(&self) -> &'static str {
        self.0.aggressor.map_or("", side_name)
    }

    /// Number in the market's sequence.
    #[getter]
    fn sequence(&self) -> u64 {
        self.0.sequence
    }

    fn __repr__(&self) -> String {
        format!(
            "PublicTrade({} {} at {}, number {})",
            self.aggressor(),
            self.quantity(),
            self.price(),
            self.sequence()
        )
    }
}
