//! The best bid and ask of a book of either kind.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;
use tradewire_core::book::top::{Quote, Top as CoreTop};
use tradewire_core::units::Wide;

use crate::decimal;
use crate::errors::{Result, python};

/// The best bid and ask at one moment; later pushes do not change it. Numbers are made when they are read.
#[pyclass(frozen, module = "tradewire._native")]
pub struct Top {
    /// Price and size of the bid, then of the ask.
    numbers: Numbers,
    exact: [PyOnceLock<Py<PyAny>>; 4],
}

type Numbers = [Option<Wide>; 4];

fn numbers_of(top: &CoreTop) -> Numbers {
    let price = |quote: &Option<Quote>| quote.map(|quote| quote.price);
    let size = |quote: &Option<Quote>| quote.map(|quote| quote.size);
    [price(&top.bid), size(&top.bid), price(&top.ask), size(&top.ask)]
}

/// Tells whether two numbers are written alike; those that are only worth the same make other `Decimal`s.
fn is_same(one: Option<Wide>, other: Option<Wide>) -> bool {
    let digits = |number: Option<Wide>| number.map(|number| (number.mantissa(), number.scale()));
    digits(one) == digits(other)
}

impl Top {
    fn exact(&self, py: Python<'_>, at: usize) -> Result<Option<Py<PyAny>>> {
        let Some(number) = self.numbers[at] else {
            return Ok(None);
        };
        let made =
            self.exact[at].get_or_try_init(py, || decimal::remembered(py, number).map(Bound::unbind))?;
        Ok(Some(made.clone_ref(py)))
    }

    fn float(&self, at: usize) -> f64 {
        self.numbers[at].map_or(f64::NAN, Wide::to_f64)
    }
}

#[pymethods]
impl Top {
    /// Price of the best bid, exactly; None if there is none.
    #[getter]
    fn bid(&self, py: Python<'_>) -> Result<Option<Py<PyAny>>> {
        self.exact(py, 0)
    }

    /// Size of the best bid, exactly; None if there is none.
    #[getter]
    fn bid_size(&self, py: Python<'_>) -> Result<Option<Py<PyAny>>> {
        self.exact(py, 1)
    }

    /// Price of the best ask, exactly; None if there is none.
    #[getter]
    fn ask(&self, py: Python<'_>) -> Result<Option<Py<PyAny>>> {
        self.exact(py, 2)
    }

    /// Size of the best ask, exactly; None if there is none.
    #[getter]
    fn ask_size(&self, py: Python<'_>) -> Result<Option<Py<PyAny>>> {
        self.exact(py, 3)
    }

    /// Price of the best bid as a float; NaN if there is none.
    #[getter]
    fn bid_float(&self) -> f64 {
        self.float(0)
    }

    /// Size of the best bid as a float; NaN if there is none.
    #[getter]
    fn bid_size_float(&self) -> f64 {
        self.float(1)
    }

    /// Price of the best ask as a float; NaN if there is none.
    #[getter]
    fn ask_float(&self) -> f64 {
        self.float(2)
    }

    /// Size of the best ask as a float; NaN if there is none.
    #[getter]
    fn ask_size_float(&self) -> f64 {
        self.float(3)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }

    fn __repr__(&self) -> String {
        let [bid, bid_size, ask, ask_size] = self
            .numbers
            .map(|number| number.map_or("None".to_owned(), |number| number.to_string()));
        format!("Top(bid={bid}, bid_size={bid_size}, ask={ask}, ask_size={ask_size})")
    }
}

/// The top that was read last: a reader gets the same object again while nothing has changed.
#[derive(Default)]
pub struct LastTop(Mutex<Option<Py<Top>>>);

impl LastTop {
    /// Returns the object of a top. One that differs takes over what was made of numbers that are still the same.
    pub fn of(&self, py: Python<'_>, top: &CoreTop) -> Result<Py<Top>> {
        let numbers = numbers_of(top);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let exact = [const { PyOnceLock::new() }; 4];
        if let Some(shown) = &*last {
            let earlier = shown.get();
            let same: [bool; 4] = std::array::from_fn(|at| is_same(numbers[at], earlier.numbers[at]));
            if same == [true; 4] {
                return Ok(shown.clone_ref(py));
            }
            for at in (0..4).filter(|at| same[*at]) {
                if let Some(made) = earlier.exact[at].get(py) {
                    let _ = exact[at].set(py, made.clone_ref(py));
                }
            }
        }
        let made = python(Py::new(py, Top { numbers, exact }))?;
        *last = Some(made.clone_ref(py));
        Ok(made)
    }
}

/// The answer that was given last: a reader gets the same tuple again while what it tells has not changed.
pub struct Last<K>(Mutex<Option<(K, Py<PyTuple>)>>);

impl<K> Default for Last<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq> Last<K> {
    /// Returns the answer that tells `told`, which `make` makes unless it was given last.
    #[inline]
    pub fn of<'py>(
        &self,
        py: Python<'py>,
        told: K,
        make: impl FnOnce(&K) -> Result<Bound<'py, PyTuple>>,
    ) -> Result<Bound<'py, PyTuple>> {
        let last = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((earlier, answer)) = &*last()
            && *earlier == told
        {
            return Ok(answer.bind(py).clone());
        }
        // Not under the lock: Python may collect garbage when it makes an object, and run who knows what.
        let answer = make(&told)?;
        let outdated = last().replace((told, answer.clone().unbind()));
        drop(outdated);
        Ok(answer)
    }
}
