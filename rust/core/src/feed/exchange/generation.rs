//! Later generations of the protocol, by their signs on the wire.

use crate::frame::exchange::Short;

/// Tells a later generation by its signs on the wire.
pub(super) fn later_generation(short: &Short<'_>) -> &'static str {
    let is_market_data = matches!(
        &*short.kind,
        "snapshot" | "delta" | "resync_required" | "unsubscribed"
    );
    match &*short.kind {
        "market_state" | "market_deleted" => "L",
        "l3_snapshot" | "l3_delta" => "M",
        _ if short.has_team_number => "L",
        _ if is_market_data && short.channel == "data" => "L",
        _ if is_market_data && short.channel == "l2" => "M",
        "error" if short.message.contains("channel is data") => "L",
        "error" if short.message.contains("l2 and l3") || short.message.contains("subscribing to l3") => "M",
        "reject" if short.code == "rate_limit_exceeded" || short.code == "no_liquidity" => "M",
        _ => "",
    }
}
