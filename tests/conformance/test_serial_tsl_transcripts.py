"""The TSL codec against texts that others have captured or printed."""

import pytest

from edge.serial.faults import Fault
from edge.serial.framing import Direction
from edge.serial.tsl.commands import Command, decode_command
from edge.serial.tsl.frames import Frame, FrameDecoder
from edge.serial.tsl.protocol import TSL
from edge.serial.tsl.reads import read_tags
from tests.support.serial import all_of
from tests.support.shared import SHARED_DATA, shared_data

pytestmark = pytest.mark.shared_data


def transcripts() -> dict[str, tuple[bytes, bytes]]:
    """Give for each text what the host sends and what the reader says."""
    if not SHARED_DATA.is_dir():
        return {}
    found: dict[str, tuple[bytes, bytes]] = {}
    name = ""
    for line in shared_data("serial/tsl_transcripts.txt").read_text().splitlines():
        text = line.replace("<CRLF>", "\r\n").encode()
        if line.startswith("----"):
            name = line.partition("[")[2].partition("]")[0]
            found[name] = (b"", b"")
        elif name and line.startswith("> "):
            found[name] = (text.removeprefix(b"> "), b"")
        elif name:
            found[name] = (found[name][0], found[name][1] + text)
    return found


TEXTS = transcripts()
COMMANDS = {
    "tsl-1119-vr": Command("vr"),
    "tsl-doc-bl": Command("bl"),
    "tsl-doc-ss": Command("ss"),
    "tsl-qai": Command("iv"),
    "tsl-arnl": Command("iv", (("al", "on"),)),
}
TOLD = {
    "tsl-1119-vr": {
        "command": ".vr",
        "maker": "TSL UK Ltd.",
        "unit_serial": "1119-01-003002",
        "protocol_version": "2.1.0",
        "firmware": "3.3.0",
        "bootloader": "1.3.0",
        "radio_serial": "116-ET-012813",
        "radio_firmware": "2.6.0",
        "radio_bootloader": "1.2.0",
    },
    "tsl-doc-bl": {"command": ".bl", "battery": "100%", "charge": "Complete"},
    "tsl-doc-ss": {"command": ".ss", "switch": "single"},
    "tsl-qai": {"command": ".iv", "epc": "000000000000000000001242", "rssi": "-61"},
    "tsl-arnl": {"command": ".iv -al on", "epc": "330DE29525C0210005F5F8F2"},
}
# EPC and dBm of the tags in a text.
TAGS: dict[str, list[tuple[str, float | None]]] = {
    "tsl-qai": [("000000000000000000001242", -61.0)],
    "tsl-arnl": [("41524e4c3030303030310000", None), ("330de29525c0210005f5f8f2", None)],
}


def frames_in(name: str) -> list[Frame]:
    found = all_of(FrameDecoder(), TEXTS[name][1])
    frames = [item for item in found if isinstance(item, Frame)]
    assert frames == found
    return frames


def test_every_text_is_tested() -> None:
    assert set(TEXTS) == set(COMMANDS) == set(TOLD)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_encoded_and_decoded(name: str) -> None:
    sent = TEXTS[name][0]
    assert COMMANDS[name].encode() == sent
    assert decode_command(sent.decode()) == COMMANDS[name]


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_an_answer_is_decoded_however_it_is_cut(name: str, piece: int) -> None:
    told = dict[str, str]()
    for frame in all_of(FrameDecoder(), TEXTS[name][1], piece):
        assert isinstance(frame, Frame)
        told |= TSL.describe(frame, Direction.FROM_READER).fields
    assert told == TOLD[name]


@pytest.mark.parametrize("name", TOLD)
def test_an_answer_gives_its_own_bytes_again(name: str) -> None:
    assert b"".join(frame.encode() for frame in frames_in(name)) == TEXTS[name][1]


@pytest.mark.parametrize("name", TAGS)
def test_the_tags_of_an_answer_are_read(name: str) -> None:
    faults = list[Fault]()
    reads = [read for frame in frames_in(name) for read in read_tags(frame, faults)]
    assert [(read.epc.hex(), read.rssi_dbm) for read in reads] == TAGS[name]
    assert not faults


def test_the_handheld_is_named_by_its_version() -> None:
    names = {TSL.identity(frame) for frame in frames_in("tsl-1119-vr")} - {None}
    assert names == {"TSL handheld 1119-01-003002"}


def test_a_stray_mark_behind_the_command_as_one_source_has_it_is_garbage_on_its_own() -> None:
    first, *rest = all_of(FrameDecoder(), b"'" + TEXTS["tsl-qai"][1])
    assert isinstance(first, Fault)
    assert rest == frames_in("tsl-qai")
