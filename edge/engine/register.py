"""Tags to items: which EPC is which item, and which is none.

An EPC is decoded when it is first read and then known by its bytes; two EPCs can be one item, since
filter bits and encoding are no part of its key.  What is no item goes to the strays, unless strays
are followed too: then it is an item of GTIN NO_GTIN whose serial is its EPC in hex.
"""

from collections.abc import Iterator, Sequence

from edge.engine.changes import KnownItem
from edge.engine.items import Item
from edge.epc import EpcDecoder, Stray
from edge.model import Sgtin

NO_GTIN = "00000000000000"
_ALIASES = 1_000  # EPCs beyond one for each item


class Register:
    def __init__(self, decoder: EpcDecoder, *, track_strays: bool) -> None:
        self._decode = decoder
        self._track_strays = track_strays
        self._items: dict[Sgtin, Item] = {}
        self._by_epc: dict[bytes, Item] = {}
        self._by_gtin: dict[str, list[Item]] = {}
        self.find = self._by_epc.get  # an item whose EPC has been read before; None of any other

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def item(self, sgtin: Sgtin) -> Item | None:
        return self._items.get(sgtin)

    def items_of(self, gtin: str) -> Sequence[Item]:
        return self._by_gtin.get(gtin, ())

    def make_known(self, sgtin: Sgtin, zone: str) -> Item:
        """Give an item, without a state where nobody knew it; `zone` is where that one is."""
        return self._items.get(sgtin) or self._make(sgtin, zone)

    def recall(self, known: KnownItem) -> Item:
        """Make an item that storage knows."""
        item = self._make(Sgtin(known.gtin, known.serial), known.zone)
        item.state = known.state
        item.last_read_at_us = known.last_read_at_us
        item.since_us = known.since_us or known.last_read_at_us
        return item

    def admit(self, epc: bytes, pc: int | None, zone: str) -> Item | Stray:
        """Give the item of an EPC, a new one where it must be; `zone` is where it was read."""
        decoded = self.identify(epc, pc)
        if isinstance(decoded, Stray):
            return decoded
        item = self._items.get(decoded) or self._make(decoded, zone)
        if len(self._by_epc) >= len(self._items) + _ALIASES:
            del self._by_epc[next(iter(self._by_epc))]
        self._by_epc[epc] = item
        return item

    def identify(self, epc: bytes, pc: int | None) -> Sgtin | Stray:
        decoded = self._decode(epc, pc)
        if self._track_strays and isinstance(decoded, Stray):
            return Sgtin(NO_GTIN, epc.hex())
        return decoded

    def _make(self, sgtin: Sgtin, zone: str) -> Item:
        siblings = self._by_gtin.setdefault(sgtin.gtin, [])
        gtin = siblings[0].sgtin.gtin if siblings else sgtin.gtin  # one text for all of a product
        item = self._items[sgtin] = Item(Sgtin(gtin, sgtin.serial), zone)
        siblings.append(item)
        return item
