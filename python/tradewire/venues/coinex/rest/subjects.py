"""The subjects of CoinEx's documentation that are loaded when first used; tests compare the names with the classes.

What asks for prices and sends single orders is loaded with the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewire.session.later import later

__all__ = ["Assets", "Futures", "Rarer"]

if TYPE_CHECKING:
    from tradewire.venues.coinex.rest.account import Account
    from tradewire.venues.coinex.rest.amm import Amm
    from tradewire.venues.coinex.rest.balance import Balances
    from tradewire.venues.coinex.rest.batches import Batches
    from tradewire.venues.coinex.rest.candles import Candles
    from tradewire.venues.coinex.rest.deals import Deals
    from tradewire.venues.coinex.rest.deposits import Deposits
    from tradewire.venues.coinex.rest.futures_balance import FuturesBalances
    from tradewire.venues.coinex.rest.futures_market import FuturesMarketData
    from tradewire.venues.coinex.rest.index import IndexPrices
    from tradewire.venues.coinex.rest.loans import Loans
    from tradewire.venues.coinex.rest.position_exits import PositionExits
    from tradewire.venues.coinex.rest.position_history import PositionHistory
    from tradewire.venues.coinex.rest.positions import Positions
    from tradewire.venues.coinex.rest.refer import Referrals
    from tradewire.venues.coinex.rest.sub_keys import SubKeys
    from tradewire.venues.coinex.rest.subs import SubAccounts
    from tradewire.venues.coinex.rest.transfers import Transfers
    from tradewire.venues.coinex.rest.withdrawals import Withdrawals

    class Rarer(Batches, Deals, Candles, IndexPrices):
        """What both products have: stop orders, batches, fills, candles and indices."""

    class Assets(
        Account, Balances, Transfers, Loans, Deposits, Withdrawals, Amm, SubAccounts, SubKeys, Referrals
    ):
        """What only spot has: settings, balances, transfers, loans, chains, pools, sub-accounts and referees."""

    class Futures(FuturesMarketData, FuturesBalances, Positions, PositionExits, PositionHistory):
        """What only futures has: funding, positions and what became of them."""

else:
    Rarer = later(
        __package__,
        {
            "stop_orders.StopOrders": (
                "place_stop_order amend_stop_order cancel_stop_order cancel_stop_orders_by_client_order_id "
                "open_stop_orders closed_stop_orders all_closed_stop_orders stop_request _check_prices"
            ),
            "batches.Batches": (
                "place_orders send_orders amend_orders cancel_orders orders place_stop_orders "
                "cancel_stop_orders _order_of _stop_order_of _placed_together _send_together _read "
                "_amendment_of _amended _heard _send"
            ),
            "deals.Deals": "fills iter_fills order_fills",
            "candles.Candles": "candles latest_candles _price_type _every _ask",
            "index.IndexPrices": "index_prices",
        },
    )

    Assets = later(
        __package__,
        {
            "account.Account": (
                "maintenance account_info fee_rate set_fee_discount futures_settings set_futures_settings"
            ),
            "balance.Balances": (
                "balances margin_balances financial_balances amm_stakes credit_info transactions "
                "all_transactions"
            ),
            "transfers.Transfers": "transfer transfers all_transfers",
            "loans.Loans": "borrow repay loans all_loans borrow_limit",
            "deposits.Deposits": (
                "deposit_address renew_deposit_address deposits all_deposits asset_config asset_configs "
                "assets"
            ),
            "withdrawals.Withdrawals": "withdraw cancel_withdrawal withdrawals all_withdrawals",
            "amm.Amm": "add_liquidity remove_liquidity amm_pools amm_incomes all_amm_incomes",
            "subs.SubAccounts": (
                "create_sub subs all_subs sub_info freeze_sub unfreeze_sub sub_balances sub_spot_balances "
                "sub_transfer sub_transfers all_sub_transfers"
            ),
            "sub_keys.SubKeys": "create_sub_key sub_keys all_sub_keys sub_key edit_sub_key delete_sub_key",
            "refer.Referrals": (
                "referees rebates all_rebates rebate_details all_rebate_details agent_referees "
                "agent_rebates all_agent_rebates agent_rebate_details all_agent_rebate_details"
            ),
        },
    )

    Futures = later(
        __package__,
        {
            "futures_market.FuturesMarketData": (
                "funding_terms funding_rates all_funding_rates premium_history all_premium_history "
                "watch_premium basis_history position_levels liquidations all_liquidations"
            ),
            "futures_balance.FuturesBalances": "balances",
            "positions.Positions": (
                "positions position check_positions _closed closed_positions all_closed_positions "
                "close_position adjust_position_margin adjust_position_leverage watch_positions"
            ),
            "position_exits.PositionExits": (
                "set_take_profit set_stop_loss amend_take_profit amend_stop_loss cancel_take_profit "
                "cancel_stop_loss"
            ),
            "position_history.PositionHistory": (
                "position_margins all_position_margins position_funding all_position_funding "
                "position_reductions all_position_reductions position_settlements all_position_settlements"
            ),
        },
    )
