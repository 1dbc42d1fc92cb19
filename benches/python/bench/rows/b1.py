"""B1: what do one update of a kept book and one look at its best levels cost, at three depths?"""

from bench.contenders.books import Best, BisectBook, BookMaker, DictBook, OurBook, SortedDictBook
from bench.ladder import Ladder, ladder
from bench.row import BEST, OURS, Contender, Lap, Row, Target

SORTED_DICT = "SortedDict"


def _lap(make: BookMaker, stream: Ladder) -> Lap:
    book = make()
    update, best = book.update, book.best
    for is_bid, price, size in stream.opening:
        update(is_bid, price, size)

    def run() -> None:
        for is_bid, price, size in stream.updates:
            update(is_bid, price, size)
            best()

    def answer() -> list[Best]:
        answers = []
        for is_bid, price, size in stream.updates:
            update(is_bid, price, size)
            answers.append(best())
        return answers

    return Lap(run, answer)


def _expected(stream: Ladder) -> list[Best]:
    sides: dict[bool, dict[int, int]] = {True: {}, False: {}}
    answers = []
    for number, (is_bid, price, size) in enumerate(stream.opening + stream.updates):
        sides[is_bid][price] = size
        if not size:
            del sides[is_bid][price]
        if number >= len(stream.opening):
            bid, ask = max(sides[True]), min(sides[False])
            answers.append((bid, sides[True][bid], ask, sides[False][ask]))
    return answers


def _row(depth: int, best: Target) -> Row:
    stream = ladder(depth)

    def contender(name: str, make: BookMaker, *packages: str) -> Contender:
        return Contender(name, lambda: _lap(make, stream), packages)

    return Row(
        f"B1/{depth}",
        f"L2 book of {depth} levels a side: one update, then best bid and ask",
        len(stream.updates),
        (
            contender(OURS, OurBook),
            contender(SORTED_DICT, SortedDictBook, "sortedcontainers"),
            contender("dict + best kept", DictBook),
            contender("lists + bisect", BisectBook),
        ),
        (Target(SORTED_DICT, 9.0, 6.0), best),
        lambda: _expected(stream),
    )


ROWS = (
    _row(20, Target(BEST, 1.9, 1.4)),
    _row(100, Target(BEST, 2.5, 1.35)),
    _row(1000, Target(BEST, 2.9, 2.2)),
)
