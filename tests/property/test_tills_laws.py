"""Laws of the till: whatever is read and told, counts are those of the items, and no sale is lost.

The reads are clear: an item is read where it is, in every second, or nowhere.
"""

import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.local.documents import Kind, TillDocument, read_document
from edge.storage.events import Events
from edge.storage.tills import Tills
from tests.support.tills import GTIN, Shop

SERIALS = st.integers(1, 4)
READS = st.tuples(st.just("read"), st.sets(SERIALS), st.sampled_from(["floor", "back"]))
SILENCE = st.tuples(st.just("silence"), st.just(set[int]()), st.just(""))
SALES = st.tuples(st.just("sale"), st.sets(SERIALS, max_size=2), st.sampled_from(["", "2"]))
RETURNS = st.tuples(st.just("return"), st.sets(SERIALS, max_size=2), st.sampled_from(["", "1"]))
STEPS = st.lists(st.one_of(READS, SILENCE, SALES, RETURNS), max_size=12)


def lines(serials: set[int], quantity: str) -> list[dict[str, object]]:
    named: list[dict[str, object]] = [{"gtin": GTIN, "serial": str(one)} for one in sorted(serials)]
    counted: list[dict[str, object]] = (
        [{"gtin": GTIN, "quantity": int(quantity)}] if quantity else []
    )
    return [*named, *counted] or [{"gtin": GTIN, "serial": "9"}]


def play(shop: Shop, steps: list[tuple[str, set[int], str]]) -> list[tuple[Kind, bytes, bytes]]:
    """Do each step, looking at the counts after it; give what was told and answered."""
    told = []
    for number, (step, serials, more) in enumerate(steps):
        if step == "read":
            shop.read(*serials, zone=more)
        elif step == "silence":
            shop.pass_time(70)
        else:
            text = msgspec.json.encode({"id": f"d{number}", "lines": lines(serials, more)})
            said = Kind(step), text
            told.append((*said, shop.desk.tell(Kind(step), *read_document(text, TillDocument))))
        shop.counts()
    return told


@settings(deadline=None, max_examples=40)
@given(steps=STEPS)
def test_counts_are_those_of_the_items_and_everything_told_is_kept(
    steps: list[tuple[str, set[int], str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "store.db")
        told = play(shop, steps)
        counts = shop.counts()
        again = Shop(Path(folder) / "store.db")
        for kind, text, answer in told:
            assert again.desk.tell(kind, *read_document(text, TillDocument)) == answer
        assert again.counts() == counts
        again.db.close()
        shop.db.close()


@settings(deadline=None, max_examples=40)
@given(there=st.sets(SERIALS, min_size=1), gone=st.sets(SERIALS), sold=st.integers(1, 4))
def test_of_what_goes_as_many_are_sold_as_were_told_and_the_rest_is_missing(
    there: set[int], gone: set[int], sold: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "store.db")
        shop.read(*there)
        text = msgspec.json.encode({"id": "s1", "lines": [{"gtin": GTIN, "quantity": sold}]})
        shop.desk.tell(Kind.SALE, *read_document(text, TillDocument))
        for _ in range(70):
            shop.read(*(there - gone))
        left = len(there & gone)
        kinds = [event.kind.value for event in Events(shop.db).newest(100)]
        assert kinds.count("sold") == min(left, sold)
        assert kinds.count("missing") == max(left - sold, 0)
        assert sum(shop.counts().values()) == len(there - gone)
        assert sum(line.left for line in Tills(shop.db).open_lines()) == max(sold - left, 0)
        shop.db.close()
