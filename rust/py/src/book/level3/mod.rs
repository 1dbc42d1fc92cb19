//! Level-3 books.

mod place;
mod values;

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use tradewire_core::book::level3::{Level3Book as CoreBook, LevelView, RestingOrder, Side};
use tradewire_core::book::sequenced::SequencedBook;
use tradewire_core::book::trust::{Book, Status};
use tradewire_core::feed::{Shared, lock};
use tradewire_core::units::uuid;

pub use self::place::QueuePlace;
pub use self::values::side_name;
use self::values::{float, floats, id_of, int, pair, side_of, whole};
use super::OfMarket;
use super::top::{Last, LastTop, Top};
use crate::decimal::{self, Pair};
use crate::errors::{Fault, Result, python};
use crate::trust;

type Ranked = (u64, u128, u32);
type Row = (String, u64, u64);

/// An order book of single orders, shared with the feed that writes it.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Level3Book {
    /// The market.
    #[pyo3(get)]
    market: Py<PyString>,
    name: String,
    book: Shared<SequencedBook>,
    last_top: LastTop,
    last_floats: Last<[u64; 4]>,
    last_ticks: Last<[(u64, u128); 2]>,
}

impl OfMarket for Level3Book {
    fn market(&self) -> &Py<PyString> {
        &self.market
    }
}

impl Level3Book {
    /// Shows a feed's book.
    pub fn showing(py: Python<'_>, name: String, book: Shared<SequencedBook>) -> Self {
        Self {
            market: PyString::intern(py, &name).unbind(),
            name,
            book,
            last_top: LastTop::default(),
            last_floats: Last::default(),
            last_ticks: Last::default(),
        }
    }

    fn floats(&self, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<[f64; 4]> {
        self.read(unsynced_ok, max_age_ns, |book| {
            let ((bid, bid_size), (ask, ask_size)) =
                (floats(book.best(Side::Bid)), floats(book.best(Side::Ask)));
            [bid, bid_size, ask, ask_size]
        })
    }

    /// Reads the book if it may be believed, or if the caller does not mind.
    fn read<T>(
        &self,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
        read: impl FnOnce(&CoreBook) -> T,
    ) -> Result<T> {
        let book = lock(&self.book);
        trust::check(&self.name, &book.trust, unsynced_ok, max_age_ns)?;
        Ok(read(&book.orders))
    }
}

#[pymethods]
impl Level3Book {
    #[new]
    fn new(py: Python<'_>, market: String) -> Self {
        Self::showing(py, market, Shared::default())
    }

    /// `syncing`, `synced`, `stale` or `suspect`.
    #[getter]
    fn status(&self) -> &'static str {
        lock(&self.book).trust.status().name()
    }

    /// Why the book is not synced; empty if it is.
    #[getter]
    fn reason(&self) -> String {
        lock(&self.book).trust.reason_text().to_owned()
    }

    /// Whether the book follows from a snapshot without a gap.
    #[getter]
    fn is_synced(&self) -> bool {
        lock(&self.book).trust.status() == Status::Synced
    }

    /// Number of the last event the book reflects.
    #[getter]
    fn sequence(&self) -> u64 {
        lock(&self.book).sequence()
    }

    /// Our time of the last applied frame, nanoseconds; 0 before the first.
    #[getter]
    fn received_at_ns(&self) -> i64 {
        lock(&self.book).received_at_ns()
    }

    /// Our time of the last frame that left the book synced, nanoseconds; 0 before the first.
    #[getter]
    fn proved_at_ns(&self) -> i64 {
        lock(&self.book).trust.proved_at_ns()
    }

    /// How long ago the last proof was, nanoseconds; None before the first. Reads the clock.
    #[getter]
    fn age_ns(&self) -> Option<i64> {
        lock(&self.book).trust.age_ns(trust::now_ns())
    }

    /// Frames applied so far.
    #[getter]
    fn updates(&self) -> u64 {
        lock(&self.book).updates()
    }

    /// Number of resting orders, whatever the status.
    fn __len__(&self) -> usize {
        lock(&self.book).orders.len()
    }

