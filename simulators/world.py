"""Items, their products and the zones they are in; and what one reader hears of them.

The same seed gives the same items, moves and reads.  Time comes in: seconds since the world began
for the world, microseconds of the reader's clock for what is heard.
"""

import heapq
import random
from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.epc import decode, encode_sgtin96
from edge.model import Sgtin, TagRead
from simulators.radio import VISIT_US, Radio, Word

OUTSIDE = "outside"  # where items come from and go to; no zone of the store
_POINT_OF_SALE_ITEM = 1  # SGTIN filter value (GS1 TDS 2.3, table 10-1)
_SERIALS_FROM = 1 << 30  # a product's first serial is below it, so that 38 bits last for ever
_MOST_SILENCE_US = 1_000_000


Seconds = Annotated[float, Meta(ge=0, le=86_400, description="a number from 0 to 86400")]


class Product(msgspec.Struct, frozen=True):
    gtin: Annotated[str, Meta(pattern=r"\A[0-9]{14}\Z", description="14 digits")]
    name: Annotated[str, Meta(min_length=1, max_length=200, description="1 to 200 characters")]
    company_prefix_digits: Annotated[
        int, Meta(ge=6, le=12, description="an integer from 6 to 12")
    ] = 7


@dataclass(frozen=True, slots=True)
class Item:
    sgtin: Sgtin
    epc: bytes


class Flow(msgspec.Struct, frozen=True, rename={"from_zone": "from", "to_zone": "to"}):
    """So many items, one after the other within `over_s`, go from one zone to another.

    `from_zone` OUTSIDE makes new items, `to_zone` OUTSIDE takes them out of the store.  With
    `every_s` it happens again and again.
    """

    from_zone: Word
    to_zone: Word
    items: Annotated[int, Meta(ge=1, le=1_000_000, description="an integer from 1 to 1000000")]
    at_s: Seconds = 0.0
    over_s: Seconds = 0.0
    every_s: (
        Annotated[float, Meta(ge=0.1, le=86_400, description="a number from 0.1 to 86400")] | None
    ) = None


@dataclass(frozen=True, slots=True)
class Move:
    item: Item
    from_zone: str
    to_zone: str
    at_s: float


