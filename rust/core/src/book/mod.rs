//! Order books.
//!
//! [`level2`] keeps price levels and the checksum over the venue's own text; [`level3`] keeps single orders in
//! price-time priority, [`sequenced`] with what proves them; [`trust`] says whether a book may be believed, [`top`] what
//! its best prices are.

pub mod level2;
pub mod level3;
pub mod sequenced;
pub mod side;
pub mod top;
pub mod trust;
