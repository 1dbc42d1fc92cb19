//! Level-2 books.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tradewire_core::book::level2::Level2Book as CoreBook;
use tradewire_core::book::side::Level;
use tradewire_core::book::trust::{Book, Status};
use tradewire_core::feed::{Shared, lock};
use tradewire_core::units::{Fixed, Wide};

use super::OfMarket;
use super::top::{Last, LastTop, Top};
use crate::decimal::{self, Pair};
use crate::errors::{Fault, Result, python};
use crate::trust;

type TextPairs = Vec<(String, String)>;
type Ranked<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, u32);

/// An order book of price levels, shared with the feed that writes it.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Level2Book {
    /// The market.
    #[pyo3(get)]
    market: Py<PyString>,
    name: String,
    book: Shared<CoreBook>,
    last_top: LastTop,
    last_ticks: Last<[(i64, i128); 2]>,
}

impl OfMarket for Level2Book {
    fn market(&self) -> &Py<PyString> {
        &self.market
    }
}

impl Level2Book {
    /// Shows a feed's book.
    pub fn showing(py: Python<'_>, name: String, book: Shared<CoreBook>) -> Self {
        Self {
            market: PyString::intern(py, &name).unbind(),
            name,
            book,
            last_top: LastTop::default(),
            last_ticks: Last::default(),
        }
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
        Ok(read(&book))
    }
}

fn is_bid(side: &str) -> Result<bool> {
    match side {
        "buy" => Ok(true),
        "sell" => Ok(false),
        other => Err(Fault::Argument(format!("side is 'buy' or 'sell', was {other:?}"))),
    }
}

fn exact(level: &Level) -> (Fixed, Wide) {
    (level.price(), level.size())
}

fn pair(py: Python<'_>, (price, size): (Fixed, Wide)) -> Result<Pair<'_>> {
    Ok((decimal::fixed(py, price)?, decimal::wide(py, size)?))
}

fn best<T>(book: &CoreBook, is_bid: bool, depth: Option<usize>, view: impl Fn(&Level) -> T) -> Vec<T> {
    let levels = book.side(is_bid).iter();
    levels.take(depth.unwrap_or(usize::MAX)).map(view).collect()
}

fn texts(book: &CoreBook, is_bid: bool) -> TextPairs {
    book.side(is_bid).iter().map(Level::texts).collect()
}

fn bytes(pairs: &TextPairs) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
    pairs
        .iter()
        .map(|(price, size)| (price.as_bytes(), size.as_bytes()))
}

fn ticks(level: Option<&Level>) -> (i64, i128) {
    level.map_or((0, 0), |level| (level.key().abs(), level.size().mantissa()))
}

