"""Ids of TrueX: two legal shapes of ours, one of the venue's, and never a guess whose an id is."""

from __future__ import annotations

import uuid

import pytest

from tradewire.errors import ConfigError
from tradewire.venues.truex import ids

UUID4 = "0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
VENUE_ID = "799477895858487977"


@pytest.mark.parametrize("client_order_id", [UUID4, "a", "sdk-000000000001", "A.b_c~d-9", "9" * 18, "x" * 18])
def test_legal_client_ids(client_order_id: str) -> None:
    assert ids.check_client_order_id(client_order_id) == client_order_id


@pytest.mark.parametrize(
    "client_order_id",
    [
        "",
        "x" * 19,
        UUID4.upper(),
        UUID4.replace("-", ""),
        UUID4.replace("-4a6b", "-1a6b"),
        UUID4.replace("-8c7d", "-cc7d"),
        f"{UUID4}\n",
        "a b",
        "a/b",
        ".",
        "..",
        "a\n",
        "ä",
        "٣",
        7.0,
        True,
        -7,
        None,
        b"abc",
    ],
)
def test_illegal_client_ids(client_order_id: object) -> None:
    with pytest.raises(ConfigError, match=r"client_order_id must be a (version-4 UUID|text)"):
        ids.check_client_order_id(client_order_id)


def test_message_about_a_long_id_stays_short() -> None:
    with pytest.raises(ConfigError) as caught:
        ids.check_client_order_id("y" * 10_000)
    assert len(str(caught.value)) < 200


def test_new_client_ids_are_legal_and_differ() -> None:
    made = {ids.new_client_order_id() for _ in range(100)}
    assert len(made) == 100
    assert {uuid.UUID(one).version for one in made} == {4}
    assert {ids.check_client_order_id(one) for one in made} == made


@pytest.mark.parametrize("order_id", ["1", VENUE_ID, "9" * 39])
def test_legal_venue_ids(order_id: str) -> None:
    assert ids.check_venue_id("order_id", order_id) == order_id


def test_ids_given_as_numbers_mean_the_same() -> None:
    assert ids.check_venue_id("order_id", int(VENUE_ID)) == VENUE_ID
    assert ids.id_type(7, None) == ("7", "exchange")  # type: ignore[arg-type]
    assert ids.check_client_order_id(7) == "7"


@pytest.mark.parametrize(
    "order_id",
    ["", "0", "01", "-1", "1.5", "1e3", "12\n", "٣", "abc", "9" * 40, 7.0, True, -7, 0, b"7", None],
)
def test_illegal_venue_ids(order_id: object) -> None:
    with pytest.raises(ConfigError, match="transfer_id must be"):
        ids.check_venue_id("transfer_id", order_id)


def test_whose_id_it_is_is_always_said() -> None:
    assert ids.id_type(VENUE_ID, None) == (VENUE_ID, "exchange")
    assert ids.id_type(None, "12345") == ("12345", "client")


@pytest.mark.parametrize(("order_id", "client_order_id"), [(None, None), (VENUE_ID, UUID4)])
def test_an_order_has_one_name(order_id: str | None, client_order_id: str | None) -> None:
    with pytest.raises(ConfigError, match="order_id or by client_order_id, one of them"):
        ids.id_type(order_id, client_order_id)


def test_ids_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(ConfigError, match="order_id must be one of the venue's numbers"):
        ids.id_type(UUID4, None)
    with pytest.raises(ConfigError, match="client_order_id must be a version-4 UUID"):
        ids.id_type(None, "way too long an id for it")
