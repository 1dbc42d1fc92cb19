"""Whom we brought to the venue, directly and as an agent, and what that brought us. All of it needs credentials."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import Page
from tradewire.protocol.arguments import whole_number
from tradewire.protocol.request import Name, Request, TimeMs
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, api
from tradewire.venues.coinex.model_account import RebateDay, RebateDetail
from tradewire.venues.coinex.replies import Unconfirmed

__all__ = ["Referrals"]

YEAR_NS = 366 * 86_400 * 1_000_000_000


class RebatesQuery(Request, frozen=True):
    """A page of days."""

    start_ns: TimeMs | None = field(name="start_time")
    end_ns: TimeMs | None = field(name="end_time")
    page: PageNumber = 1
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse more than the venue looks back."""
        if self.start_ns is None or self.end_ns is None:
            return
        span_ns = whole_number("end_ns", self.end_ns, 0) - whole_number("start_ns", self.start_ns, 0)
        if span_ns > YEAR_NS:
            raise ConfigError("start_ns and end_ns must be at most a year apart")


class RefereesQuery(Request, frozen=True):
    """A page of referees, or of what each brought."""

    search: Name | None
    start_ns: TimeMs | None = field(name="start_time")
    end_ns: TimeMs | None = field(name="end_time")
    page: PageNumber = 1
    limit: Limit = 100


DIRECT, AGENT = "refer/referee/http", "refer/agent_referee/http"
REFEREES = api(
    "GET", "/v2/refer/referee", RefereesQuery, replies.unconfirmed,
    group="account-query", source="refer/referee",
)  # fmt: skip
REBATES = api(
    "GET", "/v2/refer/referee-rebate/record", RebatesQuery, replies.models_page(RebateDay),
    group="account-query", source=f"{DIRECT}/get-referee-rebate-record",
)  # fmt: skip
REBATE_DETAILS = api(
    "GET", "/v2/refer/referee-rebate/detail", RefereesQuery, replies.models_page(RebateDetail),
    group="account-query", source=f"{DIRECT}/get-referee-rebate-detail",
)  # fmt: skip
AGENT_REFEREES = api(
    "GET", "/v2/refer/agent-referee", RefereesQuery, replies.unconfirmed,
    group="account-query", source="refer/agent_referee",
)  # fmt: skip
AGENT_REBATES = api(
    "GET", "/v2/refer/agent-rebate/record", RebatesQuery, replies.models_page(RebateDay),
    group="account-query", source=f"{AGENT}/get-agent-rebate-record",
)  # fmt: skip
AGENT_REBATE_DETAILS = api(
    "GET", "/v2/refer/agent-rebate/detail", RefereesQuery, replies.models_page(RebateDetail),
    group="account-query", source=f"{AGENT}/get-agent-rebate-detail",
)  # fmt: skip


class Referrals(Part):
    """Referees and rebates. All of it needs credentials."""

    @REFEREES.client_method
    async def referees(
        self,
        *,
        search: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Unconfirmed:
        """Return a page of whom we brought, as the venue says it: the reply is not published.

        Args:
            search: User id or account name.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(REFEREES, RefereesQuery(search, start_ns, end_ns, page, limit))

    @REBATES.client_method
    async def rebates(
        self, *, start_ns: int | None = None, end_ns: int | None = None, page: int = 1, limit: int = 100
    ) -> Page[RebateDay]:
        """Return a page of days and what our referees brought us, newest first; of the last year at most.

        Args:
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time, at most a year later.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(REBATES, RebatesQuery(start_ns, end_ns, page, limit))

    async def all_rebates(self, *, start_ns: int | None = None) -> AsyncIterator[RebateDay]:
        """Yield all days of ``rebates``; one request per hundred."""
        async for one in every(lambda page, _: self.rebates(start_ns=start_ns, page=page)):
            yield one

    @REBATE_DETAILS.client_method
    async def rebate_details(
        self,
        *,
        search: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[RebateDetail]:
        """Return a page of what each referee brought us each day, newest first.

        Args:
            search: User id or account name.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(REBATE_DETAILS, RefereesQuery(search, start_ns, end_ns, page, limit))

    async def all_rebate_details(self, *, start_ns: int | None = None) -> AsyncIterator[RebateDetail]:
        """Yield all of ``rebate_details``; one request per hundred."""
        async for one in every(lambda page, _: self.rebate_details(start_ns=start_ns, page=page)):
            yield one

    @AGENT_REFEREES.client_method
    async def agent_referees(
        self,
        *,
        search: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Unconfirmed:
        """Return a page of whom we brought as an agent, as the venue says it: the reply is not published.

        Args:
            search: User id or account name.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(AGENT_REFEREES, RefereesQuery(search, start_ns, end_ns, page, limit))

    @AGENT_REBATES.client_method
    async def agent_rebates(
        self, *, start_ns: int | None = None, end_ns: int | None = None, page: int = 1, limit: int = 100
    ) -> Page[RebateDay]:
        """Return a page of days and what our referees brought us as an agent, newest first; of the last year at most.

        Args:
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time, at most a year later.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(AGENT_REBATES, RebatesQuery(start_ns, end_ns, page, limit))

    async def all_agent_rebates(self, *, start_ns: int | None = None) -> AsyncIterator[RebateDay]:
        """Yield all days of ``agent_rebates``; one request per hundred."""
        async for one in every(lambda page, _: self.agent_rebates(start_ns=start_ns, page=page)):
            yield one

    @AGENT_REBATE_DETAILS.client_method
    async def agent_rebate_details(
        self,
        *,
        search: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[RebateDetail]:
        """Return a page of what each referee brought us each day as an agent, newest first.

        Args:
            search: User id or account name.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(
            AGENT_REBATE_DETAILS, RefereesQuery(search, start_ns, end_ns, page, limit)
        )

    async def all_agent_rebate_details(self, *, start_ns: int | None = None) -> AsyncIterator[RebateDetail]:
        """Yield all of ``agent_rebate_details``; one request per hundred."""
        async for one in every(lambda page, _: self.agent_rebate_details(start_ns=start_ns, page=page)):
            yield one
