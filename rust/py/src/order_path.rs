//! The usual way of an order: from its size and price to bytes on the socket in one call.

use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyNone;

use crate::door;
use crate::errors::{Result, python};
use crate::lane::RequestLane;

/// Sends orders of one kind whose terms are of the usual form, as long as what they were prepared for is known.
#[pyclass(frozen, module = "tradewire._native")]
pub struct OrderPath {
    lane: Py<RequestLane>,
    /// Follows the orders; says in which loop, and whether it takes any.
    tracker: Py<PyAny>,
    /// Returns what the orders were prepared for.
    basis: Py<PyAny>,
    known: Py<PyAny>,
    new_id: Py<PyAny>,
    /// Sends every other order.
    general: Py<PyAny>,
    /// Goes on with an order that was written, or whose writing raised.
    go_on: Py<PyAny>,
}

impl OrderPath {
    /// Tells whether an order may be sent here and now.
    fn is_usual(&self, py: Python<'_>) -> PyResult<bool> {
        let tracker = self.tracker.bind(py);
        let is_ours = door::running_loop(py)?.is(&tracker.getattr(intern!(py, "loop"))?);
        Ok(is_ours
            && !tracker.getattr(intern!(py, "refusal"))?.is_truthy()?
            && self.basis.bind(py).call0()?.is(&self.known))
    }
}

#[pymethods]
impl OrderPath {
    #[new]
    #[pyo3(signature = (lane, tracker, *, basis, known, new_id, general, go_on))]
    fn new(
        lane: Py<RequestLane>,
        tracker: Py<PyAny>,
        basis: Py<PyAny>,
        known: Py<PyAny>,
        new_id: Py<PyAny>,
        general: Py<PyAny>,
        go_on: Py<PyAny>,
    ) -> Self {
        Self {
            lane,
            tracker,
            basis,
            known,
            new_id,
            general,
            go_on,
        }
    }

    /// Place one order without waiting and return what follows it.
    #[pyo3(signature = (size, price=None, client_order_id=None))]
    fn send<'py>(
        &self,
        py: Python<'py>,
        size: &Bound<'py, PyAny>,
        price: Option<&Bound<'py, PyAny>>,
        client_order_id: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>> {
        if client_order_id.is_none() && python(self.is_usual(py))? {
            let name = python(self.new_id.bind(py).call0())?;
            let written = match price {
                Some(price) => self.lane.get().write_values(py, [size, price, &name].into_iter()),
                None => self.lane.get().write_values(py, [size, &name].into_iter()),
            };
            let none = PyNone::get(py);
            let price = price.map_or(none.as_any(), |price| price);
            let go_on = self.go_on.bind(py);
            match written {
                Ok(Some(written)) => return python(go_on.call1((written, none, size, price, name))),
                Ok(None) => {}
                // Bytes may be out.
                Err(fault) => {
                    let fault = PyErr::from(fault);
                    return if fault.is_instance_of::<PyException>(py) {
                        python(go_on.call1((none, fault.into_value(py), size, price, name)))
                    } else {
                        python(Err(fault))
                    };
                }
            }
        }
        python(self.general.bind(py).call1((size, price, client_order_id)))
    }

    /// Go the way of an order once more, without taking or writing anything: what the reply to it pushed out of the
    /// processor's caches is there again for the next. Costs some 2 us.
    fn rehearse(
        &self,
        py: Python<'_>,
        size: &Bound<'_, PyAny>,
        price: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
    ) -> Result<()> {
        if !python(self.is_usual(py))? {
            return Ok(());
        }
        if price.is_none() {
            self.lane.get().rehearse(py, [size, name].into_iter())
        } else {
            self.lane.get().rehearse(py, [size, price, name].into_iter())
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.tracker)?;
        visit.call(&self.basis)?;
        visit.call(&self.known)?;
        visit.call(&self.new_id)?;
        visit.call(&self.general)?;
        visit.call(&self.go_on)
    }
}
