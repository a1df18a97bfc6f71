"""Simulated serial readers, the agent and its file: what is counted is what is there."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.fault_table import Effect
from simulators.serial.play import READERS, serial_faults
from tests.support.agent_process import until
from tests.support.serial_store import SerialStore, serial_store

MOVES_S = 10.0
# What keeps tags from being read at all is cleared before the counts are compared.
BLINDING = {"deaf", "rate", "antenna-missing", "refused-inventory", "idle"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SerialStore]:
    with serial_store(tmp_path) as one:
        yield one


def counts_the_truth(store: SerialStore, timeout_s: float = 90) -> None:
    agent = store.programs[0]
    try:
        until(store.counts_the_truth, "the counts are the truth", timeout_s)
    except AssertionError as error:
        told = f"{store.differences()}\n{store.details()}\n{agent.output()}"
        raise AssertionError(told) from error
    assert store.mismatches() == []


@pytest.mark.parametrize("protocol", READERS)
def test_the_counts_become_the_truth_through_every_fault(protocol: str, store: SerialStore) -> None:
    antennas = min(2, READERS[protocol].most_ports)
    faults = serial_faults(protocol)
    for name in ("none", *faults):
        store.add(name, protocol, antennas=antennas, duration_s=MOVES_S, reads_per_s=120)
    agent = store.start_counting()
    until(lambda: agent.output().count(" connected") >= len(store.readers), "all are connected")
    for name in faults:
        store.readers[name].fault(name)
    began_s = time.monotonic()
    until(lambda: time.monotonic() - began_s > 5, "the faults have had their time", 10)
    for name in BLINDING & faults.keys():
        store.readers[name].clear(name)
    counts_the_truth(store)
    until(lambda: all(up for up, _ in store.details().values()), "all are up")
    lasting = {name for name, kind in faults.items() if kind.effect is Effect.LASTING}
    for name in lasting - BLINDING:
        assert store.readers[name].state()["faults"], "it was on all the time"
