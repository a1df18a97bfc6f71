"""Changes and rows for tests of the file."""

from pathlib import Path

import msgspec

from edge.engine.changes import Changes, KnownItem
from edge.engine.stock import stock_changes
from edge.model import EventKind, ItemEvent, ItemState
from edge.storage.database import open_database
from edge.storage.sync import Sync

GTIN = "80614141123458"
OTHER_GTIN = "09506000134352"


def arrived(*serials: int, gtin: str = GTIN, zone: str = "floor") -> Changes:
    events = _events(EventKind.ARRIVED, serials, gtin, zone)
    return _changes(events, None, ItemState.PRESENT)


def missing(*serials: int, gtin: str = GTIN, zone: str = "floor") -> Changes:
    events = _events(EventKind.MISSING, serials, gtin, zone)
    return _changes(events, ItemState.PRESENT, ItemState.MISSING)


def moved(*serials: int, zone: str, from_zone: str = "floor") -> Changes:
    events = [
        msgspec.structs.replace(event, from_zone=from_zone)
        for event in _events(EventKind.MOVED, serials, GTIN, zone)
    ]
    return _changes(events, ItemState.PRESENT, ItemState.PRESENT)


def _events(kind: EventKind, serials: tuple[int, ...], gtin: str, zone: str) -> list[ItemEvent]:
    return [ItemEvent(kind, gtin, str(serial), zone, at_us=serial) for serial in serials]


def _changes(events: list[ItemEvent], before: ItemState | None, after: ItemState) -> Changes:
    return Changes(
        at_us=max(event.at_us for event in events),
        events=events,
        stock=[change for event in events for change in stock_changes(event, before, after)],
        items=[KnownItem(e.gtin, e.serial, after, e.zone, e.at_us) for e in events],
    )


def fill_pending(path: Path, rows: int) -> None:
    """Make a file with so many GTINs that head office does not know, in two zones each."""
    gtins = [f"{number:014d}" for number in range(rows)]
    with open_database(path) as db, db.atomic():
        first = Sync(db).take_vers(rows)
        db.write(
            "INSERT INTO skus (gtin, ver) VALUES (?, ?)",
            zip(gtins, range(first, first + rows), strict=True),
        )
        for zone, count in (("floor", 3), ("back", 7)):
            db.write("INSERT INTO stock VALUES (?, ?, ?)", ((gtin, zone, count) for gtin in gtins))
