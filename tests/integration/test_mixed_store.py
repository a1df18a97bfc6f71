"""A store with readers of all kinds before one world, in one agent, and one of them misbehaves.

It runs for some seconds; `./dev soak SECONDS` has it run for longer.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.scenario import Protocol
from simulators.serial.play import serial_faults
from simulators.store import SimulatedStore
from tests.support.agent_process import until
from tests.support.serial_store import SerialStore, serial_store

SOAK_S = float(os.environ.get("TAGTALLY_SOAK_S", "10"))
FAULT_S = 2.0  # how long one lasts, and how long it is quiet after it
SETTLED_S = 90.0  # a reader that was away may be waited for by half a minute
LLRP_FAULTS = ("rst", "fin", "half-open", "keepalives-stop")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SerialStore]:
    with serial_store(tmp_path) as one:
        yield one


@pytest.mark.timeout(SOAK_S + 240)
def test_a_store_with_readers_of_all_kinds_counts_the_truth(store: SerialStore) -> None:
    readers = store.add_all("mixed", duration_s=SOAK_S)
    kinds = [reader.what.protocol for reader in readers.readers.values()]
    assert kinds.count(Protocol.LLRP) == 2
    assert len({*kinds} - {Protocol.LLRP}) == 3
    agent = store.start_counting()
    until(lambda: agent.output().count(" connected: ") >= len(kinds), "all are connected", 60)
    disturb(readers, SOAK_S)
    try:
        until(store.counts_the_truth, "the counts are the truth", SETTLED_S)
    except AssertionError as error:
        told = f"{store.differences()}\n{store.details()}\n{agent.output()}"
        raise AssertionError(told) from error
    assert store.mismatches() == []
    until(lambda: all(up for up, _ in store.details().values()), "all are up")
    assert agent.stop() == 0


def disturb(store: SimulatedStore, seconds: float) -> None:
    """Let faults come and go, the same in each run, and end all of them."""
    chance = random.Random(7)  # noqa: S311 - faults that can be played again
    began_s = time.monotonic()
    while time.monotonic() - began_s < seconds - 2 * FAULT_S:
        reader = chance.choice([*store.readers.values()])
        protocol = reader.what.protocol
        faults = LLRP_FAULTS if protocol is Protocol.LLRP else [*serial_faults(protocol)]
        reader.fault(chance.choice(faults))
        time.sleep(FAULT_S)
        reader.clear()
