//! Both ends of a WebSocket of picows: what it calls for a whole message, and what sends one.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;

use crate::errors::{Result, python};

fn is_set(object: &Bound<'_, PyAny>, name: &Bound<'_, pyo3::types::PyString>) -> PyResult<bool> {
    object.getattr(name)?.is_truthy()
}

/// Takes the frames that are whole messages, stamps and hands them on; any other is for `otherwise`.
#[pyclass(frozen, module = "tradewire._native")]
pub struct WholeMessages {
    on_message: Py<PyAny>,
    otherwise: Py<PyAny>,
    wall_ns: Py<PyAny>,
    kinds: (Py<PyAny>, Py<PyAny>),
}

#[pymethods]
impl WholeMessages {
    #[new]
    fn new(
        on_message: Py<PyAny>,
        otherwise: Py<PyAny>,
        wall_ns: Py<PyAny>,
        kinds: (Py<PyAny>, Py<PyAny>),
    ) -> Self {
        Self {
            on_message,
            otherwise,
            wall_ns,
            kinds,
        }
    }

    /// Take one frame.
    fn on_ws_frame(&self, transport: &Bound<'_, PyAny>, frame: &Bound<'_, PyAny>) -> Result<()> {
        python(self.take(transport, frame))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        visit.call(&self.on_message)?;
        visit.call(&self.otherwise)
    }
}

impl WholeMessages {
    fn take(&self, transport: &Bound<'_, PyAny>, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = frame.py();
        let received_at_ns = self.wall_ns.bind(py).call0()?;
        let kind = frame.getattr(intern!(py, "msg_type"))?;
        let is_whole = (kind.is(&self.kinds.0) || kind.is(&self.kinds.1))
            && is_set(frame, intern!(py, "fin"))?
            && !is_set(frame, intern!(py, "rsv1"))?
            && !is_set(frame, intern!(py, "rsv2"))?
            && !is_set(frame, intern!(py, "rsv3"))?;
        if is_whole {
            let data = frame.call_method0(intern!(py, "get_payload_as_bytes"))?;
            self.on_message.bind(py).call1((data, received_at_ns))?;
        } else {
            self.otherwise
                .bind(py)
                .call1((transport, frame, received_at_ns))?;
        }
        Ok(())
    }
}

/// Sends texts as long as the connection takes any.
#[pyclass(frozen, module = "tradewire._native")]
pub struct TextSender {
    transport: Py<PyAny>,
    send: Py<PyAny>,
    kind: Py<PyAny>,
    lost: Py<PyAny>,
}

#[pymethods]
impl TextSender {
    #[new]
    fn new(transport: &Bound<'_, PyAny>, kind: Py<PyAny>, lost: Py<PyAny>) -> Result<Self> {
        Ok(Self {
            transport: transport.clone().unbind(),
            send: python(transport.getattr("send"))?.unbind(),
            kind,
            lost,
        })
    }

    /// Queue one text. Raises what `lost` returns if the connection is closed, or a closing handshake has begun.
    fn send_text(&self, data: &Bound<'_, PyAny>) -> Result<()> {
        python(self.queue(data))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        visit.call(&self.transport)?;
        visit.call(&self.send)
    }
}

impl TextSender {
    fn queue(&self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = data.py();
        let transport = self.transport.bind(py);
        if is_set(transport, intern!(py, "is_disconnected"))?
            || is_set(transport, intern!(py, "is_close_frame_sent"))?
        {
            return Err(PyErr::from_value(self.lost.bind(py).call0()?));
        }
        self.send.bind(py).call1((&self.kind, data))?;
        Ok(())
    }
}
