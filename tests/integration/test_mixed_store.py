"""A store with readers of all kinds, in one agent, while now one and now another misbehaves.

It runs for some seconds; `./dev soak SECONDS` has it run for longer.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.serial.play import serial_faults
from tests.support.agent_process import until
from tests.support.serial_store import SerialStore, serial_store

SOAK_S = float(os.environ.get("TAGTALLY_SOAK_S", "10"))
FAULT_S = 2.0  # how long one lasts, and how long it is quiet after it
SETTLED_S = 90.0  # a reader that was away may be waited for by half a minute
SERIAL = {"till": "mercury", "gate": "r2000", "shelf": "uhfreader", "desk": "m100"}
LLRP = ("ceiling-1", "ceiling-2")
LLRP_FAULTS = ("rst", "fin", "half-open", "keepalives-stop")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SerialStore]:
    with serial_store(tmp_path) as one:
        yield one


@pytest.mark.timeout(SOAK_S + 240)
def test_a_store_with_readers_of_all_kinds_counts_the_truth(store: SerialStore) -> None:
    for name in LLRP:
        store.add_llrp(name, duration_s=SOAK_S)
    for name, protocol in SERIAL.items():
        antennas = 1 if protocol == "m100" else 2
        store.add(name, protocol, antennas=antennas, duration_s=SOAK_S, reads_per_s=200)
    agent = store.start_counting()
    everybody = len(SERIAL) + len(LLRP)
    until(lambda: agent.output().count(" connected: ") >= everybody, "all are connected", 30)
    disturb(store, SOAK_S)
    try:
        until(store.counts_the_truth, "the counts are the truth", SETTLED_S)
    except AssertionError as error:
        told = f"{store.differences()}\n{store.details()}\n{agent.output()}"
        raise AssertionError(told) from error
    assert store.mismatches() == []
    assert all(up for up, _ in store.details().values())
    assert agent.stop() == 0


def disturb(store: SerialStore, seconds: float) -> None:
    """Let faults come and go, the same in each run, and end all of them."""
    chance = random.Random(7)  # noqa: S311 - faults that can be played again
    began_s = time.monotonic()
    while time.monotonic() - began_s < seconds - 2 * FAULT_S:
        name = chance.choice([*SERIAL, *LLRP])
        if name in LLRP:
            store.llrp_readers[name].fault(chance.choice(LLRP_FAULTS))
        else:
            store.readers[name].fault(chance.choice([*serial_faults(SERIAL[name])]))
        time.sleep(FAULT_S)
        for reader in store.readers.values():
            reader.clear()
        for llrp_reader in store.llrp_readers.values():
            llrp_reader.clear()
