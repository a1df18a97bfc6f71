"""What simulated serial readers answer and tell, read by the codecs, compared with the world."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.errors import ConfigError
from edge.model import TagRead
from edge.serial.faults import Fault
from edge.serial.framing import Direction
from edge.serial.m100 import commands as m
from edge.serial.m100.frames import Frame as M100Frame
from edge.serial.mercury import commands as c
from edge.serial.mercury.codes import Status
from edge.serial.mercury.frames import Frame as MercuryFrame
from edge.serial.protocol import Description
from edge.serial.r2000 import commands as a0
from edge.serial.reads import SerialRead
from edge.serial.registry import PROTOCOLS
from edge.serial.settings import Region, SerialSettings
from edge.serial.tsl.session import TslSession
from edge.serial.uhfreader import commands as u
from edge.serial.uhfreader.frames import Frame as UhfFrame
from simulators.fault_table import Effect
from simulators.serial.play import READERS, serial_faults
from simulators.serial.surroundings import Surroundings
from tests.support.serial_desk import SerialDesk
from tests.support.serial_store import small_world

START = c.encode_command(c.StartReading(search=0x001B, on_time_ms=1000, metadata=0x3FFF))
STOP = c.encode_command(c.StopReading())


@pytest.fixture
def mercury(tmp_path: Path) -> SerialDesk:
    return SerialDesk(tmp_path, "mercury")


def items_of(protocol: str, said: bytes) -> list[Any]:
    """Give frames and faults of what a reader has said."""
    decoder = PROTOCOLS[READERS[protocol].protocol].decoder(Direction.FROM_READER)
    decoder.feed(said)
    decoder.flush()
    return list(iter(decoder.next_frame, None))


def described(protocol: str, said: bytes) -> list[Description]:
    describe = PROTOCOLS[READERS[protocol].protocol].describe
    items = items_of(protocol, said)
    assert not any(isinstance(item, Fault) for item in items)
    return [describe(item, Direction.FROM_READER) for item in items]


def reads_of(protocol: str, said: bytes) -> list[SerialRead]:
    told = described(protocol, said)
    assert not any(one.faults for one in told)
    return [read for one in told for read in one.reads]


def status_of(said: bytes) -> int | None:
    (frame,) = items_of("mercury", said)
    assert isinstance(frame, MercuryFrame)
    return frame.status


def start_mercury(desk: SerialDesk) -> bytes:
    for command in (
        c.SetRegion(region=8),
        c.SetSearchList(ports=(c.AntennaPair(tx=1, rx=1), c.AntennaPair(tx=2, rx=2))),
        c.SetConfig(key=0x0C, value=b"\x00"),
    ):
        assert status_of(desk.ask(c.encode_command(command))) == 0
    return desk.ask(START)


# How each protocol's reader is made to read; it is asked again whenever it has ended.
def start_r2000(desk: SerialDesk) -> bytes:
    return desk.ask(
        a0.encode_command(a0.FastSwitch(stays=bytes((0, 1, 1, 1) * 2), interval_ms=0, repeat=1))
    )


def start_288(desk: SerialDesk) -> bytes:
    return desk.ask(u.encode_command(u.Inventory(q=4, session=1)))


def start_18(desk: SerialDesk) -> bytes:
    return desk.ask(u.encode_command(u.InventoryAll()))


def start_m100(desk: SerialDesk) -> bytes:
    return desk.ask(m.encode_command(m.PollMany(rounds=0xFFFF)))


def start_tsl(desk: SerialDesk) -> bytes:
    return desk.ask(b".iv -x -n -r on -e on -c on\r\n")


STARTS: dict[str, Callable[[SerialDesk], bytes]] = {
    "mercury": start_mercury,
    "r2000": start_r2000,
    "uhfreader": start_288,
    "uhfreader18": start_18,
    "tsl": start_tsl,
    "m100": start_m100,
}


@pytest.mark.parametrize("protocol", READERS)
def test_what_is_read_is_what_is_there_by_the_antenna_that_covers_it(
    protocol: str, tmp_path: Path
) -> None:
    desk = SerialDesk(tmp_path, protocol)
    heard: dict[int, set[bytes]] = {}
    for _ in range(20):
        said = STARTS[protocol](desk) + desk.play(1.5)
        for read in reads_of(protocol, said):
            heard.setdefault(read.antenna_port or 1, set()).add(read.epc)
        desk.ask(STOP if protocol == "mercury" else b"")
    there = {port: set(desk.world.epcs_in(zone)) for port, zone in enumerate(desk.world.zones, 1)}
    assert heard == there


@pytest.mark.parametrize("protocol", READERS)
def test_every_fault_is_of_the_reader_and_leaves_frames_that_are_read_or_told_as_faults(
    protocol: str, tmp_path: Path
) -> None:
    for name, kind in serial_faults(protocol).items():
        if name in {"unplug", "power-dip"}:  # the line's matter
            continue
        desk = SerialDesk(tmp_path, protocol)
        if kind.effect is not Effect.ONCE:
            desk.reader.faults.set(name, {"every": 2} if name in EVERY else {})
        STARTS[protocol](desk)
        desk.play(1.5)
        if kind.effect is Effect.ONCE:
            desk.reader.act(name, desk.reader.faults.set(name, {}), desk.now)
        describe = PROTOCOLS[READERS[protocol].protocol].describe
        for item in items_of(protocol, desk.play(3)):
            if not isinstance(item, Fault):
                describe(item, Direction.FROM_READER)


EVERY = {"wrong-count", "wrong-tag-crc", "broken-record", "impossible-length", "no-round-end"}


@pytest.mark.parametrize("protocol", READERS)
def test_a_scenario_with_more_antennas_than_the_reader_has_is_refused(
    protocol: str, tmp_path: Path
) -> None:
    scenario = small_world(tmp_path, "desk")
    reader = READERS[protocol]
    if reader.most_ports >= 2:
        reader(Surroundings(scenario.reader, scenario.world(1), 1))
        return
    with pytest.raises(ConfigError, match="the scenario has antenna port 2, allowed is 1 to 1"):
        reader(Surroundings(scenario.reader, scenario.world(1), 1))


# Mercury.


def test_a_module_without_a_region_says_so_and_does_not_read(mercury: SerialDesk) -> None:
    _, last = items_of("mercury", mercury.ask(START) + mercury.play(2))
    assert last.status == Status.AFE_NOT_ON


REFUSALS = {
    "more power than it has": (c.SetReadPower(power=3000), Status.POWER_TOO_HIGH),
    "less power than it has": (c.SetReadPower(power=-1), Status.POWER_TOO_LOW),
    "a region that it does not have": (c.SetRegion(region=0x1A), Status.BAD_REGION),
    "a rate that it does not have": (c.SetBaud(baud=12_345), Status.BAD_BAUD),
    "a port that it does not have": (c.SetAntenna(tx=9, rx=9), Status.BAD_PARAMETER),
    "a parameter of another tag protocol": (
        c.GetParameter(protocol=3, key=0x10),
        Status.INVALID_PROTOCOL,
    ),
    "a buffer that is empty": (c.GetTagBuffer(metadata=0), Status.NO_TAGS),
}


@pytest.mark.parametrize(("command", "status"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_module_cannot_do_is_refused_with_its_status(
    command: c.Command, status: Status, mercury: SerialDesk
) -> None:
    assert status_of(mercury.ask(c.encode_command(command))) == status


def test_every_cycle_of_a_stream_ends_with_a_frame_without_a_tag(mercury: SerialDesk) -> None:
    start_mercury(mercury)
    ends = [one for one in described("mercury", mercury.play(5)) if one.name == "NoTags"]
    assert len(ends) in {4, 5}


def test_a_stream_goes_on_until_its_stop_is_answered_behind_the_last_tag(
    mercury: SerialDesk,
) -> None:
    start_mercury(mercury)
    assert reads_of("mercury", mercury.play(1))
    mercury.reader.receive(STOP, mercury.now)
    assert described("mercury", mercury.play(1))[-1].name == "ReadingStopped"
    assert mercury.play(3) == b""


def test_a_module_that_streams_has_no_ear_for_other_commands(mercury: SerialDesk) -> None:
    start_mercury(mercury)
    mercury.ask(c.encode_command(c.GetVersion()))
    assert {one.name for one in described("mercury", mercury.play(1))} <= {"Tags", "NoTags"}


def test_stamps_count_from_the_begin_of_the_stream(mercury: SerialDesk) -> None:
    start_mercury(mercury)
    stamps = [read.reader_ms or 0 for read in reads_of("mercury", mercury.play(3))]
    assert stamps == sorted(stamps)
    assert 0 <= stamps[0] < 300
    assert 2500 < stamps[-1] < 3100


def test_the_read_filter_reports_a_tag_once_or_once_in_its_time(mercury: SerialDesk) -> None:
    start_mercury(mercury)
    mercury.reader.receive(STOP, mercury.now)
    mercury.play(1)
    mercury.ask(c.encode_command(c.SetConfig(key=0x0C, value=b"\x01")))
    once = [read.epc for read in reads_of("mercury", mercury.ask(START) + mercury.play(10))]
    assert len(once) == len(set(once)) == 45


def test_a_search_fills_the_buffer_which_is_fetched_in_parts_and_again(
    mercury: SerialDesk,
) -> None:
    mercury.ask(c.encode_command(c.SetRegion(region=8)))
    search = c.Search(option=0, search=0x0013, timeout_ms=3000)
    assert mercury.ask(c.encode_command(search)) == b""
    (found,) = described("mercury", mercury.play(3.1))
    assert (found.name, found.fields) == ("Found", {"count": 25})
    fetch = c.encode_command(c.GetTagBuffer(metadata=0x0007))
    first = reads_of("mercury", mercury.ask(fetch))
    again = c.encode_command(c.GetTagBuffer(metadata=0x0007, is_again=1))
    assert reads_of("mercury", mercury.ask(again)) == first
    epcs = {read.epc for read in first}
    while part := reads_of("mercury", mercury.ask(fetch)):
        epcs |= {read.epc for read in part}
    assert epcs == set(mercury.world.epcs_in("desk-floor"))
    mercury.ask(c.encode_command(c.ClearTagBuffer()))
    assert status_of(mercury.ask(fetch)) == Status.NO_TAGS


def test_a_new_rate_is_answered_at_the_old_one_and_lost_with_the_power(
    mercury: SerialDesk,
) -> None:
    reader = mercury.reader
    reader.receive(c.encode_command(c.SetBaud(baud=921_600)), mercury.now)
    assert reader.baud == 115_200
    assert reader.take()
    reader.has_said_all()
    assert reader.baud == 921_600
    reader.power_up(mercury.now)
    assert reader.baud == 115_200


def test_a_module_in_its_bootloader_only_boots(mercury: SerialDesk) -> None:
    mercury.reader.act("bootloader", mercury.reader.faults.set("bootloader", {}), mercury.now)
    program = c.encode_command(c.GetProgram())
    assert described("mercury", mercury.ask(program))[0].fields == {"program": 0x11}
    region = c.encode_command(c.SetRegion(region=8))
    assert status_of(mercury.ask(region)) == Status.INVALID_OPCODE
    assert described("mercury", mercury.ask(c.encode_command(c.BootFirmware())))[0].name == "Booted"
    assert status_of(mercury.ask(region)) == 0


def test_a_command_that_breaks_off_is_forgotten_after_a_while(mercury: SerialDesk) -> None:
    mercury.reader.receive(b"\xff\x80", mercury.now)
    mercury.clock.advance(0.2)
    assert status_of(mercury.ask(c.encode_command(c.GetVersion()))) == 0


# The others.


def test_a_reader_with_an_address_hears_its_own_and_everybodys_only(tmp_path: Path) -> None:
    addresses = (0, 1, 2, 0xFF)
    desk = SerialDesk(tmp_path, "r2000")
    asked = {a: a0.encode_command(a0.GetFirmware(), a) for a in addresses}
    assert [a for a in addresses if desk.ask(asked[a])] == [1, 0xFF]
    desk = SerialDesk(tmp_path, "uhfreader")
    asked = {a: u.encode_command(u.GetInfo(), a) for a in addresses}
    assert [a for a in addresses if desk.ask(asked[a])] == [0, 0xFF]


def test_an_a0_frame_with_a_wrong_check_is_not_answered(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "r2000")
    assert desk.ask(bytes.fromhex("a003017200")) == b""


def a0_answers(desk: SerialDesk, command: a0.Command, seconds: float = 0.2) -> list[Description]:
    return described("r2000", desk.ask(a0.encode_command(command)) + desk.play(seconds))


def test_a_buffered_inventory_keeps_each_tag_once_until_it_is_fetched(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "r2000")
    (end,) = a0_answers(desk, a0.BufferInventory(repeat=10), 1.0)
    here = desk.world.epcs_in("desk-floor")
    assert (end.name, end.fields["antenna"], end.fields["tags"]) == ("Buffered", 0, len(here))
    assert end.fields["reads"] > len(here)
    (count,) = a0_answers(desk, a0.GetBufferCount())
    assert count.fields["tags"] == len(here)
    fetched = [read for one in a0_answers(desk, a0.GetBuffer()) for read in one.reads]
    assert sorted(read.epc for read in fetched) == sorted(here)
    assert {(read.antenna_port, read.is_crc_right) for read in fetched} == {(1, True)}
    assert sum(read.hits for read in fetched) == end.fields["reads"]


def test_a_buffer_is_empty_once_it_was_taken_or_cleared(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "r2000")
    for empty in (a0.TakeBuffer(), a0.ClearBuffer()):
        a0_answers(desk, a0.BufferInventory(repeat=1))
        assert a0_answers(desk, empty)
        (told,) = a0_answers(desk, a0.GetBuffer())
        assert told.fields["status"] == "buffer empty (38)"


def test_a_uhfreader_says_what_is_wrong_with_a_command(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "uhfreader")
    wrong = {
        "damaged": bytes.fromhex("04ff211900"),
        "unknown": UhfFrame(0, 0x99).encode(),
        "too long": UhfFrame(0, 0x21, b"\x00").encode(),
        "a power of 60": u.encode_command(u.SetPower(powers=(60,))),
    }
    answers = {name: (desk.ask(data) + desk.play(0.2)).hex() for name, data in wrong.items()}
    assert {name: data[4:8] for name, data in answers.items()} == {
        "damaged": "00fe",
        "unknown": "00fe",
        "too long": "21fd",
        "a power of 60": "2fff",
    }


def test_a_uhfreader_that_works_is_deaf_but_for_the_stop(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "uhfreader")
    start_288(desk)
    desk.ask(u.encode_command(u.GetInfo()))
    desk.reader.receive(u.encode_command(u.StopInventory()), desk.now)
    told = described("uhfreader", desk.play(1))
    assert {one.name for one in told} == {"Tags"}


def test_a_pushing_uhfreader_is_told_to_answer_only(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "uhfreader")
    desk.reader.act("pushes", desk.reader.faults.set("pushes", {}), desk.now)
    assert reads_of("uhfreader", desk.play(2))
    assert desk.ask(u.encode_command(u.GetTemperature())) == b""
    desk.ask(u.encode_command(u.SetMode288(mode=0)))
    assert desk.play(2) == b""


def test_an_m100_that_sleeps_loses_the_byte_that_wakes_it(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "m100")
    info = m.encode_command(m.GetInfo(kind=0))
    desk.ask(m.encode_command(m.Sleep()))
    assert desk.ask(info) == b""
    desk.clock.advance(1)
    (answer,) = items_of("m100", desk.ask(info))
    assert isinstance(answer, M100Frame)


def test_an_m100_ends_after_its_rounds_and_tells_rounds_without_a_tag(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "m100")
    for epc in desk.world.epcs_in("desk-floor"):
        desk.world.take(epc)
    desk.ask(m.encode_command(m.PollMany(rounds=5)))
    errors = described("m100", desk.play(2))
    assert [one.fields["error"] for one in errors] == ["no tag answers (15)"] * 5


def test_a_handhelds_trigger_is_answered_like_a_command_of_nobody(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "tsl")
    said = desk.play(0.9).decode()
    assert said.startswith("CS: .iv\r\nEP: ")
    assert said.endswith("OK:\r\n\r\n")
    assert "CR: " not in said
    start_tsl(desk)
    assert "CR: " in desk.play(2).decode()


def test_a_handheld_that_is_told_to_says_when_its_trigger_is_pressed(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "tsl")
    desk.reader.faults.set("idle", {})
    desk.reader.faults.set("held", {"inventories": 3})
    desk.ask(b".sa -a on -s inv\r\n")
    desk.reader.act("press", desk.reader.faults.set("press", {}), desk.now)
    lines = [line for line in desk.play(2).decode().split("\r\n") if line[:3] in {"CS:", "SW:"}]
    down, up = ["CS: .ss", "SW: single"], ["CS: .ss", "SW: off"]
    assert lines == [*down, *["CS: .iv"] * 3, *up]


@pytest.mark.parametrize("inventories", [1, 3])
def test_the_agents_session_tells_the_presses_of_a_simulated_handheld_apart(
    inventories: int, tmp_path: Path
) -> None:
    desk = SerialDesk(tmp_path, "tsl")
    desk.reader.faults.set("idle", {})
    desk.reader.faults.set("held", {"inventories": inventories})
    session = TslSession(SerialSettings(Region.EU))
    to_send, reads = session.start(desk.now), list[TagRead]()
    for step in range(120):
        if step in {60, 90}:
            desk.reader.act("press", desk.reader.faults.set("press", {}), desk.now)
        desk.reader.receive(to_send, desk.now)
        output = session.step(desk.play(0.05), desk.now)
        to_send = output.to_send
        reads += output.polled.reads
    presses = Counter(read.pressed_at_us for read in reads)
    assert len(presses) == 2
    assert min(presses.values()) > 10 * inventories


def test_a_handheld_that_has_slept_has_lost_its_settings(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "tsl")
    desk.play(0.9)
    start_tsl(desk)
    desk.reader.act("asleep", desk.reader.faults.set("asleep", {}), desk.now)
    assert "CR: " not in desk.play(2).decode()


def test_a_handheld_answers_what_it_knows_and_refuses_the_rest(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "tsl")
    desk.reader.faults.set("idle", {})
    desk.reader.faults.set("battery", {"percent": 7})
    assert desk.ask(b".bl\r\n") == b"CS: .bl\r\nBP: 7%\r\nCH: Off\r\nOK:\r\n\r\n"
    assert desk.ask(b".qq\r") == b"CS: .qq\r\nER: 001\r\n\r\n"
    assert desk.ask(b"hello\r\n") == b""


def test_a_handheld_without_a_tag_says_so(tmp_path: Path) -> None:
    desk = SerialDesk(tmp_path, "tsl")
    for epc in desk.world.epcs_in("desk-floor"):
        desk.world.take(epc)
    assert desk.play(0.9) == b"CS: .iv\r\nER: 005\r\n\r\n"
