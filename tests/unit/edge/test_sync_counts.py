"""What is told of count sessions, when, and what is told once more."""

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from edge.count_views import wire_header, wire_rows
from edge.counts import Basis, CountState
from edge.sync.count_telling import AGAIN_MAX_S, AGAIN_S, LOOK_S, CountNews, CountTelling
from edge.wire_counts import (
    MAX_LINES,
    MAX_SERIALS,
    CountHeader,
    CountNoted,
    CountOrder,
    CountRow,
    parts_of,
)
from tests.support.counting import CountedStore
from tests.support.engine import GTIN

HEAD = CountHeader("c", 3, CountState.CLOSED, ["floor"], ["hand"], Basis.STATE, "api", 1, parts=2)
ROWS = [[CountRow(GTIN, 1, 1, 0, 0)], [CountRow(GTIN, 1, 0, 1, 0, ["7"])]]


def telling() -> CountTelling:
    return CountTelling(lambda: 0.0)


def noted(part: int, rev: int = 3, count: str = "c") -> CountNoted:
    return CountNoted("muc-01", 1, "b", count, rev, part)


def test_lines_are_told_before_the_head() -> None:
    one = telling()
    one.begin(CountNews(HEAD, ROWS), 0.0)
    told, done = [], None
    for part in (1, 2, 0):
        saying = one.due(0.0)
        assert saying is not None
        told.append((saying.part, list(saying.lines)))
        done = one.heard(noted(part), 0.0)
    assert told == [(1, ROWS[0]), (2, ROWS[1]), (0, [])]
    assert done == HEAD


def test_what_is_not_noted_is_said_again_ever_more_slowly() -> None:
    one = telling()
    one.begin(CountNews(HEAD, []), 0.0)
    said, now_s = [], 0.0
    while now_s < 2000:
        if one.due(now_s):
            said.append(now_s)
        now_s += 1
    gaps = [after - before for before, after in pairwise(said)]
    assert gaps[:3] == [AGAIN_S, 2 * AGAIN_S, 4 * AGAIN_S]
    assert gaps[-1] == AGAIN_MAX_S


LATE: dict[str, CountNoted] = {
    "of an older rev": noted(0, rev=2),
    "of another count": noted(0, count="d"),
    "of a part that was not said": noted(2),
}


@pytest.mark.parametrize("answer", LATE.values(), ids=LATE)
def test_an_answer_to_something_else_ends_nothing(answer: CountNoted) -> None:
    one = telling()
    one.begin(CountNews(HEAD, []), 0.0)
    one.due(0.0)
    assert one.heard(answer, 0.0) is None
    assert one.due(AGAIN_S) is not None


def test_the_file_is_asked_for_news_now_and_then() -> None:
    one = telling()
    assert one.is_looking(0.0)
    one.begin(None, 0.0)
    assert not one.is_looking(LOOK_S - 0.1)
    assert one.is_looking(LOOK_S)


def test_after_a_break_all_is_told_anew() -> None:
    one = telling()
    one.begin(CountNews(HEAD, ROWS), 0.0)
    one.due(0.0)
    one.heard(noted(1), 0.0)
    one.forget()
    assert one.is_looking(0.0)


PARTS: dict[str, tuple[list[CountRow], list[int]]] = {
    "none": ([], []),
    "few": ([CountRow(GTIN, 1, 1, 0, 0)] * 3, [3]),
    "more than fit": ([CountRow(GTIN, 1, 1, 0, 0)] * (MAX_LINES + 1), [MAX_LINES, 1]),
    "many serials": ([CountRow(GTIN, 900, 0, 900, 0, ["1"] * 900)] * 3, [2, 1]),
}


@pytest.mark.parametrize(("rows", "sizes"), PARTS.values(), ids=PARTS)
def test_lines_go_in_parts_of_bounded_size(rows: list[CountRow], sizes: list[int]) -> None:
    parts = parts_of(rows)
    assert [len(part) for part in parts] == sizes
    assert [row for part in parts for row in part] == rows


def test_a_line_of_too_many_serials_is_cut_and_keeps_its_numbers() -> None:
    many = [str(number) for number in range(MAX_SERIALS + 5)]
    [[row]] = parts_of([CountRow(GTIN, len(many), 0, len(many), 0, many)])
    assert (len(row.missing_serials), row.missing) == (MAX_SERIALS, MAX_SERIALS + 5)


def test_the_file_tells_a_count_until_it_is_known(tmp_path: Path) -> None:
    store = CountedStore(tmp_path / "store.db", floor=[1, 2])
    count = store.desk.open(CountOrder(zones=["floor"]), "api")
    store.press(1, 9)
    head = store.counts.untold()
    assert head is not None
    assert head.plan.id == count
    store.counts.set_told(count, head.rev)
    assert store.counts.untold() is None
    store.desk.close(count, "api")
    head = store.counts.untold()
    assert head is not None
    header = wire_header(head, store.counts.presses(count), 1)
    assert (header.state, header.found, header.presses) == (CountState.CLOSED, 2, 1)
    assert wire_rows(store.counts, count) == [CountRow(GTIN, 2, 2, 1, 1, ["2"], ["9"])]
    assert msgspec.json.decode(msgspec.json.encode(header), type=CountHeader) == header
    store.db.close()
