"""Books against a dict, and feeds against both a dict and the standard library's JSON."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from support import oracle
from tradewire import decimals
from tradewire._native import CoinexFeed
from tradewire.book import Level2Book
from tradewire.errors import ConfigError

prices = st.builds(
    lambda whole, tenths, zeros: f"{whole}.{tenths}{'0' * zeros}" if tenths or zeros else str(whole),
    st.integers(1, 30),
    st.integers(0, 9),
    st.integers(0, 4),
)
sizes = st.one_of(
    st.sampled_from(["0", "0.0", "0.00000000"]),
    st.integers(1, 10**12).map(lambda n: f"{n // 100}.{n % 100:02}"),
    st.integers(1, 10**30).map(str),
)
levels = st.lists(st.tuples(prices, sizes), max_size=8)
pushes = st.lists(st.tuples(st.booleans(), levels, levels), max_size=12)


@given(st.lists(st.tuples(st.sampled_from(["buy", "sell"]), prices, sizes), max_size=60))
def test_a_book_kept_by_hand_equals_a_dict(changes: list[tuple[str, str, str]]) -> None:
    book, model = Level2Book("X"), oracle.DictBook()
    book.snapshot([], [])
    for side, price, size in changes:
        book.update(side, price, size)
        model.push(*([(price, size)] if side == name else [] for name in ("buy", "sell")))
        assert book.texts(unsynced_ok=True) == (model.side("buy"), model.side("sell"))
        assert book.checksum == model.checksum
        assert (book.status == "suspect") is model.is_crossed
        assert book.bids(unsynced_ok=True) == [tuple(map(Decimal, level)) for level in model.side("buy")]


@settings(max_examples=200)
@given(st.integers(1, 6), pushes)
def test_a_feed_follows_the_venue_and_never_claims_a_crossed_book(
    limit: int, stream: list[tuple[bool, list[tuple[str, str]], list[tuple[str, str]]]]
) -> None:
    feed, model = CoinexFeed(), oracle.DictBook(limit)
    book = feed.add_book("BTCUSDT", limit)
    reader = oracle.TopReader(book)
    for number, (is_full, bids, asks) in enumerate(stream):
        if is_full or number == 0:
            # A full push ignores zero sizes, so the dict must not see a removal in it.
            bids, asks = ([level for level in side if Decimal(level[1])] for side in (bids, asks))
            model.snapshot(bids, asks)
        else:
            model.push(bids, asks)
        frame = oracle.depth_json(
            bids, asks, model.checksum, is_full=is_full or number == 0, updated_at=number
        )
        event = feed.on_frame(oracle.packed(frame), number)
        assert (event.kind, event.market) == ("book", "BTCUSDT")
        reader.follow(event)
        assert book.texts(unsynced_ok=True) == (model.side("buy"), model.side("sell"))
        assert (book.status, book.reason) == (("suspect", "crossed") if model.is_crossed else ("synced", ""))
    assert feed.checksums_ok == len(stream)


@given(pushes, st.integers(1, 0xFFFFFFFF), st.booleans())
def test_a_wrong_checksum_is_never_believed(
    stream: list[tuple[bool, list[tuple[str, str]], list[tuple[str, str]]]], error: int, is_text: bool
) -> None:
    feed, model = CoinexFeed(), oracle.DictBook(5)
    book = feed.add_book("BTCUSDT", 5)
    for number, (_, bids, asks) in enumerate(stream):
        model.snapshot(*([level for level in side if Decimal(level[1])] for side in (bids, asks)))
        wrong = model.checksum ^ error
        checksum = str(wrong - 2**32 if wrong >= 2**31 else wrong) if is_text else wrong
        feed.on_frame(oracle.depth_json(bids, asks, checksum, updated_at=number), number)
        assert (book.status, book.reason) == ("suspect", "checksum_mismatch")


spellings = st.builds(
    lambda sign, whole, fraction, exponent: sign + whole + fraction + exponent,
    st.sampled_from(["", "", "+", "-"]),
    st.from_regex(r"[0-9]{1,10}", fullmatch=True),
    st.just("") | st.from_regex(r"\.[0-9]{0,6}", fullmatch=True),
    st.just("") | st.from_regex(r"[eE][+-]?[0-9]{0,2}", fullmatch=True),
)
"""Numbers as venues may spell them, and some that are none."""
WIDEST_DIGITS = 38


@given(spellings)
def test_both_doors_read_the_same_numbers(spelling: str) -> None:
    book = Level2Book("X")
    try:
        size: Decimal | None = decimals.number(spelling)
    except ValueError:
        size = None
    try:
        book.update("buy", "1", spelling)
    except ConfigError:
        is_negative = size is not None and size < 0
        is_wide = size is not None and (
            size.adjusted() >= WIDEST_DIGITS - 1 or size.as_tuple().exponent < -WIDEST_DIGITS  # type: ignore[operator]  # finite
        )
        assert size is None or is_negative or is_wide
        return
    assert size is not None
    assert book.bids() == ([(Decimal(1), size)] if size else [])
    assert book.texts()[0] == ([("1", spelling)] if size else [])
