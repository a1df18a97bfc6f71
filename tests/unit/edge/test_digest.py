"""Equal rows sum up to the same whatever their order; what differs in anything differs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.digest import SHARDS, ShardSum, shard_of, sum_of
from edge.model import StockRow

ROW = StockRow("04012345678901", 7, {"back": 0, "floor": 3}, 1)
# By coreutils' b2sum -l 64, of the fields joined by 0x1f, zone and count by 0x1e.
VECTOR = "337993240a69c313"


def test_one_row_sums_up_as_the_vector_says() -> None:
    assert sum_of([ROW]) == ShardSum(1, VECTOR)


def test_nothing_sums_up_to_nothing() -> None:
    assert sum_of([]) == ShardSum(0, "0" * 16)


OTHERS = {
    "another GTIN": StockRow("04012345678918", 7, {"back": 0, "floor": 3}, 1),
    "another ver": StockRow("04012345678901", 8, {"back": 0, "floor": 3}, 1),
    "another count": StockRow("04012345678901", 7, {"back": 0, "floor": 4}, 1),
    "another zone": StockRow("04012345678901", 7, {"back": 0, "till": 3}, 1),
    "a zone with 0 less": StockRow("04012345678901", 7, {"floor": 3}, 1),
    "counts that changed places": StockRow("04012345678901", 7, {"back": 3, "floor": 0}, 1),
    "another missing": StockRow("04012345678901", 7, {"back": 0, "floor": 3}, 2),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_differs_sums_up_to_something_else(other: StockRow) -> None:
    assert sum_of([other]) != sum_of([ROW])


@given(st.permutations([StockRow(f"{n:014d}", n, {"floor": n}, 0) for n in range(6)]))
def test_the_order_does_not_matter(rows: list[StockRow]) -> None:
    assert sum_of(rows) == sum_of(sorted(rows, key=lambda row: row.ver))


def test_the_order_of_zones_does_not_matter() -> None:
    assert sum_of([StockRow(ROW.gtin, 7, {"floor": 3, "back": 0}, 1)]) == sum_of([ROW])


def test_gtins_of_one_brand_fall_into_all_shards_evenly() -> None:
    sizes = [0] * SHARDS
    for item in range(6400):
        sizes[shard_of(f"04012345{item:05d}0")] += 1
    assert min(sizes) > 50
    assert max(sizes) < 150
