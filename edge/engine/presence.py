"""Which items are there, where, and which of them are missing.

An item is missing at the first end of an epoch by which it has been unread for longer than
absence_s, counted from the end of the epoch of its last read and only while its zone is watched
(`coverage`).  So after a start it is counted from the first stamps on.
"""

from collections.abc import Iterable, Mapping

from edge.engine.absence import AbsenceClock
from edge.engine.changes import KnownItem, LastRead
from edge.engine.coverage import Coverage
from edge.engine.items import Item
from edge.engine.stock import stock_changes
from edge.engine.transitions import Cause, step
from edge.engine.zones import Evidence, leading_zone
from edge.model import ItemEvent, ItemState, Sgtin, StockChange


class Presence:
    def __init__(
        self, epoch_us: int, absence_us: int, coverage: Coverage, known: Iterable[KnownItem]
    ) -> None:
        self._epoch_us = epoch_us
        self._absence_us = absence_us
        self._coverage = coverage
        self._now_us = 0
        self._clocks: dict[str, AbsenceClock] = {}
        self._items: dict[Sgtin, Item] = {}
        self._events: list[ItemEvent] = []
        self._stock: list[StockChange] = []
        self._changed: dict[Item, None] = {}
        self._read: dict[Item, None] = {}
        for item in known:
            self._recall(item)

    def run_to(self, end_us: int) -> None:
        """Let the clocks run to the end of an epoch, before its evidence is seen."""
        if end_us <= self._now_us:
            return
        for zone, clock in self._clocks.items():
            watched_from_us = self._coverage.watched_from_us(zone)
            if watched_from_us is not None:
                clock.run(max(0, end_us - max(self._now_us, watched_from_us)))
        self._now_us = end_us

    def see(self, sgtin: Sgtin, evidence: Mapping[str, Evidence], last_at_us: int) -> None:
        """Take an epoch's evidence of one item."""
        item = self._items.get(sgtin)
        if item is None:
            item = self._items[sgtin] = Item(sgtin, leading_zone(evidence))
        self._note_read(item, last_at_us)
        if item.state is not ItemState.PRESENT:
            self._decide(item, Cause.SEEN, leading_zone(evidence), self._now_us)
            return
        zone = item.whereabouts.weigh(evidence)
        if zone != item.whereabouts.zone:
            self._decide(item, Cause.SEEN_ELSEWHERE, zone, self._now_us)
        item.read_clock_us = self._clock(zone).now_us

    def see_late(self, sgtin: Sgtin, at_us: int) -> None:
        """Take a read of an epoch closed before: a known item was there, wherever that was."""
        item = self._items.get(sgtin)
        if item is None:
            return
        self._note_read(item, at_us)
        ago_us = max(0, self._now_us - at_us)
        if item.state is ItemState.MISSING and ago_us <= self._absence_us:
            self._decide(item, Cause.SEEN, item.whereabouts.zone, self._now_us, ago_us)
        elif item.state is ItemState.PRESENT:
            by_clock_us = self._clock(item.whereabouts.zone).now_us - ago_us
            item.read_clock_us = max(item.read_clock_us, by_clock_us)

    def find_missing(self) -> None:
        """Decide who is missing by now, in the order of time whatever the zones."""
        overdue = []
        for clock in self._clocks.values():
            for overdue_us, item in clock.overdue():
                moment_us = self._now_us - overdue_us
                epoch_end_us = (moment_us // self._epoch_us + 1) * self._epoch_us
                overdue.append((epoch_end_us, item.sgtin.gtin, item.sgtin.serial, item))
        for at_us, _, _, item in sorted(overdue, key=lambda found: found[:3]):
            self._decide(item, Cause.UNSEEN, item.whereabouts.zone, at_us)

    def take_events(self) -> tuple[list[ItemEvent], list[StockChange], list[KnownItem]]:
        """Give the events since the last take, what they do, and their items as they are now."""
        taken = self._events, self._stock, [item.known() for item in self._changed]
        self._events, self._stock, self._changed = [], [], {}
        return taken

    def take_last_reads(self) -> list[LastRead]:
        read, self._read = self._read, {}
        return [item.last_read() for item in read]

    def _recall(self, known: KnownItem) -> None:
        sgtin = Sgtin(known.gtin, known.serial)
        item = self._items[sgtin] = Item(sgtin, known.zone)
        item.state = known.state
        item.last_read_at_us = known.last_read_at_us
        if item.state is ItemState.PRESENT:
            self._clock(known.zone).await_item(item)

    def _clock(self, zone: str) -> AbsenceClock:
        clock = self._clocks.get(zone)
        if clock is None:
            clock = self._clocks[zone] = AbsenceClock(self._absence_us)
        return clock

    def _note_read(self, item: Item, at_us: int) -> None:
        item.last_read_at_us = max(item.last_read_at_us, at_us)
        self._read[item] = None

    def _decide(
        self, item: Item, cause: Cause, zone: str, at_us: int, read_ago_us: int = 0
    ) -> None:
        before, from_zone = item.state, item.whereabouts.zone if item.state else None
        kind, item.state = step(before, cause)
        sgtin = item.sgtin
        event = ItemEvent(kind, sgtin.gtin, sgtin.serial, zone, at_us, from_zone)
        self._events.append(event)
        self._stock += stock_changes(event, before, item.state)
        self._changed[item] = None
        item.whereabouts.move(zone)
        if item.state is ItemState.PRESENT:
            clock = self._clock(zone)
            item.read_clock_us = clock.now_us - read_ago_us
            clock.await_item(item)
