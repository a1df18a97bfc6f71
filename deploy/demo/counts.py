"""The three answers to one question: how many of this item are where, right now."""

import contextlib
import os
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from cloud import config
from cloud.documents import paths, shapes
from cloud.documents.interface import Documents, Query
from cloud.provisioning import write_products
from cloud.service import open_documents
from deploy.demo.line import Line
from edge.errors import DocumentsError, StorageError
from edge.storage.database import open_database
from edge.storage.stock import Stock as EdgeStock

Stock: TypeAlias = Counter[tuple[str, str]]  # (GTIN, zone) -> number of present items; no zeros


@dataclass(slots=True)
class Counts:
    quiet: bool = False  # nothing moves in the store any more
    by_source: dict[str, Stock] = field(default_factory=dict)  # truth, edge, cloud

    def total(self, source: str) -> int:
        return self.by_source[source].total()

    def agree(self) -> bool:
        """Say whether all three are the same for each SKU and zone."""
        truth = self.by_source["truth"]
        return all(stock == truth for stock in self.by_source.values())

    def by_zone(self, source: str) -> Counter[str]:
        zones: Counter[str] = Counter()
        for (_, zone), count in self.by_source[source].items():
            zones[zone] += count
        return zones


class Sources:
    """Asks all three; a part that cannot answer yet counts as having nothing."""

    def __init__(self, line: Line) -> None:
        self._line = line
        environment = {**os.environ, **line.place.environment}
        settings = config.load(line.folder / "cloud.toml", environment)
        self._documents: Documents = open_documents(settings.documents)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._documents.close()

    def name_products(self) -> None:
        """Give the SKUs their names, as an integrator does with `provision products`."""
        names: dict[str, str] = self._line.truth()["products"]
        write_products(self._documents, [shapes.Product(*each) for each in names.items()])

    def read(self) -> Counts:
        counts = Counts(by_source={"truth": Counter(), "edge": self._edge(), "cloud": Counter()})
        with contextlib.suppress(FileNotFoundError):
            truth = self._line.truth()
            counts.quiet = bool(truth["quiet"])
            counts.by_source["truth"] = _flat(truth["stock"])
        with contextlib.suppress(DocumentsError):
            counts.by_source["cloud"] = self._cloud()
        return counts

    def _edge(self) -> Stock:
        with (
            contextlib.suppress(StorageError),
            closing(open_database(self._line.database, read_only=True)) as db,
        ):
            return _flat({row.gtin: row.zones for row in EdgeStock(db).rows()})
        return Counter()

    def _cloud(self) -> Stock:
        found = self._documents.find(Query(paths.stock(self._line.store.store_id)))
        return _flat({line.gtin: line.zones for line in map(shapes.stock_line, found)})


def _flat(stock: Mapping[str, Mapping[str, int]]) -> Stock:
    return Counter(
        {(gtin, zone): n for gtin, zones in stock.items() for zone, n in zones.items() if n}
    )
