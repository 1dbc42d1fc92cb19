//! What CoinEx answers, as far as the bots ask: subscriptions over WebSocket in gzip, signed orders over REST.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::{digest, hmac};

use crate::wire::{Request, member, reply};

/// So many that nobody slows down for them; whoever looks at them has the work of it.
const RATE: &str = "X-RateLimit-Limit: 1000000\r\nX-RateLimit-Remaining: 999999\r\n";
const MARKET: &str = r#"{"code":0,"data":[{"market":"BTCUSDT","taker_fee_rate":"0.002","maker_fee_rate":"0.002","min_amount":"0.0001","base_ccy":"BTC","quote_ccy":"USDT","base_ccy_precision":8,"quote_ccy_precision":2,"is_amm_available":false,"is_margin_available":false,"is_pre_trading_available":false,"is_api_trading_available":true,"status":"online"}],"message":"OK"}"#;

/// Return the reply to a frame of a bot, and whether it subscribed to depth.
pub fn answer(text: &str) -> (Option<Vec<u8>>, bool) {
    let (method, id) = (member(text, "method"), member(text, "id"));
    let data = if method == "server.ping" {
        r#"{"result":"pong"}"#
    } else {
        "{}"
    };
    let body = format!(r#"{{"id":{id},"code":0,"message":"OK","data":{data}}}"#);
    (Some(gzip(body.as_bytes())), method == "depth.subscribe")
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer
        .write_all(body)
        .and_then(|()| packer.finish())
        .expect("memory takes everything")
}

/// Return the reply to a request, and for an order whether its signature is right.
pub fn serve(
    request: &Request,
    secret: &str,
    received_at_ns: u128,
    order_id: u64,
) -> (Vec<u8>, Option<bool>) {
    let now_ms = received_at_ns / 1_000_000;
    let path = request.path.split('?').next().unwrap_or("");
    match (request.method.as_str(), path) {
        ("POST", "/v2/spot/order") => {
            let is_signed = is_signed(request, secret);
            (placed(&request.body, now_ms, order_id), Some(is_signed))
        }
        ("GET", "/v2/spot/market") => (reply("200 OK", RATE, MARKET), None),
        ("GET", "/v2/time") => {
            let body = format!(r#"{{"code":0,"data":{{"timestamp":{now_ms}}},"message":"OK"}}"#);
            (reply("200 OK", "", &body), None)
        }
        ("POST", "/stamp") => {
            let body = format!(r#"{{"code":0,"data":{{"received_at_ns":{received_at_ns}}},"message":"OK"}}"#);
            (reply("200 OK", RATE, &body), None)
        }
        ("POST", "/echo") => (reply("200 OK", RATE, &request.text()), None),
        _ => (reply("404 Not Found", "", "{}"), None),
    }
}

/// HMAC as the venue's page says; or the plain hash that ccxt sends, so that it can take part.
fn is_signed(request: &Request, secret: &str) -> bool {
    let stamp = request.header("x-coinex-timestamp");
    let text = format!("{}{}{}{stamp}", request.method, request.path, request.body);
    let signature = request.header("x-coinex-sign");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    signature == hex(hmac::sign(&key, text.as_bytes()).as_ref())
        || signature == hex(digest::digest(&digest::SHA256, format!("{text}{secret}").as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The order filled whole at once, so that nobody has a reason to ask what became of it.
fn placed(body: &str, now_ms: u128, order_id: u64) -> Vec<u8> {
    let [market, side, amount, price, client_id] =
        ["market", "side", "amount", "price", "client_id"].map(|name| member(body, name));
    let body = format!(
        r#"{{"code":0,"data":{{"order_id":{order_id},"market":"{market}","market_type":"SPOT","side":"{side}","type":"limit","ccy":"BTC","amount":"{amount}","price":"{price}","unfilled_amount":"0","filled_amount":"{amount}","filled_value":"86.51234","client_id":"{client_id}","base_fee":"0","quote_fee":"0","discount_fee":"0","maker_fee_rate":"0.002","taker_fee_rate":"0.002","last_filled_amount":"{amount}","last_filled_price":"{price}","created_at":{now_ms},"updated_at":{now_ms}}},"message":"OK"}}"#
    );
    reply("200 OK", RATE, &body)
}
