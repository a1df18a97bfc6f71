"""Other people's clients work on the memory of simulated tags, and see what they should."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from llrpkit import Reader as KitReader

from simulators.running import SimulatedReader
from tests.support.recording_proxy import RecordingProxy
from tests.support.tshark import complaints, write_pcap

_SLLURP = Path(__file__).parents[1] / "support" / "sllurp_access.py"
SECONDS = 60


@pytest.fixture(params=["generic", "r420", "fx9600"])
def lone(request: pytest.FixtureRequest) -> Iterator[tuple[SimulatedReader, str]]:
    """Give a reader with one tag on the floor, and its EPC."""
    with SimulatedReader("demo", duration_s=0, profile=str(request.param)) as reader:
        tags = reader.tags()
        zones = [zone for zone in tags.values() if isinstance(zone, list)]
        kept, *others = [epc for zone in zones for epc in zone]
        reader.remove_tags(*others)
        yield reader, kept


# A wrong password and a permanent lock have no code of their own in 1.0.1, which sllurp speaks.
SLLURP: list[tuple[tuple[str, ...], dict[str, object]]] = [
    (("read", "2", "0", "2"), {"Result": 0, "ReadData": "e2801170"}),
    (("write", "3", "1", "12345678"), {"Result": 0, "NumWordsWritten": 2}),
    (("read", "3", "0", "4"), {"Result": 0, "ReadData": "0000123456780000"}),
    (("write", "0", "2", "00000007"), {"Result": 0, "NumWordsWritten": 2}),
    (("lock", "0", "4", "7"), {"Result": 0}),
    (("write", "3", "0", "ffff"), {"Result": 2, "NumWordsWritten": 0}),
    (("write", "3", "0", "ffff", "7"), {"Result": 0, "NumWordsWritten": 1}),
    (("lock", "1", "4", "9"), {"Result": 2}),
    (("read", "3", "30", "4"), {"Result": 1}),
]


@pytest.mark.parametrize("lone", ["generic", "r420"], indirect=True)
def test_sllurp_reads_writes_and_locks(lone: tuple[SimulatedReader, str]) -> None:
    reader, _ = lone
    told = [sllurp(reader.port, *words) for words, _ in SLLURP]
    for result, (words, expected) in zip(told, SLLURP, strict=True):
        assert result.items() >= expected.items(), words


def sllurp(port: int, *words: str) -> dict[str, object]:
    command = [sys.executable, str(_SLLURP), str(port), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_llrpkit_reads_writes_recodes_and_kills(lone: tuple[SimulatedReader, str]) -> None:
    reader, epc = lone
    recoded = "30" + "5a" * 11

    async def work() -> list[object]:
        async with KitReader("127.0.0.1", port=reader.port) as kit:
            tid = await kit.read_memory(bank=2, word_count=2, target_epc=epc)
            await kit.write_memory(bank=3, data=b"\x12\x34", target_epc=epc)
            user = await kit.read_memory(bank=3, word_count=1, target_epc=epc)
            await kit.write_memory(bank=0, data=b"\0\0\0\x0a", target_epc=epc)
            await kit.write_epc(recoded, target_epc=epc)
            killed = await kit.kill_tag(kill_password=10, target_epc=recoded)
            return [tid.data, user.data, killed.epc.hex(), killed.status]

    assert asyncio.run(work()) == [b"\xe2\x80\x11\x70", b"\x12\x34", recoded, "Success"]
    assert reader.tags() == {"floor": [], "back": []}
    assert reader.state()["access_specs"] == []


def test_the_world_hears_a_recoded_tag_under_its_new_epc(lone: tuple[SimulatedReader, str]) -> None:
    reader, epc = lone
    recoded = "30" + "5a" * 11

    async def recode() -> None:
        async with KitReader("127.0.0.1", port=reader.port) as kit:
            await kit.write_epc(recoded, target_epc=epc)

    asyncio.run(recode())
    assert reader.tags("floor") == {"floor": [recoded]}


def test_tshark_finds_no_fault_in_access_operations(
    lone: tuple[SimulatedReader, str], tmp_path: Path
) -> None:
    reader, epc = lone

    async def work(port: int) -> None:
        async with KitReader("127.0.0.1", port=port) as kit:
            await kit.read_memory(bank=2, word_count=2, target_epc=epc)
            await kit.write_memory(bank=3, data=b"\x12\x34", target_epc=epc)

    with RecordingProxy(reader.port) as proxy:
        asyncio.run(work(proxy.port))
    capture = tmp_path / "conversation.pcap"
    write_pcap(capture, proxy.pieces)
    assert complaints(capture) == []
