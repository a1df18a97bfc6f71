"""What each document holds, and the way there and back; nobody else spells a field.

Pure.  What comes from a store and no document may hold raises ProtocolError; a document that is
not as written here raises DocumentsError, with its path.  Every `…_at_us` here is the time at which
the bridge received something: stores' clocks are not trusted to order or to age anything.

Only the fields of INDEXED are searched or ordered by; `deploy/firestore/firestore.indexes.json`
exempts the others, since each index entry of each write is paid for.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from cloud.apply import Cursor
from cloud.documents import paths
from cloud.documents.checks import is_field_name
from cloud.documents.interface import Document, Put, Query, Version
from edge import wire
from edge.digest import shard_of
from edge.errors import DocumentsError, ProtocolError
from edge.model import StockRow

INDEXED = {
    paths.STOCK: ("gtin", "shard"),
    paths.CHANGES: ("order",),
    paths.STORES: (),
    paths.PRODUCTS: (),
    paths.EVENTS: (),
    paths.COUNTS: ("opened_at_us",),
    paths.COUNT_LINES: (),
    paths.DEAD_LETTERS: ("store",),
}
NEWEST_CHANGES = 50  # what a live view listens to
CHANGES_LAST = timedelta(days=3)
MAX_NUMBER = 2**53 - 1  # a browser's whole numbers end here, Firestore's at 2**63
MAX_VER_BITS = 40  # of `order`; 23 bits are left for the term
MAX_ZONE = 100  # characters


class StockLine(msgspec.Struct, frozen=True):
    """The stock of one GTIN in one store; `present` is the sum of `zones`."""

    store: str
    gtin: str
    zones: dict[str, int]
    present: int
    missing: int
    ver: int
    term: int
    changed_at_us: int
    shard: int = 0


class ChangeDoc(msgspec.Struct, frozen=True):
    """One applied delta.  `rows` is JSON text of columns, one field, so that it costs no index.

    `order` grows with every change of a store, over restarts too; a view that misses none of the
    chain `from_ver` to `to_ver` within a term has seen everything, up to a `swept_below`.
    """

    store: str
    term: int
    from_ver: int
    to_ver: int
    order: int
    received_at_us: int
    expires_at: datetime  # Firestore's time-to-live deletes the document after it
    rows: str
    swept_below: int = 0  # a snapshot has ended: stock of a lower term is gone with this change


class StoreDoc(msgspec.Struct, frozen=True):
    """A store as last heard: `status_at_us` by its status, `applied_at_us` by a delta of it."""

    store: str
    name: str = ""
    online: bool = False
    term: int = 0
    boot: str = ""
    program: str = ""
    readers: list[wire.ReaderStatus] = []
    alarms: list[str] = []
    present: int = 0
    missing: int = 0
    skus: int = 0
    strays: int = 0
    pending: int = 0
    device: str = ""
    trouble: str = ""  # why counts do not follow the store (`edge.wire.SyncTrouble`)
    rival: str = ""  # another device that wants to speak for this store
    rival_at_us: int | None = None
    status_at_us: int | None = None
    applied_at_us: int | None = None


class Product(msgspec.Struct, frozen=True):
    gtin: str
    name: str


def put_stock(store_id: str, row: StockRow, *, term: int, changed_at_us: int) -> Put:
    path = paths.stock_line(store_id, row.gtin)
    for zone in row.zones:
        _check_zone(zone, path)
    line = {
        "store": store_id,
        "gtin": row.gtin,
        "shard": shard_of(row.gtin),
        "zones": dict(row.zones),
        "present": sum(row.zones.values()),
        "missing": row.missing,
        "ver": row.ver,
        "term": term,
        "changed_at_us": changed_at_us,
    }
    check_numbers([*row.zones.values(), *line.values()], path)
    return Put(path, line)


def shard(store_id: str, number: int) -> Query:
    """Ask for the stock documents of one shard (`edge.digest`) of a store."""
    return Query(paths.stock(store_id), equal=("shard", number))


def stock_line(document: Document) -> StockLine:
    return read_as(document, StockLine)


def put_change(  # noqa: PLR0913  (a delta's facts, each by its name)
    store_id: str,
    change_id: str,
    rows: Sequence[StockRow],
    *,
    term: int,
    from_ver: int,
    to_ver: int,
    received_at_us: int,
    swept_below: int = 0,
) -> Put:
    """Describe one applied delta under an id that the caller has drawn (`paths.change`)."""
    path = paths.change(store_id, change_id)
    check_numbers([term, from_ver, to_ver, received_at_us], path)
    received = datetime.fromtimestamp(received_at_us // 1_000_000, UTC)
    change = ChangeDoc(
        store=store_id,
        term=term,
        from_ver=from_ver,
        to_ver=to_ver,
        order=_order(term, to_ver),
        received_at_us=received_at_us,
        expires_at=received + CHANGES_LAST,
        rows=msgspec.json.encode(wire.columns_of(rows)).decode(),
        swept_below=swept_below,
    )
    return Put(path, fields_of(change))


def change(document: Document) -> ChangeDoc:
    return read_as(document, ChangeDoc)


def change_rows(document: Document) -> list[StockRow]:
    """Give the rows of a change document, as they were applied."""
    found = change(document)
    try:
        columns = msgspec.json.decode(found.rows, type=dict[str, Any])
        facts = {"store": found.store, "term": found.term, "boot": ""}
        span = {"from_ver": found.from_ver, "to_ver": found.to_ver}
        return wire.rows_of(
            msgspec.convert({**columns, **facts, **span, "type": "delta"}, wire.Delta)
        )
    except (msgspec.MsgspecError, ValueError, IndexError) as error:
        raise DocumentsError(f"document {document.path}: rows cannot be read: {error}") from error


def newest_changes(store_id: str) -> Query:
    """Ask for what a live view of a store shows, newest first."""
    collection = paths.changes(store_id)
    return Query(collection, order_by="order", descending=True, limit=NEWEST_CHANGES)


def put_cursor(store_id: str, cursor: Cursor, expected: Version) -> Put:
    """Move the fence, if it still is what the caller decided by (ABSENT: there was none)."""
    path = paths.cursor(store_id)
    fields = fields_of(cursor)
    check_numbers(fields.values(), path)
    return Put(path, fields, expected=expected)


def cursor(document: Document) -> Cursor:
    return read_as(document, Cursor)


def put_status(status: wire.Status, *, status_at_us: int) -> Put:
    """Write what a store says of itself; leaves the time of its last delta alone.

    The broker's last will names no program, and knows only that the store has gone: what the store
    said of itself before stays, with the time of then.
    """
    path = paths.store(status.store)
    if not status.online and not status.program:
        return Put(path, {"store": status.store, "online": False}, merge=True)
    fields = fields_of(status)
    for key in ("type", "v", "heard"):
        fields.pop(key)
    fields["status_at_us"] = status_at_us
    times = [reader.last_read_at_us for reader in status.readers]
    check_numbers([*fields.values(), *times], path)
    return Put(path, fields, merge=True)


def put_trouble(status: wire.Status, *, status_at_us: int) -> Put:
    """Write what keeps a store's agent from being followed; leaves its counts as they are."""
    fields = fields_of(status)
    kept = ("store", "online", "readers", "alarms", "program", "trouble")
    told = {key: fields[key] for key in kept} | {"status_at_us": status_at_us}
    check_numbers(told.values(), path := paths.store(status.store))
    return Put(path, told, merge=True)


