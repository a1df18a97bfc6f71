"""Where count sessions are opened, closed and approved, whoever says so.

Commands, the store's own machines and head office come here from any thread; what they say is
decided by the engine's thread, and committed before they are answered.  Said twice, it is done once
and answered the same.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from edge.clock import Clock
from edge.config import Config
from edge.counts import Applied, Basis, CountPlan, CountState
from edge.engine.approval import Approval
from edge.engine.counting import count_id
from edge.engine.pipeline import Pipeline
from edge.epc import Stray, decode
from edge.errors import InputConflict, InputError, NothingSuch, StorageError
from edge.model import Sgtin
from edge.storage.counts import CountHead, Counts
from edge.storage.database import Database
from edge.wire_counts import CountAct, CountOrder, CountWish

WAIT_S = 10.0
MOST_RUNNING = 1000  # sessions differ in their zones, and those are fewer
_MISTAKES = 10  # of a list, that are told


class Order(Protocol):
    """As the recorder takes it."""

    def decide(self, pipeline: Pipeline) -> None: ...
    def write(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CountPlaces:
    """Where can be counted, and by whom: the zones of each fixed reader, and the handhelds."""

    zones: AbstractSet[str]
    fixed: Mapping[str, AbstractSet[str]]
    handhelds: Sequence[str]
    idle_s: float


@dataclass(slots=True)
class _Order:
    """An order of which all that is to be kept comes out of the engine."""

    counts: Counts  # of the engine's thread

    def write(self) -> None:
        """Write nothing more."""

    def head(self, count: str) -> CountHead:
        head = self.counts.head(count)
        if head is None:
            raise NothingSuch(f"there is no count {count}")
        return head


@dataclass(slots=True)
class _Open(_Order):
    plan: CountPlan
    listed: Sequence[Sgtin]
    quantities: Mapping[str, int]
    choose: Callable[[Pipeline], tuple[str, ...]]

    def decide(self, pipeline: Pipeline) -> None:
        if self.counts.head(self.plan.id) is None:  # else it was told before
            plan = replace(self.plan, readers=self.choose(pipeline))
            pipeline.counting.open(plan, self.listed, self.quantities)


@dataclass(slots=True)
class _End(_Order):
    """Close a session that runs; cancel one that runs, or waits for a person's word."""

    count: str
    state: CountState
    at_us: int
    by: str

    def decide(self, pipeline: Pipeline) -> None:
        if pipeline.counting.is_running(self.count):
            pipeline.counting.end(self.count, self.state, self.at_us, self.by)
            return
        state = self.head(self.count).state
        if state is CountState.CLOSED and self.state is CountState.CANCELLED:
            pipeline.counting.decide(self.count, self.state, self.at_us, self.by, Applied())
        elif state is not self.state:
            raise InputConflict(f"count {self.count} is {state.value}; it cannot be {self.state}")


@dataclass(slots=True)
class _Approve(_Order):
    count: str
    at_us: int
    by: str
    writes_off: bool
    applied: Applied = field(default_factory=Applied)

    def decide(self, pipeline: Pipeline) -> None:
        if pipeline.counting.is_running(self.count):
            raise InputConflict(f"count {self.count} runs; close it before it is approved")
        head = self.head(self.count)
        if head.state is CountState.APPROVED:
            self.applied = head.applied
            return
        if head.state is not CountState.CLOSED:
            raise InputConflict(f"count {self.count} is {head.state.value}; it cannot be approved")
        plan = head.plan
        closed_at_us = head.closed_at_us or plan.opened_at_us
        items = self.counts.items(self.count)
        approval = Approval(plan.zones, plan.opened_at_us, closed_at_us, items, self.writes_off)
        self.applied = pipeline.approve(approval, closed_at_us)
        pipeline.counting.decide(self.count, CountState.APPROVED, self.at_us, self.by, self.applied)


@dataclass(slots=True)
class _Refuse(_Order):
    plan: CountPlan
    reason: str

    def decide(self, pipeline: Pipeline) -> None:
        """Decide nothing."""

    def write(self) -> None:
        self.counts.refuse(self.plan, self.reason[:200])


