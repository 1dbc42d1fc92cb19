"""Everything that can go wrong in a world, as data: what each fault is called, what it takes, and how it strikes.

Three kinds: of the way between client and venue (``link.*``, ``http.*``, ``ws.*``), of the venue (its own faults under
their names, as ``box.<venue>.faults`` has them), and of the client's machine and its user (``clock.*``, ``bot.*``).
"""

from __future__ import annotations

import inspect
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.catalogue import inject
from tradewire.sandbox.venue import Venue
from tradewire.testing.network import Link
from tradewire.testing.replies import REPLY_CHANGES
from tradewire.testing.trader_bot import Bot
from tradewire.testing.world import World

__all__ = ["CALM_S", "STRIKE_S", "Event", "Fault", "Stage", "faults_of", "schedule_of"]

Values: TypeAlias = Mapping[str, Any]
Way: TypeAlias = Literal["http", "ws"]

STRIKE_S: Final = 8.0
"""How long faults strike, and the bot trades."""
CALM_S: Final = 0.5
"""Before the first fault, so that there are orders to follow."""
EVENTS: Final = (2, 9)
FOREIGN_FRAMES: Final = (
    b"null",
    b"{}",
    b"[1",
    b'{"type":"news"}',
    b"\xff\xfe{\x00}\x00",
    b"\x1f\x8b\x08\x00",
    b"",
)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One fault of a run: when it strikes, and with which values."""

    at_s: float
    fault: str
    values: Values = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.at_s:6.3f} s {self.fault}({shown})"


@dataclass(slots=True)
class Stage:
    """What faults strike.

    Attributes:
        later: Does something so many seconds later, while faults still strike.
        struck: Is told the name of a fault that found a victim.
        close: Closes the client and ends the run.
    """

    world: World
    venue: Venue
    market: str
    bot: Bot
    later: Callable[[float, Callable[[], object]], None]
    struck: Callable[[str], None]
    close: Callable[[], None]

    def link(self, way: Way) -> Link:
        """Return one way between client and venue."""
        network = self.world.network
        return network.http if way == "http" else network.ws


class Fault(ABC):
    """One kind of fault.

    Args:
        name: What it is called in schedules and tables.
        what: One line for who reads them.
    """

    def __init__(self, name: str, what: str) -> None:
        self.name = name
        self.what = what

    def is_possible(self, venue: Venue) -> bool:
        """Return whether it can happen to ``venue``."""
        del venue
        return True

    def misnumbers(self, venue: Venue) -> bool:
        """Return whether the number of a book does not tell which of the venue's it is after this struck."""
        del venue
        return False

    @abstractmethod
    def draw(self, chance: random.Random) -> Values:
        """Return values for one strike."""

    @abstractmethod
    def strike(self, stage: Stage, values: Values) -> None:
        """Let it happen."""


class Condition(Fault):
    """A way that is bad for a while."""

    def __init__(self, way: Way, name: str, what: str, longest_s: float, **during: Sequence[Any]) -> None:
        super().__init__(f"{way}.{name}", what)
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
        self._way: Way = way

    def draw(self, chance: random.Random) -> Values:
        """Return why, and how many."""
        return {"reason": chance.choice(("dns", "address", "tls", "reset")), "count": chance.randint(1, 3)}

    def strike(self, stage: Stage, values: Values) -> None:
        """Let them fail."""
        stage.link(self._way).fail_next += [values["reason"]] * values["count"]
        stage.world.network.reset(stage.link(self._way))
        stage.struck(self.name)


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

    def __init__(self) -> None:
        super().__init__("http.changed_reply", "the next replies are broken, doubled, packed or a gateway's")

    def draw(self, chance: random.Random) -> Values:
        """Return which change, how often, and of which requests."""
        return {
            "change": chance.choice(list(REPLY_CHANGES)),
            "count": chance.randint(1, 3),
            "is_write": chance.random() < 0.6,
        }

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

    def strike(self, stage: Stage, values: Values) -> None:
        """Send it."""
        if stage.world.network.send_foreign(FOREIGN_FRAMES[values["frame"]]):
            stage.struck(self.name)


class ClockStep(Fault):
    """The client's clock is set."""

    def __init__(self) -> None:
        super().__init__("clock.step", "the client's wall clock is set forward or back")

    def draw(self, chance: random.Random) -> Values:
        """Return how far."""
        return {"step_ms": chance.choice((-7_200_000, -60_000, -3000, -200, 200, 3000, 60_000, 7_200_000))}

    def strike(self, stage: Stage, values: Values) -> None:
        """Set it."""
        stage.world.loop.wall_offset_ns += values["step_ms"] * 1_000_000
        stage.struck(self.name)


class ClockDrift(Fault):
    """The client's clock is too fast or too slow."""

    def __init__(self) -> None:
        super().__init__("clock.drift", "the client's wall clock runs too fast or too slow")

    def draw(self, chance: random.Random) -> Values:
        """Return how much."""
        return {"drift_ppm": chance.choice((-50_000, -2000, 2000, 50_000))}

    def strike(self, stage: Stage, values: Values) -> None:
        """Let it drift."""
        stage.world.loop.drift(values["drift_ppm"])
        stage.struck(self.name)


