"""The fence: a store's cursor and a message from below give what to write, and the answer.

Pure.  Whatever the broker loses, doubles or re-orders, a row is applied at most once and only for
the one life of the one agent whose hello was welcomed last:

| message | beside the cursor                       | outcome   | cursor after |
| ------- | --------------------------------------- | --------- | ------------ |
| hello   | no cursor                               | welcome   | of this life, applied 0 |
| hello   | term above                              | welcome   | of this life; of a snapshot, 0 |
| hello   | term above, but it follows another term | twin      | as it was |
| hello   | term above, from another device         | twin      | as it was, unless a takeover |
| hello   | term equal, boot equal                  | welcome   | as it was |
| hello   | term equal, boot another                | twin      | as it was |
| hello   | term below                              | stale     | as it was |
| delta   | no cursor, or term or boot another      | stale     | as it was |
| delta   | ends at or below what is applied        | duplicate | as it was |
| delta   | begins above what is applied            | gap       | as it was |
| delta   | else                                    | applied   | applied to its end |

Only a hello that raises the term sets `applied` back, so that a doubled first message of a snapshot
cannot; a decision counts only when its cursor is committed over the very one it was made from.

A snapshot writes all rows of a file anew, under its term or a later one.  When a delta reaches the
end of the file, what is left of earlier terms is nobody's: it is swept away, and the cursor knows
whether that is still to be done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edge.digest import ShardSum, sum_of
from edge.model import StockRow
from edge.wire import (
    Answer,
    DeadRow,
    Delta,
    Digest,
    Events,
    Hello,
    Outcome,
    Status,
    Upward,
    rows_of,
)
from edge.wire_counts import CountReport


@dataclass(frozen=True, slots=True)
class Cursor:
    """What the documents of one store hold, and of whom."""

    term: int
    boot: str
    applied: int  # every row with a ver up to here is in the documents
    at_ver: int = 0  # how far the file had come from which the last of them was read
    sweep_term: int = 0  # stock documents of a lower term are leftovers of before a snapshot
    ended_term: int = 0  # the same, when that snapshot has come to its end: sweep now
    swept_term: int = 0  # the same, when they are gone
    device: str = ""  # to which the documents belong; empty: to any
    device_name: str = ""

    @property
    def is_sweep_due(self) -> bool:
        return self.swept_term < self.sweep_term == self.ended_term


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a message.  Nothing is to be written unless `changed`."""

    outcome: Outcome
    cursor: Cursor | None  # as it stands once the decision is committed
    changed: bool = False
    rows: Sequence[StockRow] = ()
    dead: Sequence[DeadRow] = ()  # rows that will not come


def decide(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Hello):
        return _greet(cursor, message)
    return _apply(cursor, message)


def compare(
    cursor: Cursor | None, digest: Digest, held: Iterable[tuple[StockRow, int]]
) -> Decision:
    """Tell whether a shard's documents, each with its term, are what the file's rows sum up to.

    The cursor must have been the same before and after they were read.
    """
    if cursor is None or (digest.term, digest.boot) != (cursor.term, cursor.boot):
        return Decision(Outcome.STALE, cursor)
    if cursor.applied != digest.at_ver:
        return Decision(Outcome.UNCERTAIN, cursor)
    without = set(digest.without)
    rows = (row for row, term in held if term >= cursor.sweep_term and row.gtin not in without)
    is_same = sum_of(rows) == ShardSum(digest.rows, digest.sum)
    return Decision(Outcome.SAME if is_same else Outcome.DIFFERENT, cursor)


def note(cursor: Cursor | None, events: Events | CountReport) -> Decision:
    """Tell whether events, or a count's report, come from the life that the documents belong to."""
    is_ours = cursor is not None and (events.term, events.boot) == (cursor.term, cursor.boot)
    return Decision(Outcome.NOTED if is_ours else Outcome.STALE, cursor)


def swept(cursor: Cursor) -> Cursor:
    """Give the cursor once all leftovers of its snapshot are gone."""
    return replace(cursor, swept_term=cursor.sweep_term)


def answer(message: Upward | CountReport, decision: Decision, reason: str = "") -> Answer:
    """Say what became of a message; where there is no cursor, of term 0."""
    cursor = decision.cursor or Cursor(0, "", 0)
    return Answer(
        store=message.store,
        for_term=message.term,
        for_boot=message.boot,
        outcome=decision.outcome,
        term=cursor.term,
        applied=cursor.applied,
        at_ver=cursor.at_ver,
        for_number=0 if isinstance(message, Hello) else message.number,
        reason=reason,
        device=cursor.device,
        device_name=cursor.device_name,
    )


def is_current(cursor: Cursor | None, status: Status) -> bool:
    """Tell whether a status is of the life that the cursor knows, or of a later one.

    The last will of an earlier life comes when the broker gives up its link, which may be long
    after the next life has begun; and another device may call itself the same store.
    """
    if cursor is None or status.boot == cursor.boot:
        return True
    return status.term > cursor.term and not _is_foreign(cursor, status.device)


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
    if _is_foreign(cursor, hello.device) and not (hello.takeover and hello.snapshot):
        return Decision(Outcome.TWIN, cursor)
    return _welcome(hello, cursor)


def _is_foreign(cursor: Cursor, device: str) -> bool:
    return "" not in (cursor.device, device) and cursor.device != device


def _welcome(hello: Hello, before: Cursor) -> Decision:
    """Hand the documents over to a new life."""
    now = replace(before, term=hello.term, boot=hello.boot)
    if hello.device:
        now = replace(now, device=hello.device, device_name=hello.device_name)
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
    if delta.at_ver and delta.to_ver >= delta.at_ver:  # all that the file holds
        now = replace(now, ended_term=cursor.sweep_term)
    dead = [row for row in delta.dead if row.ver > cursor.applied]
    return Decision(Outcome.APPLIED, now, changed=True, rows=rows, dead=dead)
