"""Count sessions as documents: a head each, and lines by some hundred in documents beneath it.

Both carry (term, rev) of what they were written from, so that an older report never takes the place
of a newer one.  Times `opened_at_us` to `decided_at_us` are by the store's clock, `received_at_us`
by the bridge's.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from cloud.documents import paths
from cloud.documents.interface import ABSENT, Document, Put, Query
from cloud.documents.shapes import check_numbers, fields_of, read_as
from edge.errors import DocumentsError
from edge.wire_counts import CountHeader, CountReport, CountRow

COUNTS_LAST = timedelta(days=400)
NEWEST_COUNTS = 20  # what a live view listens to


class CountDoc(CountHeader, frozen=True, kw_only=True):
    store: str
    term: int
    received_at_us: int
    expires_at: datetime


class CountPartDoc(msgspec.Struct, frozen=True):
    """`rows` is JSON text, one field, so that it costs no index."""

    store: str
    count: str
    term: int
    rev: int
    rows: str
    expires_at: datetime


def put_count(report: CountReport, before: Document | None, *, received_at_us: int) -> Put | None:
    """Write a session's head over the one that was read; None where that is as new."""
    path = paths.count(report.store, report.head.id)
    if before is not None:
        known = read_as(before, CountDoc)
        if (known.term, known.rev) >= (report.term, report.head.rev):
            return None
    fields = {
        **fields_of(report.head),
        "store": report.store,
        "term": report.term,
        "received_at_us": received_at_us,
        "expires_at": _expiry(received_at_us),
    }
    check_numbers([*fields.values(), *report.head.events.values()], path)
    return Put(path, fields, expected=before.version if before else ABSENT)


def put_part(report: CountReport, *, received_at_us: int) -> Put:
    """Write some of a session's lines; writing them twice is writing them once."""
    path = paths.count_part(report.store, report.head.id, report.part)
    part = CountPartDoc(
        store=report.store,
        count=report.head.id,
        term=report.term,
        rev=report.head.rev,
        rows=msgspec.json.encode(report.lines).decode(),
        expires_at=_expiry(received_at_us),
    )
    return Put(path, fields_of(part))


def count(document: Document) -> CountDoc:
    return read_as(document, CountDoc)


def newest_counts(store_id: str) -> Query:
    """Ask for what a live view of a store shows, newest first."""
    return Query(
        paths.counts(store_id), order_by="opened_at_us", descending=True, limit=NEWEST_COUNTS
    )


def part_query(store_id: str, count_id: str) -> Query:
    return Query(paths.count_lines(store_id, count_id))


def rows_of(parts: Sequence[Document], head: CountDoc) -> list[CountRow]:
    """Give a session's lines, in the order of their GTINs; parts of no use to the head are left."""
    rows: list[CountRow] = []
    for document in parts[: head.parts]:
        part = read_as(document, CountPartDoc)
        try:
            rows += msgspec.json.decode(part.rows, type=list[CountRow])
        except msgspec.MsgspecError as error:
            raise DocumentsError(f"document {document.path}: no lines: {error}") from error
    return rows


def _expiry(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC) + COUNTS_LAST
