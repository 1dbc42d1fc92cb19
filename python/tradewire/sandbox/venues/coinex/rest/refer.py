"""Referees and rebates."""

from __future__ import annotations

from collections.abc import Sequence

from tradewire.sandbox.exact import ZERO, exactly, plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.fields import Page, Paged, Span, Text
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first
from tradewire.sandbox.venues.coinex.treasury.referrals import DayOfReferee, Referee, Scheme

__all__ = ["Refer"]

YEAR_MS = 366 * 86_400_000


class Refer(MoneyHandlers):
    """Page groups ``refer/referee`` and ``refer/agent_referee``."""

    @route("GET", "/v2/refer/referee", group="account-query")
    def referees(self, call: Call, span: Span, page: Page, search: Text = "") -> Paged:
        """Return whom the account brought. The venue's reply is not published: this is our guess."""
        return self._referees(call, span, page, search, Scheme.REFEREE)

    @route("GET", "/v2/refer/agent-referee", group="account-query")
    def agent_referees(self, call: Call, span: Span, page: Page, search: Text = "") -> Paged:
        """Return whom the account brought as an agent. The venue's reply is not published: this is our guess."""
        return self._referees(call, span, page, search, Scheme.AGENT)

    @route("GET", "/v2/refer/referee-rebate/record", group="account-query")
    def records(self, call: Call, span: Span, page: Page) -> Paged:
        """Return the rebates of each day."""
        return self._records(call, span, page, Scheme.REFEREE)

    @route("GET", "/v2/refer/agent-rebate/record", group="account-query")
    def agent_records(self, call: Call, span: Span, page: Page) -> Paged:
        """Return the rebates of each day as an agent."""
        return self._records(call, span, page, Scheme.AGENT)

    @route("GET", "/v2/refer/referee-rebate/detail", group="account-query")
    def details(self, call: Call, span: Span, page: Page, search: Text = "") -> Paged:
        """Return the rebates of each day and referee."""
        return self._details(call, span, page, search, Scheme.REFEREE)

    @route("GET", "/v2/refer/agent-rebate/detail", group="account-query")
    def agent_details(self, call: Call, span: Span, page: Page, search: Text = "") -> Paged:
        """Return the rebates of each day and referee as an agent."""
        return self._details(call, span, page, search, Scheme.AGENT)

    def _referees(self, call: Call, span: range, page: Page, search: str, scheme: Scheme) -> Paged:
        def show(one: Referee) -> Json:
            return {"created_at": one.at_ms, "uid": str(one.uid), "account_name": one.name}

        rows = self.treasury(call).referrals.of(call.account, scheme)
        return newest_first(rows, lambda one: one.at_ms in span and _is_found(one, search), show, page)

    def _records(self, call: Call, span: range, page: Page, scheme: Scheme) -> Paged:
        _require_year(span)
        days = self.treasury(call).referrals.days(call.account, scheme)
        rows = [(at_ms, days[at_ms]) for at_ms in sorted(days)]
        return newest_first(rows, lambda row: row[0] in span, _record_of, page)

    def _details(self, call: Call, span: range, page: Page, search: str, scheme: Scheme) -> Paged:
        rows = self.treasury(call).referrals.details(call.account, scheme)

        def fits(day: DayOfReferee) -> bool:
            return day.at_ms in span and _is_found(day.referee, search)

        return newest_first(rows, fits, _detail_of, page)


def _require_year(span: range) -> None:
    if span.start and span.stop - span.start > YEAR_MS and span.stop < YEAR_MS * 100:
        raise invalid("start_time and end_time must be at most a year apart")


def _is_found(one: Referee, search: str) -> bool:
    return not search or search in one.name or search == str(one.uid)


@exactly
def _record_of(row: tuple[int, Sequence[DayOfReferee]]) -> Json:
    at_ms, days = row
    names = ("spot_value", "spot_fee", "futures_value", "futures_fee", "value", "fee", "rebate")
    sums = {name: plain(sum((getattr(day, name) for day in days), ZERO)) for name in names}
    return {
        "created_at": at_ms,
        "deal_user_number": len(days),
        "total_spot_value": sums["spot_value"],
        "total_spot_fee": sums["spot_fee"],
        "total_futures_value": sums["futures_value"],
        "total_futures_fee": sums["futures_fee"],
        "total_deal_value": sums["value"],
        "total_deal_fee": sums["fee"],
        "total_deal_rebate_usdt": sums["rebate"],
        "total_deal_rebate_cet": "0",
    }


@exactly
def _detail_of(day: DayOfReferee) -> Json:
    return {
        "created_at": day.at_ms,
        "uid": str(day.referee.uid),
        "account_name": day.referee.name,
        "spot_value": plain(day.spot_value),
        "spot_fee": plain(day.spot_fee),
        "futures_value": plain(day.futures_value),
        "futures_fee": plain(day.futures_fee),
        "deal_value": plain(day.value),
        "deal_fee": plain(day.fee),
        "deal_rebate_usdt": plain(day.rebate),
        "deal_rebate_cet": "0",
    }
