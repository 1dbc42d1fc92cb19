"""`tradewire journal`: what a bot's journal says, as a table or a file, and what became of its orders."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import typer
from rich.table import Table

from tradewire.cli import console
from tradewire.cli.attach import client_of
from tradewire.errors import ConfigError
from tradewire.extras import install_hint
from tradewire.journal.journal import Journal, JournalledOrder, read_journal
from tradewire.runner import run

__all__ = ["export", "reconcile", "show"]

NS_PER_S = 1_000_000_000
EVERYTHING = 10**9
PATIENCE_S = 120.0
FILL_COLUMNS = (
    "time", "account", "client_order_id", "order_id", "trade_id", "market", "side", "price", "size", "fee",
    "fee_asset", "liquidity",
)  # fmt: skip

EXACT_COLUMNS = frozenset({"price", "size", "fee"})


def show(path: Path, *, is_whole: bool, as_json: bool) -> None:
    """Print the orders of a journal: those that are not final, or all of them; reads only."""
    state = read_journal(path, EVERYTHING)
    orders = [*(state.finished if is_whole else ()), *state.live]
    rows = list(_order_rows(orders))
    if as_json:
        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    finished = "" if is_whole else f"; {len(state.finished)} finished ones are left out, see --all"
    table = Table(
        *("sent (UTC)", "account", "client order id", "market", "side"),
        *("size", "price", "filled", "fills", "status"),
        title=f"{path}: {len(rows)} orders{finished}",
        title_justify="left",
    )
    for row in rows:
        table.add_row(
            row["sent"][:23], row["account"], row["client_order_id"], row["market"], row["side"],
            row["size"], row["price"] or "market", row["filled_size"], str(row["fills"]), row["status"],
        )  # fmt: skip
    console.data(table)


def export(path: Path, out: Path) -> None:
    """Write the orders and fills of a journal: ``.json``, ``.csv`` (fills) or ``.parquet`` (fills, needs pyarrow).

    Numbers are texts, in Parquet decimals: exact in each of them.
    """
    state = read_journal(path, EVERYTHING)
    orders = [*state.finished, *state.live]
    fills = list(_fill_rows(orders))
    match out.suffix:
        case ".json":
            document = {"orders": list(_order_rows(orders)), "fills": fills}
            out.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        case ".csv":
            _write_csv(out, fills)
        case ".parquet":
            _write_parquet(out, fills)
        case _:
            raise ConfigError(f"the file must end in .json, .csv or .parquet, got {out.name}")
    console.talk(
        f"{out}: {len(orders)} orders, {len(fills)} fills" + (" (fills only)" * (out.suffix != ".json"))
    )


def reconcile(path: Path, venue: str, *, url: str) -> None:
    """Ask a venue what became of the orders of a journal, write it there, and print it."""

    async def ask() -> str:
        with Journal(path) as journal:
            waiting = len(journal.live)
            console.talk(
                f"asking {venue} what became of {waiting} orders; what it never had takes a few seconds"
            )
            async with asyncio.timeout(PATIENCE_S), client_of(venue, url, journal=journal) as client:
                return str(client.reconciliation)

    typer.echo(run(ask(), uvloop=False))


def _order_rows(orders: Iterable[JournalledOrder]) -> Iterator[dict[str, Any]]:
    for order in orders:
        newest = order.report or order.placed
        yield {
            "sent": _time(order.sent_at_ns),
            "account": order.book,
            "client_order_id": order.placed.client_order_id,
            "order_id": order.order_id,
            "market": newest.market,
            "side": newest.side.value,
            "size": _text(newest.size),
            "price": _text(newest.price),
            "filled_size": _text(newest.filled_size),
            "fills": len(order.fills),
            "status": order.status.value,
            "error": order.error,
        }


def _fill_rows(orders: Iterable[JournalledOrder]) -> Iterator[dict[str, Any]]:
    for order in orders:
        for fill in order.fills.values():
            yield {
                "time": _time(fill.time_ns),
                "account": order.book,
                "client_order_id": order.placed.client_order_id,
                "order_id": fill.order_id,
                "trade_id": fill.trade_id,
                "market": fill.market,
                "side": order.placed.side.value,
                "price": _text(fill.price),
                "size": _text(fill.size),
                "fee": _text(fill.fee),
                "fee_asset": fill.fee_asset,
                "liquidity": fill.liquidity.value if fill.liquidity else "",
            }


def _text(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


def _time(time_ns: int) -> str:
    """Return a time to the microsecond, ISO 8601 in UTC."""
    seconds, rest_ns = divmod(time_ns, NS_PER_S)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns // 1000:06d}Z"


def _write_csv(out: Path, rows: Sequence[dict[str, Any]]) -> None:
    with out.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, FILL_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _write_parquet(out: Path, rows: Sequence[dict[str, Any]]) -> None:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(f"Parquet needs pyarrow: {install_hint('arrow')}; or write .csv or .json") from None
    columns = {}
    for name in FILL_COLUMNS:
        values = [row[name] for row in rows]
        if name in EXACT_COLUMNS:
            # As wide as the widest number needs: exact, unlike a float, and still a number to whoever reads it.
            exact = pa.array([Decimal(value) if value else None for value in values])
            columns[name] = (
                exact if values and exact.null_count < len(values) else exact.cast(pa.decimal128(1))
            )
        else:
            columns[name] = pa.array(values, pa.string())
    parquet.write_table(pa.table(columns), out)
