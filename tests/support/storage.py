"""Changes and rows for tests of the file."""

import msgspec

from edge.engine.changes import Changes, KnownItem
from edge.engine.stock import stock_changes
from edge.model import EventKind, ItemEvent, ItemState

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
