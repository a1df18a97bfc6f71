"""What is written down once and read by people: dead letters, and item events.

Both are written under ids that follow from what they hold, so that writing one twice is writing it
once; both expire.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from cloud.documents import paths
from cloud.documents.interface import Document, Put, Query
from cloud.documents.shapes import check_numbers, fields_of, read_as
from edge.wire import DeadRow, EventRow

LETTERS_LAST = timedelta(days=90)
EVENTS_LAST = timedelta(days=30)
MAX_BYTES = 700_000  # of a dead letter: a document may have 1 MiB


class DeadLetter(msgspec.Struct, frozen=True):
    """A message, or a row of one, that could not be taken; `message` is its first MAX_BYTES."""

    store: str
    reason: str
    at_us: int
    expires_at: datetime
    message: bytes = b""
    size: int = 0  # of the whole message
    gtin: str = ""
    ver: int = 0
    term: int = 0


class StoredEvent(msgspec.Struct, frozen=True):
    """One item event; `at_us` by the engine's time, `received_at_us` by head office's clock."""

    store: str
    kind: str
    gtin: str
    serial: str
    zone: str
    from_zone: str | None
    at_us: int
    received_at_us: int
    expires_at: datetime


def put_dead_message(store_id: str, payload: bytes, reason: str, *, at_us: int) -> Put:
    """Keep a message that cannot be read, or whose one row cannot be written."""
    letter = DeadLetter(
        store=store_id,
        reason=reason,
        at_us=at_us,
        expires_at=_expiry(at_us, LETTERS_LAST),
        message=payload[:MAX_BYTES],
        size=len(payload),
    )
    return Put(paths.dead_letter(f"message-{_digest(store_id.encode(), payload)}"), _all(letter))


def put_dead_row(store_id: str, term: int, row: DeadRow, *, at_us: int) -> Put:
    """Note a row that an agent has left out."""
    letter = DeadLetter(
        store=store_id,
        reason=row.reason,
        at_us=at_us,
        expires_at=_expiry(at_us, LETTERS_LAST),
        gtin=row.gtin,
        ver=row.ver,
        term=term,
    )
    return Put(paths.dead_letter(f"row-{store_id}-{term}-{row.ver}"), _all(letter))


def dead_letter(document: Document) -> DeadLetter:
    return read_as(document, DeadLetter)


def dead_letters(store_id: str | None = None) -> Query:
    equal = None if store_id is None else ("store", store_id)
    return Query(paths.DEAD_LETTERS, equal=equal)


def put_events(store_id: str, events: list[EventRow], *, received_at_us: int) -> Iterator[Put]:
    for path, row in {_event_path(store_id, row): row for row in events}.items():
        event = StoredEvent(
            store=store_id,
            kind=row.kind.value,
            gtin=row.gtin,
            serial=row.serial,
            zone=row.zone,
            from_zone=row.from_zone,
            at_us=row.at_us,
            received_at_us=received_at_us,
            expires_at=_expiry(received_at_us, EVENTS_LAST),
        )
        check_numbers([event.at_us], path)
        yield Put(path, _all(event))


def event(document: Document) -> StoredEvent:
    return read_as(document, StoredEvent)


def _event_path(store_id: str, row: EventRow) -> str:
    return paths.event(store_id, _digest(msgspec.json.encode(row)))


def _digest(*parts: bytes) -> str:
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).hexdigest()


def _expiry(at_us: int, lasts: timedelta) -> datetime:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC) + lasts


def _all(thing: DeadLetter | StoredEvent) -> dict[str, object]:
    fields = fields_of(thing)
    if isinstance(thing, DeadLetter):
        fields["message"] = thing.message  # as bytes, not as text
    return fields
