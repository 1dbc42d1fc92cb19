"""What only futures have, in the words of the common interface."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tradewire.model import Balance, Market, Position, Side, Ticker
from tradewire.venues.coinex.model import TriggerPrice

__all__ = [
    "Contract",
    "FundingPayment",
    "FundingRate",
    "FundingTerms",
    "FuturesBalance",
    "FuturesMarket",
    "FuturesPosition",
    "FuturesTicker",
    "IndexBasis",
    "Leverage",
    "Liquidation",
    "MarginMode",
    "PositionChange",
    "PositionEnd",
    "PositionExit",
    "PositionLevel",
    "PositionLevels",
    "PositionReduction",
    "PremiumIndex",
]


class Contract(StrEnum):
    """In what a futures market settles."""

    LINEAR = "linear"
    """The quote asset."""
    INVERSE = "inverse"
    """The base asset."""


class MarginMode(StrEnum):
    """What stands for a position."""

    CROSS = "cross"
    """Everything that the account has."""
    ISOLATED = "isolated"
    """Its own margin."""


class PositionEnd(StrEnum):
    """How a position was closed."""

    LIQUIDATED = "liq"
    DELEVERAGED = "adl"
    SYSTEM = "sys"
    LIMIT = "limit"
    MARKET = "market"
    MARKET_CLOSE_ALL = "market_close_all"
    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"


class FuturesMarket(Market, frozen=True, kw_only=True):
    """A futures market and its rules. Sizes count base units."""

    contract: Contract | None = None
    """``None`` where the venue's word is new to us."""
    leverages: tuple[int, ...] = ()
    """Leverages that may be chosen, smallest first."""
    open_interest: Decimal | None = None
    """Base units held on either side; ``None`` where the venue does not tell."""
    delisted_at_ns: int = 0
    """When it closes, UTC; 0 if that is not planned."""


class FuturesTicker(Ticker, frozen=True, kw_only=True):
    """A futures market's last 24 hours. What the venue leaves out is ``None``, a time 0."""

    index_price: Decimal | None = None
    """Of the underlying spot markets."""
    mark_price: Decimal | None = None
    """What profit and margins are counted with."""
    open_interest: Decimal | None = None
    """Base units held on either side."""
    insurance_fund: Decimal | None = None
    """Over the stream only, as the next four are."""
    latest_funding_rate: Decimal | None = None
    """Paid at the latest funding; above zero by those who are long."""
    next_funding_rate: Decimal | None = None
    """As it stands now."""
    latest_funding_ns: int = 0
    """The venue's time of it, UTC."""
    next_funding_ns: int = 0
    """The venue's time of the next funding, UTC."""


class FuturesBalance(Balance, frozen=True, kw_only=True):
    """One asset of the futures account. ``locked`` is what open orders hold."""

    margin: Decimal
    """What positions hold."""
    transferable: Decimal | None = None
    """What may leave the account now."""
    unrealized_pnl: Decimal | None = None
    """Of the open positions, units of ``asset``."""
    equity: Decimal | None = None
    """Everything together at the mark price; ``None`` where the venue does not tell."""


class PositionExit(Struct, frozen=True, kw_only=True):
    """A take-profit or stop-loss of a position."""

    exit_id: str
    """The venue's id."""
    price: Decimal
    """Where it triggers."""
    price_type: TriggerPrice | None
    """Which price triggers it; ``None`` where the venue's word is new to us."""
    size: Decimal | None
    """Base units that it closes; ``None`` for the whole position."""
    created_at_ns: int = 0
    """The venue's time, UTC."""


class FuturesPosition(Position, frozen=True, kw_only=True):
    """A position. ``size`` is above zero when long, below when short, 0 once it is closed."""

    position_id: str
    """The venue's; a position that is opened again has another one."""
    margin_mode: MarginMode | None
    """``None`` where the venue's word is new to us."""
    leverage: int
    """Times the margin."""
    closable_size: Decimal
    """Base units that no open order is closing already."""
    created_at_ns: int
    """The venue's time, UTC."""
    entry_price: Decimal | None = None
    """As ``average_price``, of a closed one too."""
    venue_unrealized_pnl: Decimal | None = None
    """At the mark price when the venue wrote this; see ``unrealized_pnl`` for one of your own."""
    highest_size: Decimal | None = None
    """The most base units it ever had."""
    traded_notional: Decimal | None = None
    """Everything that was traded for it."""
    highest_notional: Decimal | None = None
    """The most it was ever worth, quote units."""
    take_profits: tuple[PositionExit, ...] = ()
    """What closes it with a profit."""
    stop_losses: tuple[PositionExit, ...] = ()
    """What closes it with a loss."""
    margin: Decimal | None = None
    """What it holds."""
    highest_margin: Decimal | None = None
    """The most margin it ever held."""
    margin_rate: Decimal | None = None
    """Its margin, of its value."""
    maintenance_margin_rate: Decimal | None = None
    """Of its value: below it the position is liquidated."""
    maintenance_margin: Decimal | None = None
    """Below it the position is liquidated."""
    liquidation_price: Decimal | None = None
    """``None`` where no price liquidates it."""
    bankruptcy_price: Decimal | None = None
    """At it the margin is used up, quote units per base unit."""
    adl_level: int = 0
    """How soon it is deleveraged, 1 to 5 (soonest)."""
    settle_price: Decimal | None = None
    """What its unrealized profit is counted from."""
    settle_value: Decimal | None = None
    """Its value at ``settle_price``, quote units."""
    first_fill_price: Decimal | None = None
    """Over the stream only, as the next one is."""
    last_fill_price: Decimal | None = None
    """Of its latest fill, quote units per base unit."""
    event: str = ""
    """What a push says happened: ``update``, ``close``, ``sys_close``, ``adl``, ``liq``, or a word new to us."""
    ended_by: PositionEnd | None = None
    """How it was closed; of closed ones over REST only."""

    @property
    def side(self) -> Side | None:
        """``buy`` when long, ``sell`` when short, ``None`` when flat."""
        if not self.size:
            return None
        return Side.BUY if self.size > 0 else Side.SELL

    @property
    def is_open(self) -> bool:
        """There is something to close."""
        return bool(self.size)

    @property
    def absolute_size(self) -> Decimal:
        """Base units, whichever side."""
        return self.size.copy_abs()


