"""B3: what do one event of an order-by-order book of 2,000 live orders and one look at its best levels cost?"""

from functools import cache

from bench import truth
from bench.contenders.queues import DictQueueBook, OurQueueBook, QueueBookMaker, SortedQueueBook, open_book
from bench.order_flow import ADDED, LIVE_ORDERS, TRADE, UPDATED, Event, order_flow
from bench.row import BEST, OURS, Contender, Lap, Row, Target

SORTED_DICT = "SortedDict"

FLOW = order_flow()
CHANGES: tuple[Event, ...] = tuple(event for event in FLOW.events if event[0] != TRADE)


def _lap(make: QueueBookMaker) -> Lap:
    book = make()
    open_book(book, FLOW.opening)
    add, update, remove, best = book.add, book.update, book.remove, book.best

    def run() -> None:
        for kind, (order_id, side, price, remaining) in CHANGES:
            if kind == ADDED:
                add(order_id, side, price, remaining)
            elif kind == UPDATED:
                update(order_id, remaining)
            else:
                remove(order_id)
            best()

    def answer() -> list[object]:
        answers: list[object] = []
        for kind, (order_id, side, price, remaining) in CHANGES:
            if kind == ADDED:
                add(order_id, side, price, remaining)
            elif kind == UPDATED:
                update(order_id, remaining)
            else:
                remove(order_id)
            answers.append(best())
        return [*answers, book.orders("buy"), book.orders("sell")]

    return Lap(run, answer)


@cache
def _expected() -> list[object]:
    return truth.queues(FLOW.opening, CHANGES)


def _contender(name: str, make: QueueBookMaker, *packages: str) -> Contender:
    return Contender(name, lambda: _lap(make), packages)


ROWS = (
    Row(
        "B3",
        f"L3 book of {LIVE_ORDERS} live orders: one event, then best bid and ask",
        len(CHANGES),
        (
            _contender(OURS, OurQueueBook),
            _contender(SORTED_DICT, SortedQueueBook, "sortedcontainers"),
            _contender("dicts + best kept", DictQueueBook),
        ),
        (Target(SORTED_DICT, 7.5, 3.6), Target(BEST, 2.8, 1.7)),
        _expected,
    ),
)
