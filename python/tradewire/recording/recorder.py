"""``tradewire.Recorder``: records what a client and its venue say to each other."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tradewire._native import __version__
from tradewire.errors import ConfigError
from tradewire.protocol.confidential import Confidential
from tradewire.recording.format import About, Kind
from tradewire.recording.redaction import Redactor
from tradewire.recording.writer import Entry, Writer
from tradewire.registry import find_product, product_names
from tradewire.session.lifetime import AccountClient, AsyncCloseable, attach_tap, check_untapped
from tradewire.transport.seam import SYSTEM, Clocks, HttpReply, HttpRequest, WsConnection, WsListener

if TYPE_CHECKING:
    from tradewire.interface import VenueClient

__all__ = ["Recorder"]

END_OF_HEAD: Final = b"\r\n\r\n"


class Recorder(AsyncCloseable):
    """Records every WebSocket message and REST exchange of a client, for ``tradewire.replay`` and ``inspect``.

        async with tradewire.CoinEx() as venue, tradewire.Recorder(venue, "btc.twrec"):
            venue.watch_book("BTCUSDT", on_update=print)
            await asyncio.sleep(60)

    Messages are recorded byte for byte, each with the wall clock and the monotonic clock; bodies of replies too, and
    their heads as far as they hold no secret. Keys, tokens, signatures, logins and passwords are withheld, see
    ``tradewire.recording.redaction``. Make it before the client opens its first stream: a recording that begins amid
    one lacks the books it starts from.

    Cost on the event loop: below a microsecond a frame; packing and writing happen in a thread, which takes about
    ten times that. After ``kill -9`` at most the last second is missing. When the disk cannot keep up, or fails,
    nothing waits for it: records are left out and counted in ``lost``, and ``close`` raises what went wrong.

    Args:
        client: Whose conversation.
        path: The file; its further parts are ``NAME-part2.twrec`` and so on.
        part_bytes: Begin a further part once one is larger; 0 for never.
        part_s: Begin a further part after so many seconds; 0 for never.
        markets: What the file says was recorded, where somebody knows.
        clocks: The clocks of ``client``, where it was given others than the machine's.

    Raises:
        ConfigError: The file exists, a limit is negative, the client is recorded already or has opened a stream.
        RecordingError: The file cannot be made.
    """

    def __init__(
        self,
        client: VenueClient,
        path: Path | str,
        *,
        part_bytes: int = 0,
        part_s: float = 0.0,
        markets: Iterable[str] = (),
        clocks: Clocks = SYSTEM,
    ) -> None:
        if not isinstance(client, AccountClient):
            raise ConfigError(f"client must be a client of tradewire, got {type(client).__name__}")
        self._product = _product_of(client)
        self._wall_ns, self._monotonic_ns = clocks.wall_ns, clocks.monotonic_ns
        self._redactor = Redactor()
        self._sources = 0
        self._is_closed = False
        check_untapped(client)
        about = About(product=self._product, tradewire=__version__, id="", markets=tuple(markets))
        self._writer = Writer(Path(path), about, self._data_of_all, part_bytes=part_bytes, part_s=part_s)
        self._put = self._writer.put
        attach_tap(client, self)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files so far."""
        return tuple(self._writer.paths)

    @property
    def records(self) -> int:
        """Records written so far: messages, requests, replies, and openings and ends of connections."""
        return self._writer.records

    @property
    def lost(self) -> int:
        """Records left out because the disk could not keep up, or failed."""
        return self._writer.lost

    @property
    def failure(self) -> str:
        """Why nothing is written any more; empty while all is well."""
        return self._writer.failure

    async def close(self) -> None:
        """Write what waits and close the file; the client goes on. Safe to call twice.

        Raises:
            RecordingError: Something could not be written, now or before.
        """
        self._is_closed = True
        await asyncio.to_thread(self._writer.close)

    def stop(self) -> None:
        """Do as ``close``, and block until the file is written."""
        self._is_closed = True
        self._writer.close()

    def stream(self, url: str, listener: WsListener) -> _Stream:
        """Return what stands between a new connection and its owner; see ``transport.taps.Tap``."""
        self._sources += 1
        return _Stream(self, self._sources, url, listener)

    def asked(self, request: HttpRequest | bytes) -> int:
        """Take a request as it leaves; return its number."""
        self._sources += 1
        body = request if isinstance(request, bytes) else request.body
        self.note(Kind.REQUEST, self._sources, self._wall_ns(), request, len(body))
        return self._sources

    def answered(self, number: int, reply: HttpReply) -> None:
        """Take its reply."""
        self.note(Kind.REPLY, number, self._wall_ns(), reply, len(reply.body))

    def failed(self, number: int, error: BaseException | None) -> None:
        """Take note that no reply comes."""
        reason = "nobody waits for it" if error is None else f"{type(error).__name__}: {error}"
        self.note(Kind.FAILED, number, self._wall_ns(), reason, len(reason))

    def note(self, kind: int, source: int, wall_ns: int, told: object, size: int) -> None:
        """Queue one record."""
        if not self._is_closed:
            entry: Entry = (kind, source, wall_ns, self._monotonic_ns(), told)
            self._put(entry, size)

    def now_ns(self) -> int:
        """Return the wall clock."""
        return self._wall_ns()

    def _data_of_all(self, entries: Sequence[Entry]) -> list[bytes]:
        """Return the data of records, without secrets. Runs in the writer's thread."""
        data: list[bytes] = []
        for is_push, run in itertools.groupby(entries, lambda entry: entry[0] == Kind.RECEIVED):
            if is_push:
                data += self._redactor.texts([entry[4] for entry in run if isinstance(entry[4], bytes)])
            else:
                data += [self._data_of(kind, told) for kind, *_, told in run]
        return data

    def _data_of(self, kind: int, told: object) -> bytes:
        redactor = self._redactor
        if isinstance(told, Confidential):
            return redactor.text(told.shown)
        if isinstance(told, HttpRequest):
            return _document(redactor, told.method, told.url, dict(told.headers), told.body)
        if isinstance(told, HttpReply):
            head = {"status": told.status, "headers": redactor.headers(told.headers)}
            return msgspec.json.encode(head) + b"\n" + redactor.text(told.body)
        if kind == Kind.REQUEST and isinstance(told, bytes):
            return _document(redactor, *_parsed(told))
        if kind == Kind.OPENED:
            return redactor.url(str(told)).encode()
        return redactor.text(told if isinstance(told, bytes) else str(told).encode())