def put_rival(store_id: str, rival: str, *, rival_at_us: int) -> Put:
    """Write that another device wants to speak for a store."""
    fields = {"store": store_id, "rival": rival, "rival_at_us": rival_at_us}
    return Put(paths.store(store_id), fields, merge=True)


def put_applied(store_id: str, *, applied_at_us: int) -> Put:
    """Write when a delta of the store was last applied; leaves its status alone."""
    fields = {"store": store_id, "applied_at_us": applied_at_us}
    return Put(paths.store(store_id), fields, merge=True)


def store(document: Document) -> StoreDoc:
    return read_as(document, StoreDoc)


def put_product(product: Product) -> Put:
    return Put(paths.product(product.gtin), fields_of(product))


def product(document: Document) -> Product:
    return read_as(document, Product)


_T = TypeVar("_T")


def read_as(document: Document, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(document.data, kind)
    except msgspec.ValidationError as error:
        raise DocumentsError(f"document {document.path} is not as expected: {error}") from error


def fields_of(thing: object) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(thing, builtin_types=(datetime,))
    return fields


def _order(term: int, to_ver: int) -> int:
    order = term << MAX_VER_BITS | to_ver
    if to_ver >> MAX_VER_BITS or order >= 2**63:
        raise ProtocolError(f"term {term} with ver {to_ver} is beyond 23 and {MAX_VER_BITS} bits")
    return order


def _check_zone(zone: str, path: str) -> None:
    if not is_field_name(zone) or len(zone) > MAX_ZONE:
        raise ProtocolError(f"zone {zone!r:.80} for {path} cannot be the name of a field")


def check_numbers(values: Iterable[object], path: str) -> None:
    for value in values:
        if isinstance(value, int) and not 0 <= value <= MAX_NUMBER:
            raise ProtocolError(f"number {value} for {path}: allowed are 0 to {MAX_NUMBER}")
