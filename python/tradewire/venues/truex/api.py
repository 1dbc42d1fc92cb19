"""What all REST endpoints of TrueX share: the rows' maker, arguments in the venue's spelling, and the client's parts.

Each row has the endpoint's current path; deprecated spellings are values of the same row. Paths marked so in a method's
docstring are not confirmed by any page.

Source: docs.truemarkets.co/apis (REST 1.0.5 and before), the vendor's tools and, where its pages are silent, live
clients; read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from msgspec import field
from msgspec.structs import replace

from tradewire.errors import ConfigError
from tradewire.model import Page, Side, StpMode
from tradewire.protocol.arguments import shown, whole_number
from tradewire.protocol.endpoint import Api, Endpoint
from tradewire.protocol.request import Argument, Request, one_of, within
from tradewire.session.rest import RestSession
from tradewire.venues.truex.connection import Streams
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.hosts import Prefix, Version
from tradewire.venues.truex.ids import check_venue_id
from tradewire.venues.truex.model import STP_WORDS
from tradewire.wire import WireRows

__all__ = [
    "CURSOR", "MAX_PAGE", "Cursor", "HistoryQuery", "Limit", "PageQuery", "Part", "SideWord", "StpWord", "VenueId",
    "api", "legacy",
]  # fmt: skip

CURSOR = "cursor"
"""What asks for a page by cursor. No page says it; the vendor's sister service has this name."""
MAX_PAGE = 100
NS_PER_MS = 1_000_000
MARGIN_NS = 2 * 1_000_000_000
"""The venue tells its time to the second: the newest must not be missed because our estimate is behind."""

api = Api("https://docs.truemarkets.co", "2026-11-20", public_group="public")


def legacy(*nouns: str) -> Sequence[str]:
    """Return the deprecated spellings of a path, the oldest last."""
    return [f"{Prefix.LEGACY.value}/{noun}" for noun in nouns]


def _cursor(name: str, cursor: object) -> str | None:
    if not isinstance(cursor, str):
        raise ConfigError(f"{name} must be a page's next_cursor, got {shown(cursor)}")
    return cursor or None


VenueId = Annotated[str, Argument(check_venue_id)]
SideWord = Annotated[Side | str, one_of(Side, str.upper)]
StpWord = Annotated[StpMode | str, one_of(StpMode, STP_WORDS)]
Limit = Annotated[int, within(1, MAX_PAGE)]
Cursor = Annotated[str, Argument(_cursor)]


class PageQuery(Request, frozen=True, kw_only=True):
    """A page of a list: by cursor or, in the older version, by items to skip."""

    limit: Limit = field(name="size", default=MAX_PAGE)
    skip: Annotated[int, Argument(lambda _, value: value or None)] = 0
    cursor: Cursor = ""


class HistoryQuery(PageQuery, frozen=True, kw_only=True):
    """A page of something of the 24 hours before a time."""

    end_ns: Annotated[int, within(0)] = field(name="timestamp")


QueryT = TypeVar("QueryT", bound=PageQuery)
RowT = TypeVar("RowT")
ItemT = TypeVar("ItemT")


class Part:
    """A subject of the venue's documentation, as a part of the client."""

    _rest: RestSession
    _directory: Directory
    _streams: Streams
    _version: Version
    _account_id: str

    async def _page(
        self,
        row: Endpoint[QueryT, WireRows[RowT]],
        query: QueryT,
        build: Callable[[RowT], ItemT],
        page: int,
        keep: Callable[[RowT], bool] = lambda _: True,
    ) -> Page[ItemT]:
        """Return a page of those rows that ``keep`` allows; without cursors there may be more after a full one."""
        whole_number("page", page, 1)
        has_cursors = self._version is not Version.V2024_01_01
        limit = whole_number("limit", query.limit, 1, MAX_PAGE)

        def read(found: WireRows[RowT]) -> Page[ItemT]:
            built = found.where(keep).build(build)
            has_next = bool(found.next_cursor) or (not has_cursors and len(found) == limit)
            return Page(built, has_next, next_cursor=found.next_cursor, unreadable=built.unreadable)

        if not has_cursors:
            return await self._rest.call_as(row, replace(query, skip=(page - 1) * limit, cursor=""), read)
        found = await self._rest.call_as(row, query, read)
        for _ in range(page if query.cursor else 1, page):
            if not found.next_cursor:
                return Page()
            found = await self._rest.call_as(row, replace(query, cursor=found.next_cursor), read)
        return found

    def _end_ns(self, end_ns: int | None) -> int:
        """Return the time before which a history is asked for: now if none is given."""
        return self._rest.venue_now_ms * NS_PER_MS + MARGIN_NS if end_ns is None else end_ns

    def _is_ours(self, account_id: str) -> bool:
        """Return whether something is of the client's account: of any where none was chosen."""
        return not self._account_id or account_id in {"", self._account_id}
