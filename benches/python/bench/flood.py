"""Our client under a flood: so many markets on one connection, frames as fast as it takes them.

Every market tells one full push in six, so that the mix is the same however many there are. The client is stopped
while the peer fills the socket: what is measured is its processor time for a frame in a burst, reading included.
"""

import atexit
import json
import signal
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any

from bench import tape, truth
from bench.peer import PUSH, SNAPSHOT, Peer, Record
from bench.row import WrongAnswerError

DELTAS_A_FULL = 5
FRAMES = 1_200
"""A cycle of all markets' frames, for up to 200 markets."""
FILLING_S = 0.03


class Flood:
    """The client with its books, and its peer."""

    def __init__(self, markets: int) -> None:
        self._names = [f"M{number:03}USDT" for number in range(markets)]
        self._peer = Peer("coinex", _records(tuple(self._names)))
        options = {"markets": self._names} | asdict(self._peer.place)
        self._bot = subprocess.Popen(
            [sys.executable, "-m", "bench.contenders.flood_bot", json.dumps(options)],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()
        self.push(FRAMES - markets)
        self.bests: list[object] = self._ask("show")["bests"]
        """The best levels of all markets at the end of the cycle."""

    @property
    def expected(self) -> list[object]:
        """What they are by the standard library."""
        return [list(truth.bests(_pushes(name, len(self._names)))[-1]) for name in self._names]

    def push(self, frames: int) -> dict[str, int]:
        """Push so many frames and return what the client says when it has read them.

        Raises:
            WrongAnswerError: A push was not proved, or an end is gone.
        """
        self._ask(f"expect {frames}")
        self._bot.send_signal(signal.SIGSTOP)
        self._peer.tell(f"flood {frames}")
        sleep(FILLING_S)
        self._bot.send_signal(signal.SIGCONT)
        answer: dict[str, int] = self._answer()
        if "error" in (pushed := self._peer.answer()):
            raise WrongAnswerError(f"the flood: {pushed['error']}")
        if answer["unproved"]:
            raise WrongAnswerError(f"{answer['unproved']} of {frames} pushes were not proved")
        return answer

    def close(self) -> None:
        """End both processes."""
        self._bot.kill()
        self._bot.communicate()
        self._peer.close()

    def _ask(self, command: str) -> dict[str, Any]:
        assert self._bot.stdin is not None
        self._bot.stdin.write(command + "\n")
        self._bot.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._bot.stdout is not None
        line = self._bot.stdout.readline()
        if not line:
            raise WrongAnswerError("the client under the flood is gone")
        answer: dict[str, Any] = json.loads(line)
        return answer


@cache
def flood(markets: int) -> Flood:
    """Start the client once for so many markets."""
    started = Flood(markets)
    atexit.register(started.close)
    return started


@cache
def _pushes(name: str, markets: int) -> tuple[bytes, ...]:
    return tape.mixed(name, FRAMES // markets // (DELTAS_A_FULL + 1), DELTAS_A_FULL)


def _records(names: tuple[str, ...]) -> tuple[Record, ...]:
    turns = list(zip(*(_pushes(name, len(names)) for name in names), strict=True))
    first = [(SNAPSHOT, frame) for frame in turns[0]]
    return *first, *((PUSH, frame) for turn in turns[1:] for frame in turn)
