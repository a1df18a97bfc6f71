"""Count sessions, their lines (a SKU each) and their items.

A line always says what the items of its session say, as both change together; `record` belongs in
one transaction with the events that a session's approval has made.  Sessions beyond the newest KEPT
go, with all that is theirs, unless they run or wait for a person's word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import msgspec

from edge.counts import (
    Applied,
    Basis,
    CountedItem,
    CountLine,
    CountPlan,
    CountState,
    CountTotals,
)
from edge.engine.count_changes import CountChange, CountEnded, CountFound, CountOpened
from edge.storage.database import Database, Row

KEPT = 200

_OPEN = """
    INSERT INTO counts (id, state, zones, readers, basis, opened_by, opened_at_us, idle_s)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_ADD_ITEM = """
    INSERT INTO count_items (count, gtin, serial, is_expected, was_here, found_at_us)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_ADD_LINE = """
    INSERT INTO count_lines (count, gtin, expected, found, missing, unexpected)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_FIND = """
    INSERT INTO count_items
        (count, gtin, serial, is_expected, was_here, found_at_us, pressed_at_us)
    SELECT number, ?, ?, ?, 0, ?, ? FROM counts WHERE id = ?
    ON CONFLICT DO UPDATE SET
        is_expected = excluded.is_expected,
        found_at_us = excluded.found_at_us,
        pressed_at_us = excluded.pressed_at_us
"""
_FIND_LINE = """
    INSERT INTO count_lines (count, gtin, expected, found, missing, unexpected)
    SELECT number, ?, 0, 0, 0, 0 FROM counts WHERE id = ? ON CONFLICT DO NOTHING
"""
_COUNT_LINE = """
    UPDATE count_lines SET found = found + 1, missing = missing - ?, unexpected = unexpected + ?
    WHERE gtin = ? AND count = (SELECT number FROM counts WHERE id = ?)
"""
_CLOSE = "UPDATE counts SET state = ?, closed_at_us = ?, closed_by = ? WHERE id = ?"
_DECIDE = """
    UPDATE counts SET state = ?, decided_at_us = ?, decided_by = ?, applied = ?,
        closed_at_us = coalesce(closed_at_us, ?), closed_by = iif(closed_by = '', ?, closed_by)
    WHERE id = ?
"""
_TOUCH = "UPDATE counts SET rev = rev + 1 WHERE id = ?"
_REFUSE = """
    INSERT INTO counts (id, state, zones, readers, basis, opened_by, opened_at_us, idle_s,
        closed_at_us, note)
    VALUES (?, 'refused', ?, '[]', ?, ?, ?, 0, ?, ?) ON CONFLICT DO NOTHING
"""
_HEADS = """
    SELECT counts.id, state, zones, readers, basis, opened_by, opened_at_us, idle_s, closed_by,
        closed_at_us, decided_by, decided_at_us, applied, note, rev,
        coalesce(sum(expected), 0), coalesce(sum(found), 0), coalesce(sum(missing), 0),
        coalesce(sum(unexpected), 0), count(gtin),
        coalesce(sum(missing = 0 AND unexpected = 0), 0)
    FROM counts LEFT JOIN count_lines ON count = number {where} GROUP BY number
    ORDER BY number DESC LIMIT ?
"""
_LINES = """
    SELECT gtin, expected, found, missing, unexpected
    FROM count_lines JOIN counts ON number = count WHERE id = ? ORDER BY gtin
"""
_ITEMS = """
    SELECT gtin, serial, is_expected, was_here, found_at_us
    FROM count_items JOIN counts ON number = count WHERE id = ? {where} ORDER BY gtin, serial
"""
_DIFFERENT = "AND is_expected = (found_at_us IS NULL)"
_PRESSES = """
    SELECT count(DISTINCT pressed_at_us) FROM count_items JOIN counts ON number = count
    WHERE id = ? AND pressed_at_us > 0
"""
_PRUNE = """
    DELETE FROM counts WHERE state NOT IN ('running', 'closed') AND number NOT IN (
        SELECT number FROM counts ORDER BY number DESC LIMIT ?
    )
"""
_ORPHANS = "DELETE FROM {table} WHERE count NOT IN (SELECT number FROM counts)"
_WAITING = """
    SELECT state, count(*) FROM counts WHERE state IN ('running', 'closed')
    GROUP BY state ORDER BY state DESC
"""
_UNTOLD = "SELECT id FROM counts WHERE rev > told ORDER BY number LIMIT 1"
_SET_TOLD = "UPDATE counts SET told = max(told, ?) WHERE id = ?"