class Leverage(Struct, frozen=True):
    """How a market's positions are held from now on."""

    margin_mode: MarginMode
    """Cross or isolated margin; ``None`` where the venue's word is new to us."""
    leverage: int
    """Times the margin."""


class PositionLevel(Struct, frozen=True, kw_only=True):
    """What positions up to a size need."""

    size: Decimal
    """Base units up to which this counts."""
    leverage: int
    """The most that may be chosen."""
    maintenance_margin_rate: Decimal
    """Of the value: below it a position of this level is liquidated."""
    min_initial_margin_rate: Decimal
    """Of the value: the least margin to open with."""


class PositionLevels(Struct, frozen=True):
    """What positions in a market need, smallest first."""

    market: str
    """The market, in the venue's spelling."""
    levels: tuple[PositionLevel, ...]
    """Smallest amount first."""


class FundingTerms(Struct, frozen=True, kw_only=True):
    """Funding of a market as it stands. A rate above zero is paid by those who are long."""

    market: str
    """The market, in the venue's spelling."""
    mark_price: Decimal
    """What positions are valued at, quote units per base unit."""
    latest_rate: Decimal
    """Paid at the latest funding."""
    next_rate: Decimal
    """To be paid at the next one, as it stands now."""
    max_rate: Decimal | None
    """Upper limit; ``None`` where the venue does not tell."""
    min_rate: Decimal | None
    """Lower limit; ``None`` where the venue does not tell."""
    latest_ns: int
    """The venue's time of the latest funding, UTC."""
    next_ns: int
    """The venue's time of the next funding, UTC."""


class FundingRate(Struct, frozen=True, kw_only=True):
    """What was paid at one funding."""

    market: str
    """The market, in the venue's spelling."""
    time_ns: int
    """The venue's time, UTC."""
    theoretical_rate: Decimal
    """Before limits."""
    rate: Decimal
    """As it was paid."""


class PremiumIndex(Struct, frozen=True, kw_only=True):
    """How far a market was from its index, of the index."""

    market: str
    """The market, in the venue's spelling."""
    time_ns: int
    """The venue's time, UTC."""
    value: Decimal
    """Of the index price."""


class IndexBasis(Struct, frozen=True, kw_only=True):
    """How far a market was from its index over a year, of the index."""

    market: str
    """The market, in the venue's spelling."""
    time_ns: int
    """The venue's time, UTC."""
    rate: Decimal
    """Of the index price, over a year."""


class Liquidation(Struct, frozen=True, kw_only=True):
    """A position of somebody's that was liquidated."""

    market: str
    """The market, in the venue's spelling."""
    side: Side
    """``buy`` if it was long."""
    price: Decimal
    """At which it was liquidated, quote units per base unit."""
    size: Decimal
    """Base units."""
    bankruptcy_price: Decimal
    """At it the margin is used up, quote units per base unit."""
    time_ns: int
    """The venue's time, UTC."""


class PositionChange(Struct, frozen=True, kw_only=True):
    """A change of a position's margin, or its settlement."""

    market: str
    """The market, in the venue's spelling."""
    position_id: str
    """The venue's id of the position."""
    margin_mode: MarginMode | None
    """Cross or isolated margin; ``None`` where the venue's word is new to us."""
    leverage: int
    """Times the margin."""
    size: Decimal | None
    """Base units at that time, whichever side."""
    margin: Decimal | None
    """What it held then."""
    margin_change: Decimal | None
    """What was added, below zero what was taken; ``None`` where the venue does not tell."""
    settle_price: Decimal | None
    """What its profit was counted from, quote units per base unit."""
    liquidation_price: Decimal | None
    """At it the position was liquidated from then on; ``None`` where there is none."""
    bankruptcy_price: Decimal | None
    """At it the margin is used up, quote units per base unit."""
    time_ns: int
    """The venue's time, UTC."""


class FundingPayment(Struct, frozen=True, kw_only=True):
    """What one funding took from a position, or gave it."""

    market: str
    """The market, in the venue's spelling."""
    position_id: str
    """The venue's id of the position."""
    asset: str
    """The asset, in the venue's spelling."""
    side: Side | None
    """``buy`` if it was long."""
    rate: Decimal
    """Of the position's value; above zero paid by those who are long."""
    amount: Decimal
    """Units of ``asset``, as the venue signs it."""
    margin_mode: MarginMode | None
    """``None``, as the next two, where the venue leaves it out."""
    size: Decimal | None
    """Base units."""
    settle_price: Decimal | None
    """What its profit was counted from, quote units per base unit."""
    time_ns: int
    """The venue's time, UTC."""


class PositionReduction(Struct, frozen=True, kw_only=True):
    """A trade by which the venue reduced a position to settle another's loss (auto-deleveraging)."""

    market: str
    """The market, in the venue's spelling."""
    position_id: str
    """The venue's id of the position."""
    order_id: str
    """The venue's id of the order that reduced it."""
    trade_id: str
    """The venue's id."""
    side: Side
    """``buy`` or ``sell``."""
    price: Decimal
    """Quote units per base unit."""
    size: Decimal
    """Base units."""
    time_ns: int
    """The venue's time, UTC."""
