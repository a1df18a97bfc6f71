"""Whatever network, disks and twins do: at quiet the cloud holds what the store's file holds."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cloud.apply import Cursor, Decision, decide
from edge.wire import Delta, Hello, Outcome, rows_of
from tests.support.sync_world import Decide, World

GTINS = [f"{index:014d}" for index in range(6)]
ZONES = ("floor", "back")

devices = st.integers(0, 1)
places = st.integers(0, 50)
counts = st.dictionaries(st.sampled_from(ZONES), st.integers(0, 3), max_size=2)


class Sync(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.world.devices[0].start()
        self.world.devices[0].connect()

    @rule(device=devices, gtin=st.sampled_from(GTINS), zones=counts)
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
        self.world.devices[device].file.broken = broken

    @rule(device=devices)
    def copy_disk(self, device: int) -> None:
        self.world.disks.append(self.world.devices[device].file.copy())

    @rule(device=devices, which=places)
    def restore_disk(self, device: int, which: int) -> None:
        if self.world.disks:
            self.world.devices[device].stop()
            disk = self.world.disks[which % len(self.world.disks)]
            self.world.devices[device].file = disk.copy()

    @rule(place=places, again=st.booleans())
    def deliver_up(self, place: int, again: bool) -> None:  # noqa: FBT001  (drawn)
        self.world.deliver_up(place, again=again)

    @rule(place=places, again=st.booleans())
    def deliver_down(self, place: int, again: bool) -> None:  # noqa: FBT001  (drawn)
        self.world.deliver_down(place, again=again)

    @rule(place=places)
    def lose(self, place: int) -> None:
        for direction in (self.world.up, self.world.down):
            if place < len(direction):
                del direction[place]

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


TestSync = Sync.TestCase
TestSync.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
