"""What to bring from the back room to the floor: pure.

A SKU is short when the sales floors hold less than its minimum while a back room has some.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from edge.model import StockRow, ZoneKind


@dataclass(frozen=True, slots=True)
class Minimums:
    """How many of each SKU the floor should hold; `default` of those that are not named."""

    default: int
    by_gtin: Mapping[str, int] = field(default_factory=dict)

    def of(self, gtin: str) -> int:
        return self.by_gtin.get(gtin, self.default)


class Refill(msgspec.Struct, frozen=True):
    gtin: str
    floor: int
    minimum: int
    back: dict[str, int]  # what the back rooms have, by zone
    bring: int  # as many as are missing, or as there are


def advise(
    rows: Iterable[StockRow], kinds: Mapping[str, ZoneKind], minimums: Minimums
) -> list[Refill]:
    """Give what is short and can be filled up; what lacks most comes first."""
    advice = []
    for row in rows:
        floor = sum(row.zones.get(zone, 0) for zone in _of_kind(kinds, ZoneKind.SALES_FLOOR))
        minimum = minimums.of(row.gtin)
        back = {zone: row.zones.get(zone, 0) for zone in _of_kind(kinds, ZoneKind.BACK_ROOM)}
        back = {zone: count for zone, count in back.items() if count}
        bring = min(minimum - floor, sum(back.values()))
        if bring > 0:
            advice.append(Refill(row.gtin, floor, minimum, back, bring))
    return sorted(advice, key=lambda one: (one.floor > 0, -one.bring, one.gtin))


def _of_kind(kinds: Mapping[str, ZoneKind], kind: ZoneKind) -> list[str]:
    return [zone for zone, its in kinds.items() if its is kind]
