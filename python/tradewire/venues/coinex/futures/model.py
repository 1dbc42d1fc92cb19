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
    mark_price: Decimal | None = None
    """What profit and margins are counted with."""
    open_interest: Decimal | None = None
    """Base units held on either side."""
    insurance_fund: Decimal | None = None
    """Over the stream only, as the next four are."""
    latest_funding_rate: Decimal | None = None
    next_funding_rate: Decimal | None = None
    """As it stands now."""
    latest_funding_ns: int = 0
    next_funding_ns: int = 0


class FuturesBalance(Balance, frozen=True, kw_only=True):
    """One asset of the futures account. ``locked`` is what open orders hold."""

    margin: Decimal
    """What positions hold."""
    transferable: Decimal | None = None
    """What may leave the account now."""
    unrealized_pnl: Decimal | None = None
    equity: Decimal | None = None
    """Everything together at the mark price; ``None`` where the venue does not tell."""


class PositionExit(Struct, frozen=True, kw_only=True):
    """A take-profit or stop-loss of a position."""

    exit_id: str
    price: Decimal
    """Where it triggers."""
    price_type: TriggerPrice | None
    """Which price triggers it; ``None`` where the venue's word is new to us."""
    size: Decimal | None
    """Base units that it closes; ``None`` for the whole position."""
    created_at_ns: int = 0


class FuturesPosition(Position, frozen=True, kw_only=True):
    """A position. ``size`` is above zero when long, below when short, 0 once it is closed."""

    position_id: str
    """The venue's; a position that is opened again has another one."""
    margin_mode: MarginMode | None
    """``None`` where the venue's word is new to us."""
    leverage: int
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
    take_profits: tuple[PositionExit, ...] = ()
    stop_losses: tuple[PositionExit, ...] = ()
    margin: Decimal | None = None
    """What it holds."""
    highest_margin: Decimal | None = None
    margin_rate: Decimal | None = None
    """Its margin, of its value."""
    maintenance_margin_rate: Decimal | None = None
    maintenance_margin: Decimal | None = None
    """Below it the position is liquidated."""
    liquidation_price: Decimal | None = None
    """``None`` where no price liquidates it."""
    bankruptcy_price: Decimal | None = None
    adl_level: int = 0
    """How soon it is deleveraged, 1 to 5 (soonest)."""
    settle_price: Decimal | None = None
    """What its unrealized profit is counted from."""
    settle_value: Decimal | None = None
    first_fill_price: Decimal | None = None
    """Over the stream only, as the next one is."""
    last_fill_price: Decimal | None = None
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
    leverage: int


class PositionLevel(Struct, frozen=True, kw_only=True):
    """What positions up to a size need."""

    size: Decimal
    """Base units up to which this counts."""
    leverage: int
    """The most that may be chosen."""
    maintenance_margin_rate: Decimal
    min_initial_margin_rate: Decimal


class PositionLevels(Struct, frozen=True):
    """What positions in a market need, smallest first."""

    market: str
    levels: tuple[PositionLevel, ...]


class FundingTerms(Struct, frozen=True, kw_only=True):
    """Funding of a market as it stands. A rate above zero is paid by those who are long."""

    market: str
    mark_price: Decimal
    latest_rate: Decimal
    next_rate: Decimal
    max_rate: Decimal | None
    min_rate: Decimal | None
    latest_ns: int
    next_ns: int


class FundingRate(Struct, frozen=True, kw_only=True):
    """What was paid at one funding."""

    market: str
    time_ns: int
    theoretical_rate: Decimal
    """Before limits."""
    rate: Decimal
    """As it was paid."""


class PremiumIndex(Struct, frozen=True, kw_only=True):
    """How far a market was from its index, of the index."""

    market: str
    time_ns: int
    value: Decimal


class IndexBasis(Struct, frozen=True, kw_only=True):
    """How far a market was from its index over a year, of the index."""

    market: str
    time_ns: int
    rate: Decimal


class Liquidation(Struct, frozen=True, kw_only=True):
    """A position of somebody's that was liquidated."""

    market: str
    side: Side
    """``buy`` if it was long."""
    price: Decimal
    size: Decimal
    bankruptcy_price: Decimal
    time_ns: int


class PositionChange(Struct, frozen=True, kw_only=True):
    """A change of a position's margin, or its settlement."""

    market: str
    position_id: str
    margin_mode: MarginMode | None
    leverage: int
    size: Decimal | None
    """Base units at that time, whichever side."""
    margin: Decimal | None
    """What it held then."""
    margin_change: Decimal | None
    settle_price: Decimal | None
    liquidation_price: Decimal | None
    bankruptcy_price: Decimal | None
    time_ns: int


class FundingPayment(Struct, frozen=True, kw_only=True):
    """What one funding took from a position, or gave it."""

    market: str
    position_id: str
    asset: str
    side: Side | None
    """``buy`` if it was long."""
    rate: Decimal
    amount: Decimal
    """Units of ``asset``, as the venue signs it."""
    margin_mode: MarginMode | None
    """``None``, as the next two, where the venue leaves it out."""
    size: Decimal | None
    settle_price: Decimal | None
    time_ns: int


class PositionReduction(Struct, frozen=True, kw_only=True):
    """A trade by which the venue reduced a position to settle another's loss (auto-deleveraging)."""

    market: str
    position_id: str
    order_id: str
    trade_id: str
    side: Side
    price: Decimal
    size: Decimal
    time_ns: int
