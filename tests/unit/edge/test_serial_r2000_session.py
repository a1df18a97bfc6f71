"""The conversation with an A0 reader, against one that keeps to the sheet."""

import pytest

from edge.errors import ConfigError, GatewayError, ReaderError, ReaderRefused
from edge.model import HealthKind
from edge.serial.r2000.codes import CommandCode as C
from edge.serial.r2000.codes import Status
from edge.serial.r2000.frames import Frame
from edge.serial.r2000.session import BAUDS, MOST_TROUBLES, TRANSITIONS, R2000Session, State
from edge.serial.settings import Region, SerialSettings
from tests.support.serial_readers import A0Reader, Line

EU = SerialSettings(Region.EU)
END = bytes(7)
MISSING = b"\x22"
TAG = bytes.fromhex("04 3000 e20030166613012115507 4ef 45".replace(" ", ""))


def reading(reader: A0Reader, settings: SerialSettings = EU, seconds: float = 2.0) -> Line:
    line = Line(R2000Session(settings), reader)
    line.play(seconds)
    assert C.SESSION_INVENTORY in reader.commands()
    return line


def failure(line: Line, seconds: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        line.play(seconds)
    return caught.value


def test_a_reader_is_asked_and_not_told_what_it_has_already() -> None:
    reader = A0Reader()
    reading(reader, SerialSettings(Region.EU, power_dbm=30.0))
    assert reader.told[:5] == [
        (C.FIRMWARE, b""),
        (C.GET_REGION, b""),
        (C.GET_POWER, b""),
        (C.SET_WORK_ANTENNA, b"\x00"),
        (C.SESSION_INVENTORY, b"\x01\x00\x01"),
    ]


def test_a_reader_is_connected_once_it_reads() -> None:
    line = reading(A0Reader())
    (event,) = line.heard.of(HealthKind.CONNECTED)
    assert "firmware 1.9" in event.detail


def test_a_reader_answers_from_its_own_address_and_is_asked_there() -> None:
    reader = A0Reader()
    reader.address = 0x0B
    line = reading(reader)
    assert {data[2] for data in line.heard.sent} == {0xFF, 0x0B}
    assert line.heard.sent[-1][2] == 0x0B


def test_what_another_reader_on_the_line_says_is_not_ours() -> None:
    line = reading(A0Reader())
    line.step(Frame(0x33, C.SESSION_INVENTORY, TAG).encode())
    assert not line.heard.reads


def test_another_region_is_set_and_read_back() -> None:
    reader = A0Reader()
    reading(reader, SerialSettings(Region.US))
    assert (C.SET_REGION, bytes((1, 7, 59))) in reader.told
    assert reader.commands().count(C.GET_REGION) == 2


def test_a_part_of_the_regions_band_is_left_as_it_is() -> None:
    reader = A0Reader()
    reader.region = b"\x02\x02\x05"
    reading(reader)
    assert C.SET_REGION not in reader.commands()


def test_a_band_beyond_the_regions_is_set_anew() -> None:
    reader = A0Reader()
    reader.region = b"\x02\x00\x09"
    reading(reader)
    assert (C.SET_REGION, bytes((2, 0, 6))) in reader.told


def test_a_region_that_was_not_taken_is_not_transmitted_in() -> None:
    reader = A0Reader()
    reader.answers[C.GET_REGION] = b"\x01\x07\x3b"
    error = failure(Line(R2000Session(EU), reader), 5)
    assert isinstance(error, ReaderError)
    assert C.SESSION_INVENTORY not in reader.commands()


# The command that sets a power: what is not stored in the flash wherever that can say it.
POWERS = {
    "for now only": (25.0, (C.SET_TEMPORARY_POWER, b"\x19")),
    "below what can be set for now": (10.0, (C.SET_POWER, b"\x0a")),
}


@pytest.mark.parametrize(("power_dbm", "told"), POWERS.values(), ids=POWERS)
def test_another_power_is_set(power_dbm: float, told: tuple[int, bytes]) -> None:
    reader = A0Reader()
    reading(reader, SerialSettings(Region.EU, power_dbm=power_dbm))
    assert told in reader.told


def test_a_power_that_is_right_at_every_antenna_is_not_set() -> None:
    reader = A0Reader()
    reader.powers = b"\x1e\x1e\x1e\x1e"
    reading(reader, SerialSettings(Region.EU, power_dbm=30.0))
    assert C.SET_TEMPORARY_POWER not in reader.commands()


def test_a_refusal_names_request_and_status() -> None:
    reader = A0Reader()
    reader.answers[C.SET_TEMPORARY_POWER] = b"\x48"
    error = failure(Line(R2000Session(SerialSettings(Region.EU, power_dbm=33.0)), reader), 5)
    assert isinstance(error, ReaderRefused)
    assert error.status == Status.POWER
    assert "set power" in str(error)


def test_an_antenna_that_the_reader_does_not_have_is_refused() -> None:
    reader = A0Reader()
    reader.answers[C.SET_WORK_ANTENNA] = b"\x47"
    error = failure(Line(R2000Session(EU), reader), 5)
    assert "no such antenna" in str(error)


UNFIT = {
    "a region that the protocol lacks": SerialSettings(Region.KOREA),
    "a ninth antenna": SerialSettings(Region.EU, antenna_ports=(9,)),
    "a Q": SerialSettings(Region.EU, q=4),
    "a read filter": SerialSettings(Region.EU, read_filter_s=1),
    "half a decibel": SerialSettings(Region.EU, power_dbm=20.5),
    "too much power": SerialSettings(Region.EU, power_dbm=34),
}


@pytest.mark.parametrize("settings", UNFIT.values(), ids=UNFIT)
def test_settings_that_no_reader_can_have_are_a_mistake_of_the_file(
    settings: SerialSettings,
) -> None:
    with pytest.raises(ConfigError, match="R2000"):
        R2000Session(settings)


@pytest.mark.parametrize("baud", BAUDS)
def test_a_reader_is_found_at_each_of_its_rates(baud: int) -> None:
    reader = A0Reader()
    reader.baud = baud
    line = reading(reader)
    assert line.heard.bauds == list(BAUDS[1 : BAUDS.index(baud) + 1])


def test_a_reader_at_no_known_rate_does_not_answer() -> None:
    reader = A0Reader()
    reader.baud = 57_600
    assert "no answer to firmware" in str(failure(Line(R2000Session(EU), reader), 5))


def test_tags_are_reads_and_their_round_is_followed_by_the_next() -> None:
    reader = A0Reader()
    reader.rounds = [[TAG, TAG, END], [END]]
    line = reading(reader)
    (first, second) = line.heard.reads
    assert first.epc.hex() == "e200301666130121155074ef"
    assert (first.antenna_port, first.rssi_dbm, first.hits) == (1, -60.0, 1)
    assert second.at_us == first.at_us
    assert reader.commands().count(C.SESSION_INVENTORY) > 10


def test_error_36_ends_a_round_as_well() -> None:
    reader = A0Reader()
    reader.rounds = [[b"\x36"]]
    line = reading(reader, seconds=3)
    assert line.heard.ticks
    assert not line.heard.of(HealthKind.WARNING)


def test_a_line_that_is_alive_without_tags_ticks_once_a_second() -> None:
    line = reading(A0Reader(), seconds=11)
    assert 8 <= len(line.heard.ticks) <= 11


def test_sessions_2_and_3_ask_for_both_targets_in_turn() -> None:
    reader = A0Reader()
    reading(reader, SerialSettings(Region.EU, gen2_session=2))
    rounds = [data for command, data in reader.told if command == C.SESSION_INVENTORY]
    assert rounds[:4] == [b"\x02\x00\x01", b"\x02\x01\x01", b"\x02\x00\x01", b"\x02\x01\x01"]


def test_antennas_take_turns() -> None:
    reader = A0Reader()
    reading(reader, SerialSettings(Region.EU, antenna_ports=(1, 3, 4)), seconds=4)
    turns = [data[0] for command, data in reader.told if command == C.SET_WORK_ANTENNA]
    assert turns[1:7] == [0, 2, 3, 0, 2, 3]  # the first is switched to anew after the temperature


def test_a_missing_antenna_is_down_and_the_others_go_on() -> None:
    reader = A0Reader()
    settings = SerialSettings(Region.EU, antenna_ports=(1, 2))
    reader.rounds = [[END], [END], [MISSING], [END]]
    line = reading(reader, settings, seconds=3)
    (event,) = line.heard.of(HealthKind.ANTENNA_DOWN)
    assert event.antenna_port == 2
    before = len(reader.told)
    line.play(5)
    assert C.SET_WORK_ANTENNA not in [command for command, _ in reader.told[before:]]


def test_an_antenna_that_works_again_is_up() -> None:
    reader = A0Reader()
    reader.rounds = [[MISSING], [END]]
    line = reading(reader, seconds=15)
    assert [event.antenna_port for event in line.heard.of(HealthKind.ANTENNA_UP)] == [1]


def test_a_reader_without_any_antenna_is_not_asked_all_the_time_and_does_not_tick() -> None:
    reader = A0Reader()
    reader.rounds = [[MISSING]]
    line = reading(reader, seconds=20)
    assert reader.commands().count(C.SESSION_INVENTORY) < 25
    assert len(line.heard.of(HealthKind.ANTENNA_DOWN)) == 1
    assert not line.heard.ticks


def test_a_trouble_that_stays_is_told_once_and_then_ends_the_connection() -> None:
    reader = A0Reader()
    reader.rounds = [[b"\x53"]]
    line = reading(reader)
    error = failure(line, 3 * MOST_TROUBLES)
    assert isinstance(error, ReaderRefused)
    assert error.status == Status.RF_CHIP
    assert len(line.heard.of(HealthKind.WARNING)) == 1


def test_a_round_without_an_end_is_asked_for_again() -> None:
    reader = A0Reader()
    reader.rounds = [[], [END]]
    line = reading(reader, seconds=8)
    assert line.heard.ticks


def test_rounds_that_fail_now_and_then_do_not_end_the_connection() -> None:
    reader = A0Reader()
    reader.rounds = [*([[], [END]] * 6), *([[b"\x53"], [END]] * 2 * MOST_TROUBLES), [END]]
    line = reading(reader, seconds=90)
    assert reader.rounds == [[END]]
    assert line.heard.ticks


def test_a_round_whose_end_was_damaged_is_asked_for_again_soon() -> None:
    reader = A0Reader()
    line = reading(reader)
    reader.rounds = [[], [END]]
    line.step()
    damaged = bytearray(Frame(1, C.SESSION_INVENTORY, END).encode())
    damaged[-1] ^= 1
    line.step(bytes(damaged))
    before = reader.commands().count(C.SESSION_INVENTORY)
    line.play(1.5)
    assert reader.commands().count(C.SESSION_INVENTORY) > before


def test_a_reader_that_says_nothing_any_more_is_lost() -> None:
    reader = A0Reader()
    line = reading(reader)
    reader.rounds = [[]]
    assert "no answer to inventory round" in str(failure(line, 20))


def test_a_reader_that_is_too_hot_is_told() -> None:
    reader = A0Reader()
    reader.temperature = b"\x01\x4b"
    line = reading(reader)
    (event,) = line.heard.of(HealthKind.WARNING)
    assert "75 degrees" in event.detail


def test_a_reader_that_tells_no_temperature_is_asked_once() -> None:
    reader = A0Reader()
    reader.answers[C.TEMPERATURE] = None
    line = reading(reader, seconds=130)
    assert reader.commands().count(C.TEMPERATURE) == 1
    assert line.heard.ticks


def test_the_temperature_is_asked_for_every_minute() -> None:
    reader = A0Reader()
    reading(reader, seconds=130)
    assert reader.commands().count(C.TEMPERATURE) == 3


def test_a_stop_says_nothing_since_a_round_ends_by_itself() -> None:
    line = reading(A0Reader())
    assert R2000Session(EU).stop(line.clock.now()) == b""


def test_the_table_knows_every_state_and_each_can_be_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(TRANSITIONS.values()) | {State.LISTENING} == set(State)
