"""What a session says, from what it knows: the structs of `edge.wire`, filled in."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.model import NumberedEvent, PendingRows, ShardRows
from edge.wire import DeadRow, Delta, Digest, EventRow, Events, Hello, columns_of


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose word it is."""

    store_id: str
    boot: str
    device: str
    device_name: str

    def hello(self, term: int, *, snapshot: bool, after: int | None, takeover: bool) -> Hello:
        return Hello(
            self.store_id,
            term,
            self.boot,
            snapshot,
            after,
            self.device,
            self.device_name,
            takeover,
        )

    def delta(self, term: int, number: int, from_ver: int, pending: PendingRows) -> Delta:
        return Delta(
            self.store_id,
            term,
            self.boot,
            from_ver=from_ver,
            to_ver=pending.to_ver,
            **columns_of(pending.rows),
            at_ver=pending.at_ver,
            dead=[DeadRow(row.gtin, row.ver, row.reason) for row in pending.left_out],
            number=number,
        )

    def digest(self, term: int, number: int, shard: int, at_ver: int, rows: ShardRows) -> Digest:
        return Digest(
            self.store_id,
            term,
            self.boot,
            shard=shard,
            at_ver=at_ver,
            rows=rows.rows,
            sum=rows.sum,
            without=list(rows.without),
            number=number,
        )

    def events(self, term: int, number: int, events: Sequence[NumberedEvent]) -> Events:
        rows = [
            EventRow(e.kind, e.gtin, e.serial, e.zone, e.at_us, e.from_zone)
            for e in (numbered.event for numbered in events)
        ]
        return Events(self.store_id, term, self.boot, rows, number=number)
