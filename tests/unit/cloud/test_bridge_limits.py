"""What Firestore bears is not exceeded, and what its use costs is counted."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from cloud.bridge.counts import Counts
from cloud.bridge.limits import FIRESTORE_LIMITS, NO_LIMITS, Ramp
from cloud.bridge.metered import MeteredDocuments
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Delete, Documents, Put, Query
from edge.errors import DocumentsError


class Time:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def test_traffic_begins_at_500_writes_a_second(time: Time) -> None:
    ramp = Ramp(FIRESTORE_LIMITS, time, time.sleep)
    for _ in range(101):
        ramp.take(400)
    assert time.now_s == pytest.approx(100 * 400 / 500)


def test_traffic_grows_by_half_every_five_minutes(time: Time) -> None:
    ramp = Ramp(FIRESTORE_LIMITS, time, time.sleep)
    ramp.take(1)
    rates = []
    for _ in range(4):
        rates.append(ramp.rate())
        time.now_s += 300
    assert rates == [500, 750, 1125, 1687.5]
    assert all(after / before == 1.5 for before, after in pairwise(rates))


def test_who_would_wait_too_long_is_told_so_and_takes_nothing(time: Time) -> None:
    ramp = Ramp(FIRESTORE_LIMITS, time, lambda _: None)  # others wait, in threads of their own
    for _ in range(38):
        ramp.take(400)
    for _ in range(3):
        with pytest.raises(DocumentsError, match="held back for 30 s: 500 writes/s"):
            ramp.take(400)
    time.now_s = 1.0
    ramp.take(400)


def test_a_database_without_limits_never_waits(time: Time) -> None:
    ramp = Ramp(NO_LIMITS, time, time.sleep)
    for _ in range(1000):
        ramp.take(500)
    assert time.now_s == 0.0


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[Documents]:
    documents = EmbeddedDocuments(tmp_path / "documents.db")
    yield documents
    documents.close()


def test_reads_writes_and_deletes_are_counted_as_they_are_billed(inner: Documents) -> None:
    counts, took_s = Counts(), list[float]()
    metered = MeteredDocuments(inner, Ramp(NO_LIMITS, Time(), Time().sleep), counts, took_s.append)
    metered.commit([Put(f"stores/a/stock/{n}", {"n": n}) for n in range(5)])
    metered.commit([Delete("stores/a/stock/0")])
    assert len(metered.find(Query("stores/a/stock"))) == 4
    metered.find(Query("stores/b/stock"))
    metered.get("stores/a/stock/1")
    with pytest.raises(DocumentsError):
        metered.commit([Put("stores", {})])
    assert counts.so_far() == {
        "commits": 2,
        "document_writes": 5,
        "document_deletes": 1,
        "document_reads": 4 + 1 + 1,
        "failed_commits": 1,
    }
    assert len(took_s) == 2
