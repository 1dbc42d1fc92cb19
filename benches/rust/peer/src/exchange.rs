//! What Exchange answers, as far as the bots ask: a market's orders and submitted orders, all over WebSocket.

use crate::wire::member;

const TRADER: &str = "7a1d3c55-90be-4c53-8a35-1f6a2b9e4d02";

/// Return the body of a reply over REST: the venue's time, or a list of what there is none of.
pub fn body(path: &str, now_ms: u128) -> String {
    if path != "/health" {
        return "[]".to_owned();
    }
    let (days, ms) = ((now_ms / 86_400_000) as i64, now_ms % 86_400_000);
    // Days since 1970 to a date of the Gregorian calendar, counted in years that begin in March.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let (date, month) = (
        of_year - (153 * march + 2) / 5 + 1,
        if march < 10 { march + 3 } else { march - 9 },
    );
    let year = era * 400 + year + i64::from(month <= 2);
    let (hour, minute, second, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
    let now = format!("{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}+00:00");
    format!(
        r#"{{"status":"ok","service":"exchange","now":"{now}","persistence":{{"backend":"in_memory","mode":"disabled"}}}}"#
    )
}

/// What a frame of a bot asks for.
pub enum Asked {
    Nothing,
    Login(Vec<u8>),
    Goodbye(Vec<u8>),
    Book,
    /// The frames that answer an order.
    Order(Vec<Vec<u8>>),
}

pub fn answer(text: &str, order_id: u64) -> Asked {
    match member(text, "op") {
        "authenticate" => Asked::Login(
            format!(r#"{{"type":"authenticated","trader_id":"{TRADER}","username":"bench"}}"#).into_bytes(),
        ),
        "subscribe" => Asked::Book,
        "unsubscribe" => Asked::Goodbye(
            format!(
                r#"{{"type":"unsubscribed","channel":"l3","market":"{}"}}"#,
                member(text, "market")
            )
            .into_bytes(),
        ),
        "submit_order" => Asked::Order(placed(text, order_id)),
        _ => Asked::Nothing,
    }
}

/// The order is on the book and cancelled at once, so that nobody has a reason to ask what became of it.
fn placed(text: &str, order_id: u64) -> Vec<Vec<u8>> {
    let [request_id, market, side, price, quantity] =
        ["request_id", "market", "side", "price", "quantity"].map(|name| member(text, name));
    let state = |status: &str| {
        format!(
            r#"{{"type":"order_state","order":{{"id":"00000000-0000-4000-8000-{order_id:012x}","trader_id":"{TRADER}","market":"{market}","side":"{side}","price":{price},"quantity":{quantity},"remaining":{quantity},"created_at":"2026-04-02T09:30:00.125Z"}},"status":"{status}"}}"#
        )
    };
    let ack = format!(r#"{{"type":"ack","op":"submit_order","request_id":"{request_id}"}}"#);
    [ack, state("open"), state("canceled")]
        .map(String::into_bytes)
        .into()
}
