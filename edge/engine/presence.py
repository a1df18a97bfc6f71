"""Which items are there, where, and which of them are missing, gone or sold.

An item is missing at the first end of an epoch by which it has been silent for longer than its read
rate allows (`silence`), or than `absence_s` where that is fixed; counted from the end of the epoch
of its last read and only while its zone is watched (`coverage`).  So after a start it is counted
from the first stamps on.
"""

import math
from collections.abc import Sequence

from edge.engine.absence import AbsenceClock
from edge.engine.awaited import GUESS_US
from edge.engine.changes import BulkExit, EngineSettings, KnownItem, LastRead, StrayReads
from edge.engine.coverage import Coverage
from edge.engine.exits import ExitWatch
from edge.engine.items import Item
from edge.engine.matches import Match
from edge.engine.observations import Heard, Observation
from edge.engine.register import Register
from edge.engine.silence import allowed_silence_us, note_epoch
from edge.engine.stock import stock_changes
from edge.engine.strays import Strays
from edge.engine.told import Told
from edge.engine.transitions import Cause, step
from edge.engine.zones import Zones
from edge.epc import Stray
from edge.model import EventKind, ItemEvent, ItemState, Sgtin, StockChange, TagRead, ZoneKind

SALE_DWELL_S = 20  # who only walks past a till is read there for less
_UNHEARD_EPOCHS = 1000  # what was only counted by hand is taken for a tag that is hardly ever read
_OUTWARD_SHARE = 0.4  # of the power heard last, beyond the usual: then what is silent has left


