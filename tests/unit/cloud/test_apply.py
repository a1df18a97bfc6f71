"""The fence's table: a cursor, a message, and what becomes of both."""

import pytest

from cloud.apply import Cursor, Decision, answer, decide, is_current
from edge.model import StockRow
from edge.wire import Answer, Delta, Hello, Outcome, Status, columns_of

CURSOR = Cursor(term=5, boot="b5", applied=10, at_ver=14, sweep_term=3)
ROWS = [StockRow(f"{ver:014d}", ver, {"floor": ver, "back": 0}, missing=1) for ver in (9, 11, 13)]


def hello(term: int, boot: str, *, snapshot: bool = False, after: int | None = None) -> Hello:
    return Hello("muc-01", term, boot, snapshot, after)


def delta(from_ver: int, to_ver: int, term: int = 5, boot: str = "b5", at_ver: int = 0) -> Delta:
    rows = [row for row in ROWS if from_ver < row.ver <= to_ver]
    columns = columns_of(rows)
    return Delta("muc-01", term, boot, from_ver, to_ver, **columns, at_ver=at_ver)


WELCOMES = {
    "the first of all": (None, hello(1, "b1"), Cursor(1, "b1", 0)),
    "the first of all, of a high term": (None, hello(9, "b9", after=8), Cursor(9, "b9", 0)),
    "the first of all, a snapshot": (
        None,
        hello(2, "b2", snapshot=True),
        Cursor(2, "b2", 0, sweep_term=2),
    ),
    "the next life": (CURSOR, hello(6, "b6", after=5), Cursor(6, "b6", 10, 14, 3)),
    "a life that does not know whom it follows": (
        CURSOR,
        hello(6, "b6"),
        Cursor(6, "b6", 10, 14, 3),
    ),
    "a life after some that were never heard": (
        CURSOR,
        hello(9, "b9", after=5),
        Cursor(9, "b9", 10, 14, 3),
    ),
    "a snapshot": (CURSOR, hello(6, "b6", snapshot=True), Cursor(6, "b6", 0, 0, 6)),
    "a snapshot, whomever it follows": (
        CURSOR,
        hello(6, "b6", snapshot=True, after=2),
        Cursor(6, "b6", 0, 0, 6),
    ),
}


@pytest.mark.parametrize(("cursor", "message", "after"), WELCOMES.values(), ids=WELCOMES)
def test_a_hello_that_raises_the_term_takes_the_documents_over(
    cursor: Cursor | None, message: Hello, after: Cursor
) -> None:
    assert decide(cursor, message) == Decision(Outcome.WELCOME, after, changed=True)


CHANGES_NOTHING = {
    "hello, again": (CURSOR, hello(5, "b5"), Outcome.WELCOME),
    "hello of the snapshot, again": (CURSOR, hello(5, "b5", snapshot=True), Outcome.WELCOME),
    "hello of another boot": (CURSOR, hello(5, "b6"), Outcome.TWIN),
    "hello of another boot with a snapshot": (
        CURSOR,
        hello(5, "b6", snapshot=True),
        Outcome.TWIN,
    ),
    "hello of an earlier term": (CURSOR, hello(4, "b4"), Outcome.STALE),
    "hello of an earlier term with a snapshot": (
        CURSOR,
        hello(4, "b5", snapshot=True),
        Outcome.STALE,
    ),
    "hello that follows an earlier term": (CURSOR, hello(6, "b6", after=4), Outcome.TWIN),
    "hello that follows a term the cloud has lost": (
        CURSOR,
        hello(9, "b9", after=8),
        Outcome.TWIN,
    ),
    "delta without a hello": (None, delta(0, 9), Outcome.STALE),
    "delta of an earlier term": (CURSOR, delta(10, 13, term=4), Outcome.STALE),
    "delta of a later term": (CURSOR, delta(10, 13, term=6), Outcome.STALE),
    "delta of another boot": (CURSOR, delta(10, 13, boot="b6"), Outcome.STALE),
    "delta that is applied": (CURSOR, delta(8, 10), Outcome.DUPLICATE),
    "delta from long ago": (CURSOR, delta(0, 9), Outcome.DUPLICATE),
    "delta that leaves one out": (CURSOR, delta(11, 13), Outcome.GAP),
}


@pytest.mark.parametrize(
    ("cursor", "message", "outcome"), CHANGES_NOTHING.values(), ids=CHANGES_NOTHING
)
def test_the_cursor_stays_and_nothing_is_written_after(
    cursor: Cursor | None, message: Hello | Delta, outcome: Outcome
) -> None:
    assert decide(cursor, message) == Decision(outcome, cursor)


def test_a_delta_that_follows_is_applied_to_its_end() -> None:
    decision = decide(CURSOR, delta(10, 13, at_ver=20))
    assert decision.outcome is Outcome.APPLIED
    assert decision.cursor == Cursor(5, "b5", 13, at_ver=20, sweep_term=3)
    assert decision.rows == ROWS[1:]


def test_of_a_delta_that_was_applied_in_part_only_the_rest_is() -> None:
    decision = decide(CURSOR, delta(8, 13))
    assert decision.rows == ROWS[1:]
    assert decision.cursor == Cursor(5, "b5", 13, at_ver=14, sweep_term=3)


def test_a_delta_without_word_of_its_file_was_read_no_earlier_than_its_end() -> None:
    cursor = decide(Cursor(5, "b5", 10), delta(10, 13)).cursor
    assert cursor is not None
    assert cursor.at_ver == 13


ANSWERS = {
    "with the cursor as it stands now": (
        CURSOR,
        delta(10, 13),
        Answer("muc-01", 5, "b5", Outcome.APPLIED, term=5, applied=13, at_ver=14),
    ),
    "with another life's cursor": (
        CURSOR,
        hello(4, "b4"),
        Answer("muc-01", 4, "b4", Outcome.STALE, term=5, applied=10, at_ver=14),
    ),
    "without a cursor": (
        None,
        delta(0, 9),
        Answer("muc-01", 5, "b5", Outcome.STALE, term=0, applied=0),
    ),
}


@pytest.mark.parametrize(("cursor", "message", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_whoever_spoke_is_answered(
    cursor: Cursor | None, message: Hello | Delta, expected: Answer
) -> None:
    assert answer(message, decide(cursor, message)) == expected


STATUSES = {
    "of the cursor's life": (CURSOR, 5, "b5", True),
    "of the cursor's boot, before it renewed its term": (CURSOR, 4, "b5", True),
    "of a life whose hello is still to come": (CURSOR, 6, "b6", True),
    "of a store never heard": (None, 1, "b1", True),
    "of an earlier life": (CURSOR, 4, "b4", False),
    "of a twin that was refused": (CURSOR, 5, "b6", False),
}


@pytest.mark.parametrize(("cursor", "term", "boot", "expected"), STATUSES.values(), ids=STATUSES)
def test_a_status_counts_unless_an_earlier_life_said_it(
    cursor: Cursor | None, term: int, boot: str, *, expected: bool
) -> None:
    status = Status("muc-01", term, boot, online=False)
    assert is_current(cursor, status) == expected
