"""The conversation with a reader of the UHFReader family, against one that keeps to the sheet."""

import pytest

from edge.errors import ConfigError, GatewayError, ReaderError, ReaderRefused
from edge.model import HealthKind
from edge.serial.reads import UNKNOWN_DBM
from edge.serial.settings import Region, SerialSettings
from edge.serial.uhfreader.codes import CommandCode as C
from edge.serial.uhfreader.codes import Status
from edge.serial.uhfreader.frames import Frame
from edge.serial.uhfreader.session import BAUDS, MOST_TROUBLES, UhfReaderSession
from edge.serial.uhfreader.states import TRANSITIONS, State
from tests.support.serial_readers import Line
from tests.support.serial_uhfreader import NO_TAG_288, UhfReader, tag_18, tag_288

EU = SerialSettings(Region.EU)
EPC = bytes.fromhex("303425f8c40c5e4000000001")
MORE, END = b"\x03", b"\x01"
TAG = MORE + tag_288(EPC)
MISSING = b"\xf8"
OLD, OTHER, LONG_RANGE = 0x09, 0x26, 0x86


def reader_of(type_: int = 0x0C, *, is_long: bool = True) -> UhfReader:
    reader = UhfReader(type_)
    reader.is_long = is_long
    return reader


def reading(reader: UhfReader, settings: SerialSettings = EU, seconds: float = 2.0) -> Line:
    line = Line(UhfReaderSession(settings), reader)
    line.play(seconds)
    assert C.INVENTORY in reader.commands()
    return line


