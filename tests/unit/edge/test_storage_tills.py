"""What tills have told, and which of it still waits for its items."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.engine.matches import AwaitedLine, Match
from edge.engine.transitions import Cause
from edge.model import Sgtin
from edge.storage.database import open_database
from edge.storage.tills import KEPT_US, Tills, Told
from tests.support.storage import GTIN


@pytest.fixture
def tills(tmp_path: Path) -> Iterator[Tills]:
    with open_database(tmp_path / "store.db") as db:
        yield Tills(db, kept=2)


def told(document: str, at_us: int = 1) -> Told:
    return Told("sale", document, f"digest of {document}", at_us, "{}")


def line(document: str, left: int, told_us: int = 10) -> AwaitedLine:
    return AwaitedLine(document, 0, GTIN, Cause.SOLD, left, told_us)


def match(document: str, serial: str) -> Match:
    return Match(document, 0, GTIN, serial, 20)


def test_a_document_is_found_with_its_answer_by_kind_and_id(tills: Tills) -> None:
    tills.add(told("s1"))
    assert tills.find("sale", "s1") == ("digest of s1", "{}")
    assert (tills.find("return", "s1"), tills.find("sale", "s2")) == (None, None)


def test_the_newest_documents_are_kept(tills: Tills) -> None:
    for document in ("s1", "s2", "s3"):
        tills.add(told(document))
    assert [tills.find("sale", one) is None for one in ("s1", "s2", "s3")] == [True, False, False]


def test_a_line_is_open_until_all_its_items_are_known(tills: Tills) -> None:
    tills.wait([line("a", 2)])
    tills.match([match("a", "1")])
    assert tills.open_lines() == [line("a", 1)]
    tills.match([match("a", "1")])  # written again after a commit that failed
    assert tills.open_lines() == [line("a", 1)]
    tills.match([match("a", "2")])
    assert tills.open_lines() == []


def test_a_match_that_is_undone_opens_its_line_again(tills: Tills) -> None:
    tills.wait([line("a", 1)])
    tills.match([match("a", "1")])
    assert tills.lines(0) == [(line("a", 0), [Sgtin(GTIN, "1")])]
    tills.match([msgspec.structs.replace(match("a", "1"), is_undone=True)])
    assert tills.lines(0) == [(line("a", 1), [])]


def test_a_match_may_be_written_before_its_line(tills: Tills) -> None:
    tills.match([match("a", "1")])
    tills.wait([line("a", 2)])
    assert tills.open_lines() == [line("a", 1)]


def test_open_lines_come_in_the_order_in_which_they_were_told(tills: Tills) -> None:
    tills.wait([line("b", 1, 30), line("a", 1, 20), line("c", 1, 10)])
    assert [one.document for one in tills.open_lines(since_us=20)] == ["a", "b"]


def test_lines_of_long_ago_go(tills: Tills) -> None:
    tills.wait([line("a", 1, 10), line("b", 1, 40)])
    tills.add(told("s1", at_us=KEPT_US + 20))
    assert [one.document for one in tills.open_lines()] == ["b"]
