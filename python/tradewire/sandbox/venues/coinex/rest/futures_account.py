"""What an account has and prefers for futures."""

from __future__ import annotations

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.fields import Id, Market, Text, one_of
from tradewire.sandbox.venues.coinex.futures.handlers import FuturesHandlers
from tradewire.sandbox.venues.coinex.futures.margins import Setting
from tradewire.sandbox.venues.coinex.futures.positions import MarginMode
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.order_terms import executed

__all__ = ["FuturesAccount"]


class FuturesAccount(FuturesHandlers):
    """The pages of ``assets/balance`` and ``account`` that are about futures."""

    @route("GET", "/v2/account/futures-market-settings", group="account-query")
    def settings(self, call: Call, market: Market) -> Json:
        """Return how a market's positions are margined. The venue's reply is not published: this is our guess."""
        setting = self.core.margins.setting(call.account, market.name)
        return {"market": market.name, "margin_mode": setting.mode.value, "leverage": setting.leverage}

    @route("POST", "/v2/account/futures-market-settings", group="account-modify", action="amend")
    def change_settings(
        self, call: Call, market: Market, margin_mode: Text = "", leverage: Id | None = None
    ) -> Json:
        """Change how the next position is margined; one that is open is adjusted on its own page."""
        margins = self.core.margins
        if market.name in margins.positions[call.account]:
            raise invalid("there is a position: use adjust-position-leverage")
        now = margins.setting(call.account, market.name)
        mode = MarginMode(one_of("margin_mode", margin_mode, list(MarginMode))) if margin_mode else now.mode
        leverage = now.leverage if leverage is None else leverage
        if leverage not in (known := self.core.rules[market.name].leverages):
            raise invalid(f"leverage must be one of {', '.join(map(str, known))}")
        setting = Setting(mode, leverage)
        executed(market, lambda: self.desk.adjusting.set(call.account, market.name, setting, call.now_ms))
        return self.settings(call, market)
