"""Other people's clients inventory the simulated reader; the world says what is right."""

import asyncio
import json
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from llrpkit import Reader as KitReader

from simulators.scenario import load_scenario
from tests.support.recording_proxy import RecordingProxy
from tests.support.sim_process import simulator
from tests.support.tshark import complaints, dissect, write_pcap

SEED = 5
SECONDS, PATIENCE_S = 2.0, 30.0
_SLLURP = Path(__file__).parents[1] / "support" / "sllurp_client.py"


Read = dict[int, set[str]]  # EPCs by antenna port


def world_epcs() -> Read:
    """Give the EPCs that are there at the start, by the antenna port of their zone."""
    scenario = load_scenario("demo")
    world = scenario.world(SEED)
    world.advance(0)
    return {
        antenna.port: {epc.hex() for epc in world.epcs_in(antenna.zone)}
        for antenna in scenario.reader.antennas
    }


def read_by_sllurp(port: int, seconds: float, wanted: Read) -> Read:
    command = [sys.executable, "-u", str(_SLLURP), str(port), str(seconds), "1,2"]
    read: Read = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        for tag in map(json.loads, client.stdout):
            read.setdefault(tag["AntennaID"], set()).add(tag["EPC"])
            assert -90 <= tag["PeakRSSI"] <= -20
            if read == wanted:
                client.kill()
                break
    return read


def read_by_llrpkit(port: int, seconds: float, wanted: Read) -> Read:
    async def inventory() -> Read:
        read: Read = {}
        async with (
            KitReader("127.0.0.1", port=port) as reader,
            aclosing(reader.inventory(duration=seconds, antennas=[1, 2])) as tags,
        ):
            async for tag in tags:
                assert tag.antenna is not None
                read.setdefault(tag.antenna, set()).add(tag.epc.hex())
                if read == wanted:
                    break
        return read

    return asyncio.run(inventory())


CLIENTS = {"sllurp": read_by_sllurp, "llrpkit": read_by_llrpkit}


# sllurp asks for session 2 unless told otherwise, in which an FX9600 falls silent (sllurp#115).
PAIRS = [
    ("sllurp", "generic"),
    ("sllurp", "r420"),
    ("llrpkit", "generic"),
    ("llrpkit", "r420"),
    ("llrpkit", "fx9600"),
]


@pytest.mark.parametrize(("client", "profile"), PAIRS)
def test_another_client_reads_exactly_the_items_of_the_world(
    client: str, profile: str, tmp_path: Path
) -> None:
    arguments = ["--seed", str(SEED), "--duration", "0", "--profile", profile]
    with simulator(tmp_path, "run", "demo", *arguments) as sim:
        wanted = world_epcs()
        assert CLIENTS[client](sim.port, PATIENCE_S, wanted) == wanted


@pytest.mark.parametrize(("client", "profile"), PAIRS)
def test_tshark_finds_no_fault_in_what_is_said_to_another_client(
    client: str, profile: str, tmp_path: Path
) -> None:
    arguments = ["--seed", str(SEED), "--duration", "0", "--profile", profile]
    with (
        simulator(tmp_path, "run", "demo", *arguments) as sim,
        RecordingProxy(sim.port) as proxy,
    ):
        CLIENTS[client](proxy.port, SECONDS, {})
    capture = tmp_path / "conversation.pcap"
    write_pcap(capture, proxy.pieces)
    assert complaints(capture) == []
    kinds = {kind for (kinds,) in dissect(capture, "llrp.type") for kind in kinds.split(",")}
    assert {"1", "11", "20", "30", "24", "34", "61", "63"} <= kinds