Texts: TypeAlias = list[str]


@dataclass(frozen=True, slots=True)
class CountHead:
    """A session without its lines.  `note`: why an order could not be followed."""

    plan: CountPlan
    state: CountState
    closed_by: str
    closed_at_us: int | None
    decided_by: str
    decided_at_us: int | None
    applied: Applied
    note: str
    rev: int
    totals: CountTotals


@dataclass(frozen=True, slots=True)
class Differences:
    """The items that make a session's lines differ, of one GTIN, by serial.

    Of a list of quantities nobody knows which items are missing.
    """

    missing: Sequence[str] = ()
    unexpected: Sequence[str] = ()


class Counts:
    def __init__(self, db: Database, kept: int = KEPT) -> None:
        self._db, self._kept = db, kept

    # Written by the engine's thread.

    def record(self, changes: Sequence[CountChange]) -> None:
        """Write what became of sessions, in order; each once."""
        if not changes:
            return
        with self._db.atomic():
            for kind, run in groupby(changes, type):
                if kind is CountFound:
                    self._find([change for change in run if isinstance(change, CountFound)])
                else:
                    for change in run:
                        self._open_or_end(change)

    def add(self, opened: CountOpened, lines: Iterable[CountLine], closed_at_us: int) -> None:
        """Write a session that was made elsewhere, with its lines, to wait for a person's word."""
        plan = opened.plan
        with self._db.atomic():
            self._open(opened)
            self._open_or_end(CountEnded(plan.id, CountState.CLOSED, closed_at_us, plan.opened_by))
            number = self._number(opened.plan.id)
            self._db.execute("DELETE FROM count_lines WHERE count = ?", [number])
            self._db.write(_ADD_LINE, [(number, *msgspec.structs.astuple(line)) for line in lines])

    def refuse(self, plan: CountPlan, reason: str) -> None:
        """Note an order that cannot be followed, for whoever gave it."""
        at_us = plan.opened_at_us
        facts = [plan.id, _text(plan.zones), plan.basis.value, plan.opened_by, at_us, at_us, reason]
        with self._db.atomic():
            self._db.execute(_REFUSE, facts)

    def set_told(self, count: str, rev: int) -> None:
        """Note that head office knows a session as it was at this rev."""
        with self._db.atomic():
            self._db.execute(_SET_TOLD, [rev, count])

    # Read by anybody.

    def head(self, count: str) -> CountHead | None:
        found = self._db.rows(_HEADS.format(where="WHERE id = ?"), (count, 1))
        return _head(found[0]) if found else None

    def heads(self, limit: int, state: CountState | None = None) -> list[CountHead]:
        """Give the newest sessions, newest first."""
        if state is None:
            return [_head(row) for row in self._db.rows(_HEADS.format(where=""), (limit,))]
        rows = self._db.rows(_HEADS.format(where="WHERE state = ?"), (state.value, limit))
        return [_head(row) for row in rows]

    def lines(self, count: str) -> list[CountLine]:
        return [CountLine(*row) for row in self._db.rows(_LINES, (count,))]

    def items(self, count: str) -> list[CountedItem]:
        return [_item(row) for row in self._db.rows(_ITEMS.format(where=""), (count,))]

    def differences(self, count: str) -> dict[str, Differences]:
        """Give the items that were missing or not expected, by GTIN."""
        found: dict[str, tuple[Texts, Texts]] = {}
        for row in self._db.rows(_ITEMS.format(where=_DIFFERENT), (count,)):
            item = _item(row)
            missing, unexpected = found.setdefault(item.gtin, ([], []))
            (missing if item.found_at_us is None else unexpected).append(item.serial)
        return {gtin: Differences(*serials) for gtin, serials in found.items()}

    def presses(self, count: str) -> int:
        """Give how many presses of a trigger have found something new."""
        [(presses,)] = self._db.rows(_PRESSES, (count,))
        return int(presses)

    def waiting(self) -> dict[str, int]:
        """Give how many sessions run, or wait for a person's word, by their state."""
        return {str(state): int(number) for state, number in self._db.rows(_WAITING)}

    def untold(self) -> CountHead | None:
        """Give the oldest session that head office does not know as it is."""
        found = self._db.rows(_UNTOLD)
        return self.head(found[0][0]) if found else None

    # The steps.

    def _open_or_end(self, change: CountChange) -> None:
        match change:
            case CountOpened():
                self._open(change)
            case CountEnded(count, CountState.CLOSED, at_us, by):
                self._db.execute(_CLOSE, [CountState.CLOSED.value, at_us, by, count])
                self._db.execute(_TOUCH, [count])
            case CountEnded(count, state, at_us, by, applied):
                told = msgspec.json.encode(applied or Applied()).decode()
                self._db.execute(_DECIDE, [state.value, at_us, by, told, at_us, by, count])
                self._db.execute(_TOUCH, [count])

    def _open(self, opened: CountOpened) -> None:
        plan = opened.plan
        facts = (_text(plan.zones), _text(plan.readers), plan.basis.value, plan.opened_by)
        self._db.execute(
            _OPEN, [plan.id, CountState.RUNNING.value, *facts, plan.opened_at_us, plan.idle_s]
        )
        number = self._number(plan.id)
        items = opened.items
        self._db.write(
            _ADD_ITEM,
            [(number, i.gtin, i.serial, i.is_expected, i.was_here, i.found_at_us) for i in items],
        )
        lines = ((number, gtin, n, 0, n, 0) for gtin, n in opened.quantities.items())
        self._db.write(_ADD_LINE, lines)
        self.prune()

    def _find(self, found: Sequence[CountFound]) -> None:
        self._db.write(
            _FIND,
            [(f.gtin, f.serial, f.is_expected, f.at_us, f.pressed_at_us, f.count) for f in found],
        )
        self._db.write(_FIND_LINE, {(f.gtin, f.count) for f in found})
        self._db.write(
            _COUNT_LINE, [(f.is_expected, not f.is_expected, f.gtin, f.count) for f in found]
        )
        self._db.write(_TOUCH, {(f.count,) for f in found})

    def _number(self, count: str) -> int:
        [(number,)] = self._db.rows("SELECT number FROM counts WHERE id = ?", (count,))
        return int(number)

    def prune(self) -> None:
        """Let the oldest sessions go that nobody waits for."""
        if self._db.execute(_PRUNE, [self._kept]).rowcount:
            for table in ("count_lines", "count_items"):
                self._db.execute(_ORPHANS.format(table=table))


def _head(row: Row) -> CountHead:
    count, state, zones, readers, basis, opened_by, opened_at_us, idle_s, *rest = row
    closed_by, closed_at_us, decided_by, decided_at_us, applied, note, rev, *totals = rest
    plan = CountPlan(
        count, _texts(zones), _texts(readers), Basis(basis), opened_by, opened_at_us, idle_s
    )
    return CountHead(
        plan,
        CountState(state),
        closed_by,
        closed_at_us,
        decided_by,
        decided_at_us,
        msgspec.json.decode(applied, type=Applied),
        note,
        rev,
        CountTotals(*totals),
    )


def _item(row: Row) -> CountedItem:
    gtin, serial, is_expected, was_here, found_at_us = row
    return CountedItem(gtin, serial, bool(is_expected), bool(was_here), found_at_us)


def _text(names: Sequence[str]) -> str:
    return msgspec.json.encode(list(names)).decode()


def _texts(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])