class World:
    def __init__(
        self,
        products: Sequence[Product],
        zones: Sequence[str],
        flows: Sequence[Flow],
        seed: int,
    ) -> None:
        self.products = {product.gtin: product for product in products}
        self._flows = list(flows)
        self._random = random.Random(seed)  # noqa: S311 - a world that can be played again
        self._serials = {
            gtin: count(self._random.randrange(1, _SERIALS_FROM)) for gtin in self.products
        }
        self._items: dict[str, dict[bytes, Item]] = {zone: {} for zone in zones}
        self._strays: dict[bytes, str] = {}  # tags that are no items, and their zones
        self.changes = 0  # counts what has come, moved or gone
        # (when, which flow, its how manieth item since the start)
        self._due = [(flow.at_s, index, 0) for index, flow in enumerate(self._flows)]
        heapq.heapify(self._due)

    def advance(self, elapsed_s: float) -> list[Move]:
        """Let everything happen that is due; a flow whose zone is empty moves nothing."""
        moves: list[Move] = []
        while self._due and self._due[0][0] <= elapsed_s:
            at_s, index, done = heapq.heappop(self._due)
            move = self._move(self._flows[index], at_s)
            if move is not None:
                moves.append(move)
                self.changes += 1
            self._plan(index, done + 1)
        return moves

    def is_in(self, zone: str, epc: bytes) -> bool:
        return epc in self._items[zone] or self._strays.get(epc) == zone

    def items_in(self, zone: str) -> list[Item]:
        return list(self._items[zone].values())

    def epcs_in(self, zone: str) -> list[bytes]:
        """Give the tags of a zone, those among them that are no items."""
        strays = [epc for epc, where in self._strays.items() if where == zone]
        return [*self._items[zone], *strays]

    @property
    def zones(self) -> tuple[str, ...]:
        return tuple(self._items)

    def put(self, zone: str, epc: bytes) -> None:
        """Put a tag into a zone, wherever it was before; it need not be an item's."""
        self.take(epc)
        sgtin = decode(epc)
        if isinstance(sgtin, Sgtin):
            self._items[zone][epc] = Item(sgtin, epc)
        else:
            self._strays[epc] = zone
        self.changes += 1

    def take(self, epc: bytes) -> bool:
        """Take a tag out of the store; tell whether it was there."""
        taken = [items.pop(epc, None) for items in self._items.values()]
        was_there = self._strays.pop(epc, None) is not None or any(taken)
        self.changes += was_there
        return was_there

    def rename(self, old: bytes, new: bytes) -> None:
        """Learn that a tag was given another EPC; where it is does not change."""
        zone = next((zone for zone in self._items if self.is_in(zone, old)), None)
        if zone is not None:
            self.take(old)
            self.put(zone, new)

    @property
    def present(self) -> int:
        return sum(count for zones in self.stock().values() for count in zones.values())

    def stock(self) -> dict[str, dict[str, int]]:
        """Count the items by GTIN and zone; what is not there is left out."""
        counts = Counter(
            (item.sgtin.gtin, zone)
            for zone, items in self._items.items()
            for item in items.values()
        )
        stock: dict[str, dict[str, int]] = {}
        for (gtin, zone), items in sorted(counts.items()):
            stock.setdefault(gtin, {})[zone] = items
        return stock

    def _plan(self, index: int, done: int) -> None:
        flow = self._flows[index]
        rounds, within = divmod(done, flow.items)
        if rounds and flow.every_s is None:
            return
        begin_s = flow.at_s + rounds * (flow.every_s or 0.0)
        heapq.heappush(self._due, (begin_s + within * flow.over_s / flow.items, index, done))

    def _move(self, flow: Flow, at_s: float) -> Move | None:
        if flow.from_zone == OUTSIDE:
            item = self._new_item()
        elif here := self._items[flow.from_zone]:
            item = here.pop(self._random.choice(list(here)))
        else:
            return None
        if flow.to_zone != OUTSIDE:
            self._items[flow.to_zone][item.epc] = item
        return Move(item, flow.from_zone, flow.to_zone, at_s)

    def _new_item(self) -> Item:
        product = self._random.choice(list(self.products.values()))
        serial = next(self._serials[product.gtin])
        epc = encode_sgtin96(
            product.gtin, serial, product.company_prefix_digits, _POINT_OF_SALE_ITEM
        )
        return Item(Sgtin(product.gtin, str(serial)), epc)


class WorldAir:
    """What one reader with its antennas hears of a world; see `simulators.air`.

    What a reader could not deliver is gone, as it is in a store: the tags will answer again.
    """

    def __init__(self, world: World, radio: Radio) -> None:
        self._world, self._radio = world, radio
        self._next_visit_us = 0
        self._turn = 0
        self._coming: deque[TagRead] = deque()  # of the visit under way, not yet due

    def hear(
        self, antenna_ports: Collection[int], from_us: int, until_us: int, limit: int
    ) -> list[TagRead]:
        # A reader that was kept from reading for longer has missed what was there.
        from_us = max(from_us, until_us - _MOST_SILENCE_US)
        reads: list[TagRead] = []
        while len(reads) < limit:
            if not self._coming and not self._visit(antenna_ports, from_us, until_us):
                break
            if self._coming and self._coming[0].at_us > until_us:
                break
            if self._coming and self._is_heard(
                read := self._coming.popleft(), antenna_ports, from_us
            ):
                reads.append(read)
        return reads

    def delivered(self, reads: int) -> None:
        pass

    def lost(self) -> None:
        self._coming.clear()

    def _visit(self, ports: Collection[int], from_us: int, until_us: int) -> bool:
        """Begin the next visit, if one is due and there is an antenna to visit."""
        at_us = max(self._next_visit_us, from_us)
        known = sorted(set(ports) & self._radio.antennas.keys())
        if at_us > until_us or not known:
            return False
        port = known[self._turn % len(known)]
        self._turn += 1
        self._next_visit_us = at_us + VISIT_US
        epcs = self._world.epcs_in(self._radio.antennas[port].zone)
        self._coming.extend(self._radio.visit(port, epcs, at_us))
        return True

    def _is_heard(self, read: TagRead, ports: Collection[int], from_us: int) -> bool:
        zone = self._radio.antennas[read.antenna_port].zone
        is_listening = read.antenna_port in ports and read.at_us >= from_us
        return is_listening and self._world.is_in(zone, read.epc)
