"""What GTINs are called, learnt when first seen and kept for all stores together.

Reading the catalogue product by product is slow and reading all of it is dear, so: a few unknown
GTINs are asked for one by one, many of them by one query of the whole.  Both are asked again only
after a while, whether they were found or not.
"""

import threading
from collections.abc import Collection

from cloud.documents import paths, shapes
from cloud.documents.interface import Documents, Query
from edge.clock import Clock

FEW = 20
UNKNOWN_FOR_S = 600.0  # then a GTIN without a name is asked for again
KNOWN_FOR_S = 3600.0  # then the catalogue is read anew, if many names are wanted


class Names:
    """May be used by several threads; only learn() waits for the database."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents, self._clock = documents, clock
        self._names: dict[str, str] = {}
        self._asked_s: dict[str, float] = {}
        self._read_all_s: float | None = None
        self._lock = threading.Lock()  # one catalogue is read once, however many feeds begin

    def of(self, gtin: str) -> str:
        return self._names.get(gtin, "")

    def learn(self, gtins: Collection[str]) -> None:
        """Look up the names that are not known; raise DocumentsError when that fails."""
        with self._lock:
            now_s = self._clock.now().monotonic_s
            if len(gtins) > FEW and self._is_over(self._read_all_s, KNOWN_FOR_S, now_s):
                self._read_all(now_s)
            unknown = [gtin for gtin in gtins if self._is_wanted(gtin, now_s)]
            if len(unknown) > FEW and self._is_over(self._read_all_s, UNKNOWN_FOR_S, now_s):
                self._read_all(now_s)
            for gtin in unknown[:FEW]:
                self._read_one(gtin)
            self._asked_s.update(dict.fromkeys(unknown, now_s))

    def _is_wanted(self, gtin: str, now_s: float) -> bool:
        asked_s = self._asked_s.get(gtin)
        return gtin not in self._names and self._is_over(asked_s, UNKNOWN_FOR_S, now_s)

    def _is_over(self, since_s: float | None, limit_s: float, now_s: float) -> bool:
        return since_s is None or now_s - since_s >= limit_s

    def _read_all(self, now_s: float) -> None:
        found = self._documents.find(Query(paths.PRODUCTS))
        self._names = {product.gtin: product.name for product in map(shapes.product, found)}
        self._read_all_s = now_s

    def _read_one(self, gtin: str) -> None:
        document = self._documents.get(paths.product(gtin))
        if document:
            self._names[gtin] = shapes.product(document).name
