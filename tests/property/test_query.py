"""One canonical query string: what the standard library would write, and what reads back as it was."""

from urllib.parse import parse_qsl, quote, urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from tradewire._native import encode_query

TEXT = st.text(max_size=40)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
@example([("market", "BTCUSDT,ETHUSDT"), ("client_id", "a b+c~d%/é\x00")])
def test_query_is_that_of_the_standard_library(pairs: list[tuple[str, str]]) -> None:
    assert encode_query(pairs) == urlencode(pairs, quote_via=quote, safe="")


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6))
def test_query_reads_back(pairs: list[tuple[str, str]]) -> None:
    assert parse_qsl(encode_query(pairs), keep_blank_values=True) == pairs


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_query_may_stand_in_a_request_line(pairs: list[tuple[str, str]]) -> None:
    assert all("!" <= letter <= "~" for letter in encode_query(pairs))