class Callback(Fault):
    """Callbacks of the bot raise, or take long."""

    def __init__(self, name: str, what: str, longest_ms: int) -> None:
        super().__init__(f"bot.{name}", what)
        self._longest_ms = longest_ms

    def draw(self, chance: random.Random) -> Values:
        """Return how many of them, and for how long."""
        blocks_ms = chance.randint(1, self._longest_ms) if self._longest_ms else 0
        return {"count": chance.randint(1, 5), "blocks_ms": blocks_ms}

    def strike(self, stage: Stage, values: Values) -> None:
        """Let the next ones do so."""
        left = values["count"]

        def work() -> None:
            nonlocal left
            if left:
                left -= 1
                stage.struck(self.name)
                if not values["blocks_ms"]:
                    raise ZeroDivisionError("a bug of the bot's")
                stage.world.loop.block(values["blocks_ms"] * 1_000_000)

        stage.bot.in_callback = work


class CancelAwait(Fault):
    """The bot stops waiting for something."""

    def __init__(self) -> None:
        super().__init__("bot.cancels", "the await of a request is cancelled")

    def draw(self, chance: random.Random) -> Values:
        """Return how many."""
        return {"count": chance.randint(1, 3)}

    def strike(self, stage: Stage, values: Values) -> None:
        """Cancel them."""
        for _ in range(values["count"]):
            if stage.bot.cancel_one():
                stage.struck(self.name)


class Close(Fault):
    """The client is closed amid everything."""

    def __init__(self) -> None:
        super().__init__("bot.closes", "the client is closed, whatever is under way")

    def draw(self, chance: random.Random) -> Values:
        """Return nothing."""
        del chance
        return {}

    def strike(self, stage: Stage, values: Values) -> None:
        """Close it."""
        del values
        stage.struck(self.name)
        stage.close()


class OfVenue(Fault):
    """One of the venue's own faults, under its name."""

    def __init__(self, kind: FaultKind, **choices: Sequence[Any]) -> None:
        super().__init__(kind.value, (inspect.getdoc(getattr(Faults, kind.value)) or "").partition("\n")[0])
        self._kind = kind
        self._choices = choices

    def is_possible(self, venue: Venue) -> bool:
        """Return whether the venue has it."""
        return self._kind in venue.fault_kinds and venue.name not in NOT_OF.get(self._kind, ())

    def draw(self, chance: random.Random) -> Values:
        """Return a value of each parameter."""
        return {name: chance.choice(choices) for name, choices in self._choices.items()}

    def misnumbers(self, venue: Venue) -> bool:
        """Return whether the venue's numbers lie."""
        return self._kind in MISNUMBERS or venue.name in MISNUMBERS_OF.get(self._kind, ())

    def strike(self, stage: Stage, values: Values) -> None:
        """Inject it."""
        given = {name: value for name, value in values.items() if name != "seconds"}
        if self._kind is FaultKind.MARGIN_EVENTS:
            given["market"] = stage.market
        inject(stage.venue.faults, {"kind": self._kind.value, **given})
        if "seconds" in values:
            stage.later(values["seconds"], lambda: inject(stage.venue.faults, self._ended(given)))

    def _ended(self, given: Values) -> dict[str, Any]:
        """Return what ends a fault that lasts."""
        good = {name: False if value is True else 0 for name, value in given.items()}
        return {"kind": self._kind.value, **good}


MISNUMBERS: Final = frozenset(
    {FaultKind.EARLY_EFFECTS, FaultKind.SEQUENCE_RESET, FaultKind.STALE_SNAPSHOT, FaultKind.STALE_EVENT}
)
MISNUMBERS_OF: Final[Mapping[FaultKind, Sequence[str]]] = {
    # Its checksum proves a book whose time is missing, but not which one it is.
    FaultKind.MISSING_SEQUENCE: ("coinex",),
}
NOT_OF: Final[Mapping[FaultKind, Sequence[str]]] = {
    # Its key carries no timestamp that might be stale: what it refuses is refused for good.
    FaultKind.LOGIN_REFUSED: ("exchange",),
    # Neither a number nor a checksum of this venue tells how old a whole book is.
    FaultKind.STALE_SNAPSHOT: ("truex",),
}
COUNT: Final = (1, 1, 2, 3)
COMMANDS: Final = ("commands", "place", "amend", "cancel")
REQUESTS: Final = (*COMMANDS, "queries", "any")
TOPICS: Final = (None, "book", "orders", "orders", "fills", "fills", "balances")
SECONDS: Final = (0.3, 1.0, 3.0)
LATE_MS: Final = (20, 300, 900, 2500)


def _network_faults() -> list[Fault]:
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


