"""Wanted channels, counted as walking them would find, and the batches they are asked for in."""

from __future__ import annotations

import random

import pytest

from tradewire.protocol.channels import Channel, Wanted, batches

CHANNELS = [Channel(topic, str(key)) for topic in ("orders", "trades") for key in range(4)]


def is_private(channel: Channel) -> bool:
    return channel.topic == "orders"


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_what_walking_finds(seed: int) -> None:
    draw = random.Random(seed)
    wanted = Wanted(is_private)
    for _ in range(200):
        channel = draw.choice(CHANNELS)
        if channel not in wanted:
            wanted.add(channel)
        else:
            act = draw.choice([wanted.remove, wanted.asked, wanted.confirm, wanted.confirm, wanted.ask_again])
            act(channel)
        unconfirmed = [one for one, state in wanted.items() if not state.is_confirmed]
        assert wanted.private == sum(map(is_private, wanted))
        assert wanted.unconfirmed == len(unconfirmed)
        assert wanted.unconfirmed_private == sum(map(is_private, unconfirmed))
        assert set(wanted.unasked) == {one for one, state in wanted.items() if not state.is_asked}
        assert all(wanted.unasked[one] is wanted[one] for one in wanted.unasked)


def test_a_channel_that_is_not_wanted_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        Wanted(is_private).ask_again(CHANNELS[0])


def test_batches_keep_topics_apart_and_all_channels_alone() -> None:
    channels = [Channel("a", "1"), Channel("b"), Channel("a", "2"), Channel("c", "3"), Channel("a", "4")]
    assert list(batches(channels, 2)) == [
        (Channel("b"),),
        (Channel("a", "1"), Channel("a", "2")),
        (Channel("a", "4"),),
        (Channel("c", "3"),),
    ]
    assert list(batches([], 2)) == []
