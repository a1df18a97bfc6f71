"""How the documents of one watch become what viewers are told.

The stock of a store is read whole once and then followed by its changes alone: a listener over
thousands of stock documents costs the square of their number with each change.  What makes that
safe, whatever the order in which watch and reading answer:

* The cursor is read before the stock, and every delta up to it was committed together with its
  rows: so the stock holds all of them, and perhaps later ones.
* Counts are absolute and carry (term, ver): a line is replaced by a newer one only, so a change
  that is already in it does no harm.
* Changes are applied as an unbroken chain within one term.  Whatever is not (a gap, because more
  happened than the watch shows; a new term, which may have begun from nothing; the end of a
  snapshot, with which what it did not bring is gone) reads all anew.
"""

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from cloud.documents import counts, paths, shapes
from cloud.documents.interface import MAX_WATCHED, Document, Documents, Query
from cloud.documents.shapes import ChangeDoc, StockLine, StoreDoc
from cloud.live.events import (
    Counts,
    Line,
    Position,
    Stock,
    StockChanged,
    Stores,
    StoresChanged,
    Whole,
)
from cloud.live.names import Names
from edge.errors import DocumentsError
from edge.model import StockRow


class View(Protocol):
    """What a feed watches and tells; used by one thread.  All may raise DocumentsError."""

    query: Query

    def begin(self, found: Sequence[Document], /) -> Whole:
        """Take the first result of a new watch, knowing nothing of what was before."""
        ...

    def follow(self, found: Sequence[Document]) -> Whole | StockChanged | StoresChanged | None:
        """Take a later result of the same watch; None when it says nothing new."""
        ...

    def whole(self) -> Whole: ...

    def is_behind(self) -> bool:
        """Ask the documents, cheaply, whether a watch that says nothing has missed something."""
        ...


def chain(position: Position, found: Iterable[Document]) -> list[Document] | None:
    """Give the changes after `position`, oldest first; None when one between them is missing.

    A change that cannot be read is as good as missing.
    """
    ahead = sorted(
        ((_reach(change), change, document) for change, document in _readable(found)),
        key=lambda entry: entry[0],
    )
    taken = []
    for reach, change, document in ahead:
        if reach <= position:
            continue
        if change.term != position.term or change.from_ver > position.ver:
            return None
        taken.append(document)
        position = reach
    return taken


class StockView:
    """The stock of one store."""

    def __init__(self, documents: Documents, names: Names, store_id: str) -> None:
        self.query = shapes.newest_changes(store_id)
        self._documents, self._names, self._store_id = documents, names, store_id
        self._position = Position()
        self._lines: dict[str, Line] = {}

    def begin(self, _found: Sequence[Document], /) -> Whole:
        position, leftover_below = self._cursor()
        documents = self._documents.find(Query(paths.stock(self._store_id)))
        lines = (shapes.stock_line(document) for document in documents)
        stock = [line for line in lines if line.term >= leftover_below]
        self._names.learn([line.gtin for line in stock])
        self._lines = {line.gtin: self._from_stock(line) for line in stock}
        self._position = position
        return self.whole()

    def follow(self, found: Sequence[Document]) -> Whole | StockChanged | None:
        links = chain(self._position, found)
        if links is None or any(shapes.change(link).swept_below for link in links):
            return self.begin(found)
        if not links:
            return None
        changed = {line.gtin: line for link in links for line in self._newer_lines(link)}
        self._lines |= changed
        self._position = _reach(shapes.change(links[-1]))
        return StockChanged(self._position, tuple(changed.values()))

    def whole(self) -> Whole:
        return Stock(self._position, tuple(self._lines.values()))

    def is_behind(self) -> bool:
        position, _ = self._cursor()
        return position != self._position

    def _cursor(self) -> tuple[Position, int]:
        """Give how far the documents are, and below which term they are nobody's any more."""
        document = self._documents.get(paths.cursor(self._store_id))
        if document is None:
            return Position(), 0
        cursor = shapes.cursor(document)
        return Position(cursor.term, cursor.applied), cursor.ended_term

    def _newer_lines(self, link: Document) -> Iterator[Line]:
        change, rows = shapes.change(link), shapes.change_rows(link)
        self._names.learn([row.gtin for row in rows])
        for row in rows:
            known = self._lines.get(row.gtin)
            if known is None or (known.term, known.ver) < (change.term, row.ver):
                yield self._from_change(change, row)

    def _from_stock(self, line: StockLine) -> Line:
        return Line(
            gtin=line.gtin,
            name=self._names.of(line.gtin),
            zones=line.zones,
            present=line.present,
            missing=line.missing,
            changed_at_us=line.changed_at_us,
            term=line.term,
            ver=line.ver,
        )

    def _from_change(self, change: ChangeDoc, row: StockRow) -> Line:
        return Line(
            gtin=row.gtin,
            name=self._names.of(row.gtin),
            zones=row.zones,
            present=sum(row.zones.values()),
            missing=row.missing,
            changed_at_us=change.received_at_us,
            term=change.term,
            ver=row.ver,
        )


class StoresView:
    """All stores, as their agents' status and the bridge have them."""

    query = Query(paths.STORES, limit=MAX_WATCHED)

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[str, Document] = {}
        self._stores: dict[str, StoreDoc] = {}
        self._asked = itertools.count()

    def begin(self, found: Sequence[Document]) -> Whole:
        self._known, self._stores = {}, {}
        self.follow(found)
        return self.whole()

    def follow(self, found: Sequence[Document]) -> StoresChanged | None:
        before, self._known = self._known, {document.path: document for document in found}
        changed = {
            path: shapes.store(document)
            for path, document in self._known.items()
            if path not in before or before[path].version != document.version
        }
        gone = [document for path, document in before.items() if path not in self._known]
        self._stores |= changed
        for document in gone:
            del self._stores[document.path]
        if not changed and not gone:
            return None
        return StoresChanged(tuple(changed.values()), tuple(document.id for document in gone))

    def whole(self) -> Whole:
        return Stores(tuple(self._stores.values()), is_cut=len(self._stores) == MAX_WATCHED)

    def is_behind(self) -> bool:
        """Ask for one store, another each time: those that are online are written all the time."""
        if not self._known:
            return bool(self._documents.find(Query(paths.STORES, limit=1)))
        known = list(self._known.values())
        asked = known[next(self._asked) % len(known)]
        found = self._documents.get(asked.path)
        return found is None or found.version != asked.version


class CountsView:
    """The newest count sessions of one store."""

    def __init__(self, documents: Documents, store_id: str) -> None:
        self.query = counts.newest_counts(store_id)
        self._documents = documents
        self._found: list[Document] = []

    def begin(self, found: Sequence[Document], /) -> Whole:
        self._found = list(found)
        return self.whole()

    def follow(self, found: Sequence[Document]) -> Whole | None:
        return None if _versions(found) == _versions(self._found) else self.begin(found)

    def whole(self) -> Whole:
        return Counts(tuple(counts.count(document) for document in self._found))

    def is_behind(self) -> bool:
        """Ask for the newest session: while one runs it is written all the time."""
        newest = self._documents.find(replace(self.query, limit=1))
        return _versions(newest) != _versions(self._found[:1])


def _versions(found: Iterable[Document]) -> list[tuple[str, str]]:
    return [(document.path, document.version) for document in found]


def _readable(found: Iterable[Document]) -> Iterator[tuple[ChangeDoc, Document]]:
    for document in found:
        with contextlib.suppress(DocumentsError):
            yield shapes.change(document), document


def _reach(change: ChangeDoc) -> Position:
    return Position(change.term, change.to_ver)
