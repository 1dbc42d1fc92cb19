"""The control requests about money: what people and chains outside the venue do, and what its staff decides."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from tradewire.sandbox.venue import Answer, ControlHandler
from tradewire.sandbox.venues.coinex.codes import Refusal
from tradewire.sandbox.venues.coinex.core import ExchangeCore
from tradewire.sandbox.venues.coinex.treasury.settings import Maintenance

__all__ = ["routes"]

OK = 200
BAD_REQUEST = 400
SWITCHES = ("deposit_enabled", "withdraw_enabled")


class Source(Protocol):
    """What is asked of the venue."""

    core: ExchangeCore

    def now_ms(self) -> int:
        """Return the venue's time."""

    def announce(self, maintenance: Maintenance) -> None:
        """Announce maintenance."""


def routes(venue: Source) -> Mapping[tuple[str, str], ControlHandler]:
    """Return the control requests about money.

    POST deposit      {"trader": "trader", "ccy": "BTC", "chain": "BTC", "amount": "1"}, or
                      {"deposit_id": 1, "status": "finished"}
    POST withdrawal   {"withdraw_id": 1, "status": "failed"}
    POST asset        {"ccy": "USDT", "chain": "TRC20", "deposit_enabled": false, "withdraw_enabled": false}, or
                      {"ccy": "USDT", "inter_transfer_enabled": false}
    POST maintenance  {"started_at": 1763640000000, "ended_at": 1763643600000, "scope": ["SPOT"]}
    POST fund         {"wallet": "trader/financial", "ccy": "USDT", "amount": "10"}
    """
    treasury = venue.core.treasury

    def deposit(document: Mapping[str, Any]) -> Answer:
        if "deposit_id" in document:
            found = treasury.deposits.set_status(document["deposit_id"], document["status"], venue.now_ms())
        else:
            _require_trader(venue, document["trader"])
            found = treasury.deposits.arrive(
                document["trader"], document["ccy"], document["chain"], _amount(document), venue.now_ms()
            )
        return OK, {"deposit_id": found.deposit_id, "status": found.status}

    def withdrawal(document: Mapping[str, Any]) -> Answer:
        found = treasury.withdrawals.set_status(document["withdraw_id"], document["status"], venue.now_ms())
        return OK, {"withdraw_id": found.withdraw_id, "status": found.status}

    def asset(document: Mapping[str, Any]) -> Answer:
        found = treasury.chains.asset(document["ccy"])
        found.inter_transfer_enabled = bool(
            document.get("inter_transfer_enabled", found.inter_transfer_enabled)
        )
        if "chain" in document:
            chain = found.chain(document["chain"])
            for switch in SWITCHES:
                setattr(chain, switch, bool(document.get(switch, getattr(chain, switch))))
        return OK, {"ccy": found.name}

    def fund(document: Mapping[str, Any]) -> Answer:
        _require_trader(venue, document["wallet"].partition("/")[0])
        venue.core.ledger.deposit(document["wallet"], document["ccy"], _amount(document))
        return OK, {"wallet": document["wallet"]}

    def maintenance(document: Mapping[str, Any]) -> Answer:
        scope = tuple(document.get("scope", ("ALL_SITE",)))
        venue.announce(Maintenance(**{**document, "scope": scope}))
        return OK, {"planned": len(treasury.settings.maintenance)}

    def said(handler: ControlHandler) -> ControlHandler:
        def answer(document: Mapping[str, Any]) -> Answer:
            try:
                return handler(document)
            except Refusal as refusal:
                return BAD_REQUEST, {"error": refusal.message}

        return answer

    handlers = {
        "deposit": deposit,
        "withdrawal": withdrawal,
        "asset": asset,
        "maintenance": maintenance,
        "fund": fund,
    }
    return {("POST", name): said(handler) for name, handler in handlers.items()}


def _require_trader(venue: Source, name: str) -> None:
    if not venue.core.treasury.is_trader(name):
        raise ValueError(f"there is no trader {name!r}")


def _amount(document: Mapping[str, Any]) -> Decimal:
    try:
        amount = Decimal(document["amount"])
    except InvalidOperation:
        raise ValueError(f"amount must be a number in a text, got {document['amount']!r}") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"amount must be above 0, got {amount}")
    return amount
