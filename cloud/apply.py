"""The fence: a store's cursor and a message from below give what to write, and the answer.

Pure.  Whatever the broker loses, doubles or re-orders, a row is applied at most once and only for
the one life of the one agent whose hello was welcomed last:

| message | beside the cursor                       | outcome   | cursor after |
| ------- | --------------------------------------- | --------- | ------------ |
| hello   | no cursor                               | welcome   | of this life, applied 0 |
| hello   | term above                              | welcome   | of this life; of a snapshot, 0 |
| hello   | term above, but it follows another term | twin      | as it was |
| hello   | term equal, boot equal                  | welcome   | as it was |
| hello   | term equal, boot another                | twin      | as it was |
| hello   | term below                              | stale     | as it was |
| delta   | no cursor, or term or boot another      | stale     | as it was |
| delta   | ends at or below what is applied        | duplicate | as it was |
| delta   | begins above what is applied            | gap       | as it was |
| delta   | else                                    | applied   | applied to its end |

Only a hello that raises the term sets `applied` back, so that a doubled first message of a snapshot
cannot; a decision counts only when its cursor is committed over the very one it was made from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.model import StockRow
from edge.wire import Answer, Delta, Hello, Outcome, Status, rows_of


@dataclass(frozen=True, slots=True)
class Cursor:
    """What the documents of one store hold, and of whom."""

    term: int
    boot: str
    applied: int  # every row with a ver up to here is in the documents
    at_ver: int = 0  # how far the file had come from which the last of them was read
    sweep_term: int = 0  # stock documents of a lower term are leftovers of before a snapshot


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a message.  Nothing is to be written unless `changed`."""

    outcome: Outcome
    cursor: Cursor | None  # as it stands once the decision is committed
    changed: bool = False
    rows: Sequence[StockRow] = ()


def decide(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Hello):
        return _greet(cursor, message)
    return _apply(cursor, message)


def answer(message: Hello | Delta, decision: Decision) -> Answer:
    """Say what became of a message; where there is no cursor, of term 0."""
    cursor = decision.cursor
    return Answer(
        store=message.store,
        for_term=message.term,
        for_boot=message.boot,
        outcome=decision.outcome,
        term=cursor.term if cursor else 0,
        applied=cursor.applied if cursor else 0,
        at_ver=cursor.at_ver if cursor else 0,
    )


def is_current(cursor: Cursor | None, status: Status) -> bool:
    """Tell whether a status is of the life that the cursor knows, or of a later one.

    The last will of an earlier life comes when the broker gives up its link, which may be long
    after the next life has begun.
    """
    return cursor is None or status.boot == cursor.boot or status.term > cursor.term


def _greet(cursor: Cursor | None, hello: Hello) -> Decision:
    if cursor is None:
        return _welcome(hello, Cursor(0, "", 0))
    if hello.term < cursor.term:
        return Decision(Outcome.STALE, cursor)
    if hello.term == cursor.term:
        same = hello.boot == cursor.boot
        return Decision(Outcome.WELCOME if same else Outcome.TWIN, cursor)
    if not hello.snapshot and hello.after not in (None, cursor.term):
        return Decision(Outcome.TWIN, cursor)
    return _welcome(hello, cursor)


def _welcome(hello: Hello, before: Cursor) -> Decision:
    """Hand the documents over to a new life."""
    now = replace(before, term=hello.term, boot=hello.boot)
    if hello.snapshot:
        now = replace(now, applied=0, at_ver=0, sweep_term=hello.term)
    return Decision(Outcome.WELCOME, now, changed=True)


def _apply(cursor: Cursor | None, delta: Delta) -> Decision:
    if cursor is None or (delta.term, delta.boot) != (cursor.term, cursor.boot):
        return Decision(Outcome.STALE, cursor)
    if delta.to_ver <= cursor.applied:
        return Decision(Outcome.DUPLICATE, cursor)
    if delta.from_ver > cursor.applied:
        return Decision(Outcome.GAP, cursor)
    rows = [row for row in rows_of(delta) if row.ver > cursor.applied]
    at_ver = max(cursor.at_ver, delta.to_ver, delta.at_ver)
    now = replace(cursor, applied=delta.to_ver, at_ver=at_ver)
    return Decision(Outcome.APPLIED, now, changed=True, rows=rows)