/// Makes an int; the narrow way is several times cheaper and nearly always wide enough.
fn whole(py: Python<'_>, size: i128) -> Result<Bound<'_, PyAny>> {
    match i64::try_from(size) {
        Ok(size) => python(size.into_bound_py_any(py)),
        Err(_) => python(size.into_bound_py_any(py)),
    }
}

#[pymethods]
impl Level2Book {
    #[new]
    #[pyo3(signature = (market, *, limit=0))]
    fn new(py: Python<'_>, market: String, limit: usize) -> Self {
        Self::showing(py, market, Shared::new(CoreBook::new(limit).into()))
    }

    /// Levels a side the book is kept to; 0 for no limit.
    #[getter]
    fn limit(&self) -> usize {
        lock(&self.book).limit()
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

    /// Whether the book is proved equal to the venue's.
    #[getter]
    fn is_synced(&self) -> bool {
        lock(&self.book).trust.status() == Status::Synced
    }

    /// CRC-32 of the book as it stands now.
    #[getter]
    fn checksum(&self) -> u32 {
        lock(&self.book).checksum()
    }

    /// The venue's time of the last applied push, milliseconds; 0 before the first.
    #[getter]
    fn updated_at_ms(&self) -> i64 {
        lock(&self.book).updated_at_ms()
    }

    /// Our time of the last applied push, nanoseconds; 0 before the first.
    #[getter]
    fn received_at_ns(&self) -> i64 {
        lock(&self.book).received_at_ns()
    }

    /// Our time of the last push whose checksum matched, nanoseconds; 0 before the first.
    #[getter]
    fn proved_at_ns(&self) -> i64 {
        lock(&self.book).trust.proved_at_ns()
    }

    /// How long ago the last proof was, nanoseconds; None before the first. Reads the clock.
    #[getter]
    fn age_ns(&self) -> Option<i64> {
        lock(&self.book).trust.age_ns(trust::now_ns())
    }

    /// Pushes applied so far.
    #[getter]
    fn updates(&self) -> u64 {
        lock(&self.book).updates()
    }

    /// The last trade price a push carried.
    #[getter]
    fn last<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyAny>>> {
        let last = lock(&self.book).last();
        last.map(|price| decimal::fixed(py, price)).transpose()
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
        let best = self.read(unsynced_ok, max_age_ns, |book| book.best_bid().map(exact))?;
        best.map(|level| pair(py, level)).transpose()
    }

    /// Return price and size of the best ask, or None.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn best_ask<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Option<Pair<'py>>> {
        let best = self.read(unsynced_ok, max_age_ns, |book| book.best_ask().map(exact))?;
        best.map(|level| pair(py, level)).transpose()
    }

    /// Return the bid levels, best first.
    #[pyo3(signature = (depth=None, *, unsynced_ok=false, max_age_ns=None))]
    fn bids<'py>(
        &self,
        py: Python<'py>,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Vec<Pair<'py>>> {
        self.pairs(py, true, depth, unsynced_ok, max_age_ns)
    }

    /// Return the ask levels, best first.
    #[pyo3(signature = (depth=None, *, unsynced_ok=false, max_age_ns=None))]
    fn asks<'py>(
        &self,
        py: Python<'py>,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Vec<Pair<'py>>> {
        self.pairs(py, false, depth, unsynced_ok, max_age_ns)
    }

    /// Return price, size and number of orders of each level of one side ("buy": bids), best first.
    ///
    /// The number is 0 where the venue does not tell.
    #[pyo3(signature = (side, depth=None, *, unsynced_ok=false, max_age_ns=None))]
    fn levels<'py>(
        &self,
        py: Python<'py>,
        side: &str,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Vec<Ranked<'py>>> {
        let is_bid = is_bid(side)?;
        let levels = self.read(unsynced_ok, max_age_ns, |book| {
            best(book, is_bid, depth, |level| (exact(level), level.orders()))
        })?;
        levels
            .into_iter()
            .map(|(level, orders)| {
                let (price, size) = pair(py, level)?;
                Ok((price, size, orders))
            })
            .collect()
    }

    /// Return bids and asks exactly as the venue wrote them, best first.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn texts(&self, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<(TextPairs, TextPairs)> {
        self.read(unsynced_ok, max_age_ns, |book| {
            (texts(book, true), texts(book, false))
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
        self.read(unsynced_ok, max_age_ns, CoreBook::mid)?
            .map(|mid| decimal::wide(py, mid))
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
        self.read(unsynced_ok, max_age_ns, CoreBook::spread)?
            .map(|spread| decimal::wide(py, spread))
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
        python(PyTuple::new(py, self.floats(unsynced_ok, max_age_ns)?))
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
        self.read(unsynced_ok, max_age_ns, CoreBook::micro_price_f64)
    }

    /// Return (bids - asks) / (bids + asks) of the size on `depth` levels, as a float from -1 to 1.
    #[pyo3(signature = (depth=1, *, unsynced_ok=false, max_age_ns=None))]
    fn imbalance_float(&self, depth: usize, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<f64> {
        self.read(unsynced_ok, max_age_ns, |book| book.imbalance_f64(depth))
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
        let (is_bid, wanted) = (is_bid(side)?, decimal::size(size)?);
        let sweep = self.read(unsynced_ok, max_age_ns, |book| book.sweep(!is_bid, wanted))??;
        Ok((
            decimal::wide(size.py(), sweep.cost)?,
            decimal::wide(size.py(), sweep.filled)?,
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
        let (is_bid, limit) = (is_bid(side)?, Fixed::try_from(decimal::size(price)?)?);
        let sum = self.read(unsynced_ok, max_age_ns, |book| book.size_to(is_bid, limit))??;
        decimal::wide(price.py(), sum)
    }

    /// Return price and size of each level of one side ("buy": bids) as packed native floats, best first.
    #[pyo3(signature = (side, depth=None, *, unsynced_ok=false, max_age_ns=None))]
    fn levels_f64<'py>(
        &self,
        py: Python<'py>,
        side: &str,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Bound<'py, PyBytes>> {
        let is_bid = is_bid(side)?;
        let packed = self.read(unsynced_ok, max_age_ns, |book| {
            let levels = book.side(is_bid).iter().take(depth.unwrap_or(usize::MAX));
            let mut packed = Vec::with_capacity(levels.len() * 16);
            for level in levels {
                packed.extend_from_slice(&level.price().to_f64().to_ne_bytes());
                packed.extend_from_slice(&level.size().to_f64().to_ne_bytes());
            }
            packed
        })?;
        Ok(PyBytes::new(py, &packed))
    }

    /// Say by hand that nothing feeds the book any more; it then answers only where `unsynced_ok`.
    fn mark_stale(&self, reason: &str) {
        lock(&self.book).trust.mark_stale(reason);
    }

    /// Empty the book by hand; it then waits for `snapshot`.
    fn reset(&self, reason: &str) {
        Book::reset(&mut *lock(&self.book), reason);
    }

    /// Replace the whole book by hand. Levels are pairs of decimal texts; zero sizes are ignored.
    fn snapshot(&self, bids: TextPairs, asks: TextPairs) -> Result<()> {
        let mut book = lock(&self.book);
        book.replace(bytes(&bids), bytes(&asks))?;
        mark_applied(&mut book);
        Ok(())
    }

    /// Set one level by hand; a zero size removes it.
    fn update(&self, side: &str, price: &str, size: &str) -> Result<()> {
        let is_bid = is_bid(side)?;
        let mut book = lock(&self.book);
        book.set_text(is_bid, price.as_bytes(), size.as_bytes())?;
        mark_applied(&mut book);
        Ok(())
    }

    /// Set one level by hand in whole ticks and lots; a zero size removes it.
    fn update_ticks(&self, is_bid: bool, price_ticks: i64, size_ticks: i64) -> Result<()> {
        let mut book = lock(&self.book);
        book.set_ticks(is_bid, price_ticks, size_ticks)?;
        mark_applied(&mut book);
        Ok(())
    }

    /// Return bid, bid size, ask, ask size in ticks and lots; zeros where a side is empty.
    #[pyo3(signature = (*, unsynced_ok=false, max_age_ns=None))]
    fn best_ticks<'py>(
        &self,
        py: Python<'py>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Bound<'py, PyTuple>> {
        let best = self.read(unsynced_ok, max_age_ns, |book| {
            [ticks(book.best_bid()), ticks(book.best_ask())]
        })?;
        self.last_ticks
            .of(py, best, |&[(bid, bid_size), (ask, ask_size)]| {
                python((bid, whole(py, bid_size)?, ask, whole(py, ask_size)?).into_pyobject(py))
            })
    }

    fn __repr__(&self) -> String {
        let book = lock(&self.book);
        let best = |level: Option<&Level>| level.map_or("none".to_owned(), |level| level.price().to_string());
        format!(
            "Level2Book({:?}, {}, best bid {}, best ask {})",
            self.name,
            book.trust.status().name(),
            best(book.best_bid()),
            best(book.best_ask())
        )
    }
}

impl Level2Book {
    fn floats(&self, unsynced_ok: bool, max_age_ns: Option<i64>) -> Result<[f64; 4]> {
        let floats = |level: Option<&Level>| {
            level.map_or((f64::NAN, f64::NAN), |level| {
                (level.price().to_f64(), level.size().to_f64())
            })
        };
        self.read(unsynced_ok, max_age_ns, |book| {
            let ((bid, bid_size), (ask, ask_size)) = (floats(book.best_bid()), floats(book.best_ask()));
            [bid, bid_size, ask, ask_size]
        })
    }

    fn pairs<'py>(
        &self,
        py: Python<'py>,
        is_bid: bool,
        depth: Option<usize>,
        unsynced_ok: bool,
        max_age_ns: Option<i64>,
    ) -> Result<Vec<Pair<'py>>> {
        let levels = self.read(unsynced_ok, max_age_ns, |book| best(book, is_bid, depth, exact))?;
        levels.into_iter().map(|level| pair(py, level)).collect()
    }
}

/// A book kept by hand has no checksum to prove it: it is what its keeper says, unless it is crossed.
fn mark_applied(book: &mut CoreBook) {
    book.trim();
    book.mark_applied(None, 0);
}
