"""``Guard``: a process of its own that cancels a bot's orders when the bot dies, hangs or goes mute.

    guard = tradewire.Guard(mute_s=5)
    async with Client(credentials, journal=tradewire.Journal("bot.journal"), guard=guard) as venue:
        ...

The bot's side: finds or starts the process (``tradewire.guard``), beats, notices when the guard is gone, and lets no
order leave that the guard may not know of. What the guard does is in ``tradewire.guard``.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from tradewire.errors import ConfigError, GuardFailed
from tradewire.journal.journal import Journal
from tradewire.protocol import events
from tradewire.protocol import guard_lines as lines
from tradewire.protocol.timing import NS_PER_S
from tradewire.registry import product_of
from tradewire.session.background import Tasks, own_loop
from tradewire.session.guarded import Guarded, Reports
from tradewire.transport import guard_link
from tradewire.transport.guard_link import GuardLink

__all__ = ["Guard", "check_prefix"]

BEATS = 5
"""In the time that a bot may be mute: the machine may be slow, and a beat late."""
LONGEST_BEAT_S = 1.0
SHORTEST_MUTE_S = 0.2
SHORTEST_PREFIX = 4
START_WITHIN_S = 30.0
"""A guard has to load, and to ask each venue something."""
LEAVE_WITHIN_S = 5.0
"""How long a client that closes waits for the guard to say that it has done what there was to do."""
RETRIES_S = (0.0, 0.5, 2.0, 5.0, 15.0)

NOT_STARTED = "the guard is not there yet: open the client with `async with`, or await client.reconcile()"
RESUME = "when the bot is well again, await guard.resume()"


class Guard:
    """Guards the clients it is given to, all of one bot and one journal, from a process of its own.

    The guard cancels the orders that the journal has, and with ``prefix`` those whose client order id begins so, and
    never others: when the bot's process ends without having closed its clients, when its event loop is stuck or
    stopped for ``mute_s``, or when a client is left with an exception. What was under way when the bot died is asked
    for until its fate is certain; it goes on until each venue confirms that nothing of the bot is open. It is in a
    session of its own: no Ctrl-C of the terminal reaches it, and ``kill -9`` of the bot does not. Stop orders are
    left alone. Where a venue's replies name no request, an order that was under way cannot be told from an equal one
    that another program placed in the same seconds. A child that the bot forks without a new program keeps the bot's
    end of the connection: the bot's death is then found after ``mute_s``. In a container whose first process is the
    bot everything dies with it: run ``tradewire guard`` in another one that shares the folder.

    Orders are sent only while the guard answers: a bot that was stuck so long that the guard may have acted is
    refused with ``NotSent``, and sends again after ``resume``. ``watch_events`` tells ``GuardStarted``,
    ``GuardLost``, ``GuardActed`` and ``GuardCleared``; losing the guard is an error for ``on_error`` besides.

    Cost: nothing in a loop iteration. A beat and its answer take 8 us of uvloop and 28 of asyncio's loop (measured on a
    busy machine), five times in ``mute_s`` and at least once a second; an order checks the guard in half a microsecond.
    The process takes some 32 MB, and no processor time while the bot lives; to start it takes about a second.
    It runs on any core, whatever ``pin`` the bot's loop has.

    Args:
        mute_s: How long the bot's loop may be stuck; measured by a clock that is never set and stands still while the
            machine sleeps. Less than the longest pause of a healthy bot means false alarms.
        at_close: What becomes of open orders when a client closes in good order: ``leave`` them, or ``cancel`` them,
            also those that ``cancel_on_close`` did not get done.
        on_lost: What the bot does when the guard is gone or does not answer for ``mute_s``: ``restart`` starts another
            one and sends no order until it is there, ``refuse`` sends no order any more, ``go_on`` trades without.
        prefix: What this bot's client order ids begin with, and those of no other program at the account, at least 4
            characters: an order that is not in the journal is known by it. Only where venues take such ids.
        own_beat: The bot beats itself by calling ``beat`` from its own logic, so that a strategy that no longer runs
            in a loop that does is found as well.

    Raises:
        ConfigError: An argument makes no sense.
    """

    def __init__(
        self,
        *,
        mute_s: float = 5.0,
        at_close: Literal["leave", "cancel"] = "leave",
        on_lost: Literal["restart", "refuse", "go_on"] = "restart",
        prefix: str = "",
        own_beat: bool = False,
    ) -> None:
        if not SHORTEST_MUTE_S <= mute_s < math.inf:
            raise ConfigError(f"mute_s must be at least {SHORTEST_MUTE_S:g} seconds, got {mute_s!r}")
        if at_close not in {"leave", "cancel"}:
            raise ConfigError(f'at_close must be "leave" or "cancel", got {at_close!r}')
        if on_lost not in {"restart", "refuse", "go_on"}:
            raise ConfigError(f'on_lost must be "restart", "refuse" or "go_on", got {on_lost!r}')
        check_prefix(prefix)
        self._wanted_mute_s = mute_s
        self._mute_s = mute_s
        self._at_close = at_close
        self._on_lost_policy = on_lost
        self._prefix = prefix
        self._own_beat = own_beat
        self._is_beaten = True
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clients: dict[str, Guarded] = {}
        self._link: GuardLink | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._changing = asyncio.Lock()
        self._answer: asyncio.Future[lines.FromGuard] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._beaten_ns = 0
        # When the beats were sent that are not answered yet.
        self._unanswered: deque[int] = deque()
        self._lease_ns = 0
        """Until when the guard cannot have acted, by the last beat it answered."""
        self._why_not = NOT_STARTED
        self._acted = ""
        self._tasks = Tasks[str](self._report)

    def __repr__(self) -> str:
        state = "acted" if self._acted else "guarding" if self.is_guarding else "not there"
        return f"<Guard {self._pid or 'of no process'} {', '.join(self._clients)} {state}>"

    @property
    def is_guarding(self) -> bool:
        """The guard is there, answers, and has not acted."""
        return not self._why_not and time.monotonic_ns() < self._lease_ns

    @property
    def acted(self) -> str:
        """Why the guard cancels or has cancelled what was open; empty if it does not, or after ``resume``."""
        return self._acted

    @property
    def pid(self) -> int:
        """The guard's process; 0 while there is none."""
        return self._pid

    def beat(self) -> None:
        """Say that the bot's own logic runs; with ``own_beat``, more often than every ``mute_s``. Costs 0.1 us."""
        self._is_beaten = True

    async def resume(self) -> None:
        """Send orders again after the guard has acted: it looks once more for what is open, cancels it, and guards on.

        Returns once the venues have confirmed that nothing is open, however long that takes; bound it with
        ``asyncio.timeout``.

        Raises:
            GuardFailed: The guard is gone meanwhile.
            ConfigError: The guard has not acted.
        """
        async with self._changing:
            if not self._acted:
                raise ConfigError("there is nothing to resume: the guard has not acted")
            await self._ask(lines.Resume(), None)
            self._acted = self._why_not = ""
            self._beat_now()

    # For clients.

    def of(
        self, client_class: type, arguments: Mapping[str, object], session: Callable[[], Reports]
    ) -> Guarded:
        """Return a client as this guards it, once it joins.

        Raises:
            ConfigError: It has no journal, or is no venue's client.
        """
        journal = arguments.get("journal")
        if not isinstance(journal, Journal):
            raise ConfigError(
                "a guard goes by the journal: give the client journal=tradewire.Journal(path) too"
            )
        return Guarded(self, product_of(client_class), journal.path.absolute(), arguments, session)

    def refusal(self) -> str:
        """Return why no order may be sent now; empty if it may."""
        if self._why_not:
            return self._why_not
        if time.monotonic_ns() < self._lease_ns or self._link is None:
            return ""
        return (
            f"the guard has not answered for {self._mute_s:g} s, or the event loop was stuck as long, so that it "
            "may have cancelled everything; orders are sent again once it answers"
        )

    async def join(self, client: Guarded) -> None:
        """Have a client guarded, by a guard that is found or started if this is the first one.

        Raises:
            GuardFailed: No guard can be started, or it cannot reach the venue with the keys of the client.
            ConfigError: The client's journal is another one than that of the guard's other clients.
        """
        if self._clients.get(client.product) is client:
            return
        self._loop = own_loop(self._loop, "a guard must be used in")
        async with self._changing:
            journals = {one.journal for one in self._clients.values()} | {client.journal}
            if len(journals) > 1:
                raise ConfigError(
                    f"the clients of a guard must have one journal, got {' and '.join(map(str, journals))}"
                )
            if client.product in self._clients:
                raise ConfigError(
                    f"the guard has a client of {client.product} already; give each bot its own"
                )
            is_first = self._link is None
            try:
                if is_first:
                    await self._open(client.journal)
                await self._join(client)
            except BaseException:
                if is_first:
                    self._dismiss()
                raise
            self._clients[client.product] = client
            if is_first:
                self._acted = ""
                self._begin()

    async def leave(self, client: Guarded, failed: str) -> None:
        """Have a client guarded no longer; ``failed`` is the exception it was left with, if any. Raises nothing."""
        if self._clients.get(client.product) is not client:
            return
        is_last = len(self._clients) == 1
        if is_last:
            await self._tasks.close()
        async with self._changing:
            del self._clients[client.product]
            if self._link is not None:
                try:
                    await self._ask(lines.Leave(client.product, failed), LEAVE_WITHIN_S)
                except GuardFailed:
                    # It goes on by itself, or is gone: nothing more can be done from here.
                    self._close_link()
                    return
            if is_last:
                process = self._process
                self._dismiss()
                if process is not None:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        await asyncio.to_thread(process.wait, LEAVE_WITHIN_S)

    # The connection.

    async def _open(self, journal: Path) -> None:
        self._process, sock = None, guard_link.attach(journal)
        if sock is None:
            started = await asyncio.to_thread(guard_link.start, journal)
            sock, self._process = started
        self._link = await guard_link.connected(sock, GuardLink(self._on_line, self._on_lost))
        hello = lines.Hello(
            lines.VERSION, str(journal), os.getpid(), self._wanted_mute_s, self._at_close, self._prefix
        )  # fmt: skip
        ready = await self._ask(hello, START_WITHIN_S)
        assert isinstance(ready, lines.Ready)
        self._pid, self._mute_s = ready.pid, ready.mute_s

    async def _join(self, client: Guarded) -> None:
        # One that was found has keys of its own: ours go to nobody but a process of ours.
        made_with = client.made_with() if self._process is not None else None
        await self._ask(lines.Join(client.product, made_with), START_WITHIN_S)

    def _begin(self) -> None:
        """Trade from now on, unless a guard before this one has acted."""
        self._unanswered.clear()
        self._why_not = self._acted and f"the guard cancelled what this bot had open: {self._acted}; {RESUME}"
        self._lease_ns = time.monotonic_ns() + int(self._mute_s * NS_PER_S)
        self._beat_now()
        self._tell(events.GuardStarted(self._pid))

    async def _ask(self, message: lines.FromBot, within_s: float | None) -> lines.FromGuard:
        assert self._link is not None
        self._answer = asyncio.get_running_loop().create_future()
        line = lines.line_of(message)
        self._link.send(line)
        try:
            async with asyncio.timeout(within_s):
                answer = await self._answer
        except TimeoutError:
            raise GuardFailed(
                f"the guard has not answered within {within_s:g} s, see {self._log()}"
            ) from None
        finally:
            self._answer = None
            # It may hold keys. Not before it is answered: it may have waited to be sent.
            line[:] = bytes(len(line))
        if isinstance(answer, lines.Refused):
            raise GuardFailed(f"the guard refuses: {answer.reason}")
        return answer

    def _log(self) -> str:
        journals = [guard_link.log_path(one.journal) for one in self._clients.values()]
        return str(journals[0]) if journals and self._process is not None else "what it wrote"

    def _on_line(self, line: bytes) -> None:
        if not line:
            if self._unanswered:
                self._lease_ns = self._unanswered.popleft() + int(self._mute_s * NS_PER_S)
            return
        message = lines.from_guard(line)
        if isinstance(message, lines.Acted):
            self._acted = message.reason
            self._why_not = f"the guard cancels what this bot has open: {message.reason}; {RESUME}"
            self._tell(events.GuardActed(message.reason))
        elif isinstance(message, lines.Cleared):
            self._tell(events.GuardCleared(message.orders, message.text))
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(message)

    def _beat_now(self) -> None:
        loop, now_ns = asyncio.get_running_loop(), time.monotonic_ns()
        if self._timer is not None:
            self._timer.cancel()
        was_stuck = now_ns - self._beaten_ns > self._mute_s * NS_PER_S / 2
        self._beaten_ns = now_ns
        self._timer = loop.call_later(min(self._mute_s / BEATS, LONGEST_BEAT_S), self._beat_now)
        if self._link is None:
            return
        # What it answered while we were stuck has not been read yet.
        if not was_stuck and self._unanswered and now_ns - self._unanswered[0] > self._mute_s * NS_PER_S:
            self._lost(f"it has not answered for {self._mute_s:g} s")
        elif self._is_beaten:
            self._is_beaten = not self._own_beat
            self._unanswered.append(now_ns)
            self._link.send(lines.BEAT)

    def _on_lost(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(GuardFailed(f"the guard is gone: {reason}"))
        if self._clients:
            self._lost(reason)
        else:
            self._close_link()

    def _lost(self, reason: str) -> None:
        self._dismiss()
        self._why_not = f"the guard is gone: {reason}"
        if self._on_lost_policy == "go_on":
            self._why_not = ""
        self._tell(events.GuardLost(reason))
        what_now = {
            "go_on": "the bot goes on without",
            "refuse": "no order is sent any more",
            "restart": "another one is started, until then no order is sent",
        }[self._on_lost_policy]
        self._report(GuardFailed(f"the guard is gone: {reason}; {what_now}"))
        if self._on_lost_policy == "restart":
            self._tasks.start("restart", self._restart)

    async def _restart(self) -> None:
        waits_s = list(RETRIES_S)
        while self._clients:
            await asyncio.sleep(waits_s.pop(0) if len(waits_s) > 1 else waits_s[0])
            async with self._changing:
                clients = list(self._clients.values())
                try:
                    await self._open(clients[0].journal)
                    for client in clients:
                        await self._join(client)
                except GuardFailed as error:
                    self._dismiss()
                    self._report(error)
                except BaseException:
                    self._dismiss()
                    raise
                else:
                    self._begin()
                    return

    def _dismiss(self) -> None:
        """Let go of a guard, which must not take that for our death; one that does not answer must not live on."""
        if self._link is not None:
            self._link.send(lines.line_of(lines.Dismiss()))
        if self._process is not None and self._clients:
            self._process.kill()
        self._close_link()

    def _close_link(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._link is not None:
            self._link.close()
        if self._process is not None:
            # Whoever started a process has to learn its end, whenever that comes.
            threading.Thread(target=self._process.wait, daemon=True).start()
        self._link, self._process, self._pid, self._why_not = None, None, 0, NOT_STARTED
        self._unanswered.clear()

    def _tell(self, event: events.Event) -> None:
        for client in list(self._clients.values()):
            client.tell(event)

    def _report(self, error: Exception) -> None:
        for client in list(self._clients.values())[:1]:
            client.report(error)


def check_prefix(prefix: str) -> None:
    """Raise ``ConfigError`` for a prefix that might be that of other programs' orders too."""
    if prefix and len(prefix) < SHORTEST_PREFIX:
        raise ConfigError(
            f"prefix must be at least {SHORTEST_PREFIX} characters that no other program's orders begin with, "
            f"got {prefix!r}"
        )
