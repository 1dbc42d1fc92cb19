"""Which faults a product can have, and which strike when."""

from __future__ import annotations

from collections import Counter

from tradewire.testing.faults import STRIKE_S, faults_of, schedule_of
from tradewire.testing.venues import SETUPS

SEEDS = range(3000)


def test_a_schedule_is_a_function_of_product_and_seed() -> None:
    assert schedule_of("coinex", 7) == schedule_of("coinex", 7)
    assert len({schedule_of(product, seed) for product in SETUPS for seed in (7, 8)}) == 2 * len(SETUPS)
    assert all(0 < event.at_s <= STRIKE_S for seed in range(100) for event in schedule_of("truex", seed))


def test_a_login_is_not_refused_as_often_as_a_client_must_give_up_at() -> None:
    drawn = [Counter(event.fault for event in schedule_of("truex", seed))["login_refused"] for seed in SEEDS]
    assert set(drawn) == {0, 1}


def test_faults_that_take_many_forms_are_drawn_more_often() -> None:
    drawn = Counter(event.fault for seed in SEEDS for event in schedule_of("exchange", seed))
    assert drawn["http.changed_reply"] > 2 * drawn["http.cut"]
    assert drawn["bad_row"] > 2 * drawn["drop_socket"]


def test_a_product_has_no_faults_of_its_siblings_streams() -> None:
    names = {product: {fault.name for fault in faults_of(product)} for product in SETUPS}
    assert names["coinex"] - names["coinex-futures"] == {"margin_events"}
    assert "stale_snapshot" not in names["truex"]
    assert "sequence_reset" in names["truex"]