class Presence:
    def __init__(
        self, settings: EngineSettings, zones: Zones, coverage: Coverage, register: Register
    ) -> None:
        self._epoch_us = round(settings.epoch_s * 1e6)
        self._absence_us = None if settings.absence_s is None else round(settings.absence_s * 1e6)
        self._zones, self._coverage, self._register = zones, coverage, register
        self._now_us = 0
        self._clocks: dict[str, AbsenceClock] = {}
        self._events: list[ItemEvent] = []
        self._stock: list[StockChange] = []
        self._changed: dict[Item, None] = {}
        self._read: dict[Item, None] = {}
        self.told = Told(register, zones.kind, self._decide)
        self._awaited = self.told.awaited
        self._strays = Strays()
        self._settings = settings
        self._exits: dict[str, ExitWatch] = {}
        self._bulk_exits: list[BulkExit] = []
        self.unkept_strays = 0

    def recall(self, known: KnownItem) -> None:
        item = self._register.recall(known)
        if item.state in (ItemState.PRESENT, ItemState.MISSING):
            self._clock(known.zone).await_item(item)

    # Time, and what is heard in it.

    @property
    def now_us(self) -> int:
        """The end of the last epoch that was seen; 0 before any."""
        return self._now_us

    def run_to(self, end_us: int) -> None:
        """Let the clocks run to the end of an epoch, before its evidence is seen."""
        if end_us <= self._now_us:
            return
        for zone, clock in self._clocks.items():
            watched_from_us = self._coverage.watched_from_us(zone)
            if watched_from_us is not None:
                clock.run(max(0, end_us - max(self._now_us, watched_from_us)))
        self._now_us = end_us

    def see(self, epoch: int, heard: Sequence[Heard]) -> None:
        """Take what all antennas have heard in one epoch."""
        read: list[tuple[Item, int]] = []
        begin_epoch, find = self._zones.begin_epoch, self._register.find
        deaf = self._deaf()
        for reader, port, observations in heard:
            antenna = self._zones.numbers[reader, port]
            for epc, observation in observations.items():
                item = find(epc) or self._admit(epc, antenna, observation)
                if item is None:
                    continue
                if item.epoch != epoch:
                    read.append((item, begin_epoch(item, epoch, deaf)))
                power = 10.0 ** (observation.sum_dbm / observation.hits / 10)
                item.heard[antenna] = item.heard.get(antenna, 0.0) + min(power, item.limit)
                item.last_read_at_us = max(item.last_read_at_us, observation.last_at_us)
        for item, gap in read:
            item.limit = math.inf  # one number for all: some bytes a tag
            self._read[item] = None
            if item.state is ItemState.PRESENT:
                self._follow(item, epoch, gap)
            else:
                self._welcome(item, epoch)

    def see_late(self, read: TagRead) -> None:
        """Take a read of an epoch closed before: a known item was there, wherever that was."""
        at_us = read.at_us
        decoded = self._register.identify(read.epc, read.pc)
        if isinstance(decoded, Stray):
            self.note_stray(read.epc, decoded, read.hits, at_us)
            return
        item = self._register.item(decoded)
        if item is None:
            return
        item.last_read_at_us = max(item.last_read_at_us, at_us)
        self._read[item] = None
        ago_us = max(0, self._now_us - at_us)
        if item.state is ItemState.MISSING and ago_us <= self._silence_us(item):
            self._decide(item, Cause.SEEN, item.zone, self._now_us, ago_us)
        elif item.state is ItemState.PRESENT:
            by_clock_us = self._clock(item.zone).now_us - ago_us
            item.read_clock_us = max(item.read_clock_us, by_clock_us)

    def find_missing(self) -> None:
        """Decide who is missing or gone by now, in the order of time whatever the zones."""
        overdue = []
        deaf = self._deaf()
        for clock in self._clocks.values():
            for overdue_us, item in clock.overdue():
                if deaf and self._zones.is_heard_by(item, deaf):
                    item.read_clock_us = clock.now_us  # who heard it cannot, so its silence is none
                    clock.await_item(item)
                    continue
                moment_us = self._now_us - overdue_us
                epoch_end_us = (moment_us // self._epoch_us + 1) * self._epoch_us
                overdue.append((epoch_end_us, item.sgtin.gtin, item.sgtin.serial, item))
        for at_us, _, _, item in sorted(overdue, key=lambda found: found[:3]):
            cause = self._unless_sold(item, self._cause_of_silence(item), item.zone, at_us)
            if cause is Cause.LEFT and item.state is ItemState.PRESENT:
                self._note_pass(item, self._zones.exit_of(item), item.last_read_at_us)
            self._decide(item, cause, item.zone, at_us)

    # What people say; what tills say is `told`.

    def place(
        self, sgtin: Sgtin, cause: Cause, zone: str, seen_at_us: int, at_us: int
    ) -> EventKind:
        """Take from a count what has become of an item; one that is unknown is made.

        `seen_at_us`: when the count saw it, or 0.  What is not there may be what a till has sold
        without knowing which it was.  Raises ValueError for what cannot be.
        """
        at_us = max(self._now_us, at_us)
        item = self._register.make_known(sgtin, zone)
        item.last_read_at_us = max(item.last_read_at_us, seen_at_us)
        item.belief = item.usual = None  # somebody has seen where it is
        item.heard.clear()
        if not item.rate_age:
            note_epoch(item, _UNHEARD_EPOCHS)
        if cause is Cause.RETURNED:
            self._awaited.take_back(sgtin, at_us)
        elif cause in {Cause.UNSEEN, Cause.LEFT}:
            cause = self._unless_sold(item, cause, zone, at_us)
        self._decide(item, cause, zone, at_us)
        kind = self._events[-1].kind
        self.told.seek_others(self._now_us)
        return kind

    # What is taken from here.

    def take_events(self) -> tuple[list[ItemEvent], list[StockChange], list[KnownItem]]:
        """Give the events since the last take, what they do, and their items as they are now."""
        taken = self._events, self._stock, [item.known() for item in self._changed]
        self._events, self._stock, self._changed = [], [], {}
        return taken

    def take_last_reads(self) -> list[LastRead]:
        read, self._read = self._read, {}
        return [item.last_read() for item in read]

    def take_bulk_exits(self) -> list[BulkExit]:
        taken, self._bulk_exits = self._bulk_exits, []
        return taken

    def take_matches(self) -> list[Match]:
        return self._awaited.take()

    def take_strays(self, *, is_full: bool) -> list[StrayReads]:
        return self._strays.take(is_full=is_full)

    # The steps of one item.

    def _deaf(self) -> set[int]:
        return {self._zones.numbers[antenna] for antenna in self._coverage.deaf()}

    def _admit(self, epc: bytes, antenna: int, observation: Observation) -> Item | None:
        admitted = self._register.admit(epc, observation.pc, self._zones.zone_of[antenna])
        if isinstance(admitted, Item):
            return admitted
        self.note_stray(epc, admitted, observation.hits, observation.last_at_us)
        return None

    def _follow(self, item: Item, epoch: int, gap: int) -> None:
        """Take an epoch's evidence of an item that is present."""
        clock = self._clock(item.zone)
        self._note_epoch(item, clock)
        self._zones.note_door(item)
        zone = self._zones.weigh(item, epoch, gap)
        if zone != item.zone:
            self._zones.note_move(item, zone, epoch)
            cause = self._unless_sold(item, Cause.SEEN_ELSEWHERE, zone, self._now_us)
            if cause is Cause.SEEN_ELSEWHERE and self._zones.kind(zone) is ZoneKind.EXIT:
                self._note_pass(item, zone, self._now_us)
            self._decide(item, cause, zone, self._now_us)
        else:
            item.read_clock_us = clock.now_us

    def _welcome(self, item: Item, epoch: int) -> None:
        """Take an epoch's evidence of an item that was not there: it is back, or that is naught."""
        zone = self._zones.first_zone(item)
        if item.state is None:
            note_epoch(item, 1)
            self._decide(item, Cause.SEEN, zone, self._now_us)
        elif item.state is ItemState.MISSING:
            self._note_epoch(item, self._clock(item.zone))  # its silence was its own
            self._decide(item, Cause.SEEN, zone, self._now_us)
        elif self._is_back(item, zone):
            self._decide(item, Cause.RETURNED, zone, self._now_us)
            self.told.seek_others(self._now_us)
        item.epoch = epoch

    def _note_pass(self, item: Item, zone: str, at_us: int) -> None:
        watch = self._exits.get(zone)
        if watch is None:
            settings = self._settings
            watch = ExitWatch(zone, settings.bulk_exit_items, settings.bulk_exit_s)
            self._exits[zone] = watch
        if found := watch.note(item.sgtin, at_us):
            self._bulk_exits.append(found)

    def _note_epoch(self, item: Item, clock: AbsenceClock) -> None:
        epochs = (clock.now_us - item.read_clock_us) // self._epoch_us
        if epochs:
            note_epoch(item, epochs)

    def _is_back(self, item: Item, zone: str) -> bool:
        if self._zones.kind(zone) is ZoneKind.EXIT:
            return False  # still at the door
        ago_us = self._now_us - item.since_us
        if self._zones.kind(zone) is not ZoneKind.POINT_OF_SALE:
            if self._awaited.claims(item.sgtin, Cause.RETURNED, self._now_us, item.since_us):
                return True
            if ago_us > GUESS_US and self._awaited.take_back(item.sgtin, self._now_us):
                return True
        sold_us = round(self._zones.profile(item.zone).sold_s * 1e6)
        return item.state is not ItemState.SOLD or ago_us > sold_us

    def _unless_sold(self, item: Item, cause: Cause, zone: str, at_us: int) -> Cause:
        """Give SOLD where an item goes and a till has told so without knowing of which one."""
        is_going = cause is not Cause.SEEN_ELSEWHERE or self._zones.kind(zone) is ZoneKind.EXIT
        if item.state is not ItemState.PRESENT or not is_going:
            return cause
        return Cause.SOLD if self._awaited.claims(item.sgtin, Cause.SOLD, at_us) else cause

    def _cause_of_silence(self, item: Item) -> Cause:
        if item.state is ItemState.MISSING:
            return Cause.LEFT
        if self._is_bought(item):
            return Cause.SOLD
        is_leaving = self._zones.outward_share(item) > _OUTWARD_SHARE
        return Cause.LEFT if is_leaving and self._absence_us is None else Cause.UNSEEN

    def _is_bought(self, item: Item) -> bool:
        """Tell whether an item has waited at a till that sells, or come from there to an exit."""
        selling = self._settings.selling_zones
        if item.zone in selling:
            return item.last_read_at_us - item.since_us >= SALE_DWELL_S * 1_000_000
        return item.came_from in selling and self._zones.kind(item.zone) is ZoneKind.EXIT

    def _allowed_us(self, item: Item) -> int:
        if item.state is ItemState.MISSING:
            profile = self._zones.profile(item.zone)
            return round(profile.departed_s * 1e6)
        return self._silence_us(item)

    def _silence_us(self, item: Item) -> int:
        if self._absence_us is not None:
            return self._absence_us
        profile, habit = self._zones.profile(item.zone), self._zones.habit(item)
        return allowed_silence_us(habit, self._epoch_us, profile)

    def _clock(self, zone: str) -> AbsenceClock:
        clock = self._clocks.get(zone)
        if clock is None:
            least_us = round(self._zones.profile(zone).missing_min_s * 1e6)
            if self._absence_us is not None:
                least_us = self._absence_us
            clock = self._clocks[zone] = AbsenceClock(self._allowed_us, least_us)
        return clock

    def note_stray(self, epc: bytes, stray: Stray, hits: int, at_us: int) -> None:
        if not self._strays.add(epc, stray.reason, hits, at_us):
            self.unkept_strays += hits

    def _decide(
        self, item: Item, cause: Cause, zone: str, at_us: int, read_ago_us: int = 0
    ) -> None:
        before, from_zone = item.state, item.zone if item.state else None
        kind, item.state = step(before, cause)
        sgtin = item.sgtin
        event = ItemEvent(kind, sgtin.gtin, sgtin.serial, zone, at_us, from_zone)
        self._events.append(event)
        self._stock += stock_changes(event, before, item.state)
        self._changed[item] = None
        item.zone, item.since_us = zone, at_us
        if item.state is ItemState.PRESENT:
            clock = self._clock(zone)
            item.read_clock_us = clock.now_us - read_ago_us
            clock.await_item(item)
        elif item.state is ItemState.MISSING:
            self._clock(zone).await_item(item)
        else:
            item.entry = None
