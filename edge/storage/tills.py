"""What tills have told, what they were answered, and what still waits for its items.

Opens no transaction of its own: a document, what it did and its answer change together.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from edge.engine.matches import AwaitedLine, Match
from edge.engine.transitions import Cause
from edge.model import Sgtin
from edge.storage.database import Database

KEPT = 100_000  # documents: a till that asks again does so soon
KEPT_US = 30 * 86_400_000_000  # lines that wait, or waited

_ADD = "INSERT INTO told (kind, id, digest, at_us, answer) VALUES (?, ?, ?, ?, ?)"
_PRUNE = "DELETE FROM told WHERE number <= (SELECT max(number) FROM told) - ?"
_FIND = "SELECT digest, answer FROM told WHERE kind = ? AND id = ?"
_AWAIT = """
    INSERT INTO awaited (document, line, gtin, cause, quantity, told_us) VALUES (?, ?, ?, ?, ?, ?)
"""
_FORGET = "DELETE FROM awaited WHERE told_us < ?"
_FORGET_MATCHES = "DELETE FROM matches WHERE at_us < ?"
_MATCH = """
    INSERT INTO matches (document, line, serial, at_us) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_UNDO = "DELETE FROM matches WHERE document = ? AND line = ? AND serial = ?"
_LINES = """
    SELECT document, line, gtin, cause, quantity, told_us, (
        SELECT json_group_array(serial) FROM matches AS m
        WHERE m.document = awaited.document AND m.line = awaited.line
    ) FROM awaited WHERE told_us >= ? ORDER BY told_us, document, line
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One document, by what it says (`digest`), and its answer in JSON."""

    kind: str
    id: str
    digest: str
    at_us: int
    answer: str


class Tills:
    def __init__(self, db: Database, kept: int = KEPT) -> None:
        self._db, self._kept = db, kept

    def add(self, told: Told) -> None:
        """Keep a document and its answer."""
        with self._db.atomic():
            self._db.execute(_ADD, [told.kind, told.id, told.digest, told.at_us, told.answer])
            self._db.execute(_PRUNE, [self._kept])
            self._db.execute(_FORGET, [told.at_us - KEPT_US])
            self._db.execute(_FORGET_MATCHES, [told.at_us - KEPT_US])

    def wait(self, lines: Sequence[AwaitedLine]) -> None:
        """Keep lines of which items are sought; `left` is their whole quantity."""
        self._db.write(
            _AWAIT,
            [(x.document, x.line, x.gtin, x.cause.value, x.left, x.told_us) for x in lines],
        )

    def find(self, kind: str, document: str) -> tuple[str, str] | None:
        """Give the digest and the answer of a document; None if it is not known."""
        rows = self._db.rows(_FIND, (kind, document))
        return rows[0] if rows else None

    def match(self, matches: Sequence[Match]) -> None:
        with self._db.atomic():
            for m in matches:
                if m.is_undone:
                    self._db.execute(_UNDO, [m.document, m.line, m.serial])
                else:
                    self._db.execute(_MATCH, [m.document, m.line, m.serial, m.at_us])

    def open_lines(self, since_us: int = 0) -> list[AwaitedLine]:
        """Give what was told since then and still waits for items, oldest first."""
        return [line for line, _ in self.lines(since_us) if line.left]

    def lines(self, since_us: int) -> list[tuple[AwaitedLine, list[Sgtin]]]:
        """Give what was told since then, oldest first, each with the items taken for it."""
        found = []
        for document, line, gtin, cause, quantity, told_us, serials in self._db.rows(
            _LINES, (since_us,)
        ):
            taken = [Sgtin(gtin, serial) for serial in json.loads(serials)]
            left = quantity - len(taken)
            found.append((AwaitedLine(document, line, gtin, Cause(cause), left, told_us), taken))
        return found
