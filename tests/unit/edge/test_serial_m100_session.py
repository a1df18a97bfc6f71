"""The conversation with an M100 module, against one that keeps to the sheet."""

import pytest

from edge.errors import ConfigError, GatewayError, ReaderError, ReaderRefused
from edge.model import HealthKind
from edge.serial.m100.codes import CommandCode as C
from edge.serial.m100.codes import FrameType
from edge.serial.m100.commands import StopPolling, encode_command
from edge.serial.m100.frames import Frame
from edge.serial.m100.session import BAUDS, SILENCE_S, M100Session
from edge.serial.m100.states import TRANSITIONS, State
from edge.serial.settings import Region, SerialSettings
from tests.support.serial_m100 import NO_TAG, M100Module, tag_frame
from tests.support.serial_readers import Line

EU = SerialSettings(Region.EU)
EPC = bytes.fromhex("303425f8c40c5e4000000001")


def error(code: int) -> Frame:
    return Frame(FrameType.ANSWER, C.ERROR, bytes((code,)))


def reading(module: M100Module, settings: SerialSettings = EU, seconds: float = 1.0) -> Line:
    line = Line(M100Session(settings), module)
    line.play(seconds)
    assert module.is_polling
    return line


def failure(line: Line, seconds: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        line.play(seconds)
    return caught.value


def test_a_module_is_stopped_asked_set_and_started() -> None:
    module = M100Module()
    reading(module, SerialSettings(Region.EU, power_dbm=20.0))
    assert module.told == [
        (C.STOP, b""),
        (C.INFO, b"\x00"),
        (C.GET_REGION, b""),
        (C.SET_REGION, b"\x03"),
        (C.GET_REGION, b""),
        (C.SET_HOPPING, b"\xff"),
        (C.GET_POWER, b""),
        (C.SET_POWER, b"\x07\xd0"),
        (C.GET_POWER, b""),
        (C.GET_QUERY, b""),
        (C.SET_QUERY, b"\x11\x20"),
        (C.GET_QUERY, b""),
        (C.POLL_MANY, b"\x22\xff\xff"),
    ]


def test_a_module_is_not_told_what_it_has_already() -> None:
    module = M100Module()
    module.region, module.query = 3, 0x1120
    reading(module)
    assert not {C.SET_REGION, C.SET_POWER, C.SET_QUERY} & set(module.commands())


def test_a_module_is_connected_once_it_reads() -> None:
    line = reading(M100Module())
    (event,) = line.heard.of(HealthKind.CONNECTED)
    assert event.detail == "M100 module M100 26dBm V1.0"


def test_a_module_that_polls_from_before_is_stopped() -> None:
    module = M100Module()
    module.is_polling = True
    line = Line(M100Session(EU), module)
    line.step(tag_frame(EPC).encode() + NO_TAG)
    line.play(1)
    assert not line.heard.reads
    assert C.POLL_MANY in module.commands()


def test_a_module_that_sleeps_loses_the_first_command_and_is_asked_again() -> None:
    module = M100Module()
    module.is_asleep = True
    reading(module)


@pytest.mark.parametrize("baud", BAUDS)
def test_a_module_is_found_at_each_of_its_rates(baud: int) -> None:
    module = M100Module()
    module.baud = baud
    line = reading(module, seconds=3)
    assert line.heard.bauds == list(BAUDS[1 : BAUDS.index(baud) + 1])


def test_a_module_at_no_known_rate_does_not_answer() -> None:
    module = M100Module()
    module.baud = 1200
    assert "no answer to hardware version" in str(failure(Line(M100Session(EU), module), 5))


def test_a_region_that_was_not_taken_is_not_transmitted_in() -> None:
    module = M100Module()
    module.answers[C.SET_REGION] = Frame(FrameType.ANSWER, C.SET_REGION, b"\x00")
    assert "not EU" in str(failure(Line(M100Session(EU), module), 3))
    assert C.POLL_MANY not in module.commands()


def test_a_power_that_was_not_taken_is_told() -> None:
    module = M100Module()
    module.answers[C.SET_POWER] = Frame(FrameType.ANSWER, C.SET_POWER, b"\x00")
    line = Line(M100Session(SerialSettings(Region.EU, power_dbm=30.0)), module)
    assert "26.0 dBm, not 30.0 dBm" in str(failure(line, 3))


def test_a_query_that_was_not_taken_is_told() -> None:
    module = M100Module()
    module.answers[C.SET_QUERY] = Frame(FrameType.ANSWER, C.SET_QUERY, b"\x00")
    assert "not taken the query 1120" in str(failure(Line(M100Session(EU), module), 3))


def test_a_refusal_names_request_and_error() -> None:
    module = M100Module()
    module.answers[C.SET_REGION] = error(0x17)
    caught = failure(Line(M100Session(EU), module), 3)
    assert isinstance(caught, ReaderRefused)
    assert (caught.status, "set region" in str(caught)) == (0x17, True)


def test_a_module_without_query_parameters_reads_and_says_so() -> None:
    module = M100Module()
    module.answers[C.GET_QUERY] = error(0x17)
    line = reading(module)
    (event,) = line.heard.of(HealthKind.WARNING)
    assert "Gen2 session and Q stay" in event.detail


def test_a_module_that_does_not_know_how_to_poll_is_refused() -> None:
    module = M100Module()
    module.answers[C.POLL_MANY] = error(0x17)
    assert isinstance(failure(Line(M100Session(EU), module), 3), ReaderRefused)


def test_an_answer_that_nobody_can_read_is_an_error() -> None:
    module = M100Module()
    module.answers[C.GET_REGION] = Frame(FrameType.ANSWER, C.GET_REGION, b"\x01\x02")
    assert "answer to region is 0102" in str(failure(Line(M100Session(EU), module), 3))


UNFIT = {
    "a region that the protocol lacks": SerialSettings(Region.INDIA),
    "a second antenna": SerialSettings(Region.EU, antenna_ports=(1, 2)),
    "a session that reads a tag once": SerialSettings(Region.EU, gen2_session=2),
    "a read filter": SerialSettings(Region.EU, read_filter_s=1),
    "too much power": SerialSettings(Region.EU, power_dbm=34),
}


@pytest.mark.parametrize("settings", UNFIT.values(), ids=UNFIT)
def test_settings_that_no_module_can_have_are_a_mistake_of_the_file(
    settings: SerialSettings,
) -> None:
    with pytest.raises(ConfigError, match="M100"):
        M100Session(settings)


def test_tags_are_reads_at_the_sites_only_port_and_the_hosts_time() -> None:
    line = reading(M100Module(), SerialSettings(Region.EU, antenna_ports=(3,)))
    line.step(tag_frame(EPC).encode())
    (read,) = line.heard.reads
    assert (read.epc, read.antenna_port, read.rssi_dbm, read.hits) == (EPC, 3, -60.0, 1)
    assert read.at_us == line.clock.now().utc_us


def test_a_tag_with_a_wrong_crc_of_its_own_is_no_read_but_a_fault() -> None:
    line = reading(M100Module())
    frame = tag_frame(EPC)
    line.step(Frame(frame.type, frame.command, frame.data[:-1] + b"\x00").encode())
    assert not line.heard.reads
    (event,) = line.heard.of(HealthKind.FAULT)
    assert "own CRC" in event.detail


def test_an_echo_of_our_own_command_is_no_answer() -> None:
    line = reading(M100Module())
    line.step(encode_command(StopPolling()))
    assert not line.heard.of(HealthKind.FAULT)


def test_rounds_without_tags_are_a_sign_of_life() -> None:
    module = M100Module()
    line = reading(module)
    before = len(module.told)
    for _ in range(100):
        line.step(NO_TAG, step_s=0.1)
    assert len(module.told) == before
    assert 8 <= len(line.heard.ticks) <= 11


def test_a_module_that_has_done_its_rounds_is_asked_for_more() -> None:
    module = M100Module()
    line = reading(module)
    line.play(SILENCE_S + 1)
    assert module.commands().count(C.POLL_MANY) == 2
    assert len(line.heard.of(HealthKind.CONNECTED)) == 1


def test_a_module_that_has_started_anew_gets_its_region_again() -> None:
    module = M100Module()
    line = reading(module)
    module.region, module.is_polling = 1, False
    line.play(SILENCE_S + 1)
    assert (module.region, module.is_polling) == (3, True)


def test_a_module_that_says_nothing_any_more_is_lost() -> None:
    module = M100Module()
    line = reading(module)
    module.answers = {C.STOP: None, C.INFO: None}
    caught = failure(line, SILENCE_S + 3)
    assert isinstance(caught, ReaderError)
    assert "no answer to hardware version at 115200 baud" in str(caught)


def test_a_channel_that_is_taken_is_told_once() -> None:
    line = reading(M100Module())
    for _ in range(20):
        line.step(error(0x20).encode())
    (event,) = line.heard.of(HealthKind.WARNING)
    assert "every channel is taken (20)" in event.detail


def test_a_stop_stops_a_module_that_is_known() -> None:
    session = M100Session(EU)
    line = Line(session, M100Module())
    assert session.stop(line.clock.now()) == b""
    line.play(1)
    assert session.stop(line.clock.now()).hex() == "bb00280000287e"


def test_the_table_knows_every_state_and_each_can_be_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(TRANSITIONS.values()) | {State.LISTENING} == set(State)
