"""Models as plain dicts and as Arrow tables, polars and pandas frames, exact decimals kept.

Arrow is the core: the frames are made from its tables. pyarrow comes with ``tradewire[arrow]``; polars and pandas are
imported if they are there. Nothing here is on a hot path: a table copies every value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from tradewire._native import Level2Book, Level3Book
from tradewire.book import Book
from tradewire.errors import ConfigError
from tradewire.extras import install_hint
from tradewire.model import BookSnapshot, Level

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["to_arrow", "to_dict", "to_pandas", "to_polars", "write_parquet"]

BOOKS = (Level2Book, Level3Book)
WHOLE = 1 << 20
"""More levels than a book has."""
WIDEST = 76
"""Digits of the widest decimal Arrow has."""
NARROW = 38


def to_dict(model: object) -> dict[str, Any]:
    """Return a model as a plain dict: decimals stay ``Decimal``, enums become their words, tuples lists.

    Args:
        model: Anything a client returns: an order, a fill, a candle, a book snapshot, a live book, an event.

    Raises:
        ConfigError: It is no model.
    """
    if isinstance(model, BOOKS):
        model = _snapshot(model)
    found = _plain(model)
    if not isinstance(found, dict):
        raise ConfigError(f"to_dict takes a model, got {type(model).__name__}")
    return found


def to_arrow(models: Iterable[Any] | Book | BookSnapshot, *, of: type | None = None) -> pa.Table:
    """Return a table with a row for each model, or for each level of a book.

    Prices and sizes are decimals of the scale that the column needs, never floats. Times (``..._at_ns``, ``time_ns``,
    ``start_ns``) are timestamps in nanoseconds UTC; 0, which says that the venue did not tell, is null. A book has the
    columns ``market``, ``side``, ``level`` (0 is best), ``price`` and ``size``.

    Args:
        models: Models of one class: fills, orders, trades, candles ...; or a live book or snapshot.
        of: Their class; needed only where there may be none of them, so that an empty table has its columns.

    Raises:
        ConfigError: pyarrow is missing, the models are not of one class, or there are none and ``of`` is left out.
        NotSynced: The book is not proved to equal the venue's.
    """
    pa = _pyarrow()
    is_book = isinstance(models, (BookSnapshot, *BOOKS))
    rows = _levels(cast("Book | BookSnapshot", models)) if is_book else list(cast("Iterable[Any]", models))
    kind = BookLevel if is_book else of or (type(rows[0]) if rows else None)
    if kind is None:
        raise ConfigError(
            "there are no models, so their class is not known: pass of=tradewire.Fill, for instance"
        )
    hints = _fields(kind)
    odd = next((row for row in rows if type(row) is not kind), None)
    if odd is not None:
        raise ConfigError(f"models must be of one class, got {kind.__name__} and {type(odd).__name__}")
    columns = {
        name: _column(pa, name, hint, [getattr(row, name) for row in rows]) for name, hint in hints.items()
    }
    return pa.table(columns)


def to_polars(models: Iterable[Any] | Book | BookSnapshot, *, of: type | None = None) -> pl.DataFrame:
    """Return what ``to_arrow`` makes as a polars frame.

    Raises:
        ConfigError: As ``to_arrow``, or polars is missing.
    """
    table = to_arrow(models, of=of)
    try:
        import polars as pl
    except ModuleNotFoundError:
        raise ConfigError("to_polars needs polars: pip install polars") from None
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def to_pandas(models: Iterable[Any] | Book | BookSnapshot, *, of: type | None = None) -> pd.DataFrame:
    """Return what ``to_arrow`` makes as a pandas frame of Arrow columns, so that decimals stay exact.

    Raises:
        ConfigError: As ``to_arrow``, or pandas is missing.
    """
    table = to_arrow(models, of=of)
    try:
        import pandas as pd
    except ModuleNotFoundError:
        raise ConfigError("to_pandas needs pandas: pip install pandas") from None
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def write_parquet(models: Iterable[Any] | Book | BookSnapshot, path: Any, *, of: type | None = None) -> None:
    """Write what ``to_arrow`` makes into a Parquet file, which DuckDB, polars and pandas read.

    Args:
        models: As for ``to_arrow``.
        path: The file; one that is there is replaced.
        of: As for ``to_arrow``.

    Raises:
        ConfigError: As ``to_arrow``.
    """
    table = to_arrow(models, of=of)
    from pyarrow import parquet

    parquet.write_table(table, path)


class BookLevel(msgspec.Struct, frozen=True):
    """One level of a book as a row."""

    market: str
    side: str
    level: int
    price: Decimal
    size: Decimal


def _levels(book: Book | BookSnapshot) -> list[Any]:
    if not isinstance(book, BookSnapshot):
        book = _snapshot(book)
    return [
        BookLevel(book.market, side, number, *level)
        for side, levels in (("buy", book.bids), ("sell", book.asks))
        for number, level in enumerate(levels)
    ]


def _snapshot(book: Book) -> BookSnapshot:
    bids, asks = (tuple(Level(*level) for level in side(WHOLE)) for side in (book.bids, book.asks))
    return BookSnapshot(market=book.market, bids=bids, asks=asks, time_ns=book.received_at_ns)


def _plain(value: object) -> Any:
    """Return a value in plain words."""
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in _shown(type(value))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: _plain(one) for name, one in zip(value._fields, value, strict=True)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {_plain(name): _plain(one) for name, one in value.items()}
    return value


def _shown(kind: type[msgspec.Struct]) -> list[str]:
    return [name for name in kind.__struct_fields__ if not name.startswith("_")]


@lru_cache(maxsize=256)
def _fields(kind: type) -> dict[str, Any]:
    if not issubclass(kind, msgspec.Struct):
        raise ConfigError(f"to_arrow takes models, got {kind.__name__}")
    hints = get_type_hints(kind)
    return {name: hints[name] for name in _shown(kind)}


def _column(pa: Any, name: str, hint: Any, values: list[Any]) -> Any:
    """Return a column of the type that its annotation asks for."""
    kinds = [
        one
        for one in (get_args(hint) if get_origin(hint) in {Union, UnionType} else [hint])
        if one is not type(None)
    ]
    kind = kinds[0] if len(kinds) == 1 else object
    if kind is Decimal:
        return pa.array(values, _decimal(pa, name, values))
    if kind is bool:
        return pa.array(values, pa.bool_())
    if kind is int and name.endswith("_ns") and (name.endswith("_at_ns") or name in {"time_ns", "start_ns"}):
        return pa.array([value or None for value in values], pa.timestamp("ns", tz="UTC"))
    if kind is int:
        return pa.array(values, pa.int64())
    if isinstance(kind, type) and issubclass(kind, str):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.array([_plain(value) for value in values])


def _decimal(pa: Any, name: str, values: list[Decimal | None]) -> Any:
    """Return the decimal type that holds all values exactly."""
    scale = whole = 0
    for value in values:
        if value is not None:
            _, digits, exponent = value.as_tuple()
            if not isinstance(exponent, int):
                raise ConfigError(f"{name} must be a finite number, got {value}")
            scale = max(scale, -exponent)
            whole = max(whole, len(digits) + exponent)
    if scale + whole > WIDEST:
        raise ConfigError(
            f"{name} needs {scale + whole} digits, and Arrow's decimals have {WIDEST}: use to_dict"
        )
    return pa.decimal128(NARROW, scale) if scale + whole <= NARROW else pa.decimal256(WIDEST, scale)


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
    except ModuleNotFoundError:
        raise ConfigError(f"tables need pyarrow: {install_hint('arrow')}") from None
    return pa
