"""What becomes of a sale or a return, line by line, in the engine; and how that is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from edge.engine.matches import AwaitedLine
from edge.engine.pipeline import Pipeline
from edge.engine.transitions import Cause
from edge.local.documents import Kind, Meant, NoItem, TillDocument, Unnamed, utc_us
from edge.model import ItemState, Sgtin, ZoneKind

CAUSES = {Kind.SALE: Cause.SOLD, Kind.RETURN: Cause.RETURNED}


class LineAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What has become of a line.

    `outcome`: sold, returned, unchanged (it was so already), noted (it is no item: `reason`), or
    counted, of a line without a serial: `serials` are the items that are taken to be sold, and
    `awaited` says of how many the readers have yet to show which they are.
    `was`: how the item was known before; absent where nobody knew it.
    """

    outcome: str
    gtin: str | None = None
    serial: str | None = None
    was: ItemState | None = None
    epc: str | None = None
    reason: str | None = None
    serials: tuple[str, ...] = ()
    awaited: int = 0


class TillAnswer(msgspec.Struct, frozen=True):
    id: str
    kind: Kind
    at: datetime
    lines: Sequence[LineAnswer]


@dataclass(frozen=True, slots=True)
class Till:
    """`zone`: where what nobody has read before is taken to be; `returns`: where returns go.

    Without a place of their own, returns go where the item was last.
    """

    zone: str
    returns: str | None

    def apply(
        self,
        pipeline: Pipeline,
        kind: Kind,
        document: TillDocument,
        meant: Sequence[Meant],
        now_us: int,
    ) -> tuple[TillAnswer, list[AwaitedLine]]:
        """Tell the engine; give the answer, and the lines without serials, whole."""
        at_us = min(utc_us(document.at), now_us) if document.at else now_us
        lines, awaited = dict[int, LineAnswer](), list[AwaitedLine]()
        # What is known for sure comes first, so that nothing is guessed to be that.
        for number, one in sorted(enumerate(meant), key=lambda line: isinstance(line[1], Unnamed)):
            match one:
                case NoItem(epc, reason):
                    lines[number] = LineAnswer("noted", epc=epc, reason=reason)
                case Unnamed(gtin, quantity):
                    key = f"{kind}/{document.id}"
                    line = AwaitedLine(key, number, gtin, CAUSES[kind], quantity, now_us)
                    serials = pipeline.tell_some(line, at_us)
                    said = LineAnswer("counted", gtin, serials=serials, awaited=line.left)
                    lines[number] = said
                    awaited.append(msgspec.structs.replace(line, left=quantity))
                case Sgtin():
                    lines[number] = self._tell_one(pipeline, kind, one, document.zone, now_us)
        at = datetime.fromtimestamp(at_us / 1e6, UTC)
        return TillAnswer(document.id, kind, at, [lines[n] for n in sorted(lines)]), awaited

    def _tell_one(
        self, pipeline: Pipeline, kind: Kind, sgtin: Sgtin, zone: str | None, now_us: int
    ) -> LineAnswer:
        was = pipeline.state(sgtin)
        place = zone or (self.returns if kind is Kind.RETURN else None)
        if was is None:
            place = place or self.zone
        has_changed = pipeline.tell(sgtin, CAUSES[kind], place, now_us)
        outcome = CAUSES[kind].value if has_changed else "unchanged"
        return LineAnswer(outcome, sgtin.gtin, sgtin.serial, was)


def till_of(zones: Mapping[str, ZoneKind]) -> Till:
    """Give the till of a store: its first point of sale, or a sales floor where it has none."""
    order = [ZoneKind.POINT_OF_SALE, ZoneKind.SALES_FLOOR, *ZoneKind]
    zone = min(zones, key=lambda name: (order.index(zones[name]), name))
    return Till(zone, zone if zones[zone] is ZoneKind.POINT_OF_SALE else None)
