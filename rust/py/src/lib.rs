//! `tradewire._native`: what the core offers to Python. Thin: borrow, call, map.

mod book;
mod clock;
mod decimal;
mod door;
mod errors;
mod feed;
mod http;
mod ids;
mod lane;
mod limits;
mod order_path;
mod query;
mod recall;
mod sign;
mod template;
mod trust;
mod ws;

use pyo3::prelude::*;

/// The compiled core of tradewire.
#[pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;
    use tradewire_core::error::Error;

    #[pymodule_export]
    use crate::book::{Level2Book, Level3Book, QueuePlace, Top};
    #[pymodule_export]
    use crate::clock::ClockEstimate;
    #[pymodule_export]
    use crate::door::{HttpDoor, Wire};
    #[pymodule_export]
    use crate::feed::coinex::{CoinexFeed, inflate_gzip};
    #[pymodule_export]
    use crate::feed::event::FeedEvent;
    #[pymodule_export]
    use crate::feed::exchange::{ExchangeFeed, OwnFill, OwnOrder, PublicTrade};
    #[pymodule_export]
    use crate::feed::path::{FramePath, Inlet, Pulse, Traffic};
    #[pymodule_export]
    use crate::feed::truex::TruexFeed;
    #[pymodule_export]
    use crate::http::{HttpReplyReader, http_request};
    #[pymodule_export]
    use crate::ids::CountedIds;
    #[pymodule_export]
    use crate::lane::RequestLane;
    #[pymodule_export]
    use crate::limits::{Limiter, Mark};
    #[pymodule_export]
    use crate::order_path::OrderPath;
    #[pymodule_export]
    use crate::query::encode_query;
    #[pymodule_export]
    use crate::recall::Recall;
    #[pymodule_export]
    use crate::sign::coinex::CoinexSigner;
    #[pymodule_export]
    use crate::sign::truex::TruexSigner;
    #[pymodule_export]
    use crate::sign::{HmacKey, RequestSigner};

    #[pymodule_export]
    use crate::template::{FrameTemplate, RequestTemplate};
    #[pymodule_export]
    use crate::trust::set_book_clock;
    #[pymodule_export]
    use crate::ws::{TextSender, WholeMessages};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        let kinds: Vec<_> = Error::kinds().collect();
        module.add("ERROR_KINDS", PyTuple::new(module.py(), kinds)?)
    }
}
