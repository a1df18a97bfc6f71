"""Whatever network, disks and twins do: at quiet the cloud holds what the store's file holds.

Two searches: hypothesis, which shortens what it finds, and long walks by chance.  The walks also
run without one rule of the protocol each, and must then find what that rule is for.
"""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cloud.apply import Cursor, Decision, decide
from edge.model import SyncState
from edge.sync.session import Act, SyncSession
from edge.sync.states import Event
from edge.wire import Delta, Hello, Outcome, Wish, rows_of
from tests.support.sync import MemoryFile
from tests.support.sync_world import BAD_ZONE, Calamity, World, walk

STEPS = 400
WALKS = 300  # with all rules
SEARCH = 5000  # at most, until a missing rule is noticed

GTINS = [f"{index:014d}" for index in range(5)]
devices = st.integers(0, 1)
places = st.integers(0, 50)
counts = st.dictionaries(
    st.sampled_from(("floor", "back", BAD_ZONE)), st.integers(0, 3), max_size=2
)


class Sync(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.world.devices[0].start()
        self.world.devices[0].connect()

    @rule(device=devices, gtin=st.sampled_from(GTINS), zones=counts)  # BAD_ZONE among them
    def count(self, device: int, gtin: str, zones: dict[str, int]) -> None:
        self.world.devices[device].count(gtin, zones)

    @rule(device=devices)
    def start(self, device: int) -> None:
        self.world.devices[device].start()

    @rule(device=devices)
    def connect(self, device: int) -> None:
        self.world.devices[device].connect()

    @rule(device=devices)
    def disconnect(self, device: int) -> None:
        self.world.devices[device].disconnect()

    @rule(device=devices, broken=st.booleans())
    def break_disk(self, device: int, broken: bool) -> None:  # noqa: FBT001  (drawn)
        self.world.devices[device].set_broken(broken=broken)

    @rule(device=devices)
    def keep_copy(self, device: int) -> None:
        self.world.keep_copy(self.world.devices[device])

    @rule(device=devices, which=places)
    def restore_copy(self, device: int, which: int) -> None:
        self.world.restore_copy(self.world.devices[device], which)

    @rule(place=places, again=st.booleans(), bridge=st.integers(0, 1), unheard=st.booleans())
    def deliver_up(
        self,
        place: int,
        again: bool,  # noqa: FBT001  (drawn)
        bridge: int,
        unheard: bool,  # noqa: FBT001  (drawn)
    ) -> None:
        self.world.deliver_up(place, again=again, bridge=bridge, unheard=unheard)

    @rule(bridge=st.integers(0, 1))
    def sweep(self, bridge: int) -> None:
        self.world.bridges[bridge].sweep()

    @rule(device=devices, wish=st.sampled_from(Wish))
    def wish(self, device: int, wish: Wish) -> None:
        self.world.devices[device].wish(wish)

    @rule(place=places, again=st.booleans())
    def deliver_down(self, place: int, again: bool) -> None:  # noqa: FBT001  (drawn)
        self.world.deliver_down(place, again=again)

    @rule(place=places)
    def lose(self, place: int) -> None:
        self.world.lose(place)

    @rule(seconds=st.sampled_from([0.1, 1.0, 6.0, 30.0, 100.0]))
    def advance(self, seconds: float) -> None:
        self.world.advance(seconds)

    @rule(device=devices)
    def settle(self, device: int) -> None:
        self.world.settle(device)

    @invariant()
    def what_is_acknowledged_is_committed(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        self.world.settle(0)


Make = Callable[[], World]

TestSync = Sync.TestCase
TestSync.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)


WALKS_OF: dict[str, tuple[Make, tuple[Calamity, ...]]] = {
    "disks copied, of one device": (World, (Calamity.OF_STORES,)),
    "disks copied between two devices": (
        lambda: World(has_devices=True),
        (Calamity.OF_STORES,),
    ),
    "documents restored": (World, (Calamity.OF_CLOUD,)),
    "documents changed by hand, and compared": (
        lambda: World(hears_digests=True),
        (Calamity.OF_HANDS,),
    ),
    "all of it, and compared": (
        lambda: World(has_devices=True, hears_digests=True),
        (*Calamity,),
    ),
}


@pytest.mark.parametrize(("make", "calamities"), WALKS_OF.values(), ids=WALKS_OF)
def test_long_walks_end_with_the_cloud_equal_to_the_file(
    make: Make, calamities: tuple[Calamity, ...]
) -> None:
    for seed in range(WALKS):
        walk(make(), seed, STEPS, *calamities)


# The protocol with one rule left out.


def _is_of_this_life(cursor: Cursor | None, message: Hello | Delta) -> bool:
    return cursor is not None and (message.term, message.boot) == (cursor.term, cursor.boot)


def _applies_all_rows(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Delta) and cursor and _is_of_this_life(cursor, message):
        now = replace(cursor, applied=max(cursor.applied, message.to_ver))
        return Decision(Outcome.APPLIED, now, changed=True, rows=rows_of(message))
    return decide(cursor, message)


def _sees_no_gap(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Delta) and cursor and message.from_ver > cursor.applied:
        return decide(replace(cursor, applied=message.from_ver), message)
    return decide(cursor, message)


def _takes_deltas_of_any_term(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Delta) and cursor:
        message = msgspec.structs.replace(message, term=cursor.term, boot=cursor.boot)
    return decide(cursor, message)


def _welcomes_twins(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Hello) and cursor and message.term == cursor.term:
        now = replace(cursor, boot=message.boot)
        return Decision(Outcome.WELCOME, now, changed=True)
    return decide(cursor, message)


def _asks_not_whom_a_term_follows(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Hello):
        message = msgspec.structs.replace(message, after=None)
    return decide(cursor, message)


def _asks_not_how_far_the_file_was(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Delta):
        message = msgspec.structs.replace(message, at_ver=0)
    return decide(cursor, message)


def _begins_no_snapshot(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Hello):
        message = msgspec.structs.replace(message, snapshot=False, after=None)
    return decide(cursor, message)


class _TrustsItself(MemoryFile):
    """Takes every ver it has at a start for sent, though no hello was answered."""

    def begin(self) -> SyncState:
        return replace(super().begin(), check_ver=self.ver)


class _NeedsNoHello(SyncSession):
    """Begins to send at once, from what the file says."""

    def connected(self, now_s: float) -> list[Act]:
        super().connected(now_s)
        self._pending = True
        return self._step(Event.WELCOMED, now_s)


class _NeedsNoFirstHello(_NeedsNoHello):
    """Says hello, and does not wait for its answer."""

    def connected(self, now_s: float) -> list[Act]:
        hello = SyncSession.connected(self, now_s)
        self._pending = True
        return [*hello, *self._step(Event.WELCOMED, now_s)]


def _ends_a_snapshot_at_once(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    decision = decide(cursor, message)
    if isinstance(message, Delta) and decision.changed and decision.cursor:
        now = replace(decision.cursor, ended_term=decision.cursor.sweep_term)
        return replace(decision, cursor=now)
    return decision


def _never_ends_a_snapshot(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    decision = decide(cursor, message)
    now = decision.cursor and replace(decision.cursor, ended_term=0)
    return replace(decision, cursor=now)


CONTROLS: dict[str, tuple[Calamity, Make]] = {
    "a row is applied only once": (Calamity.OF_STORES, lambda: World(_applies_all_rows)),
    "a gap is refused": (Calamity.OF_CLOUD, lambda: World(_sees_no_gap)),
    "a term fences": (Calamity.OF_STORES, lambda: World(_takes_deltas_of_any_term)),
    "a twin is refused": (Calamity.OF_STORES, lambda: World(_welcomes_twins)),
    "a term follows another": (Calamity.OF_STORES, lambda: World(_asks_not_whom_a_term_follows)),
    "how far the file was": (Calamity.OF_STORES, lambda: World(_asks_not_how_far_the_file_was)),
    "a snapshot begins at 0": (Calamity.OF_STORES, lambda: World(_begins_no_snapshot)),
    "check_ver waits": (Calamity.OF_STORES, lambda: World(make_file=_TrustsItself)),
    "hello comes first": (Calamity.OF_STORES, lambda: World(make_session=_NeedsNoHello)),
    "hello is answered first": (
        Calamity.OF_STORES,
        lambda: World(make_session=_NeedsNoFirstHello),
    ),
    "a snapshot has an end": (Calamity.OF_STORES, lambda: World(_never_ends_a_snapshot)),
    "a snapshot ends at its end": (Calamity.OF_STORES, lambda: World(_ends_a_snapshot_at_once)),
    "a sweep looks again": (Calamity.OF_STORES, lambda: World(sweeps_with_care=False)),
    "digests are compared": (Calamity.OF_HANDS, World),
}


@pytest.mark.parametrize(("calamities", "make"), CONTROLS.values(), ids=CONTROLS)
def test_without_this_rule_the_walks_go_wrong(calamities: Calamity, make: Make) -> None:
    assert any(_goes_wrong(make(), seed, calamities) for seed in range(SEARCH))


def _goes_wrong(world: World, seed: int, calamities: Calamity) -> bool:
    try:
        walk(world, seed, STEPS, calamities)
    except AssertionError:
        return True
    return False
