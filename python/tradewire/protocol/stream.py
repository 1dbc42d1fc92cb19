"""One supervised stream, sans-IO: frames and the time in; frames, events and the next deadline out.

Owns the state, the requests in flight, the wanted and the confirmed channels, and the health of the
books. It refuses to know sockets, clocks, randomness and how a venue spells anything: those come from the
session, the back-off and the dialect.

All times are monotonic nanoseconds except ``received_at_ns``, which is UTC and only passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from tradewire._native import Traffic
from tradewire.errors import FrameError
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.books import NO_SNAPSHOT, SEQUENCE_GAP, Books
from tradewire.protocol.channels import Channel, SubscriptionState, Wanted, batches
from tradewire.protocol.dialect import Dialect, Feed, FrameEvent, Verdict
from tradewire.protocol.in_flight import InFlight, Purpose
from tradewire.protocol.states import State, Trigger, follow
from tradewire.protocol.timing import NS_PER_S, Timing

__all__ = ["NO_SNAPSHOT", "StreamProtocol"]

EventT = TypeVar("EventT", bound=FrameEvent)

MAX_STALE = 3
"""Refusals in a row that may be the timestamp's fault, each after asking the venue's time, before one is final."""


class StreamProtocol(Generic[EventT]):
    """The conversation with one venue over one connection after another.

    Args:
        dialect: Writes the frames.
        feed: Reads the frames and owns the books; it outlives the connections.
        backoff: Says how long to wait between connections.
        timing: Every deadline.
    """

    def __init__(
        self, dialect: Dialect, feed: Feed[EventT], backoff: Backoff, timing: Timing | None = None
    ) -> None:
        self._dialect = dialect
        self.feed = feed
        self._backoff = backoff
        self._timing = timing or Timing()
        self._wanted = Wanted(dialect.is_private)
        self._books = Books(feed, dialect, self._timing, lambda channel: self._wanted[channel].is_asked)
        self.pulses = self._books.pulses
        self.traffic = Traffic()
        self._in_flight = InFlight(dialect)
        self._leaving: dict[Channel, SubscriptionState] = {}
        self._is_authenticated = False
        self._refused_login = False
        self._stale_refusals = 0
        self._retry_login_at_ns = 0
        self._is_account_announced = False
        self._out: list[bytes] = []
        self._events: list[events.Event] = []
        self._ping_at_ns = 0
        self._retry_at_ns: int | None = None
        self._lost_at_ns: int | None = None
        self.state = State.IDLE
        self.disconnect_reason = ""
        """Why the session must drop the connection now; empty while it must not."""
        self.has_output = False
        """There are frames to send, events to report, a connection to drop or an earlier deadline to look at."""
        self.reconnects = 0
        self.resyncs = 0
        self.unrecognised = 0
        self.unsolicited = 0

    def data_to_send(self) -> list[bytes]:
        """Take the frames to send, in order."""
        out, self._out = self._out, []
        return out

    def take_events(self) -> list[events.Event]:
        """Take the events to tell, in order."""
        told, self._events = self._events, []
        return told

    def is_confirmed(self, channel: Channel) -> bool:
        """Tell whether the venue has confirmed ``channel`` on this connection."""
        wanted = self._wanted.get(channel)
        return wanted is not None and wanted.is_confirmed

    @property
    def is_private_wanted(self) -> bool:
        """A channel of the account is wanted."""
        return bool(self._wanted.private)

    def connect(self) -> None:
        """A connection is being opened."""
        self._move(Trigger.CONNECT)
        self._retry_at_ns = None

    def opened(self, now_ns: int) -> None:
        """The connection is open: log in if anything wanted needs it, and ask for everything else."""
        self._move(Trigger.OPENED)
        self._ping_at_ns = now_ns + self._timing.ping_interval_ns
        self.traffic.heard_at_ns = now_ns
        self._flush(now_ns)

    def lost(self, reason: str, now_ns: int) -> None:
        """The connection is gone, or could not be opened. Everything will be asked for again."""
        self._move(Trigger.LOST)
        if self._lost_at_ns is None:
            self._lost_at_ns = now_ns
        self._forget_connection()
        delay_ns = self._backoff.failed(now_ns)
        self._retry_at_ns = now_ns + delay_ns
        self._tell(events.Disconnected(reason, delay_ns, self._backoff.attempts))

    def close(self) -> None:
        """Nothing more is wanted; there is no way back."""
        self._move(Trigger.CLOSE)
        self._forget_connection()
        self._retry_at_ns = None

    def subscribe(self, channels: Iterable[Channel], now_ns: int) -> None:
        """Want ``channels``, now and on every later connection. Channels already wanted stay as they are."""
        for channel in channels:
            if channel in self._wanted:
                continue
            self._wanted.add(channel)
            self._leaving.pop(channel, None)
            self._books.add(channel)
            if self._dialect.is_private(channel) and not self._dialect.is_implied(channel):
                self._is_account_announced = False
        if self.state.is_open:
            self._flush(now_ns)

    def unsubscribe(self, channels: Iterable[Channel], now_ns: int) -> None:
        """No longer want ``channels``."""
        leaving = []
        for channel in channels:
            if channel not in self._wanted:
                continue
            wanted = self._wanted.remove(channel)
            self._books.remove(channel)
            is_covered = channel._replace(key="") in self._wanted or self._dialect.is_implied(channel)
            if wanted.is_asked and self.state.is_open and not is_covered:
                leaving.append(channel)
        self._leave(leaving, now_ns)
        for channel in leaving:
            if channel.is_all:
                self._ask_again(channel.topic)
        if self.state.is_open:
            self._flush(now_ns)

    def receive(self, data: bytes, received_at_ns: int, now_ns: int) -> EventT | None:
        """Take one frame and return its news, for pushes; replies and faults become events."""
        self.traffic.heard(now_ns)
        try:
            news = self.feed.on_frame(data, received_at_ns)
        except FrameError as error:
            self.unreadable(error, now_ns)
            return None
        return self.take(news, now_ns)

    def unreadable(self, error: FrameError, now_ns: int) -> None:
        """Take that a frame could not be read."""
        self._tell(events.Unreadable(error.kind, error.offset, error.excerpt))
        self._mark_all_suspect("unreadable_frame", now_ns)

    def take(self, news: EventT, now_ns: int) -> EventT | None:
        """Take what a frame said and return its news, as ``receive``."""
        kind = news.kind
        if kind == "reply":
            self._on_reply(news, now_ns)
        elif kind == "book":
            self._on_book(news, now_ns)
        elif kind != "unrecognised":
            if news.reason:
                self._tell(events.Gap(news.topic, news.message))
        elif not self._dialect.is_late(news):
            self.report_unrecognised(news.payload, news.reason)
        else:
            self.unsolicited += 1
            if news.message and self._dialect.shares_sequence:
                self._mark_all_suspect(SEQUENCE_GAP, now_ns)
        return None if kind in ("reply", "unrecognised") else news

    def report_unrecognised(self, raw: bytes, reason: str) -> None:
        """Count and tell a frame no one understood."""
        self.unrecognised += 1
        self._tell(events.Unrecognised(raw, reason))

    def tick(self, now_ns: int) -> None:
        """Do whatever is due: pings, retries, resyncs; find the mute socket."""
        if not self.state.is_open or self.disconnect_reason:
            return
        self.disconnect_reason = self._in_flight.overdue(now_ns)
        if self.disconnect_reason:
            return
        max_silence_ns = self._dialect.max_silence_ns
        if max_silence_ns is not None and now_ns >= self.traffic.heard_at_ns + max_silence_ns:
            self.disconnect_reason = (
                f"nothing was heard for {(now_ns - self.traffic.heard_at_ns) // NS_PER_S} s"
            )
            return
        if now_ns >= self._ping_at_ns:
            self._ping_at_ns = now_ns + self._timing.ping_interval_ns
            self._request(Purpose.PING, (), now_ns)
        if self._retry_login_at_ns and now_ns >= self._retry_login_at_ns:
            self.retry_login(now_ns)
        self._leave_due(now_ns)
        self._resync_due(now_ns)
        self._flush(now_ns)

    def retry_login(self, now_ns: int) -> None:
        """Send what was refused for its timestamp again: the venue's time has been asked, or could not be."""
        waited_for_ns, self._retry_login_at_ns = self._retry_login_at_ns, 0
        for state in [*self._wanted.unasked.values(), *self._leaving.values()]:
            if waited_for_ns and state.ask_at_ns == waited_for_ns:
                state.ask_at_ns = 0
        if self.state.is_open:
            self._leave_due(now_ns)
            self._resync_due(now_ns)
            self._flush(now_ns)

    def next_deadline_ns(self) -> int | None:
        """Return when ``tick`` must run, or, while backing off, when to connect again.

        Every deadline has an action of ``tick``; one without would spin.
        """
        self.has_output = False
        if not self.state.is_open:
            return self._retry_at_ns
        deadlines = [self._ping_at_ns]
        if self._retry_login_at_ns:
            deadlines.append(self._retry_login_at_ns)
        deadlines += [state.ask_at_ns for state in self._leaving.values()]
        if self._dialect.max_silence_ns is not None:
            deadlines.append(self.traffic.heard_at_ns + self._dialect.max_silence_ns)
        deadlines += self._in_flight.deadlines_ns()
        deadlines += [wanted.ask_at_ns for wanted in self._wanted.unasked.values() if wanted.ask_at_ns]
        if not self._retry_login_at_ns:
            deadlines += self._books.deadlines_ns()
        return min(deadlines)

    def _disconnect(self, reason: str) -> None:
        self.disconnect_reason = reason
        self.has_output = True

    def _tell(self, event: events.Event) -> None:
        self._events.append(event)
        self.has_output = True

    def _move(self, cue: Trigger) -> None:
        self.state = follow(self.state, cue)

    def _forget_connection(self) -> None:
        self._in_flight.clear()
        self._out.clear()
        self._leaving.clear()
        self._is_authenticated = self._refused_login = self._is_account_announced = False
        self._retry_login_at_ns = 0
        self.disconnect_reason = ""
        for channel in self._wanted:
            self._wanted.ask_again(channel).ask_at_ns = 0
        self._books.lost()

    def ask(
        self, frame: Callable[[int], bytes], answer: Callable[[FrameEvent | None], None], now_ns: int
    ) -> None:
        """Ask something of the venue's own; see ``InFlight.ask``. Unanswered in time, it ends the connection."""
        self._out.append(self._in_flight.ask(frame, answer, now_ns + self._timing.reply_ns))
        self.has_output = True

    def _request(self, purpose: Purpose, channels: tuple[Channel, ...], now_ns: int) -> None:
        patience_ns = self._timing.pong_ns if purpose is Purpose.PING else self._timing.reply_ns
        frame = self._in_flight.register(purpose, channels, now_ns + patience_ns)
        if frame is not None:
            self._out.append(frame)
            self.has_output = True

    def _flush(self, now_ns: int) -> None:
        """Ask for every wanted channel that may be asked for, and find out what is confirmed by now."""
        ready: list[Channel] = []
        alone: list[Channel] = []
        needs_login = False
        for channel, wanted in list(self._wanted.unasked.items()):
            if now_ns < wanted.ask_at_ns:
                continue
            if self._dialect.is_private(channel):
                if self._retry_login_at_ns:
                    continue
                if self._dialect.has_login and not self._is_authenticated:
                    needs_login = True
                    continue
            if self._dialect.is_implied(channel):
                self._wanted.asked(channel)
                self._wanted.confirm(channel)
                continue
            (alone if wanted.is_alone else ready).append(channel)
        if needs_login and not self._in_flight.has(Purpose.LOGIN):
            self._request(Purpose.LOGIN, (), now_ns)
            self._move(Trigger.LOGIN_SENT)
        requests = [*batches(ready, self._dialect.max_batch), *((channel,) for channel in alone)]
        for batch in requests:
            self._ask(batch, now_ns)
        self._announce(now_ns)

    def _announce(self, now_ns: int) -> None:
        """Report what has become complete: the account's channels by themselves, then everything."""
        wanted = self._wanted
        if wanted.private and not self._is_account_announced and not wanted.unconfirmed_private:
            self._is_account_announced = True
            self._tell(events.AccountSubscribed())
        # With nothing left after a refused login nothing is live, whatever is confirmed.
        is_something = bool(wanted) or not self._refused_login
        if self.state is State.SUBSCRIBING and is_something and not wanted.unconfirmed:
            self._become_live(now_ns)

    def _leave_due(self, now_ns: int) -> None:
        self._leave(
            [channel for channel, state in self._leaving.items() if now_ns >= state.ask_at_ns], now_ns
        )

    def _leave(self, channels: Iterable[Channel], now_ns: int) -> None:
        for batch in batches(channels, self._dialect.max_batch):
            for channel in batch:
                self._leaving.pop(channel, None)
            self._request(Purpose.UNSUBSCRIBE, batch, now_ns)

    def _ask(self, batch: tuple[Channel, ...], now_ns: int) -> None:
        self._move(Trigger.SUBSCRIBE_SENT)
        unleft = tuple(channel for channel in batch if self._wanted[channel].must_leave)
        if unleft:
            self._request(Purpose.UNSUBSCRIBE, unleft, now_ns)
        self._request(Purpose.SUBSCRIBE, batch, now_ns)
        for channel in batch:
            self._wanted.asked(channel)
            self._wanted[channel].must_leave = False
            self._books.asked(channel, now_ns)

    def _ask_again(self, topic: str) -> None:
        """Dropping an all-channel drops its whole topic at the venue: the others must be asked for again."""
        for channel in self._wanted:
            if channel.topic == topic:
                self._wanted.ask_again(channel)

    def _become_live(self, now_ns: int) -> None:
        self._move(Trigger.ALL_CONFIRMED)
        self._backoff.succeeded(now_ns)
        self._tell(events.Live(refused_login=self._refused_login))
        if self._lost_at_ns is not None:
            self.reconnects += 1
            self._tell(events.Reconnected(now_ns - self._lost_at_ns))
            self._lost_at_ns = None

    def _on_book(self, news: FrameEvent, now_ns: int) -> None:
        if self._in_flight and news.answers:
            request = self._in_flight.answered(news)
            if request is not None:
                self._on_subscribed(request.channels, Verdict.DONE, news, now_ns)
        if self._books.take(news, now_ns):
            self.has_output = True
            self._resync_due(now_ns)

    def _mark_all_suspect(self, reason: str, now_ns: int) -> None:
        self._books.mark_all_suspect(reason, now_ns)
        self.has_output = True
        self._resync_due(now_ns)

    def _on_reply(self, news: FrameEvent, now_ns: int) -> None:
        request = self._in_flight.answered(news)
        if request is None:
            self.report_unrecognised(news.payload, "a reply to no request of ours")
            return
        if request.answer is not None:
            request.answer(news)
            return
        verdict = self._dialect.verdict(news.code)
        if verdict is Verdict.RESTART:
            self._disconnect(f"{request.purpose} was answered with code {news.code}: {news.message}")
            return
        if request.purpose is Purpose.LOGIN:
            self._on_login(verdict, news, now_ns)
        elif request.purpose is Purpose.SUBSCRIBE:
            self._on_subscribed(request.channels, verdict, news, now_ns)
        elif request.purpose is Purpose.UNSUBSCRIBE and verdict in (Verdict.RETRY, Verdict.STALE):
            self._on_not_left(request.channels, verdict, news, now_ns)
        elif verdict is not Verdict.DONE:
            self.report_unrecognised(news.payload, f"{request.purpose} was answered with code {news.code}")

    def _on_not_left(
        self, channels: Sequence[Channel], verdict: Verdict, news: FrameEvent, now_ns: int
    ) -> None:
        """The venue still sends what was left: leave it later, or start over where it is wanted again."""
        ask_at_ns = now_ns + self._timing.retry_ns
        self.has_output = True
        if verdict is Verdict.STALE and self._wait_for_clock(news, now_ns):
            ask_at_ns = self._retry_login_at_ns
        for channel in channels:
            if channel not in self._wanted:
                self._leaving[channel] = SubscriptionState(ask_at_ns=ask_at_ns)
            elif self._dialect.is_book(channel):
                state = self._wanted.ask_again(channel)
                state.must_leave = True
                state.ask_at_ns = ask_at_ns
        self._flush(now_ns)

    def _on_login(self, verdict: Verdict, news: FrameEvent, now_ns: int) -> None:
        if verdict is Verdict.RETRY:
            self._disconnect(f"login was put off with code {news.code}: {news.message}")
            return
        self._move(Trigger.LOGIN_ANSWERED)
        if verdict is Verdict.DONE:
            self._is_authenticated = True
            self._stale_refusals = 0
            self._tell(events.Authenticated())
        elif verdict is not Verdict.STALE or not self._wait_for_clock(news, now_ns):
            self._refused_login = True
            self._stale_refusals = 0
            self._tell(events.LoginRefused(news.code, news.message))
            private = [channel for channel in self._wanted if self._dialect.is_private(channel)]
            self._refuse(private, news.code, news.message)
        self._flush(now_ns)

    def _wait_for_clock(self, news: FrameEvent, now_ns: int) -> bool:
        """Hold signed requests back until the venue's time has been asked; ``False`` once that has not helped."""
        self._stale_refusals += 1
        if self._stale_refusals >= MAX_STALE:
            return False
        self._retry_login_at_ns = now_ns + self._timing.reply_ns
        self.has_output = True
        self._tell(events.LoginRetried(news.code, news.message, self._stale_refusals))
        return True

    def _on_subscribed(
        self, channels: Sequence[Channel], verdict: Verdict, news: FrameEvent, now_ns: int
    ) -> None:
        still_wanted = [channel for channel in channels if channel in self._wanted]
        if verdict is Verdict.STALE:
            verdict = Verdict.RETRY if self._wait_for_clock(news, now_ns) else Verdict.REFUSED
        if verdict is Verdict.DONE:
            self._stale_refusals = 0
            for channel in still_wanted:
                self._wanted.confirm(channel)
                self._wanted[channel].retries = 0
        elif verdict is Verdict.REFUSED and len(channels) == 1:
            self._refuse(still_wanted, news.code, news.message)
        else:
            for channel in still_wanted:
                wanted = self._wanted.ask_again(channel)
                wanted.is_alone = verdict is Verdict.REFUSED
                if self._retry_login_at_ns:
                    # Whether private or signed all the same: it waits for the clock and not for a while.
                    wanted.ask_at_ns = self._retry_login_at_ns
                elif verdict is Verdict.RETRY:
                    wait_ns = min(self._timing.retry_ns << wanted.retries, self._timing.resync_cap_ns)
                    wanted.ask_at_ns = now_ns + wait_ns
                    self.has_output = True
                    wanted.retries = min(wanted.retries + 1, self._timing.resync_cap_ns.bit_length())
        self._flush(now_ns)

    def _refuse(self, channels: Iterable[Channel], code: str, message: str) -> None:
        for channel in channels:
            self._wanted.remove(channel)
            self._books.remove(channel)
            self._tell(events.SubscriptionRefused(channel, code, message))

    def _resync_due(self, now_ns: int) -> None:
        """Fetch every book that is due again, in one pair of requests for all of them; refuse one that never comes."""
        if not self.state.is_open or self._retry_login_at_ns:
            return
        due = list(self._books.due(now_ns))
        for one in due:
            if one.missing:
                self._tell(events.SnapshotMissing(one.channel, one.missing))
            if one.is_hopeless:
                waited_s = one.missing * self._timing.snapshot_ns // NS_PER_S
                message = f"subscribed, and no book came for {waited_s} s: does it exist?"
                self._refuse([one.channel], NO_SNAPSHOT, message)
                self._leave([one.channel], now_ns)
        fetched = [one for one in due if not one.is_hopeless]
        for batch in batches([one.channel for one in fetched], self._dialect.max_batch):
            self._request(Purpose.UNSUBSCRIBE, batch, now_ns)
            self._request(Purpose.SUBSCRIBE, batch, now_ns)
        for one in fetched:
            self._books.resynced(one, now_ns)
            self.resyncs += 1
            self._tell(events.Resyncing(one.channel, one.reason))