def failure(line: Line, seconds: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        line.play(seconds)
    return caught.value


def test_a_288_is_asked_and_not_told_what_it_has_already() -> None:
    reader = UhfReader()
    reading(reader, SerialSettings(Region.EU, power_dbm=30.0))
    assert reader.told[:2] == [(C.INFO, b""), (C.INVENTORY, b"\x04\x01\x00\x80\x05")]


def test_a_uhfreader18_is_asked_for_its_work_mode_and_inventories_by_itself() -> None:
    reader = UhfReader(OLD)
    reading(reader)
    assert reader.told[:3] == [(C.INFO, b""), (C.GET_MODE_18, b""), (C.INVENTORY, b"")]


def test_a_reader_is_connected_once_it_reads() -> None:
    line = reading(UhfReader())
    (event,) = line.heard.of(HealthKind.CONNECTED)
    assert event.detail.startswith("UHFReader288M (type 0C), address 0, firmware 3.13, EU")


def test_a_reader_answers_from_its_own_address_and_is_asked_there() -> None:
    reader = UhfReader()
    reader.address = 0x0B
    line = reading(reader)
    assert {data[1] for data in line.heard.sent} == {0xFF, 0x0B}


def test_what_another_reader_on_the_line_says_is_not_ours() -> None:
    line = reading(UhfReader())
    line.step(Frame(0x33, C.INVENTORY, TAG).encode())
    line.step(Frame(0x33, C.PUSHED, b"\x00" + EPC).encode())
    assert not line.heard.reads


@pytest.mark.parametrize("baud", BAUDS)
def test_a_reader_is_found_at_each_of_its_rates(baud: int) -> None:
    reader = UhfReader()
    reader.baud = baud
    line = reading(reader, seconds=3)
    assert line.heard.bauds == list(BAUDS[1 : BAUDS.index(baud) + 1])


def test_a_reader_at_no_known_rate_does_not_answer() -> None:
    reader = UhfReader()
    reader.baud = 1200
    error = failure(Line(UhfReaderSession(EU), reader), 5)
    assert "no answer to reader information at 19200 baud" in str(error)


def test_an_inventory_of_a_late_round_is_no_answer_to_the_probe() -> None:
    line = Line(UhfReaderSession(EU), UhfReader())
    line.step(Frame(0, C.INVENTORY, NO_TAG_288).encode())
    line.play(2)
    assert line.heard.of(HealthKind.CONNECTED)


# Region and power.


def test_another_region_is_set_and_read_back() -> None:
    reader = UhfReader()
    reading(reader, SerialSettings(Region.US))
    assert (C.SET_REGION, bytes.fromhex("3180")) in reader.told
    assert reader.commands().count(C.INFO) == 2


@pytest.mark.parametrize("region", ["4e00", "4a03", "8340"])
def test_a_part_of_the_regions_band_is_left_as_it_is(region: str) -> None:
    reader = UhfReader()
    reader.region = bytes.fromhex(region)
    reading(reader)
    assert C.SET_REGION not in reader.commands()


def test_a_region_that_was_not_taken_is_not_transmitted_in() -> None:
    reader = UhfReader()
    reader.answers[C.SET_REGION] = b"\x00"
    error = failure(Line(UhfReaderSession(SerialSettings(Region.US)), reader), 5)
    assert "the region is EU, 865.1 to 867.9 MHz, not US" in str(error)
    assert C.INVENTORY not in reader.commands()


# The command's power: a 288 is told to forget it with its supply.
@pytest.mark.parametrize(("type_", "told"), [(0x0C, b"\x94"), (OLD, b"\x14")])
def test_another_power_is_set(type_: int, told: bytes) -> None:
    reader = UhfReader(type_)
    reading(reader, SerialSettings(Region.EU, power_dbm=20.0))
    assert (C.SET_POWER, told) in reader.told


def test_an_e310_that_has_forgotten_its_power_gets_it_at_every_start() -> None:
    reader = UhfReader(0x3D)
    settings = SerialSettings(Region.EU, power_dbm=26.0)
    for _ in range(2):
        reader.power = 0
        reading(reader, settings)
        assert reader.power == 26


def test_a_desktop_reader_with_a_fixed_power_refuses_another() -> None:
    reader = UhfReader(OLD)
    reader.answers[C.SET_POWER] = b"\xff"
    error = failure(Line(UhfReaderSession(SerialSettings(Region.EU, power_dbm=20.0)), reader), 5)
    assert isinstance(error, ReaderRefused)
    assert error.status == Status.PARAMETER
    assert "set power: a parameter is out of range, or fixed in this reader (FF)" in str(error)


def test_a_power_that_is_told_otherwise_is_a_warning() -> None:
    reader = UhfReader()
    reader.answers[C.SET_POWER] = b"\x13"  # taken, and not stored
    line = reading(reader, SerialSettings(Region.EU, power_dbm=20.0))
    (event,) = line.heard.of(HealthKind.WARNING)
    assert "its power is 30" in event.detail


UNFIT = {
    "a region that the protocol lacks": SerialSettings(Region.INDIA),
    "a seventeenth antenna": SerialSettings(Region.EU, antenna_ports=(17,)),
    "a read filter": SerialSettings(Region.EU, read_filter_s=1),
    "half a decibel": SerialSettings(Region.EU, power_dbm=20.5),
    "too much power": SerialSettings(Region.EU, power_dbm=34),
}


@pytest.mark.parametrize("settings", UNFIT.values(), ids=UNFIT)
def test_settings_that_no_reader_can_have_are_a_mistake_of_the_file(
    settings: SerialSettings,
) -> None:
    with pytest.raises(ConfigError, match="UHFReader"):
        UhfReaderSession(settings)


TOO_MUCH_FOR_18 = {
    "it has one antenna": SerialSettings(Region.EU, antenna_ports=(1, 2)),
    "it chooses Q itself": SerialSettings(Region.EU, q=4),
}


@pytest.mark.parametrize(("why", "settings"), TOO_MUCH_FOR_18.items())
def test_settings_that_a_uhfreader18_cannot_have_are_told(
    why: str, settings: SerialSettings
) -> None:
    assert why in str(failure(Line(UhfReaderSession(settings), UhfReader(OLD)), 5))


# Dialects.


def test_tags_of_a_288_are_reads() -> None:
    reader = UhfReader()
    reader.rounds = [[TAG, TAG, NO_TAG_288], [NO_TAG_288]]
    line = reading(reader)
    first, second = line.heard.reads
    assert (first.epc, first.antenna_port, first.rssi_dbm) == (EPC, 1, UNKNOWN_DBM)
    assert second.at_us == first.at_us


def test_rssi_is_dbm_where_the_site_says_what_its_byte_means() -> None:
    reader = UhfReader()
    reader.rounds = [[TAG, NO_TAG_288], [NO_TAG_288]]
    line = reading(reader, SerialSettings(Region.EU, rssi_zero_dbm=-129))
    assert line.heard.reads[0].rssi_dbm == TAG[-1] - 129


def test_tags_of_a_uhfreader18_are_reads_at_the_sites_only_port() -> None:
    reader = UhfReader(OLD)
    reader.rounds = [[END + tag_18(EPC)], [b"\xfb"]]
    line = reading(reader, SerialSettings(Region.EU, antenna_ports=(3,)))
    assert [(read.epc, read.antenna_port) for read in line.heard.reads] == [(EPC, 3)]


def test_an_unknown_type_with_long_information_is_asked_as_a_288() -> None:
    reader = reader_of(OTHER)
    reading(reader)
    assert set(reader.rounds_told()) == {b"\x04\x01\x00\x80\x05"}


def test_an_unknown_type_with_short_information_is_asked_as_a_uhfreader18() -> None:
    reader = reader_of(OTHER, is_long=False)
    reading(reader)
    assert set(reader.rounds_told()) == {b""}


@pytest.mark.parametrize("status", [b"\xfd", b"\xfe", b"\xff"])
@pytest.mark.parametrize("is_long", [True, False])
def test_a_form_of_inventory_that_is_refused_is_followed_by_the_next(
    status: bytes,
    is_long: bool,  # noqa: FBT001 - a column of the table
) -> None:
    reader = reader_of(OTHER, is_long=is_long)
    reader.rounds = [[status], [TAG, NO_TAG_288], [NO_TAG_288]]
    line = reading(reader)
    assert reader.rounds_told()[1] == b"\x04\x01"
    assert len(line.heard.reads) == 1
    assert not line.heard.of(HealthKind.WARNING)


def test_a_reader_that_refuses_every_form_is_refused() -> None:
    reader = UhfReader()
    reader.rounds = [[b"\xfd"]]
    error = failure(Line(UhfReaderSession(EU), reader), 3 * MOST_TROUBLES)
    assert isinstance(error, ReaderRefused)
    assert error.status == Status.LENGTH


def test_an_unknown_type_is_read_by_the_form_of_its_answers() -> None:
    reader = reader_of(OTHER, is_long=False)
    reader.rounds = [[TAG, END + tag_18(EPC[::-1])], [b"\xfb"]]
    line = reading(reader)
    assert [read.epc for read in line.heard.reads] == [EPC, EPC[::-1]]


def test_a_type_86_that_says_nine_tags_and_pushes_them_is_read_and_counted() -> None:
    reader = reader_of(LONG_RANGE, is_long=False)
    reader.rounds = [[b"\x01\x00\x09"]]
    line = reading(reader)
    line.step(Frame(0, C.PUSHED, b"\x00" + EPC).encode())
    assert [read.epc for read in line.heard.reads] == [EPC]
    (event,) = line.heard.of(HealthKind.FAULT)
    assert "another number of records than said" in event.detail


# Readers that push.


def test_a_uhfreader18_that_pushes_is_told_to_answer_with_all_else_as_it_was() -> None:
    reader = UhfReader(OLD)
    reader.read_mode = 1
    reading(reader)
    assert (C.SET_MODE_18, bytes.fromhex("000204020600")) in reader.told  # as captured


def test_a_288_that_pushes_is_told_to_answer() -> None:
    reader = UhfReader()
    line = Line(UhfReaderSession(EU), reader)
    line.step(Frame(0, C.PUSHED, b"\x00\x01\x0c" + EPC + b"\x50").encode())
    line.play(2)
    assert (C.SET_MODE_288, b"\x00") in reader.told
    assert not line.heard.reads


def test_a_288_in_active_mode_without_a_tag_to_push_is_told_to_answer() -> None:
    reader = UhfReader()
    reader.read_mode = 1
    line = reading(reader, seconds=30)
    assert reader.read_mode == 0
    assert reader.commands().count(C.SET_MODE_288) == 1
    assert line.heard.ticks


def test_a_288_that_does_not_push_keeps_its_mode() -> None:
    reader = UhfReader()
    reading(reader)
    assert C.SET_MODE_288 not in reader.commands()


@pytest.mark.parametrize("answer", [None, b"\xfe", b"\xfd"])
def test_a_reader_without_work_modes_reads(answer: bytes | None) -> None:
    reader = reader_of(OTHER, is_long=False)
    reader.answers[C.GET_MODE_18] = answer
    reading(reader, seconds=4)


def test_heartbeats_and_bridges_keepalives_are_signs_of_life_and_no_faults() -> None:
    line = reading(UhfReader())
    line.step(bytes.fromhex("560000000000"))
    line.step(Frame(0, C.PUSHED, bytes.fromhex("28000000070100000000aa")).encode())
    assert not line.heard.of(HealthKind.FAULT)


# Rounds.


@pytest.mark.parametrize("end", [b"\x01\x01\x00", b"\x02\x01\x00", b"\xfb", b"\x01"])
def test_each_end_of_a_round_is_followed_by_the_next_round(end: bytes) -> None:
    reader = UhfReader()
    reader.rounds = [[end]]
    line = reading(reader, seconds=3)
    assert len(reader.rounds_told()) > 20
    assert line.heard.ticks


def test_a_full_memory_is_told_once_and_its_tags_are_read() -> None:
    reader = UhfReader()
    reader.rounds = [[b"\x04" + tag_288(EPC)]]
    line = reading(reader)
    (event,) = line.heard.of(HealthKind.WARNING)
    assert "memory is full" in event.detail
    assert line.heard.reads


def test_statistics_within_a_round_do_not_end_it() -> None:
    reader = UhfReader()
    reader.rounds = [[bytes.fromhex("260100aa00000bb8"), TAG, NO_TAG_288], [NO_TAG_288]]
    assert len(reading(reader).heard.reads) == 1


def test_a_line_that_is_alive_without_tags_ticks_once_a_second() -> None:
    line = reading(UhfReader(), seconds=11)
    assert 8 <= len(line.heard.ticks) <= 11


def test_antennas_take_turns_and_a_reader_with_sixteen_tells_numbers() -> None:
    reader = UhfReader()
    reader.rounds = [
        [MORE + tag_288(EPC, antenna=0x01), b"\x01\x01\x00"],
        [MORE + tag_288(EPC, antenna=0x04), b"\x01\x04\x00"],
        [MORE + tag_288(EPC, antenna=0x0B), b"\x01\x0b\x00"],
        [NO_TAG_288],
    ]
    line = reading(reader, SerialSettings(Region.EU, antenna_ports=(1, 3, 12)))
    assert [data[3] for data in reader.rounds_told()[:4]] == [0x80, 0x82, 0x8B, 0x80]
    assert [read.antenna_port for read in line.heard.reads] == [1, 3, 12]


def test_sessions_2_and_3_ask_for_both_targets_in_turn() -> None:
    reader = UhfReader()
    reading(reader, SerialSettings(Region.EU, gen2_session=2))
    assert [data[1:3] for data in reader.rounds_told()[:3]] == [b"\2\0", b"\2\1", b"\2\0"]


def test_an_antenna_whose_return_loss_is_low_is_down_and_the_others_go_on() -> None:
    reader = UhfReader()
    reader.rounds = [[NO_TAG_288], [MISSING], [NO_TAG_288]]
    line = reading(reader, SerialSettings(Region.EU, antenna_ports=(1, 2)))
    (event,) = line.heard.of(HealthKind.ANTENNA_DOWN)
    assert event.antenna_port == 2
    assert "return loss" in event.detail
    assert {data[3] for data in reader.rounds_told()[2:]} == {0x80}


def test_an_antenna_that_works_again_is_up() -> None:
    reader = UhfReader()
    reader.rounds = [[MISSING], [NO_TAG_288]]
    line = reading(reader, seconds=15)
    assert [event.antenna_port for event in line.heard.of(HealthKind.ANTENNA_UP)] == [1]


def test_an_e310_that_finds_no_antenna_at_all_is_not_asked_all_the_time() -> None:
    reader = UhfReader(0x3D)
    reader.rounds = [[MISSING]]
    line = reading(reader, seconds=20)
    assert len(reader.rounds_told()) < 25
    assert len(line.heard.of(HealthKind.ANTENNA_DOWN)) == 1
    assert not line.heard.ticks


def test_a_trouble_that_stays_is_told_once_and_then_ends_the_connection() -> None:
    reader = UhfReader()
    reader.rounds = [[b"\xf9"]]
    line = reading(reader)
    error = failure(line, 3 * MOST_TROUBLES)
    assert isinstance(error, ReaderRefused)
    assert len(line.heard.of(HealthKind.WARNING)) == 1


def test_a_round_whose_end_was_damaged_is_asked_for_again() -> None:
    reader = UhfReader()
    line = reading(reader)
    reader.rounds = [[], [NO_TAG_288]]
    line.step()
    line.step(Frame(0, C.INVENTORY, NO_TAG_288).encode()[:-1] + b"\x00")
    before = len(reader.rounds_told())
    line.play(2)
    assert len(reader.rounds_told()) > before


def test_a_reader_that_says_nothing_any_more_is_lost() -> None:
    reader = UhfReader()
    line = reading(reader)
    reader.rounds = [[]]
    error = failure(line, 20)
    assert isinstance(error, ReaderError)
    assert "no answer to inventory" in str(error)


# Temperature.


def test_a_reader_that_is_too_hot_is_told() -> None:
    reader = UhfReader()
    reader.answers[C.TEMPERATURE] = b"\x00\x01\x4b"
    (event,) = reading(reader).heard.of(HealthKind.WARNING)
    assert "75 degrees" in event.detail


@pytest.mark.parametrize("answer", [None, b"\xfe"])
def test_a_reader_that_tells_no_temperature_is_asked_once(answer: bytes | None) -> None:
    reader = UhfReader()
    reader.answers[C.TEMPERATURE] = answer
    reading(reader, seconds=130)
    assert reader.commands().count(C.TEMPERATURE) == 1


def test_the_temperature_is_asked_for_every_minute() -> None:
    reader = UhfReader()
    reading(reader, seconds=130)
    assert reader.commands().count(C.TEMPERATURE) == 3


# What cannot go on.


def test_a_command_that_came_damaged_is_refused_by_name() -> None:
    reader = UhfReader()
    reader.answers[C.SET_REGION] = b"\xfe"
    error = failure(Line(UhfReaderSession(SerialSettings(Region.US)), reader), 5)
    assert isinstance(error, ReaderRefused)
    assert "set region" in str(error)


@pytest.mark.parametrize("answer", [b"\x00", b"\x00\x01\x02\x03"])
def test_a_reader_that_does_not_tell_what_it_is_is_no_reader(answer: bytes) -> None:
    reader = UhfReader()
    reader.answers[C.INFO] = answer
    assert "does not tell" in str(failure(Line(UhfReaderSession(EU), reader), 5))


def test_an_answer_that_nobody_can_read_is_an_error() -> None:
    reader = UhfReader()
    reader.answers[C.INFO] = b"\x77"
    assert "is 77" in str(failure(Line(UhfReaderSession(EU), reader), 5))


def test_a_stop_ends_the_round() -> None:
    session = UhfReaderSession(EU)
    line = Line(session, UhfReader())
    assert session.stop(line.clock.now()) == b""
    line.play(1)
    assert session.stop(line.clock.now())[:3] == bytes((4, 0, C.STOP))


def test_the_table_knows_every_state_and_each_can_be_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(TRANSITIONS.values()) | {State.LISTENING} == set(State)
