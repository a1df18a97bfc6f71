"""Serial ports as they are in a store: taken, unplugged, at another rate, of an unknown reader."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.processes import Program
from simulators.serial.play import READERS
from simulators.serial.running import SimulatedSerialReader
from tests.support.agent_process import until
from tests.support.device_server import device_server
from tests.support.serial_store import SerialStore, serial_store, small_world

WAIT_S = 60.0  # on a machine with other work a program takes seconds to begin
HOLD = "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); sys.stdin.read()"
PROGRAM = Path(sys.executable).with_name("tagtally-edge")
SIMULATOR = Path(sys.executable).with_name("tagtally-sim")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SerialStore]:
    with serial_store(tmp_path) as one:
        yield one


def test_a_port_that_another_program_uses_is_told_with_its_pid_until_it_is_free(
    store: SerialStore,
) -> None:
    reader = store.add("pad", "r2000")
    command = [sys.executable, "-c", HOLD, str(reader.link)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
        assert other.stdin
        until(lambda: bool(reader.state()["host"]), "the other has the port", WAIT_S)
        agent = store.start_counting()
        line = agent.wait_for("WARNING reader=pad", WAIT_S)
        assert f"(pid {other.pid})" in line
        assert "in use by python" in line
        other.stdin.close()
        other.wait(WAIT_S)
    until(lambda: "reader=pad connected" in agent.output(), "the port is free", WAIT_S)


def test_a_reader_that_is_unplugged_comes_back_under_another_device(store: SerialStore) -> None:
    reader = store.add("pad", "mercury")
    agent = store.start_counting()
    agent.wait_for("reader=pad connected", WAIT_S)
    before = reader.link.readlink()
    reader.fault("unplug", down_s=5)
    agent.wait_for("cannot be opened: it is not there; is the reader plugged in?", WAIT_S)
    until(lambda: not store.details()["pad"][0], "the loss is kept", WAIT_S)
    until(lambda: agent.output().count("reader=pad connected") >= 2, "it is found again", WAIT_S)
    assert reader.link.exists()
    assert before.name.isdigit()
    until(lambda: store.details()["pad"][0], "and that is kept", WAIT_S)


def test_a_reader_at_another_rate_is_found_by_trying_and_one_at_none_is_told(
    store: SerialStore,
) -> None:
    store.add("slow", "mercury", baud=9600, reads_per_s=20)
    store.add("wrong", "mercury", baud=38_400, options="bauds = [9600, 115200]")
    agent = store.start_counting()
    agent.wait_for("reader=slow connected", WAIT_S)
    line = agent.wait_for("WARNING reader=wrong", WAIT_S)
    assert "Mercury module: no answer to version at 115200 baud" in line


@pytest.mark.parametrize("protocol", READERS)
def test_the_protocol_of_a_port_is_found_and_told_by_the_probe_and_by_the_agent(
    protocol: str, store: SerialStore
) -> None:
    antennas = min(2, READERS[protocol].most_ports)
    reader = store.add("pad", protocol, antennas=antennas, configured="auto")
    name, baud = READERS[protocol].protocol, READERS[protocol].usual_baud
    probe = subprocess.run(
        [PROGRAM, "serial", "probe", str(reader.link)],
        capture_output=True,
        check=True,
        text=True,
        timeout=WAIT_S,
    )
    assert probe.stdout.startswith(f"{reader.link}: {name} at {baud} baud: ")
    agent = store.start_counting()
    assert f"notice: found {name} at {baud} baud: " in agent.wait_for("reader=pad notice", WAIT_S)
    agent.wait_for("reader=pad connected", WAIT_S)


def test_a_stream_from_before_is_recognised_without_an_answer(tmp_path: Path) -> None:
    world = small_world(tmp_path, "pad")
    with SimulatedSerialReader("mercury", tmp_path / "pad", world) as reader:
        reader.fault("streams")
        probe = subprocess.run(
            [PROGRAM, "serial", "probe", "--json", str(reader.link)],
            capture_output=True,
            check=True,
            text=True,
            timeout=WAIT_S,
        )
    assert '"protocol":"mercury","baud":115200' in probe.stdout


def test_antennas_for_which_a_simulated_reader_has_no_port_are_left_out_and_named(
    tmp_path: Path,
) -> None:
    link = tmp_path / "made" / "pad"
    command = [str(SIMULATOR), "serial", "--protocol", "tsl", "--link", str(link), "demo"]
    simulator = Program("tagtally-sim", command, tmp_path / "sim.log")
    try:
        simulator.wait_for(f"serving tsl at {link}", WAIT_S)
        told = "antenna 2 is left out, and zone back with it: tsl readers have one port"
        assert told in simulator.output()
        assert link.is_symlink()
    finally:
        simulator.stop()


def test_a_port_where_nobody_answers_is_told_with_all_that_was_tried(tmp_path: Path) -> None:
    world = small_world(tmp_path, "pad")
    with SimulatedSerialReader("r2000", tmp_path / "pad", world) as reader:
        reader.fault("deaf")
        probe = subprocess.run(
            [PROGRAM, "serial", "probe", "--baud", "115200", str(reader.link)],
            capture_output=True,
            check=False,
            text=True,
            timeout=WAIT_S,
        )
    assert probe.returncode == 69
    names = "mercury, r2000, uhfreader, tsl, m100"
    assert probe.stderr == f"tagtally-edge: no reader answers; tried {names} at 115200 baud\n"


def test_a_module_without_the_regions_rules_is_not_started(store: SerialStore) -> None:
    reader = store.add("pad", "mercury")
    text = store.config.read_text(encoding="utf-8")
    store.config.write_text(text.replace('"eu"', '"thailand"'), encoding="utf-8")
    agent = store.start_counting()
    line = agent.wait_for("WARNING reader=pad", WAIT_S)
    assert "region thailand is not one of the module's: NA, EU, " in line
    assert reader.state()["told_reads"] == 0


def test_how_full_a_line_is_stands_in_the_readers_detail_and_a_full_one_is_a_warning(
    store: SerialStore,
) -> None:
    store.add("busy", "mercury", baud=9600, reads_per_s=400, options="bauds = [9600]")
    agent = store.start_counting()
    agent.wait_for("reader=busy warning: the serial line is full (", WAIT_S)
    until(lambda: "% used, 960 bytes/s at most" in store.details()["busy"][1], "told", WAIT_S)
    assert "% used, 960 bytes/s at most" in store.ask("status")


def test_the_rate_of_a_full_line_is_raised_where_the_protocol_allows_it(store: SerialStore) -> None:
    reader = store.add("busy", "mercury", baud=38_400, duration_s=1, reads_per_s=400)
    agent = store.start_counting()
    agent.wait_for("reader=busy notice: the line was full; now it runs at 921600 baud", WAIT_S)
    assert reader.state()["baud"] == 921_600
    until(lambda: "92160 bytes/s at most" in store.details()["busy"][1], "that is told", WAIT_S)
    until(store.counts_the_truth, "the counts are the truth")


def test_a_line_on_which_nothing_is_read_still_lets_time_pass(store: SerialStore) -> None:
    for protocol in ("mercury", "r2000", "uhfreader"):
        store.add(protocol, protocol, duration_s=2)
    agent = store.start_counting()
    until(lambda: agent.output().count(" connected") >= 3, "all are connected", WAIT_S)
    until(store.counts_the_truth, "the counts are the truth")
    gone = [epc for reader in store.readers.values() for epc in emptied(reader)]
    assert len(gone) > 50
    until(store.counts_the_truth, "what is gone is missing, though nothing is read")
    assert store.present() == 0


def emptied(reader: SimulatedSerialReader) -> list[str]:
    """Take everything out of a reader's world."""
    zones = reader.tags()
    epcs = [str(epc) for tags in zones.values() if isinstance(tags, list) for epc in tags]
    reader.remove_tags(*epcs)
    return epcs


@pytest.mark.parametrize("way", ["socket", "rfc2217"])
def test_a_reader_behind_a_device_server_is_counted(way: str, store: SerialStore) -> None:
    reader = store.add("pad", "r2000", duration_s=3)
    with device_server(reader.link, 115_200, is_raw=way == "socket") as server:
        text = store.config.read_text(encoding="utf-8")
        store.config.write_text(text.replace(str(reader.link), server.device), encoding="utf-8")
        agent = store.start_counting()
        agent.wait_for("reader=pad connected", WAIT_S)
        until(store.counts_the_truth, "the counts are the truth")
        assert agent.stop() == 0
