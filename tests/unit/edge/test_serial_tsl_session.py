"""The conversation with a TSL handheld, against one that keeps to the sheet."""

import pytest

from edge.errors import ConfigError, GatewayError, ReaderError, ReaderRefused
from edge.model import HealthKind
from edge.serial.settings import Region, SerialSettings
from edge.serial.tsl.commands import Command
from edge.serial.tsl.responses import MOST_READS
from edge.serial.tsl.session import BATTERY_S, END_S, Battery, TslSession
from edge.serial.tsl.states import TRANSITIONS, State
from tests.support.serial_readers import Line
from tests.support.serial_tsl import TslHandheld, answer, pressed, tag_lines
from tests.support.serial_tsl_line import EPC, EU, OTHER, ready


def failure(line: Line, seconds: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        line.play(seconds)
    return caught.value


def settings_told(handheld: TslHandheld) -> dict[str, str]:
    (command,) = [command for command in handheld.told if command.name == "iv"]
    return dict(command.parameters)


# Set-up.


def test_a_handheld_is_woken_asked_and_set_and_then_left_to_its_trigger() -> None:
    handheld = TslHandheld()
    line = ready(handheld)
    assert line.heard.sent[0] == b"\r\n.vr LCMD 000001\r\n"
    assert handheld.names() == ["vr", "bl", "iv", "sa"]
    assert handheld.told[-1] == Command("sa", (("a", "on"), ("s", "inv")), 4)


def test_our_commands_carry_marks_to_tell_their_answers_from_the_triggers() -> None:
    handheld = TslHandheld()
    ready(handheld)
    assert [command.mark for command in handheld.told] == [1, 2, 3, 4]


def test_the_triggers_inventory_is_set_and_none_is_done() -> None:
    handheld = TslHandheld()
    ready(handheld, SerialSettings(Region.EU, power_dbm=8.0, gen2_session=2, q=4))
    told = settings_told(handheld)
    assert {"x", "n"} <= set(told)
    assert {key: told[key] for key in ("r", "e", "c", "qs", "qt", "qa", "qv", "o")} == {
        "r": "on",
        "e": "on",
        "c": "on",
        "qs": "s2",
        "qt": "a",
        "qa": "fix",
        "qv": "4",
        "o": "08",
    }


def test_power_and_q_are_the_handhelds_own_where_nobody_says_otherwise() -> None:
    handheld = TslHandheld()
    ready(handheld)
    told = settings_told(handheld)
    assert (told["qa"], "qv" in told, "o" in told) == ("dyn", False, False)


def test_a_handheld_is_connected_with_its_unit_and_its_battery() -> None:
    handheld = TslHandheld()
    session = TslSession(EU)
    line = Line(session, handheld)
    line.play(1)
    (event,) = line.heard.of(HealthKind.CONNECTED)
    assert event.detail == "TSL handheld 1119-01-003002, firmware 3.3.0"
    (battery,) = line.heard.of(HealthKind.BATTERY)
    assert battery.detail == "battery at 87 %, charge: Off"
    assert session.battery == Battery(87, "Off")


def test_stray_bytes_of_bluetooth_do_not_disturb_the_set_up() -> None:
    line = Line(TslSession(EU), TslHandheld())
    line.step(b"\x00\xff\x00\xffOK:\r\n\r\n")
    line.play(1)
    assert line.heard.of(HealthKind.CONNECTED)
    assert not line.heard.of(HealthKind.FAULT)


def test_an_answer_that_another_program_has_waited_for_is_not_ours() -> None:
    line = Line(TslSession(EU), TslHandheld())
    line.play(0.35)
    line.step(answer("CS: .vr LCMD 000777", "PV: 9.0"))
    line.play(1)
    assert line.heard.of(HealthKind.CONNECTED)


def test_a_handheld_that_does_not_answer_is_not_there() -> None:
    handheld = TslHandheld()
    handheld.answers["vr"] = None
    assert "no answer to version" in str(failure(Line(TslSession(EU), handheld), 5))


@pytest.mark.parametrize("lines", [("PV: 1.4.0",), ("PV: 3.0",), ()])
def test_another_protocol_version_is_no_handheld_of_ours(lines: tuple[str, ...]) -> None:
    handheld = TslHandheld()
    handheld.answers["vr"] = answer(*lines)
    assert "needed is 2.x" in str(failure(Line(TslSession(EU), handheld), 5))


def test_a_power_that_the_model_does_not_have_is_refused_by_name() -> None:
    handheld = TslHandheld()
    handheld.answers["iv"] = answer(end="ER: 002")
    settings = SerialSettings(Region.EU, power_dbm=30.0)
    error = failure(Line(TslSession(settings), handheld), 5)
    assert isinstance(error, ReaderRefused)
    assert "set inventory: the parameter is not supported (002)" in str(error)


UNFIT = {
    "a second antenna": SerialSettings(Region.EU, antenna_ports=(1, 2)),
    "a read filter": SerialSettings(Region.EU, read_filter_s=1),
    "half a decibel": SerialSettings(Region.EU, power_dbm=20.5),
    "too much power": SerialSettings(Region.EU, power_dbm=31),
    "too little power": SerialSettings(Region.EU, power_dbm=3),
}


@pytest.mark.parametrize("settings", UNFIT.values(), ids=UNFIT)
def test_settings_that_no_handheld_can_have_are_a_mistake_of_the_file(
    settings: SerialSettings,
) -> None:
    with pytest.raises(ConfigError, match="TSL"):
        TslSession(settings)


# The trigger.


def test_the_reads_of_one_press_come_together_with_one_stamp_when_it_has_ended() -> None:
    line = ready(TslHandheld(), SerialSettings(Region.EU, antenna_ports=(2,)))
    said = pressed(EPC, OTHER)
    line.step(said[:-30])
    line.play(0.9)  # Bluetooth pauses, even within a line
    assert not line.heard.reads
    line.step(said[-30:])
    first, second = line.heard.reads
    assert (first.epc, first.antenna_port, first.rssi_dbm) == (EPC, 2, -61.0)
    assert second.epc == OTHER
    assert first.at_us == second.at_us == line.clock.now().utc_us


def test_a_press_among_no_tags_is_no_trouble() -> None:
    line = ready(TslHandheld())
    line.step(pressed())
    assert not line.heard.reads
    assert not line.heard.of(HealthKind.WARNING)


def test_a_switch_report_is_nothing_to_worry_about() -> None:
    line = ready(TslHandheld())
    line.step(answer("CS: .ss", "SW: single") + pressed(EPC) + answer("CS: .ss", "SW: off"))
    assert [read.epc for read in line.heard.reads] == [EPC]
    assert not {HealthKind.WARNING, HealthKind.FAULT} & {event.kind for event in line.heard.health}


def test_a_message_and_an_unknown_line_do_not_disturb_a_press() -> None:
    line = ready(TslHandheld())
    line.step(answer("CS: .iv", "ME: Hello", *tag_lines(EPC), "ZZ: new", *tag_lines(OTHER)))
    assert [read.epc for read in line.heard.reads] == [EPC, OTHER]


def test_a_press_whose_begin_was_lost_is_read() -> None:
    line = ready(TslHandheld())
    line.step(pressed(EPC).removeprefix(b"CS: .iv\r\n"))
    assert [read.epc for read in line.heard.reads] == [EPC]


def test_a_press_whose_end_was_lost_is_given_with_the_next() -> None:
    line = ready(TslHandheld())
    line.step(pressed(EPC).removesuffix(b"OK:\r\n\r\n"))
    line.step(pressed(OTHER))
    assert [read.epc for read in line.heard.reads] == [EPC, OTHER]


def test_half_a_line_is_given_up_after_a_silence_and_costs_its_tag_only() -> None:
    line = ready(TslHandheld())
    line.step(pressed(EPC, OTHER)[:-30])
    line.play(2)
    line.step(pressed(OTHER))
    assert [read.epc for read in line.heard.reads] == [EPC, OTHER]
    assert line.heard.of(HealthKind.FAULT)


def test_a_press_whose_end_does_not_come_is_given_after_a_silence() -> None:
    line = ready(TslHandheld())
    line.step(pressed(EPC).removesuffix(b"OK:\r\n\r\n"))
    line.play(END_S + 0.2)
    assert [read.epc for read in line.heard.reads] == [EPC]


def test_a_press_while_the_battery_is_asked_for_is_read_and_the_battery_told() -> None:
    handheld = TslHandheld()
    session = TslSession(EU)
    line = Line(session, handheld)
    line.play(1)
    handheld.answers["bl"] = None
    line.play(BATTERY_S)
    line.step(pressed(EPC))
    assert [read.epc for read in line.heard.reads] == [EPC]
    mark = handheld.told[-1].mark
    line.step(answer(f"CS: .bl LCMD {mark:06d}", "BP: 50%", "CH: Off"))
    assert session.battery == Battery(50, "Off")


def test_a_tag_that_was_damaged_costs_no_other_and_is_told() -> None:
    line = ready(TslHandheld())
    line.step(pressed(EPC, OTHER).replace(b"0001\r\n", b"0003\r\n", 1))
    assert [read.epc for read in line.heard.reads] == [OTHER]
    (event,) = line.heard.of(HealthKind.FAULT)
    assert "own CRC" in event.detail


def test_half_an_epc_without_the_crc_that_others_have_is_no_read() -> None:
    line = ready(TslHandheld())
    line.step(answer("CS: .iv", *tag_lines(EPC), "EP: 3034"))
    assert [read.epc for read in line.heard.reads] == [EPC]
    assert line.heard.of(HealthKind.FAULT)


def test_a_press_among_more_tags_than_are_kept_is_given_in_parts_and_whole() -> None:
    line = ready(TslHandheld())
    epcs = [index.to_bytes(12) for index in range(MOST_READS + 10)]
    line.step(pressed(*epcs).removesuffix(b"OK:\r\n\r\n"))
    assert len(line.heard.reads) == MOST_READS
    line.step(b"OK:\r\n\r\n")
    assert [read.epc for read in line.heard.reads] == epcs


def test_a_handheld_that_slept_and_lost_its_settings_is_read_and_set_up_anew() -> None:
    handheld = TslHandheld()
    line = ready(handheld)
    unset = answer("CS: .iv", f"EP: {EPC.hex()}", f"EP: {OTHER.hex()}")
    line.step(unset)
    line.play(1)
    assert [read.epc for read in line.heard.reads] == [EPC, OTHER]
    assert handheld.names() == ["vr", "bl", "iv", "sa", "iv", "sa"]
    (event,) = line.heard.of(HealthKind.WARNING)
    assert "lost its settings" in event.detail


def test_a_handheld_that_never_gives_a_crc_is_not_set_up_with_every_press() -> None:
    handheld = TslHandheld()
    line = ready(handheld)
    for _ in range(20):
        line.step(answer("CS: .iv", f"EP: {EPC.hex()}"))
        line.play(0.5)
    assert handheld.names().count("iv") == 2
    assert len(line.heard.reads) == 20


# What a handheld says of itself, and what is told of it.
TROUBLES = {
    "ER: 008": "antenna or radio (008)",
    "ER: 009": "the battery is too low (009)",
    "ER: 255": "system (255)",
    "ER: 077": "unknown error (077)",
    "ER: what": "unknown error (-01)",
}


@pytest.mark.parametrize(("end", "told"), TROUBLES.items())
def test_a_trouble_of_the_trigger_is_told_once_a_minute(end: str, told: str) -> None:
    line = ready(TslHandheld())
    for _ in range(5):
        line.step(answer("CS: .iv", end=end))
    (event,) = line.heard.of(HealthKind.WARNING)
    assert told in event.detail


@pytest.mark.parametrize("end", ["ER: 005", "ER: 015"])
def test_no_tag_and_a_trigger_let_go_are_no_trouble(end: str) -> None:
    line = ready(TslHandheld())
    line.step(answer("CS: .iv", end=end))
    assert not line.heard.of(HealthKind.WARNING)


# Battery and life.


def test_the_battery_is_asked_for_every_minute() -> None:
    handheld = TslHandheld()
    ready(handheld, seconds=3.2 * BATTERY_S)
    assert handheld.names().count("bl") == 4


def test_the_battery_is_told_when_it_has_changed() -> None:
    handheld = TslHandheld()
    line = ready(handheld)
    for percent in ("87%", "86%", "86%"):
        handheld.battery = percent
        line.play(BATTERY_S + 0.5)
    assert [event.detail for event in line.heard.of(HealthKind.BATTERY)] == [
        "battery at 87 %, charge: Off",
        "battery at 86 %, charge: Off",
    ]


def test_a_low_battery_is_told_once_until_it_was_charged() -> None:
    handheld = TslHandheld()
    line = ready(handheld)
    for percent in ("19%", "18%", "17%", "90%", "20%"):
        handheld.battery = percent
        line.play(BATTERY_S + 0.5)
    details = [event.detail for event in line.heard.of(HealthKind.WARNING)]
    assert details == [
        "handheld wants charging: battery at 19 %, charge: Off",
        "handheld wants charging: battery at 20 %, charge: Off",
    ]


def test_a_low_battery_on_its_charger_is_no_warning() -> None:
    handheld = TslHandheld()
    handheld.battery, handheld.charge = "5%", "Charging"
    assert not ready(handheld).heard.of(HealthKind.WARNING)


def test_a_charger_that_fails_is_told() -> None:
    handheld = TslHandheld()
    handheld.charge = "Error"
    (event,) = ready(handheld).heard.of(HealthKind.WARNING)
    assert "does not charge" in event.detail


@pytest.mark.parametrize("lines", [(), ("BP: ?",), ("BP: ٣%",)])
def test_a_battery_that_is_not_told_is_unknown(lines: tuple[str, ...]) -> None:
    handheld = TslHandheld()
    session = TslSession(EU)
    handheld.answers["bl"] = answer() if not lines else "\r\n".join((*lines, "OK:", "")).encode()
    Line(session, handheld).play(8)
    assert session.battery is None


def test_a_handheld_that_refuses_to_tell_its_battery_is_used() -> None:
    handheld = TslHandheld()
    handheld.answers["bl"] = answer(end="ER: 004")
    ready(handheld)


def test_a_handheld_whose_trigger_nobody_presses_ticks_once_a_second() -> None:
    line = ready(TslHandheld(), seconds=11)
    assert 8 <= len(line.heard.ticks) <= 11


def test_a_handheld_that_says_nothing_any_more_is_lost_and_its_last_press_is_not() -> None:
    handheld = TslHandheld()
    line = ready(handheld)
    handheld.answers["bl"] = None
    line.play(BATTERY_S)
    line.step(pressed(EPC).removesuffix(b"OK:\r\n\r\n"))
    error = failure(line, 15)
    assert isinstance(error, ReaderError)
    assert "no answer to battery again" in str(error)
    assert [read.epc for read in line.heard.reads] == [EPC]


def test_a_stop_says_nothing_and_does_not_put_the_handheld_to_sleep() -> None:
    session = TslSession(EU)
    line = Line(session, TslHandheld())
    line.play(1)
    assert session.stop(line.clock.now()) == b""


def test_the_table_knows_every_state_and_each_can_be_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(TRANSITIONS.values()) | {State.LISTENING} == set(State)
