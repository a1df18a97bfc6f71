"""Recorded schedules: with all rules they end well, and each without the rule that it is for.

They were found by the walks of `test_sync_world`, and written down step by step.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cloud.apply import Cursor, Decision, decide
from edge.model import SyncState
from edge.sync.session import Act, SyncSession
from edge.sync.states import Event
from edge.wire import Delta, Hello, Outcome, rows_of
from tests.support.sync import MemoryFile
from tests.support.sync_world import World

SHIRT, SHOE = "00000000000001", "00000000000002"


def settle_messages(world: World) -> None:
    while world.up or world.down:
        world.deliver_up(0)
        world.deliver_down(0)


def rolled_back_then_two_starts_offline(world: World) -> None:
    """Put the disk back; two lives count what hides it, before the third one is heard."""
    store = world.devices[0]
    store.start()
    store.connect()
    store.count(SHIRT, {"floor": 1})
    world.advance(1)
    settle_messages(world)
    world.keep_copy(store)
    for count in (2, 3, 4):
        store.count(SHIRT, {"floor": count})
    world.advance(1)
    settle_messages(world)
    world.restore_copy(store, 0)
    store.start()
    for count in range(5, 9):
        store.count(SHOE, {"floor": count})
    store.start()
    world.settle(0)


def a_delta_of_an_earlier_life_comes_late(world: World) -> None:
    """Hold a delta up until a later life has said other counts."""
    store = world.devices[0]
    store.start()
    store.connect()
    settle_messages(world)
    store.count(SHIRT, {"floor": 1})
    world.advance(1)
    [late] = world.up
    world.up.clear()
    store.start()
    store.connect()
    settle_messages(world)
    store.count(SHIRT, {"floor": 2})
    store.count(SHIRT, {"floor": 3})
    world.advance(1)
    settle_messages(world)
    world.up.append(late)
    world.deliver_up(0)
    world.check()
    world.settle(0)


def an_old_copy_begins_to_talk(world: World) -> None:
    """Put the disk back, and link its agent at once."""
    store = world.devices[0]
    store.start()
    store.connect()
    store.count(SHIRT, {"floor": 1})
    world.advance(1)
    settle_messages(world)
    world.keep_copy(store)
    store.count(SHOE, {"floor": 7})
    world.advance(1)
    settle_messages(world)
    world.restore_copy(store, 0)
    store.start()
    store.count(SHIRT, {"floor": 2})
    store.connect()
    world.advance(1)
    settle_messages(world)
    world.settle(0)


class _TrustsItself(MemoryFile):
    """Takes every ver that it has at a start for sent, though no hello was answered."""

    def begin(self) -> SyncState:
        return replace(super().begin(), check_ver=self.ver)


def _has_no_fence(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    if isinstance(message, Delta) and cursor:
        now = replace(cursor, applied=max(cursor.applied, message.to_ver))
        return Decision(Outcome.APPLIED, now, changed=True, rows=rows_of(message))
    return decide(cursor, message)


class _SaysNoHello(SyncSession):
    """Takes up at once where its file says that it was."""

    def connected(self, now_s: float) -> list[Act]:
        super().connected(now_s)
        self._pending = True
        return self._step(Event.WELCOMED, now_s)


Schedule = Callable[[World], None]
Make = Callable[[], World]
SCHEDULES: dict[str, tuple[Schedule, Make]] = {
    "the earlier start check": (
        rolled_back_then_two_starts_offline,
        lambda: World(make_file=_TrustsItself),
    ),
    "no fence": (a_delta_of_an_earlier_life_comes_late, lambda: World(_has_no_fence)),
    "no hello": (an_old_copy_begins_to_talk, lambda: World(make_session=_SaysNoHello)),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_with_all_rules_it_ends_with_the_cloud_equal_to_the_file(name: str) -> None:
    schedule, _ = SCHEDULES[name]
    schedule(World())


@pytest.mark.parametrize("name", SCHEDULES)
def test_without_its_rule_it_goes_wrong(name: str) -> None:
    schedule, make = SCHEDULES[name]
    with pytest.raises(AssertionError):
        schedule(make())
