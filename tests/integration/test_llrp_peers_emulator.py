"""Our driver reads another project's reader, and what both say is judged by Wireshark's dissector.

llrpkit's emulator (MIT) is a process of its own; its tags are known from its source.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from llrpkit.emulator import default_population

from deploy.demo.processes import Program
from edge.llrp.constants import MessageType
from edge.llrp.settings import LlrpSettings
from edge.model import TagRead
from simulators.running import SimulatedReader
from tests.support.llrp_driving import driving
from tests.support.llrp_line import small_store
from tests.support.recording_proxy import RecordingProxy
from tests.support.tshark import complaints, dissect, write_pcap

TAGS = 12
SETTINGS = LlrpSettings(keepalive_s=1.0, version_timeout_s=1.0, connect_timeout_s=5.0)
KEEPALIVE, KEEPALIVE_ACK = "62", "72"


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[int]:
    """Give the port of a running emulator."""
    program = str(Path(sys.executable).with_name("llrpkit"))
    command = [program, "emulate", "--port", "0", "--tags", str(TAGS), "--rate", "200"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    running = Program("llrpkit", command, tmp_path / "llrpkit.log", environment)
    try:
        yield int(running.wait_for("reader on port", 20.0).split("port ")[1].split()[0])
    finally:
        running.kill()


def sightings(reads: list[TagRead]) -> set[tuple[bytes, int]]:
    return {(read.epc, read.antenna_port) for read in reads}


def test_the_tags_of_another_projects_reader_are_read_and_no_others(emulator: int) -> None:
    there = {
        (tag.epc, port)
        for tag in default_population(TAGS, antenna_count=4)
        for port in tag.antennas
    }
    with driving(emulator, SETTINGS) as driver:
        reads = driver.read_until(lambda reads: sightings(reads) >= there)
    assert sightings(reads) == there
    assert all(-80 < read.rssi_dbm < -30 for read in reads)


def test_nothing_is_wrong_in_what_we_say_to_another_projects_reader(
    emulator: int, tmp_path: Path
) -> None:
    with RecordingProxy(emulator) as proxy, driving(proxy.port, SETTINGS) as driver:
        driver.read_until(lambda reads: len(reads) > 300 and has_kept_alive(proxy))
    assert_is_llrp(proxy, tmp_path)


@pytest.mark.parametrize("profile", ["generic", "r420", "fx9600"])
def test_nothing_is_wrong_in_what_we_and_our_simulated_reader_say(
    profile: str, tmp_path: Path
) -> None:
    with (
        SimulatedReader(small_store(), profile=profile, duration_s=0) as reader,
        RecordingProxy(reader.port) as proxy,
        driving(proxy.port, SETTINGS) as driver,
    ):
        driver.read_until(lambda reads: len(reads) > 100 and has_kept_alive(proxy))
    assert_is_llrp(proxy, tmp_path)


def has_kept_alive(proxy: RecordingProxy) -> bool:
    return bool(proxy.message_ids(MessageType.KEEPALIVE_ACK, from_reader=False))


def assert_is_llrp(proxy: RecordingProxy, folder: Path) -> None:
    """Let tshark judge both directions; keepalives are answered under the reader's own ids."""
    capture = folder / "conversation.pcap"
    write_pcap(capture, proxy.pieces)
    assert complaints(capture) == []
    said = [
        (kind, number)
        for kinds, numbers in dissect(capture, "llrp.type", "llrp.id")
        for kind, number in zip(kinds.split(","), numbers.split(","), strict=True)
    ]
    asked = [number for kind, number in said if kind == KEEPALIVE]
    answered = [number for kind, number in said if kind == KEEPALIVE_ACK]
    assert answered == asked[: len(answered)]
    assert len(asked) - len(answered) <= 1  # the last one may have come after the goodbye
