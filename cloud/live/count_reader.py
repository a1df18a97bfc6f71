"""A count session with its lines, read when somebody asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloud.documents import counts, paths
from cloud.documents.counts import CountDoc
from cloud.documents.interface import Documents
from cloud.live.names import Names
from edge.wire_counts import CountRow


@dataclass(frozen=True, slots=True)
class CountFound:
    head: CountDoc
    rows: Sequence[CountRow]
    names: Mapping[str, str]  # of the rows' GTINs


class CountReader:
    """May be used by any thread; waits for the documents, and raises DocumentsError."""

    def __init__(self, documents: Documents, names: Names) -> None:
        self._documents, self._names = documents, names

    def read(self, store_id: str, count_id: str) -> CountFound | None:
        head = self._documents.get(paths.count(store_id, count_id))
        if head is None:
            return None
        told = counts.count(head)
        rows = counts.rows_of(self._documents.find(counts.part_query(store_id, count_id)), told)
        gtins = [row.gtin for row in rows]
        self._names.learn(gtins)
        return CountFound(told, rows, {gtin: self._names.of(gtin) for gtin in gtins})
