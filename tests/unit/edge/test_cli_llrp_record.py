"""tagtally-edge llrp record: what a reader says, in a file that decode can show."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.lock import exclusive
from simulators.running import SimulatedReader
from tests.support.llrp_line import small_store

CONFIG = """
store.id = "test-01"
mqtt.host = "broker.example.org"
storage.path = "store.db"
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "127.0.0.1"
port = {port}
antennas = [{{ port = 1, zone = "floor" }}]
impinj = {{ phase = true, serialized_tid = true }}
"""


@pytest.fixture
def reader() -> Iterator[SimulatedReader]:
    with SimulatedReader(small_store(), profile="r420", duration_s=0) as one:
        yield one


@pytest.fixture
def store(tmp_path: Path, reader: SimulatedReader) -> Path:
    path = tmp_path / "store.toml"
    path.write_text(CONFIG.format(port=reader.port), encoding="utf-8")
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["llrp", *arguments])


def record(store: Path) -> Result:
    file = str(store.with_name("said.llrp"))
    return call("record", file, "--seconds", "1.5", "--config", str(store))


def test_what_was_recorded_can_be_shown_with_phase_and_tid(store: Path) -> None:
    recorded = record(store)
    assert recorded.exit_code == 0
    assert int(recorded.stdout.split()[0]) > 0
    decoded = call("decode", str(store.with_name("said.llrp")))
    assert decoded.exit_code == 0
    assert decoded.stdout.splitlines()[-1].endswith("faults 0")
    for part in ("ImpinjRFPhaseAngle", "ImpinjSerializedTID", "EPC96", "CLOSE_CONNECTION_RESPONSE"):
        assert part in decoded.stdout


def test_an_agent_that_runs_keeps_its_reader(store: Path, reader: SimulatedReader) -> None:
    with exclusive(store.with_name("store.db")):
        refused = record(store)
    assert refused.exit_code == 69
    assert f"the agent ({os.getpid()}) has the reader" in refused.stderr
    assert reader.state()["accepted"] == 0