def _venue_faults() -> list[Fault]:
    kind = FaultKind
    return [
        *(
            OfVenue(one, count=COUNT, requests=COMMANDS)
            for one in (kind.LOST_REQUEST, kind.LOST_REPLY, kind.NO_REPLY, kind.BROKEN_REPLY)
        ),
        OfVenue(kind.GATEWAY_HTML, count=COUNT, status=(502, 503, 504, 418), requests=REQUESTS),
        OfVenue(kind.INTERNAL_ERROR, count=COUNT, requests=REQUESTS),
        OfVenue(kind.BUSY, count=COUNT),
        OfVenue(kind.RATE_LIMITED, count=COUNT, status=(None, 429, 418), retry_after_s=(None, 0, 1, 2)),
        OfVenue(kind.STALE_TIMESTAMP, count=COUNT),
        OfVenue(kind.LATE_REPLY, delay_ms=LATE_MS, count=COUNT, requests=COMMANDS),
        OfVenue(kind.SECOND_REPLY, delay_ms=(1, 50, 700), count=COUNT, requests=COMMANDS),
        OfVenue(kind.GATEWAY_AFTER, count=COUNT, status=(502, 504, 520), requests=COMMANDS),
        OfVenue(kind.ERROR_AFTER, count=COUNT, status=(500, 503), requests=COMMANDS),
        OfVenue(kind.TIMED_OUT, count=COUNT, executed=(True, False)),
        OfVenue(kind.REMAINING_HEADERS, remaining=(0, 1, 5), count=COUNT),
        OfVenue(kind.REST_LATENCY, latency_ms=(50, 400), jitter_ms=(0, 300), seconds=SECONDS),
        OfVenue(kind.PUSH_LATENCY, latency_ms=(50, 400), jitter_ms=(0, 300), seconds=SECONDS),
        OfVenue(kind.READ_LAG, lag_ms=(100, 1000, 2500), seconds=SECONDS),
        OfVenue(kind.CLOCK_SKEW, skew_ms=(-2000, -500, 500, 2000), seconds=SECONDS),
        OfVenue(kind.CLOCK_STEP, step_ms=(-2000, 2000)),
        OfVenue(kind.DROP_SOCKET),
        OfVenue(kind.MUTE_SOCKET),
        OfVenue(kind.NO_PONG, enabled=(True,), seconds=SECONDS),
        OfVenue(kind.UPGRADE_REFUSED, count=COUNT, status=(0, 429, 503)),
        OfVenue(kind.SILENT_SUBSCRIPTION, count=COUNT),
        OfVenue(kind.SUBSCRIPTION_PUT_OFF, count=COUNT),
        OfVenue(kind.LOGIN_REFUSED, count=(1, 2)),
        OfVenue(kind.LOGIN_EXPIRED),
        *(
            OfVenue(one, topic=TOPICS, count=COUNT)
            for one in (kind.DROP_PUSH, kind.DUPLICATE_PUSH, kind.REORDER_PUSH)
        ),
        *(
            OfVenue(one, count=COUNT)
            for one in (
                kind.SKIP_DIFFERENCE,
                kind.CORRUPT_CHECKSUM,
                kind.SEQUENCE_RESET,
                kind.MISSING_SEQUENCE,
                kind.STALE_SNAPSHOT,
                kind.LAG,
                kind.USER_LAG,
                kind.OUT_OF_ORDER,
                kind.STALE_EVENT,
                kind.EARLY_EFFECTS,
                kind.LOST_ACK,
                kind.MARGIN_EVENTS,
            )
        ),
        OfVenue(
            kind.BAD_ROW,
            defect=(
                "null_field",
                "missing_field",
                "wrong_type",
                "not_a_number",
                "unknown_word",
                "null_row",
                "empty_row",
            ),
            topic=("orders", "fills", "balances"),
            where=("any", "rest", "push"),
            count=COUNT,
        ),
    ]


FAULTS: Final[Mapping[str, Fault]] = {
    fault.name: fault
    for fault in [
        *_network_faults(),
        *_venue_faults(),
        ClockStep(),
        ClockDrift(),
        Callback("callback_raises", "a callback raises", 0),
        Callback("callback_blocks", "a callback takes long", 700),
        CancelAwait(),
        Close(),
    ]
}
"""Every fault by name."""


def faults_of(venue: Venue) -> list[Fault]:
    """Return the faults that can happen to ``venue``."""
    return [fault for fault in FAULTS.values() if fault.is_possible(venue)]


def schedule_of(venue: Venue, seed: object) -> tuple[Event, ...]:
    """Return the faults of one run, in order: a function of venue and seed alone."""
    chance = random.Random(f"{venue.name}/{seed}/faults")
    possible = faults_of(venue)
    drawn = []
    for _ in range(chance.randint(*EVENTS)):
        fault = chance.choice(possible)
        drawn.append(Event(round(chance.uniform(CALM_S, STRIKE_S), 3), fault.name, fault.draw(chance)))
    return tuple(sorted(drawn, key=lambda event: (event.at_s, event.fault)))
