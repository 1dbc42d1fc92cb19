"""The client's signed methods that ask, and those that act on no order: accounts, balances, fills, transfers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tradewire.decimals import EXACT
from tradewire.errors import ConfigError
from tradewire.model import Balance, Fill, Page, Rows, Side, StpMode, stamp
from tradewire.protocol.arguments import Exact, exact, member, spelled, whole_number
from tradewire.protocol.endpoint import calls
from tradewire.session.paging import every
from tradewire.session.rest import RestSession
from tradewire.venues.truex import endpoints as rows
from tradewire.venues.truex import model, parse, requests, shapes
from tradewire.venues.truex.connection import Streams
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.hosts import Version
from tradewire.wire import WireRows

__all__ = ["Account", "only_account"]

ItemT = TypeVar("ItemT")

NS_PER_MS = 1_000_000
REACH_NS = 86_400 * 1_000_000_000
"""A history reaches this far back from the time it is asked for."""
MARGIN_NS = 2 * 1_000_000_000
"""The venue tells its time to the second: the newest must not be missed because our estimate is behind."""
MAX_STEPS = 28
"""Times a history is asked for further back: the venue keeps four weeks."""


def only_account(found: Sequence[model.Client]) -> str:
    """Return the id of the only account there is.

    Raises:
        ConfigError: There are several, or none; the message names them.
    """
    if len(found) != 1:
        names = ", ".join(f"{one.account_id} ({one.mnemonic})" for one in found) or "none"
        raise ConfigError(f"say which account: TrueX(..., account_id=...); the key has {names}")
    return found[0].account_id


class Account:
    """What an account may ask. All of it needs credentials."""

    _rest: RestSession
    _directory: Directory
    _streams: Streams
    _version: Version
    _account_id: str
    _learn_names: Callable[[], Awaitable[None]]

    @calls(rows.CLIENTS)
    async def clients(
        self, *, account_id: str | None = None, mnemonic: str | None = None
    ) -> Rows[model.Client]:
        """Return the venue's clients, which are the accounts this key may trade for.

        ``GET /v1/cefi/clients``, rate group account, signed, read.

        Args:
            account_id: Only this one.
            mnemonic: Only the one of this name.

        Shape:
            [{"id": str, "status": str, "info": {"organization_id": str, "mnemonic": str, "type": str,
            "maker_fee_tier": int, "taker_fee_tier": int, "self_trade_prevention": str}}]

        Source:
            https://docs.truemarkets.co/apis/cefi-direct/rest/v1/clients/getclients, read 2026-11-20.
        """
        return await self._rest.call(rows.CLIENTS, requests.ClientsQuery(account_id, mnemonic))

    async def account_id(self) -> str:
        """Return the id of the account that orders are for: the one given, else the only one of the key.

        Raises:
            ConfigError: The key has several; the message names them.
        """
        if not self._account_id:
            self._account_id = only_account(await self.clients())
        return self._account_id

    @calls(rows.UPDATE_CLIENT)
    async def update_client(
        self, self_trade_prevention: StpMode | str, *, account_id: str | None = None
    ) -> model.Client:
        """Change what happens when an account's order would trade with another one of its own.

        ``PATCH /v1/cefi/clients``, rate group account, signed, repeatable.

        Args:
            self_trade_prevention: ``none``, ``cancel_taker`` or ``cancel_both``; an order's own wins.
            account_id: Which; the client's own if left out.

        Raises:
            OutcomeUnknown: No proof either way. Ask ``clients(account_id=...)``, or do it again.

        Shape:
            As ``clients``.

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/clients/patchclient, read 2026-11-20.
        """
        mode = spelled("self_trade_prevention", model.STP_WORDS, self_trade_prevention)[0]
        request = requests.UpdateClient(account_id or await self.account_id(), mode)
        return await self._rest.call(rows.UPDATE_CLIENT, request)

    @calls(rows.BALANCES)
    async def holdings(
        self, *, account_id: str | None = None, asset: str | None = None
    ) -> Rows[model.AssetBalance]:
        """Return every asset of an account with all that is held.

        ``GET /v1/cefi/balances``, rate group account, signed, read.

        Args:
            account_id: Which account; all of the key's if left out.
            asset: Only this one, for instance ``BTC``.

        Shape:
            [{"id": str, "unsettled_fees": str, "fees_hold": str, "balances": [{"asset_id": str,
            "balance": str, "unsettled": str, "order_hold": str, "transfer_hold": str, "state": str}]}]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/balances/getbalances, read 2026-11-20.
        """
        await self._learn_names()
        query = requests.BalancesQuery(account_id, asset)

        def read(found: WireRows[shapes.AccountRow]) -> Rows[model.AssetBalance]:
            held = parse.balances(found, self._directory)
            return Rows(held, (*found.unreadable, *held.unreadable))

        return await self._rest.call_as(rows.BALANCES, query, read)

    async def balances(self) -> Rows[Balance]:
        """Return the account's assets; see ``holdings`` for what exactly is held."""
        found = await self.holdings(account_id=await self.account_id())
        balances = Rows(
            [
                Balance(
                    asset=held.asset,
                    available=held.available,
                    locked=EXACT.add(held.order_hold, held.transfer_hold),
                )
                for held in found
            ],
            found.unreadable,
        )
        stamp(balances, self._rest.now_ns)
        return balances

    @calls(rows.TRADES)
    async def fills(
        self,
        market: str = "",
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = requests.MAX_PAGE,
        cursor: str = "",
    ) -> Page[Fill]:
        """Return a page of our trades of the 24 hours before ``end_ns``, newest first.

        ``GET /v1/cefi/orders/trades``, rate group orders, signed, read.

        A trade names neither side nor client id: they are those of its order, if this client knows it. The
        fee is price by size by rate, in quote units. Cost: page n takes n requests under the newer version,
        which pages by cursor; ``iter_fills`` does not count pages and reaches back further.

        Args:
            market: Only of this market; the venue does not filter, so a page may hold less than ``limit``.
            start_ns: Not before this time, nanoseconds UTC.
            end_ns: Before this time; now if left out.
            page: From 1.
            limit: 1 to 100.
            cursor: ``Page.next_cursor`` of the page before, instead of ``page``.

        Shape:
            [{"order_id": str, "match_id": str, "client_id": str, "instrument_id": str, "trade_price": str,
            "trade_qty": str, "trade_fee_rate": str, "liq_flag": "TAKER" | "MAKER", "timestamp": ns}]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/orders, read 2026-11-20.
        """
        await self._learn_names()
        if start_ns is not None:
            whole_number("start_ns", start_ns, 0)
        before_ns = self._now_ns() if end_ns is None else end_ns

        own = {"", self._account_id} if self._account_id else None

        def read(found: WireRows[shapes.TradeRow]) -> Page[Fill]:
            built = found.where(lambda row: own is None or row.client_id in own).build(self._fill)
            return self._as_page(found, built, limit)

        async def fetch(skip: int, after: str) -> Page[Fill]:
            query = requests.HistoryQuery(before_ns, size=limit, skip=skip, cursor=after)
            return await self._rest.call_as(rows.TRADES, query, read)

        found = await self._page(fetch, page, limit, cursor)
        reached = start_ns is not None and any(fill.time_ns < start_ns for fill in found.items)
        kept = [
            fill
            for fill in found.items
            if market in {"", fill.market} and (start_ns is None or fill.time_ns >= start_ns)
        ]
        return Page(
            tuple(kept),
            has_next=found.has_next and not reached,
            next_cursor=found.next_cursor,
            unreadable=found.unreadable,
        )

    async def iter_fills(self, market: str = "", *, start_ns: int) -> AsyncIterator[Fill]:
        """Yield all our trades from ``start_ns`` (UTC) on, newest first; one request per hundred and per day.

        The venue keeps four weeks.
        """
        end_ns = self._now_ns()
        before: set[tuple[str, str]] = set()
        for _ in range(MAX_STEPS):
            reached = False
            number, cursor = 1, ""
            while not reached:
                page = await self.fills("", end_ns=end_ns, page=number, cursor=cursor)
                for fill in page.items:
                    reached = reached or fill.time_ns < start_ns
                    # A trade that comes while we ask pushes others on to the next page.
                    is_new = (fill.order_id, fill.trade_id) not in before
                    if is_new and fill.time_ns >= start_ns and market in {"", fill.market}:
                        yield fill
                before = {(fill.order_id, fill.trade_id) for fill in page.items}
                if not page.has_next:
                    break
                number, cursor = number + 1, page.next_cursor
            end_ns -= REACH_NS
            if reached or end_ns < start_ns:
                return

    @calls(rows.START_TRANSFER)
    async def start_transfer(
        self,
        kind: model.TransferKind | str,
        platform: model.TransferPlatform | str,
        asset: str,
        amount: Exact,
        *,
        account_id: str | None = None,
        instructions: dict[str, Any] | None = None,
    ) -> model.Transfer:
        """Begin a transfer onto or off the exchange.

        ``POST /v1/cefi/transfers``, rate group account, signed, once.

        Args:
            kind: ``DEPOSIT`` or ``WITHDRAW``.
            platform: ``FIAT``, ``CRYPTO`` or ``INTERNAL``.
            asset: For instance ``BTC``.
            amount: Units of it.
            account_id: Which account; the client's own if left out.
            instructions: Passed on as it is: what the platform needs is not published for all. An internal
                deposit takes ``{"transfer_id": ...}`` of the custodian.

        Raises:
            BadRequest: Something is malformed. What the venue looks into and refuses, a withdrawal of more than is
                available for instance, comes back as a transfer with status ``REJECTED`` and no reason.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``active_transfers()``, then
                ``transfers()``.

        Shape:
            {"id": str, "status": str, "request": {"amount": str, "asset_id": str, "client_id": str,
            "type": str, "platform": str, "instructions": {...}}}

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/transfers, read 2026-11-20.
        """
        await self._learn_names()
        request = requests.StartTransfer(
            exact("amount", amount),
            self._directory.asset_id(asset),
            account_id or await self.account_id(),
            member("kind", model.TransferKind, kind),
            member("platform", model.TransferPlatform, platform),
            instructions,
        )
        return await self._rest.call(rows.START_TRANSFER, request)

    @calls(rows.TRANSFERS)
    async def transfers(
        self,
        *,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = requests.MAX_PAGE,
        cursor: str = "",
    ) -> Page[model.Transfer]:
        """Return a page of the transfers begun in the 24 hours before ``end_ns``, newest first.

        ``GET /v1/cefi/transfers``, rate group account, signed, read.

        Args:
            end_ns: Before this time, nanoseconds UTC; now if left out.
            page: From 1; page n takes n requests under the newer version, which pages by cursor.
            limit: 1 to 100.
            cursor: ``Page.next_cursor`` of the page before, instead of ``page``.

        Shape:
            [transfer as in ``start_transfer``]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/transfers/gettransfersplural, read 2026-11-20.
        """
        before_ns = self._now_ns() if end_ns is None else end_ns

        def read(found: WireRows[shapes.TransferRow]) -> Page[model.Transfer]:
            return self._as_page(found, found.build(parse.transfer), limit)

        async def fetch(skip: int, after: str) -> Page[model.Transfer]:
            query = requests.HistoryQuery(before_ns, size=limit, skip=skip, cursor=after)
            return await self._rest.call_as(rows.TRANSFERS, query, read)

        return await self._page(fetch, page, limit, cursor)

    async def iter_transfers(self, *, end_ns: int | None = None) -> AsyncIterator[model.Transfer]:
        """Yield every transfer begun in the 24 hours before ``end_ns``, newest first; one request per hundred."""
        before_ns = self._now_ns() if end_ns is None else end_ns

        async def fetch(page: int, cursor: str) -> Page[model.Transfer]:
            return await self.transfers(end_ns=before_ns, page=page, cursor=cursor)

        async for transfer in every(fetch):
            yield transfer

    @calls(rows.ACTIVE_TRANSFERS)
    async def active_transfers(self, transfer_id: str | None = None) -> Rows[model.Transfer]:
        """Return transfers that are under way.

        ``GET /v1/cefi/transfers/active``, rate group account, signed, read.

        Args:
            transfer_id: Only this one.

        Shape:
            [transfer as in ``start_transfer``]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/transfers, read 2026-11-20.
        """
        query = requests.TransferRef(transfer_id)
        return await self._rest.call_as(
            rows.ACTIVE_TRANSFERS, query, lambda found: found.build(parse.transfer)
        )

    async def _page(
        self, fetch: Callable[[int, str], Awaitable[Page[ItemT]]], page: int, limit: int, cursor: str
    ) -> Page[ItemT]:
        """Return a page by cursor where the version has cursors, by items to skip where it has not."""
        whole_number("page", page, 1)
        whole_number("limit", limit, 1, requests.MAX_PAGE)
        if self._version is Version.V2024_01_01:
            return await fetch((page - 1) * limit, "")
        found = await fetch(0, cursor)
        for _ in range(page if cursor else 1, page):
            if not found.next_cursor:
                return Page((), has_next=False)
            found = await fetch(0, found.next_cursor)
        return found

    def _as_page(self, found: WireRows[Any], built: Rows[ItemT], limit: int) -> Page[ItemT]:
        """Return a reply as a page; the version without cursors has more to tell after a page that is full."""
        is_full = self._version is Version.V2024_01_01 and len(found) == limit
        return Page(
            built,
            has_next=is_full or bool(found.next_cursor),
            next_cursor=found.next_cursor,
            unreadable=built.unreadable,
        )

    def _fill(self, row: shapes.TradeRow) -> Fill:
        order = self._streams.account.tracker.order(row.order_id)
        side: Side | None = None if order is None else order.side
        return parse.fill(row, self._directory, side, "" if order is None else order.client_order_id)

    def _now_ns(self) -> int:
        return self._rest.venue_now_ms * NS_PER_MS + MARGIN_NS
