"""The count sessions that run: which items their readers have read, and which were expected.

A read of a handheld counts for the session that names the handheld, else for the one that counts
the handheld's zone; the first read of a press for which there is none opens one.  All reads of one
press belong to one session: what still comes of a press when that is closed opens no other.  A
handheld that reads the tag with `close_epc` closes its session: a card at the end of the way.  A
read of a fixed reader counts where the engine takes the item to be in one of the session's zones,
so that what shines through a wall is not counted.

Nothing here changes stock: that is for a person to approve (`approval`).  Sessions differ in their
zones and in their readers, so no read counts twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from edge.counts import Applied, Basis, CountedItem, CountPlan, CountState
from edge.engine.count_changes import CountChange, CountEnded, CountFound, CountOpened
from edge.engine.items import Item
from edge.engine.observations import Heard
from edge.engine.register import Register
from edge.epc import Stray
from edge.errors import InputConflict
from edge.model import ItemState, Sgtin, TagRead

TRIGGER = "trigger"
TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class CountSettings:
    idle_s: float = 1800.0  # nothing new for so long: the session was forgotten
    trigger_idle_s: float = 300.0  # the same, of one that a trigger has opened
    longest_s: float = 28_800.0  # no session runs longer
    close_epc: bytes = b""  # none where it is empty


@dataclass(slots=True)
class Session:
    """One that runs.  `left`: of how many of each GTIN it is still expected to find some."""

    plan: CountPlan
    expected: set[Sgtin]
    left: dict[str, int]
    found: set[Sgtin] = field(default_factory=set)
    heard_at_us: int = 0

    def take(self, sgtin: Sgtin) -> bool:
        """Take an item that was found for the first time; tell whether it was expected."""
        self.found.add(sgtin)
        if self.plan.basis is not Basis.QUANTITIES:
            return sgtin in self.expected
        left = self.left.get(sgtin.gtin, 0)
        self.left[sgtin.gtin] = max(0, left - 1)
        return left > 0


class Counting:
    """`handhelds`: the zone of each handheld, for sessions that its trigger opens."""

    def __init__(
        self, register: Register, handhelds: Mapping[str, str], settings: CountSettings
    ) -> None:
        self._register, self._settings = register, settings
        self._handhelds = dict(handhelds)
        self._sessions: dict[str, Session] = {}
        self._presses: dict[str, int] = {}  # the latest of each handheld
        self._changes: list[CountChange] = []
        self.unclaimed_reads = 0  # of handhelds, while nothing was counted

    @property
    def is_idle(self) -> bool:
        return not self._sessions

    def is_handheld(self, reader: str) -> bool:
        return reader in self._handhelds

    def take(self) -> list[CountChange]:
        taken, self._changes = self._changes, []
        return taken

    def is_running(self, count: str) -> bool:
        return count in self._sessions

    def is_free(self, reader: str) -> bool:
        """Tell whether no session names this reader."""
        return self._naming(reader) is None

    # What people say.

    def open(self, plan: CountPlan, listed: Iterable[Sgtin], quantities: Mapping[str, int]) -> None:
        """Begin a session; raise InputConflict where another one counts there.

        `listed` are the items of a list (Basis.ITEMS), `quantities` those of one of SKUs.
        """
        self._refuse_overlap(plan)
        here = {
            item.sgtin
            for item in self._register
            if item.zone in plan.zones and item.state in (ItemState.PRESENT, ItemState.MISSING)
        }
        expected = {Basis.STATE: here, Basis.ITEMS: set(listed)}.get(plan.basis, set())
        if plan.basis is not Basis.QUANTITIES:
            quantities = _numbers(expected)
        items = [
            CountedItem(sgtin.gtin, sgtin.serial, sgtin in expected, sgtin in here)
            for sgtin in sorted(expected | here, key=_key)
        ]
        self._sessions[plan.id] = Session(
            plan, expected, dict(quantities), heard_at_us=plan.opened_at_us
        )
        self._changes.append(CountOpened(plan, dict(quantities), items))

    def resume(
        self, plan: CountPlan, quantities: Mapping[str, int], items: Iterable[CountedItem]
    ) -> None:
        """Go on with a session as storage has it."""
        session = Session(plan, set(), dict(quantities), heard_at_us=plan.opened_at_us)
        for item in items:
            sgtin = Sgtin(item.gtin, item.serial)
            if item.is_expected and plan.basis is not Basis.QUANTITIES:
                session.expected.add(sgtin)
            if item.found_at_us is not None:
                session.take(sgtin)
                session.heard_at_us = max(session.heard_at_us, item.found_at_us)
        self._sessions[plan.id] = session

    def end(self, count: str, state: CountState, at_us: int, by: str) -> None:
        """Close or cancel a session; raise InputConflict for one that does not run."""
        session = self._sessions.pop(count, None)
        if session is None:
            raise InputConflict(f"count {count} does not run")
        at_us = max(at_us, session.heard_at_us)
        self._changes.append(CountEnded(count, state, at_us, by))

    def decide(self, count: str, state: CountState, at_us: int, by: str, applied: Applied) -> None:
        """Note what a person has said of a session that does not run any more."""
        self._changes.append(CountEnded(count, state, at_us, by, applied))

    def pass_time(self, now_us: int) -> None:
        """Close what was forgotten by `now_us`, a stamp of the readers' time."""
        for count, session in list(self._sessions.items()):
            idle_us = round(session.plan.idle_s * 1e6)
            longest_us = round(self._settings.longest_s * 1e6)
            is_over = now_us - session.plan.opened_at_us > longest_us
            if is_over or now_us - session.heard_at_us > idle_us:
                self.end(count, CountState.CLOSED, now_us, TIMEOUT)

    # What readers say.

    def hear(self, reader: str, reads: Sequence[TagRead]) -> list[tuple[TagRead, Stray]]:
        """Take the reads of a handheld; give those of tags that are no items."""
        strays = []
        for read in reads:
            if read.epc == self._settings.close_epc:
                self._close_by_tag(reader, read)
                continue
            decoded = self._register.identify(read.epc, read.pc)
            if isinstance(decoded, Stray):
                strays.append((read, decoded))
                continue
            session = self._session_of(reader, read)
            if session is None:
                self.unclaimed_reads += read.hits
                continue
            session.heard_at_us = max(session.heard_at_us, read.at_us)
            if decoded not in session.found:
                self._find(session, decoded, read.at_us, read.pressed_at_us)
        return strays

    def see(self, heard: Sequence[Heard]) -> None:
        """Take an epoch of the fixed readers, after the engine has decided by it."""
        find = self._register.find
        for reader, _, observations in heard:
            session = self._naming(reader)
            if session is None:
                continue
            for epc, observation in observations.items():
                item = find(epc)
                if item and self._is_new_in(session, item, observation.last_at_us):
                    self._find(session, item.sgtin, observation.last_at_us, 0)

    # The steps.

    def _is_new_in(self, session: Session, item: Item, at_us: int) -> bool:
        is_there = item.state is ItemState.PRESENT and item.zone in session.plan.zones
        is_of_now = at_us >= session.plan.opened_at_us
        return is_there and is_of_now and item.sgtin not in session.found

    def _find(self, session: Session, sgtin: Sgtin, at_us: int, pressed_at_us: int) -> None:
        is_expected = session.take(sgtin)
        session.heard_at_us = max(session.heard_at_us, at_us)
        found = CountFound(
            session.plan.id, sgtin.gtin, sgtin.serial, is_expected, at_us, pressed_at_us
        )
        self._changes.append(found)

    def _close_by_tag(self, reader: str, read: TagRead) -> None:
        session = self._counted_by(reader)
        self._note_press(reader, read)
        if session:
            self.end(session.plan.id, CountState.CLOSED, read.at_us, TRIGGER)

    def _session_of(self, reader: str, read: TagRead) -> Session | None:
        session = self._counted_by(reader)
        is_new_press = self._note_press(reader, read)
        if session or not is_new_press:
            return session
        zone, press = self._handhelds[reader], read.pressed_at_us
        plan = CountPlan(
            count_id(press, reader),
            (zone,),
            (reader,),
            Basis.STATE,
            TRIGGER,
            press,
            self._settings.trigger_idle_s,
        )
        self.open(plan, (), {})
        return self._sessions[plan.id]

    def _note_press(self, reader: str, read: TagRead) -> bool:
        """Tell whether a read is the first of its press."""
        is_new = read.pressed_at_us > self._presses.get(reader, 0)
        if is_new:
            self._presses[reader] = read.pressed_at_us
        return is_new

    def _counted_by(self, handheld: str) -> Session | None:
        return self._naming(handheld) or self._counting(self._handhelds[handheld])

    def _naming(self, reader: str) -> Session | None:
        for session in self._sessions.values():
            if reader in session.plan.readers:
                return session
        return None

    def _counting(self, zone: str) -> Session | None:
        for session in self._sessions.values():
            if zone in session.plan.zones:
                return session
        return None

    def _refuse_overlap(self, plan: CountPlan) -> None:
        if plan.id in self._sessions:
            raise InputConflict(f"count {plan.id} runs already")
        for zone in plan.zones:
            if session := self._counting(zone):
                raise InputConflict(
                    f"zone {zone} is being counted by {session.plan.id}; close it first"
                )
        for reader in plan.readers:
            if session := self._naming(reader):
                raise InputConflict(f"reader {reader} counts for {session.plan.id}; close it first")


def count_id(at_us: int, name: str) -> str:
    """Name a session by when it began, so that names sort, and what for."""
    at = datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y%m%d-%H%M%S")
    return f"{at}{at_us // 1000 % 1000:03}-{name}"


def _numbers(items: Iterable[Sgtin]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for item in sorted(items, key=_key):
        numbers[item.gtin] = numbers.get(item.gtin, 0) + 1
    return numbers


def _key(sgtin: Sgtin) -> tuple[str, str]:
    return sgtin.gtin, sgtin.serial
