"""The venue's own faults, under the names that ``box.<venue>.faults`` has for them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.faults.catalogue import first_line
from tradewire.sandbox.faults.own import AllFaults
from tradewire.sandbox.faults.script import strike
from tradewire.sandbox.venue import Venue
from tradewire.testing.fault import Fault, Stage, Values
from tradewire.testing.venues import SETUPS

__all__ = ["VENUE_FAULTS"]


class OfVenue(Fault):
    """One of the venue's own faults, under its name."""

    def __init__(self, kind: FaultKind, **choices: Sequence[Any]) -> None:
        super().__init__(kind.value, first_line(getattr(AllFaults, kind.value)))
        self._kind = kind
        self._choices = choices
        self.weight = 3 if kind is FaultKind.BAD_ROW else 1
        # The third refusal in a row is final.
        self.is_single = kind is FaultKind.LOGIN_REFUSED

    def is_possible(self, venue: Venue) -> bool:
        """Return whether the venue has it."""
        return self._kind in venue.faults.kinds and self._kind not in SETUPS[venue.name].lasting_faults

    def checked(self, values: Values) -> Values:
        """Return the values; see ``Fault``. What is left out is as the venue's own method has it."""
        market = {"market": "?"} if self._kind is FaultKind.MARGIN_EVENTS else {}
        strike(AllFaults(), self.name, {**values, **market}, lambda *_: None)
        return values

    def draw(self, chance: random.Random) -> Values:
        """Return a value of each parameter."""
        return {name: chance.choice(choices) for name, choices in self._choices.items()}

    def misnumbers(self, venue: Venue) -> bool:
        """Return whether the venue's numbers lie."""
        return self._kind in MISNUMBERS or self._kind in SETUPS[venue.name].misnumbering_faults

    def strike(self, stage: Stage, values: Values) -> None:
        """Inject it."""
        given = dict(values)
        if self._kind is FaultKind.MARGIN_EVENTS:
            given["market"] = stage.market
        strike(stage.venue.faults, self._kind.value, given, stage.later)
        if self._kind in OF_NEW_STREAMS:
            stage.world.network.reset(stage.link("ws"))


OF_NEW_STREAMS: Final = frozenset(
    {
        FaultKind.UPGRADE_REFUSED,
        FaultKind.LOGIN_REFUSED,
        FaultKind.SILENT_SUBSCRIPTION,
        FaultKind.SUBSCRIPTION_PUT_OFF,
        FaultKind.STALE_SNAPSHOT,
    }
)
"""What only a stream finds that begins: all open ones are reset so that there are some."""
MISNUMBERS: Final = frozenset(
    {FaultKind.EARLY_EFFECTS, FaultKind.SEQUENCE_RESET, FaultKind.STALE_SNAPSHOT, FaultKind.STALE_EVENT}
)
COUNT: Final = (1, 1, 2, 3)
COMMANDS: Final = ("commands", "place", "amend", "cancel")
REQUESTS: Final = (*COMMANDS, "queries", "any")
TOPICS: Final = (None, "book", "orders", "orders", "fills", "fills", "balances")
SECONDS: Final = (0.3, 1.0, 3.0)
LATE_MS: Final = (20, 300, 900, 2500)


def _all() -> list[Fault]:
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


VENUE_FAULTS: Final = tuple(_all())