class _Stream:
    """One connection on its way to its owner."""

    __slots__ = ("_deliver", "_is_over", "_listener", "_monotonic_ns", "_put", "_recorder", "_source")

    def __init__(self, recorder: Recorder, source: int, url: str, listener: WsListener) -> None:
        self._recorder = recorder
        self._source = source
        self._listener = listener
        self._deliver = listener.on_frame
        self._put = recorder._put
        self._monotonic_ns = recorder._monotonic_ns
        self._is_over = False
        recorder.note(Kind.OPENED, source, recorder.now_ns(), url, len(url))

    def on_frame(self, data: bytes, received_at_ns: int) -> None:
        if not self._recorder._is_closed:
            self._put(
                (2, self._source, received_at_ns, self._monotonic_ns(), data),
                len(data),
            )
        self._deliver(data, received_at_ns)

    def on_closed(self, code: int, reason: str) -> None:
        self._end(f"{code} {reason}")
        self._listener.on_closed(code, reason)

    def opened(self, connection: WsConnection) -> WsConnection:
        return _Connection(connection, self._recorder, self._source)

    def refused(self) -> None:
        self._end("0 it was not opened")

    def _end(self, reason: str) -> None:
        if not self._is_over:
            self._is_over = True
            self._recorder.note(
                Kind.CLOSED, self._source, self._recorder.now_ns(), reason.encode(), len(reason)
            )


class _Connection:
    """An open WebSocket whose frames are noted as they are sent."""

    __slots__ = ("_connection", "_recorder", "_send", "_source")

    def __init__(self, connection: WsConnection, recorder: Recorder, source: int) -> None:
        self._connection = connection
        self._send = connection.send_text
        self._recorder = recorder
        self._source = source

    def send_text(self, data: bytes) -> None:
        self._send(data)
        self._recorder.note(Kind.SENT, self._source, self._recorder.now_ns(), data, len(data))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._connection.close(code, reason)


def _product_of(client: object) -> str:
    """Return the name of the product that a client trades, as on the command line."""
    classes = {f"{one.__module__}:{one.__qualname__}" for one in type(client).__mro__}
    for name in product_names():
        if find_product(name).client in classes:
            return name
    raise ConfigError(f"client must be a venue's client, got {type(client).__name__}")


def _document(redactor: Redactor, method: str, url: str, headers: dict[str, str], body: bytes) -> bytes:
    head = {"method": method, "url": redactor.url(url), "headers": redactor.headers(headers)}
    return msgspec.json.encode(head) + b"\n" + redactor.text(body)


def _parsed(request: bytes) -> tuple[str, str, dict[str, str], bytes]:
    """Return method, URL, headers and body of a request that a lane wrote."""
    head, _, body = request.partition(END_OF_HEAD)
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(": ") for line in lines)
    headers = {name: value for name, _, value in pairs}
    host = next((value for name, value in headers.items() if name.lower() == "host"), "")
    return method, f"//{host}{target}", headers, body
