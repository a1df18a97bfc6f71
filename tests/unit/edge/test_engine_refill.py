"""What to bring from the back room to the floor."""

from collections.abc import Mapping

import pytest

from edge.engine.refill import Minimums, Refill, advise
from edge.model import StockRow, ZoneKind

GTIN, OTHER, THIRD = "80614141123458", "09506000134352", "09506000134369"
KINDS = {
    "men": ZoneKind.SALES_FLOOR,
    "women": ZoneKind.SALES_FLOOR,
    "back": ZoneKind.BACK_ROOM,
    "cellar": ZoneKind.BACK_ROOM,
    "fitting": ZoneKind.FITTING_ROOM,
    "dock": ZoneKind.DOCK,
}


def row(zones: Mapping[str, int], gtin: str = GTIN) -> StockRow:
    return StockRow(gtin, 1, dict(zones), 0)


def bring(zones: Mapping[str, int], minimum: int) -> int:
    return sum(one.bring for one in advise([row(zones)], KINDS, Minimums(minimum)))


CASES = {
    "as many as are missing": ({"men": 1, "back": 9}, 4, 3),
    "as many as there are": ({"men": 1, "back": 2}, 4, 2),
    "all floors count together": ({"men": 1, "women": 2, "back": 9}, 4, 1),
    "all back rooms count together": ({"back": 1, "cellar": 1}, 4, 2),
    "none where the floor has enough": ({"men": 4, "back": 9}, 4, 0),
    "none where the back room has none": ({"men": 1, "back": 0}, 4, 0),
    "none from the dock": ({"men": 1, "dock": 5}, 4, 0),
    "what somebody tries on is not on the floor": ({"fitting": 4, "back": 9}, 4, 4),
    "none where no minimum is wanted": ({"back": 9}, 0, 0),
}


@pytest.mark.parametrize(("zones", "minimum", "wanted"), CASES.values(), ids=CASES)
def test_the_floor_is_filled_up_to_its_minimum(
    zones: Mapping[str, int], minimum: int, wanted: int
) -> None:
    assert bring(zones, minimum) == wanted


def test_a_sku_has_its_own_minimum_where_one_is_named() -> None:
    rows = [row({"back": 9}), row({"back": 9}, OTHER)]
    advice = advise(rows, KINDS, Minimums(2, {OTHER: 5}))
    assert [(one.gtin, one.bring) for one in advice] == [(OTHER, 5), (GTIN, 2)]


def test_what_the_floor_lacks_altogether_comes_first() -> None:
    rows = [
        row({"men": 1, "back": 9}),
        row({"men": 0, "back": 1, "cellar": 1}, OTHER),
        row({"men": 3, "back": 9}, THIRD),
    ]
    assert advise(rows, KINDS, Minimums(4)) == [
        Refill(OTHER, 0, 4, {"back": 1, "cellar": 1}, 2),
        Refill(GTIN, 1, 4, {"back": 9}, 3),
        Refill(THIRD, 3, 4, {"back": 9}, 1),
    ]
