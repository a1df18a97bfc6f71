"""Tags of A0 frames, field by field; whole published frames are in the conformance tests."""

import pytest

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault, FaultCause
from edge.serial.r2000.codes import CommandCode, Status, frequency_khz, status_text
from edge.serial.r2000.frames import Frame
from edge.serial.r2000.reads import INVENTORIES, read_tags

EPC = bytes.fromhex("303425f8c40c5e4000000001")


def tag(epc: bytes = EPC, place: int = 0x04, rssi: int = 0x45, phase: bytes = b"") -> bytes:
    pc = len(epc) // 2 << 11
    return bytes((place,)) + pc.to_bytes(2) + epc + bytes((rssi,)) + phase


def counted(epc: bytes, more: bytes, tail: bytes) -> bytes:
    """Make the data of an 81 or 90 answer: more are the words read."""
    block = (len(epc) // 2 << 11).to_bytes(2) + epc
    block += crc_gen2(block).to_bytes(2) + more
    return b"\x00\x01" + bytes((len(block),)) + block + tail


@pytest.mark.parametrize("command", sorted(INVENTORIES))
@pytest.mark.parametrize("size", [0, 2, 8, 12, 16, 62])
def test_a_tag_of_any_length_is_read(command: int, size: int) -> None:
    epc = bytes(range(size))
    faults = list[Fault]()
    (read,) = read_tags(Frame(1, command, tag(epc)), faults)
    assert (read.epc, faults) == (epc, [])


# RSSI byte to dBm (V3.7) and the antenna's highest bit.
RSSI = {"62": (0x62, -31, 1), "1F": (0x1F, -98, 1), "with bit 7": (0xC5, -60, 5)}


@pytest.mark.parametrize(("byte", "dbm", "port"), RSSI.values(), ids=RSSI)
def test_rssi_is_dbm_and_its_top_bit_an_antennas(byte: int, dbm: float, port: int) -> None:
    (read,) = read_tags(Frame(1, CommandCode.INVENTORY, tag(place=0, rssi=byte)), [])
    assert (read.rssi_dbm, read.antenna_port, read.rssi_raw) == (dbm, port, byte)


@pytest.mark.parametrize("place", range(4))
def test_the_lowest_bits_of_the_place_are_the_antenna(place: int) -> None:
    (read,) = read_tags(Frame(1, CommandCode.INVENTORY, tag(place=0x8C | place)), [])
    assert (read.antenna_port, read.frequency_khz) == (1 + place, 916_000)


def test_a_phase_comes_behind_the_rssi() -> None:
    data = tag(phase=b"\x01\x02")
    (read,) = read_tags(Frame(1, CommandCode.SESSION_INVENTORY, data), [])
    assert (read.epc, read.rssi_dbm, read.phase) == (EPC, -60.0, 0x0102)


@pytest.mark.parametrize(
    ("index", "khz"), [(0, 865_000), (6, 868_000), (7, 902_000), (59, 928_000), (60, None)]
)
def test_frequencies_are_the_protocols_table(index: int, khz: int | None) -> None:
    assert frequency_khz(index) == khz


# Inventory answers without a tag: a status, an antenna's fault, a round's end.
@pytest.mark.parametrize("data", [b"\x36", b"\x02\x22", bytes(7)])
def test_what_is_no_tag_gives_none_and_no_fault(data: bytes) -> None:
    faults = list[Fault]()
    assert read_tags(Frame(1, CommandCode.FAST_SWITCH, data), faults) == []
    assert not faults


BROKEN = {
    "EPC shorter than its PC says": tag()[:1] + b"\x38\x00" + tag()[3:],
    "EPC longer than its PC says": tag()[:1] + b"\x28\x00" + tag()[3:],
    "one byte too many": tag() + b"\x00",
    "half a head": tag()[:3],
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_tag_that_does_not_fit_its_pc_is_a_fault(data: bytes) -> None:
    faults = list[Fault]()
    assert read_tags(Frame(1, CommandCode.INVENTORY, data), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_RECORD]


def test_a_buffered_tag_has_rssi_hits_and_a_crc() -> None:
    data = counted(EPC, b"", bytes((0x45, 0x0A, 0x03)))
    (read,) = read_tags(Frame(1, CommandCode.GET_BUFFER, data), [])
    assert (read.epc, read.rssi_dbm, read.hits, read.antenna_port) == (EPC, -60.0, 3, 3)
    assert read.is_crc_right


def test_a_read_tag_has_its_words_beside_the_epc_and_no_rssi() -> None:
    data = counted(EPC, b"\xe2\x80\x68\x90", bytes((4, 0x0B, 0x82)))
    (read,) = read_tags(Frame(1, CommandCode.READ, data), [])
    assert (read.epc, read.rssi_dbm, read.hits, read.antenna_port) == (EPC, None, 2, 8)


COUNTED = counted(EPC, b"\xaa\xbb", b"\x02\x0b\x01")
WRONG = {
    "a length beyond the frame": COUNTED[:2] + b"\x40" + COUNTED[3:],
    "a length short of the frame": COUNTED[:2] + b"\x04" + COUNTED[3:],
    "more words than there are": COUNTED[:-3] + b"\x40\x0b\x01",
    "fewer words than there are": COUNTED[:-3] + b"\x00\x0b\x01",
    "nothing but a count": COUNTED[:2],
    "no block": b"\x00\x01\x00\x00\x0b\x01",
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_lengths_in_a_frame_are_compared_and_not_believed(data: bytes) -> None:
    faults = list[Fault]()
    assert read_tags(Frame(1, CommandCode.READ, data), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_RECORD]


@pytest.mark.parametrize("command", [CommandCode.READ, CommandCode.GET_BUFFER])
def test_a_tag_whose_own_crc_is_wrong_is_no_read(command: CommandCode) -> None:
    more = {CommandCode.READ: b"\x00\x0b\x01", CommandCode.GET_BUFFER: b"\x45\x0b\x01"}
    data = bytearray(counted(EPC, b"", more[command]))
    data[8] ^= 1
    faults = list[Fault]()
    assert read_tags(Frame(1, command, bytes(data)), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_TAG_CRC]


def test_every_status_has_words_and_the_makers_number() -> None:
    for status in Status:
        assert status_text(status).endswith(f"({status:02X})")
    assert status_text(0x99) == "unknown status (99)"