    /// Return the best bid and ask, prices and sizes: the same object as before while they have not changed.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn top(&self, py: Python<'_>, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<Py<Top>> {
        let book = lock(&self.book);
        trust::check(&self.name, &book.trust, unsynced_ok, max_age_ns)?;
        let top = book.top();
        drop(book);
        self.last_top.of(py, &top)
    }

    /// Return price and size of the best bid, or None.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn best_bid<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Option<Pair<'py>>> {
        let best = self.read(unsynced_ok, max_age_ns, |book| book.best(Side::Bid))?;
        best.map(|level| pair(py, &level)).transpose()
    }

    /// Return price and size of the best ask, or None.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn best_ask<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Option<Pair<'py>>> {
        let best = self.read(unsynced_ok, max_age_ns, |book| book.best(Side::Ask))?;
        best.map(|level| pair(py, &level)).transpose()
    }

    /// Return the bid levels, best first.
    #[pyo3(signature = (depth=None, *, unsynced_ok=false, max_age_ns=None))]
    fn bids<'py>(
        slf: &Bound<'py, Self>,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Vec<Pair<'py>>> {
        levels(slf, Side::Bid, depth, unsynced_ok, max_age_ns)
    }

    /// Return the ask levels, best first.
    #[pyo3(signature = (depth=None, *, unsynced_ok=false, max_age_ns=None))]
    fn asks<'py>(
        slf: &Bound<'py, Self>,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Vec<Pair<'py>>> {
        levels(slf, Side::Ask, depth, unsynced_ok, max_age_ns)
    }

    /// Return price, size and number of orders of each level of one side ("buy": bids), best first.
    #[pyo3(signature = (side, depth=None, *, unsynced_ok=false, max_age_ns=None))]
    fn levels(
        &self,
        side: &str,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Vec<Ranked>> {
        let side = side_of(side)?;
        self.read(unsynced_ok, max_age_ns, |book| {
            book.levels(side)
                .take(depth.unwrap_or(usize::MAX))
                .map(|level| (level.price, level.size, level.orders))
                .collect()
        })
    }

    /// Return id, price and remaining size of every order of one side in priority: who trades first comes first.
    #[pyo3(signature = (side, *, unsynced_ok=false, max_age_ns=None))]
    fn orders(&self, side: &str, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<Vec<Row>> {
        let side = side_of(side)?;
        self.read(unsynced_ok, max_age_ns, |book| {
            book.orders(side)
                .map(|(order, _)| (uuid::Text(order.id).to_string(), order.price, order.remaining))
                .collect()
        })
    }

    /// Return side, price and remaining size of an order, or None if it does not rest.
    #[pyo3(signature = (order_id, *, unsynced_ok=false, max_age_ns=None))]
    fn order(
        &self,
        order_id: &str,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Option<(&'static str, u64, u64)>> {
        let id = id_of(order_id)?;
        self.read(unsynced_ok, max_age_ns, |book| {
            book.order(id)
                .map(|order| (side_name(order.side), order.price, order.remaining))
        })
    }

    /// Return where an order stands in its queue, or None if it does not rest. Cost grows with the orders ahead.
    #[pyo3(signature = (order_id, *, unsynced_ok=false, max_age_ns=None))]
    fn queue(
        &self,
        order_id: &str,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Option<QueuePlace>> {
        let id = id_of(order_id)?;
        let place = self.read(unsynced_ok, max_age_ns, |book| book.place(id))?;
        Ok(place.map(QueuePlace::from))
    }

    /// Mark an order as our own, whether or not it rests yet.
    fn mark_own(&self, order_id: &str) -> Result<()> {
        let id = id_of(order_id)?;
        lock(&self.book).orders.mark_own(id);
        Ok(())
    }

    /// Take the mark of an order back.
    fn unmark_own(&self, order_id: &str) -> Result<()> {
        let id = id_of(order_id)?;
        lock(&self.book).orders.unmark_own(id);
        Ok(())
    }

    /// Return the ids of our own resting orders, bids first, in priority.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn own_orders(&self, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<Vec<String>> {
        self.read(unsynced_ok, max_age_ns, |book| {
            book.orders(Side::Bid)
                .chain(book.orders(Side::Ask))
                .filter(|(_, is_own)| *is_own)
                .map(|(order, _)| uuid::Text(order.id).to_string())
                .collect()
        })
    }

    /// Return the middle between the best prices, exactly, or None.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn mid<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Option<Bound<'py, PyAny>>> {
        let best = self.read(unsynced_ok, max_age_ns, |book| {
            book.best(Side::Bid).zip(book.best(Side::Ask))
        })?;
        best.map(|(bid, ask)| {
            let twice = u128::from(bid.price) + u128::from(ask.price);
            let fraction = if twice % 2 == 0 { "" } else { ".5" };
            decimal::decimal(py, format!("{}{fraction}", twice / 2).as_bytes())
        })
        .transpose()
    }

    /// Return best ask minus best bid, exactly, or None.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn spread<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Option<Bound<'py, PyAny>>> {
        let best = self.read(unsynced_ok, max_age_ns, |book| {
            book.best(Side::Bid).zip(book.best(Side::Ask))
        })?;
        best.map(|(bid, ask)| decimal::wide(py, (i128::from(ask.price) - i128::from(bid.price)).into()))
            .transpose()
    }

    /// Return bid, bid size, ask, ask size as floats; NaN where a side is empty.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn best_float<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Bound<'py, PyTuple>> {
        let best = self.floats(unsynced_ok, max_age_ns)?;
        // Bit by bit, since NaN is not equal to itself.
        self.last_floats
            .of(py, best.map(f64::to_bits), |_| python(PyTuple::new(py, best)))
    }

    /// Return the middle between the best prices as a float; NaN where a side is empty.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn mid_float(&self, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<f64> {
        let [bid, _, ask, _] = self.floats(unsynced_ok, max_age_ns)?;
        Ok(f64::midpoint(bid, ask))
    }

    /// Return the mid weighted by the size on the other side, as a float; NaN where a side is empty.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn micro_price_float(&self, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<f64> {
        let [bid, bid_size, ask, ask_size] = self.floats(unsynced_ok, max_age_ns)?;
        Ok((bid * ask_size + ask * bid_size) / (bid_size + ask_size))
    }

    /// Return (bids - asks) / (bids + asks) of the size on `depth` levels, as a float from -1 to 1.
    #[pyo3(signature = (depth=1, *, unsynced_ok=false, max_age_ns=None))]
    fn imbalance_float(&self, depth: usize, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<f64> {
        self.read(unsynced_ok, max_age_ns, |book| {
            let sum = |side| float(book.levels(side).take(depth).map(|level| level.size).sum());
            let (bids, asks) = (sum(Side::Bid), sum(Side::Ask));
            (bids - asks) / (bids + asks)
        })
    }

    /// Return (cost, filled) of an order that takes `size`, both exact.
    ///
    /// A "buy" takes asks. The average price is cost / filled; filled is less than size when the book is too thin.
    #[pyo3(signature = (side, size, *, unsynced_ok=false, max_age_ns=None))]
    fn vwap<'py>(
        &self,
        side: &str,
        size: &Bound<'py, PyAny>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Pair<'py>> {
        let (side, wanted) = (side_of(side)?.opposite(), whole("size", size)?);
        let sweep = self.read(unsynced_ok, max_age_ns, |book| book.sweep(side, wanted))?;
        let (cost, filled) =
            sweep.ok_or_else(|| Fault::Argument("the cost does not fit 128 bits; ask for less".into()))?;
        let py = size.py();
        Ok((
            decimal::decimal(py, cost.to_string().as_bytes())?,
            decimal::decimal(py, filled.to_string().as_bytes())?,
        ))
    }

    /// Return the size resting on one side ("buy": bids) at `price` or better, exactly.
    #[pyo3(signature = (side, price, *, unsynced_ok=false, max_age_ns=None))]
    fn size_to_price<'py>(
        &self,
        side: &str,
        price: &Bound<'py, PyAny>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Bound<'py, PyAny>> {
        let (side, limit) = (side_of(side)?, whole("price", price)?);
        let sum = self.read(unsynced_ok, max_age_ns, |book| {
            book.levels(side)
                .take_while(|level| match side {
                    Side::Bid => u128::from(level.price) >= limit,
                    Side::Ask => u128::from(level.price) <= limit,
                })
                .map(|level| level.size)
                .sum::<u128>()
        })?;
        decimal::decimal(price.py(), sum.to_string().as_bytes())
    }

    /// Return bid, bid size, ask, ask size as ints; zeros where a side is empty.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn best_ticks<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Bound<'py, PyTuple>> {
        let ticks = |level: Option<LevelView>| level.map_or((0, 0), |level| (level.price, level.size));
        let best = self.read(unsynced_ok, max_age_ns, |book| {
            [ticks(book.best(Side::Bid)), ticks(book.best(Side::Ask))]
        })?;
        self.last_ticks
            .of(py, best, |&[(bid, bid_size), (ask, ask_size)]| {
                python((bid, int(py, bid_size)?, ask, int(py, ask_size)?).into_pyobject(py))
            })
    }

    /// Say by hand that nothing feeds the book any more; it then answers only where `unsynced_ok`.
    fn mark_stale(&self, reason: &str) {
        lock(&self.book).trust.mark_stale(reason);
    }

    /// Empty the book by hand; it then waits for `snapshot`.
    fn reset(&self, reason: &str) {
        Book::reset(&mut *lock(&self.book), reason);
    }

    /// Replace the whole book by hand: (id, price, remaining) of each order, each side in priority.
    #[pyo3(signature = (bids, asks, *, sequence=0))]
    fn snapshot(&self, bids: Vec<Row>, asks: Vec<Row>, sequence: u64) -> Result<()> {
        let mut orders = Vec::with_capacity(bids.len() + asks.len());
        for (side, rows) in [(Side::Bid, bids), (Side::Ask, asks)] {
            for (id, price, remaining) in rows {
                let id = id_of(&id)?;
                orders.push(RestingOrder {
                    id,
                    side,
                    price,
                    remaining,
                });
            }
        }
        let mut book = lock(&self.book);
        book.replace(orders.into_iter(), sequence);
        book.mark_applied(sequence, None, 0);
        Ok(())
    }

    /// Add an order at the tail of its level by hand, or bring it up to date if it rests.
    fn add(&self, order_id: &str, side: &str, price: u64, remaining: u64) -> Result<()> {
        let order = RestingOrder {
            id: id_of(order_id)?,
            side: side_of(side)?,
            price,
            remaining,
        };
        let mut book = lock(&self.book);
        book.orders.add(order);
        book.step();
        Ok(())
    }

    /// Set the remaining size of an order by hand; it keeps its place. Returns whether it rests.
    fn update(&self, order_id: &str, remaining: u64) -> Result<bool> {
        let id = id_of(order_id)?;
        let mut book = lock(&self.book);
        let is_known = book.orders.update(id, remaining);
        book.step();
        Ok(is_known)
    }

    /// Remove an order by hand. Returns whether it rested.
    fn remove(&self, order_id: &str) -> Result<bool> {
        let id = id_of(order_id)?;
        let mut book = lock(&self.book);
        let is_known = book.orders.remove(id).is_some();
        book.step();
        Ok(is_known)
    }

    fn __repr__(&self) -> String {
        let book = lock(&self.book);
        let best = |side| {
            book.orders
                .best(side)
                .map_or("none".to_owned(), |level| level.price.to_string())
        };
        format!(
            "Level3Book({:?}, {}, {} orders, best bid {}, best ask {})",
            self.name,
            book.trust.status().name(),
            book.orders.len(),
            best(Side::Bid),
            best(Side::Ask)
        )
    }
}

fn levels<'py>(
    book: &Bound<'py, Level3Book>,
    side: Side,
    depth: Option<usize>,
    unsynced_ok: bool,
    max_age_ns: Option<i64>,
) -> Result<Vec<Pair<'py>>> {
    let views: Vec<LevelView> = book.get().read(unsynced_ok, max_age_ns, |book| {
        book.levels(side).take(depth.unwrap_or(usize::MAX)).collect()
    })?;
    views.iter().map(|level| pair(book.py(), level)).collect()
}
