"""Faults of the way between client and venue: ``http.*`` of requests, ``ws.*`` of streams."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from tradewire.sandbox.faults.script import one_of
from tradewire.testing.fault import Fault, Stage, Values, Way
from tradewire.testing.link import Link
from tradewire.testing.replies import REPLY_CHANGES

__all__ = ["NETWORK_FAULTS"]

REASONS: Final = ("dns", "address", "tls", "reset")
FOREIGN_FRAMES: Final = (
    b"null",
    b"{}",
    b"[1",
    b'{"type":"news"}',
    b"\xff\xfe{\x00}\x00",
    b"\x1f\x8b\x08\x00",
    b"",
)


BUNCHING: Final = frozenset({"holds_up", "coalesce_ms", "bytes_per_s", "latency_ms"})
"""Of a link: what makes bytes of the client's wait for each other."""


class Condition(Fault):
    """A way that is bad for a while."""

    def __init__(self, way: Way, name: str, what: str, longest_s: float, **during: Sequence[Any]) -> None:
        super().__init__(f"{way}.{name}", what)
        self.bunches = way == "http" and not BUNCHING.isdisjoint(during)
        self._way: Way = way
        self._longest_s = longest_s
        self._during = during

    def draw(self, chance: random.Random) -> Values:
        """Return how long, and how bad."""
        drawn = {name: chance.choice(choices) for name, choices in self._during.items()}
        return {"seconds": round(chance.uniform(0.2, self._longest_s), 2), **drawn}

    def strike(self, stage: Stage, values: Values) -> None:
        """Make the way bad, and good again in time."""
        link, good = stage.link(self._way), Link()

        def end() -> None:
            for name in self._during:
                setattr(link, name, getattr(good, name))
            stage.world.network.release()

        for name in self._during:
            setattr(link, name, values[name])
        stage.struck(self.name)
        stage.later(values["seconds"], end)


class Break(Fault):
    """Every connection of one way breaks."""

    def __init__(self, way: Way) -> None:
        super().__init__(f"{way}.reset", "every connection is reset")
        self._way: Way = way

    def draw(self, chance: random.Random) -> Values:
        """Return nothing."""
        del chance
        return {}

    def strike(self, stage: Stage, values: Values) -> None:
        """Reset them."""
        del values
        if stage.world.network.reset(stage.link(self._way)):
            stage.struck(self.name)


class NoConnection(Fault):
    """The next connections of one way are not made, with all open ones reset so that there are some."""

    def __init__(self, way: Way) -> None:
        super().__init__(f"{way}.no_connection", "name, address, TLS handshake or upgrade fail")
        self.kinds = tuple(f"{self.name}: {reason}" for reason in REASONS)
        self._way: Way = way

    def draw(self, chance: random.Random) -> Values:
        """Return why, and how many."""
        return {"reason": chance.choice(REASONS), "count": chance.randint(1, 3)}

    def checked(self, values: Values) -> Values:
        """Return the values; see ``Fault``."""
        found = super().checked(values)
        one_of("reason", found["reason"], REASONS)
        return found

    def strike(self, stage: Stage, values: Values) -> None:
        """Let them fail."""
        stage.link(self._way).fail_next += [values["reason"]] * values["count"]
        stage.world.network.reset(stage.link(self._way))


class CutReply(Fault):
    """A reply stops amid its bytes."""

    def __init__(self) -> None:
        super().__init__("http.cut", "the connection breaks amid a reply")

    def draw(self, chance: random.Random) -> Values:
        """Return how many bytes still arrive."""
        return {"count": chance.randint(1, 1500)}

    def strike(self, stage: Stage, values: Values) -> None:
        """Let it break soon."""
        stage.world.network.http.cut_after_bytes = values["count"]


class ChangedReply(Fault):
    """Replies are not what the venue sent."""

    weight = 4

    def __init__(self) -> None:
        super().__init__("http.changed_reply", "the next replies are broken, doubled, packed or a gateway's")
        self.kinds = tuple(f"http.{change}" for change in REPLY_CHANGES)

    def draw(self, chance: random.Random) -> Values:
        """Return which change, how often, and of which requests."""
        return {
            "change": chance.choice(list(REPLY_CHANGES)),
            "count": chance.randint(1, 3),
            "is_write": chance.random() < 0.6,
        }

    def checked(self, values: Values) -> Values:
        """Return the values; see ``Fault``."""
        found = super().checked(values)
        one_of("change", found["change"], REPLY_CHANGES)
        return found

    def strike(self, stage: Stage, values: Values) -> None:
        """Change them."""
        stage.world.network.http.reply_changes += [(values["change"], values["is_write"])] * values["count"]


class CloseStreams(Fault):
    """The venue closes its streams as the protocol wants."""

    def __init__(self) -> None:
        super().__init__("ws.close", "the venue closes every stream with a handshake")

    def draw(self, chance: random.Random) -> Values:
        """Return the code."""
        return {"code": chance.choice((1000, 1001, 1008, 1011, 1012))}

    def strike(self, stage: Stage, values: Values) -> None:
        """Close them."""
        if stage.world.network.close_streams(values["code"]):
            stage.struck(self.name)


class ForeignFrame(Fault):
    """A frame comes that is not the venue's."""

    def __init__(self) -> None:
        super().__init__("ws.foreign_frame", "a frame that cannot be read, or means nothing")

    def draw(self, chance: random.Random) -> Values:
        """Return which."""
        return {"frame": chance.randrange(len(FOREIGN_FRAMES))}

    def checked(self, values: Values) -> Values:
        """Return the values; see ``Fault``."""
        found = super().checked(values)
        if found["frame"] not in range(len(FOREIGN_FRAMES)):
            raise ValueError(f"frame must be 0 to {len(FOREIGN_FRAMES) - 1}, got {found['frame']!r}")
        return found

    def strike(self, stage: Stage, values: Values) -> None:
        """Send it."""
        if stage.world.network.send_foreign(FOREIGN_FRAMES[values["frame"]]):
            stage.struck(self.name)


def _all() -> list[Fault]:
    found: list[Fault] = [CutReply(), ChangedReply(), CloseStreams(), ForeignFrame()]
    ways: tuple[Way, ...] = ("http", "ws")
    for way in ways:
        found += [
            Break(way),
            NoConnection(way),
            Condition(way, "refuses", "new connections are refused", 2.0, refuses=(True,)),
            Condition(way, "hangs", "new connections are never answered", 2.0, hangs=(True,)),
            Condition(way, "hears_nothing", "what the client sends stays on the way", 3.0, holds_up=(True,)),
            Condition(way, "says_nothing", "what the venue sends stays on the way", 3.0, holds_down=(True,)),
            Condition(
                way,
                "half_open",
                "nothing gets through in either direction",
                4.0,
                holds_up=(True,),
                holds_down=(True,),
            ),
            Condition(way, "coalesced", "what arrives is read together", 2.0, coalesce_ms=(20, 150)),
            Condition(way, "slow", "little gets through in a second", 2.0, bytes_per_s=(2_000, 20_000)),
            Condition(
                way, "late", "everything takes longer", 3.0, latency_ms=((20, 40), (100, 300), (50, 1500))
            ),
        ]
    found.append(Condition("http", "sliced", "replies arrive byte by byte", 2.0, is_sliced=(True,)))
    found.append(Condition("ws", "slow_close", "closing is never answered", 3.0, ignores_close=(True,)))
    return found


NETWORK_FAULTS: Final = tuple(_all())