class CountDesk:
    """`order` hands an order to the engine's thread, whose database `db` is."""

    def __init__(
        self,
        db: Database,
        order: Callable[[Order], Future[None]],
        places: CountPlaces,
        clock: Clock,
    ) -> None:
        self._path, self._counts = db.path, Counts(db)
        self._order, self._places, self._clock = order, places, clock

    # What is said.  Each raises InputError for what cannot be, StorageError if it is not kept.

    def open(self, order: CountOrder, by: str) -> str:
        """Begin a session; give its id."""
        zones = tuple(dict.fromkeys(order.zones))
        self._check(zones, order.readers)
        at_us = self._now_us()
        plan = CountPlan(
            order.id or count_id(at_us, zones[0]),
            zones,
            (),
            _basis(order),
            by,
            at_us,
            order.idle_s or self._places.idle_s,
        )
        listed = items_of(order.epcs or ())

        def choose(pipeline: Pipeline) -> tuple[str, ...]:
            return tuple(order.readers) or self._free(pipeline, zones)

        self._do(_Open(self._counts, plan, listed, order.quantities or {}, choose))
        return plan.id

    def close(self, count: str, by: str) -> None:
        self._do(_End(self._counts, count, CountState.CLOSED, self._now_us(), by))

    def cancel(self, count: str, by: str) -> None:
        self._do(_End(self._counts, count, CountState.CANCELLED, self._now_us(), by))

    def approve(self, count: str, by: str, *, writes_off: bool = False) -> Applied:
        """Make the differences of a session that has ended events; give what was done."""
        order = _Approve(self._counts, count, self._now_us(), by, writes_off)
        self._do(order)
        return order.applied

    def obey(self, wish: CountWish, by: str) -> None:
        """Do what head office wants; an order that cannot be followed is kept, with the reason."""
        match wish.act, wish.order:
            case CountAct.OPEN, CountOrder() as order:
                self._open_or_refuse(wish.count, order, by)
            case CountAct.CLOSE, _:
                self.close(wish.count, by)
            case CountAct.CANCEL, _:
                self.cancel(wish.count, by)
            case CountAct.APPROVE, _:
                self.approve(wish.count, by, writes_off=wish.writes_off)

    # The steps.

    def _open_or_refuse(self, count: str, order: CountOrder, by: str) -> None:
        try:
            self.open(msgspec.structs.replace(order, id=count), by)
        except InputError as error:
            reason = str(error)
            plan = CountPlan(count, tuple(order.zones), (), _basis(order), by, self._now_us(), 0.0)
            self._do(_Refuse(self._counts, plan, reason))
            raise

    def _check(self, zones: Sequence[str], readers: Sequence[str]) -> None:
        places = self._places
        for zone in zones:
            if zone not in places.zones:
                raise InputError(f"zone {zone} is none of: {', '.join(sorted(places.zones))}")
        for reader in readers:
            if reader not in places.fixed and reader not in places.handhelds:
                known = ", ".join([*places.handhelds, *places.fixed])
                raise InputError(f"reader {reader} is none of: {known}")
            if not places.fixed.get(reader, {*zones}) & {*zones}:
                raise InputError(f"reader {reader} has no antenna in {', '.join(zones)}")

    def _free(self, pipeline: Pipeline, zones: Sequence[str]) -> tuple[str, ...]:
        """Choose all handhelds that are free, else the fixed readers that cover the zones."""
        free = pipeline.counting.is_free
        handhelds = tuple(filter(free, self._places.handhelds))
        fixed = tuple(
            name for name, covers in self._places.fixed.items() if covers & {*zones} and free(name)
        )
        if not (handhelds or fixed):
            raise InputConflict(f"no reader is free to count {', '.join(zones)}")
        return handhelds or fixed

    def _do(self, order: Order) -> None:
        asked = self._order(order)
        try:
            asked.result(WAIT_S)
        except TimeoutError as error:
            asked.cancel()
            raise StorageError(f"{self._path}: not written within {WAIT_S:g} s") from error

    def _now_us(self) -> int:
        return self._clock.now().utc_us


def count_places(config: Config) -> CountPlaces:
    handhelds = config.handhelds()
    fixed = {
        reader.name: {antenna.zone for antenna in reader.antennas}
        for reader in config.readers
        if reader.name not in handhelds
    }
    return CountPlaces({*config.zone_kinds()}, fixed, tuple(handhelds), config.counts.idle_s)


def resume_counts(db: Database, pipeline: Pipeline) -> None:
    """Let the sessions go on that ran when the agent ended."""
    counts = Counts(db)
    for head in counts.heads(MOST_RUNNING, CountState.RUNNING):
        plan = head.plan
        expected = {line.gtin: line.expected for line in counts.lines(plan.id)}
        pipeline.counting.resume(plan, expected, counts.items(plan.id))


def items_of(epcs: Sequence[str]) -> list[Sgtin]:
    """Read a list of EPCs in hex; raise InputError that names those that are no items."""
    items, mistakes = [], []
    for number, epc in enumerate(epcs, 1):
        try:
            decoded = decode(bytes.fromhex(epc))
        except ValueError:
            mistakes.append(f"entry {number}: {epc!r:.80} is not hexadecimal")
            continue
        if isinstance(decoded, Stray):
            mistakes.append(f"entry {number}: {epc} is no item: {decoded.reason.value}")
        else:
            items.append(decoded)
    if mistakes:
        count = "1 entry" if len(mistakes) == 1 else f"{len(mistakes)} entries"
        raise InputError(
            f"the list of expected items: {count} cannot be used", mistakes[:_MISTAKES]
        )
    return items


def _basis(order: CountOrder) -> Basis:
    if order.epcs is not None and order.quantities is not None:
        raise InputError("expected either epcs or quantities, got both")
    if order.epcs is not None:
        return Basis.ITEMS
    return Basis.STATE if order.quantities is None else Basis.QUANTITIES
