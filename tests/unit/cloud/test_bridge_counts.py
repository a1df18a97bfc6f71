"""Count sessions in the documents: once each, never older than they were, and of their store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cloud.apply import Cursor
from cloud.bridge.counts import Counts
from cloud.bridge.known import KnownStores
from cloud.bridge.sessions import CountWriter
from cloud.documents import counts, paths, records, shapes
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import ABSENT
from edge.counts import Basis, CountState
from edge.errors import ProtocolError
from edge.wire import Answer, Outcome
from edge.wire_counts import CountHeader, CountNoted, CountReport, CountRow
from tests.support.faulty_documents import FaultyDocuments

GTIN = "04012345678901"
HEAD = CountHeader(
    "q4", 5, CountState.RUNNING, ["floor"], ["hand"], Basis.STATE, "api", 10, found=3
)


class Desk:
    def __init__(self, path: Path) -> None:
        self.documents = FaultyDocuments(EmbeddedDocuments(path))
        self.counted = Counts()
        stores = KnownStores(self.documents)
        self.writer = CountWriter(self.documents, stores, self.counted)
        cursor = shapes.put_cursor("muc-01", Cursor(3, "b1", 0), ABSENT)
        self.documents.commit([cursor])

    def say(self, head: CountHeader, *, part: int = 0, **facts: object) -> CountNoted | Answer:
        report = CountReport("muc-01", 3, "b1", head, part)
        return self.writer.apply(msgspec.structs.replace(report, **facts), 77_000_000)

    def head(self, count: str = "q4") -> counts.CountDoc:
        found = self.documents.get(paths.count("muc-01", count))
        assert found is not None
        return counts.count(found)

    def rows(self) -> list[CountRow]:
        return counts.rows_of(self.documents.find(counts.part_query("muc-01", "q4")), self.head())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path / "documents.db")
    yield one
    one.documents.close()


def changed(**facts: object) -> CountHeader:
    return msgspec.structs.replace(HEAD, **facts)


def test_a_report_is_written_and_noted(desk: Desk) -> None:
    assert desk.say(HEAD) == CountNoted("muc-01", 3, "b1", "q4", 5, 0)
    assert (desk.head().found, desk.head().term, desk.head().received_at_us) == (3, 3, 77_000_000)


ORDERS: dict[str, list[CountHeader]] = {
    "twice": [changed(rev=6, found=9), changed(rev=6, found=9)],
    "an older one late": [changed(rev=6, found=9), HEAD],
    "in order": [HEAD, changed(rev=6, found=9)],
}


@pytest.mark.parametrize("told", ORDERS.values(), ids=ORDERS)
def test_the_newest_report_stands_however_they_come(desk: Desk, told: list[CountHeader]) -> None:
    for head in told:
        assert isinstance(desk.say(head), CountNoted)
    assert (desk.head().rev, desk.head().found) == (6, 9)


def test_a_later_term_tells_the_truth_whatever_its_rev(desk: Desk) -> None:
    desk.say(changed(rev=9, found=9))
    desk.documents.commit([shapes.put_cursor("muc-01", Cursor(4, "b2", 0), desk_version(desk))])
    desk.say(HEAD, term=4, boot="b2")
    assert (desk.head().rev, desk.head().term) == (5, 4)


def desk_version(desk: Desk) -> str:
    found = desk.documents.get(paths.cursor("muc-01"))
    assert found is not None
    return found.version


def test_lines_lie_in_parts_beneath(desk: Desk) -> None:
    first, second = CountRow(GTIN, 2, 1, 1, 0, ["6789"]), CountRow("04012345678918", 0, 1, 0, 1)
    desk.say(HEAD, part=1, lines=[first])
    desk.say(HEAD, part=2, lines=[second])
    desk.say(HEAD, part=2, lines=[second])
    desk.say(changed(state=CountState.CLOSED, parts=2))
    assert desk.rows() == [first, second]


STRANGERS: dict[str, dict[str, Any]] = {
    "an older term": {"term": 2},
    "another boot": {"boot": "b9"},
    "a store that never said hello": {"store": "muc-02"},
}


@pytest.mark.parametrize("facts", STRANGERS.values(), ids=STRANGERS)
def test_only_the_life_to_which_the_documents_belong_is_heard(
    desk: Desk, facts: dict[str, Any]
) -> None:
    answer = desk.say(HEAD, **facts)
    assert isinstance(answer, Answer)
    assert answer.outcome is Outcome.STALE
    assert desk.documents.get(paths.count("muc-01", "q4")) is None


def test_what_no_database_takes_is_kept_as_a_dead_letter_and_noted(desk: Desk) -> None:
    odd = changed(events={"__x__": 1})
    assert isinstance(desk.say(odd), CountNoted)
    [letter] = desk.documents.find(records.dead_letters("muc-01"))
    assert records.dead_letter(letter).reason
    assert desk.counted["dead_letters"] == 1


def test_an_id_that_is_no_name_of_a_document_is_refused() -> None:
    with pytest.raises(ProtocolError, match="count id"):
        paths.count("muc-01", "../x")
