"""The conversation with a Mercury module, against one that keeps to the sheet."""

import pytest

from edge.errors import ConfigError, GatewayError, ProtocolError, ReaderError, ReaderRefused
from edge.model import HealthKind
from edge.serial.mercury.clock import StreamClock
from edge.serial.mercury.codes import Opcode, Status
from edge.serial.mercury.frames import Frame
from edge.serial.mercury.session import BAUDS, SILENCE_S, MercurySession
from edge.serial.mercury.setup import State
from edge.serial.mercury.states import TRANSITIONS
from edge.serial.session import MOST_FAULTS
from edge.serial.settings import Region, SerialSettings
from tests.support.clocks import ManualClock
from tests.support.serial_mercury import EPC, EU, status_frame, streaming, tag_frame
from tests.support.serial_readers import KEEPALIVE, Line, MercuryModule


def failure(line: Line, seconds: float) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        line.play(seconds)
    return caught.value


def test_a_module_is_set_up_in_the_order_that_works() -> None:
    module = MercuryModule()
    streaming(module, SerialSettings(Region.EU, power_dbm=23.5, gen2_session=2, q=4))
    assert module.told == [
        (Opcode.VERSION, b""),
        (Opcode.PROGRAM, b""),
        (Opcode.SUPPORTED_REGIONS, b""),
        (Opcode.SET_PROTOCOL, b"\x00\x05"),
        (Opcode.SET_REGION, b"\x08"),
        (Opcode.GET_REGION, b""),
        (Opcode.GET_READ_POWER, b"\x01"),
        (Opcode.SET_READ_POWER, (2350).to_bytes(2)),
        (Opcode.GET_ANTENNA, b"\x05"),
        (Opcode.SET_ANTENNA, b"\x02\x01\x01"),
        (Opcode.SET_CONFIG, b"\x01\x0c\x00"),
        (Opcode.SET_PROTOCOL_PARAMETER, b"\x05\x00\x02"),
        (Opcode.SET_PROTOCOL_PARAMETER, b"\x05\x01\x00\x00"),
        (Opcode.SET_PROTOCOL_PARAMETER, b"\x05\x12\x01\x04"),
        (Opcode.MULTI_PROTOCOL, bytes.fromhex("0000012200000507221000 1b03e80017")),
    ]


def test_a_reader_is_connected_once_it_streams() -> None:
    line = streaming(MercuryModule())
    (event,) = line.heard.of(HealthKind.CONNECTED)
    assert "30.00.00.02" in event.detail


def test_nothing_is_sent_while_a_port_is_listened_to() -> None:
    line = Line(MercurySession(EU), MercuryModule())
    assert line.play(0.25).sent == []


def test_power_and_filter_are_the_modules_own_unless_asked_for() -> None:
    module = MercuryModule()
    streaming(module)
    assert Opcode.SET_READ_POWER not in module.opcodes()
    assert (Opcode.SET_CONFIG, b"\x01\x0c\x00") in module.told


def test_a_read_filter_has_its_time() -> None:
    module = MercuryModule()
    streaming(module, SerialSettings(Region.EU, read_filter_s=2.5))
    filters = [data for opcode, data in module.told if opcode == Opcode.SET_CONFIG]
    assert filters == [b"\x01\x0c\x01", b"\x01\x0d" + (2500).to_bytes(4)]


def test_the_region_is_chosen_from_the_modules_list() -> None:
    module = MercuryModule()
    module.regions = bytes((0x0D, 0x08))  # a Nano lists no NA, only NA2
    streaming(module, SerialSettings(Region.US))
    assert module.region == 0x0D


# What forbids to start, by what the error says.
UNFIT = {
    "region not allowed": ({"regions": b"\x0d\x06"}, {}, "region eu"),
    "too much power": ({}, {"power_dbm": 30.0}, "0.00 to 27.00 dBm"),
    "no such port": ({}, {"antenna_ports": (1, 2)}, "antenna ports [2]"),
}


@pytest.mark.parametrize(("has", "wanted", "says"), UNFIT.values(), ids=UNFIT)
def test_a_module_that_does_not_fit_is_never_started(
    has: dict[str, bytes], wanted: dict[str, float], says: str
) -> None:
    module = MercuryModule()
    for name, value in has.items():
        setattr(module, name, value)
    settings = SerialSettings(Region.EU, **wanted)  # type: ignore[arg-type]  # a table of cases
    error = failure(Line(MercurySession(settings), module), 5)
    assert isinstance(error, ReaderError)
    assert says in str(error)
    assert Opcode.MULTI_PROTOCOL not in module.opcodes()


def test_a_region_that_the_module_did_not_take_is_not_transmitted_in() -> None:
    module = MercuryModule()
    module.answers[Opcode.GET_REGION] = Frame(Opcode.GET_REGION, b"\x01", 0)
    error = failure(Line(MercurySession(EU), module), 5)
    assert "not EU3" in str(error)
    assert not module.is_streaming


def test_a_refusal_names_request_and_status() -> None:
    module = MercuryModule()
    module.answers[Opcode.SET_REGION] = Frame(Opcode.SET_REGION, b"", Status.BAD_REGION)
    error = failure(Line(MercurySession(EU), module), 5)
    assert isinstance(error, ReaderRefused)
    assert error.status == Status.BAD_REGION
    assert "set region" in str(error)
    assert "010B" in str(error)


@pytest.mark.parametrize(
    "opcode", [Opcode.PROGRAM, Opcode.SUPPORTED_REGIONS, Opcode.GET_ANTENNA], ids=lambda o: o.name
)
def test_what_an_old_module_does_not_know_is_done_without(opcode: Opcode) -> None:
    module = MercuryModule()
    module.answers[opcode] = Frame(opcode, b"", Status.UNIMPLEMENTED_OPCODE)
    streaming(module)


@pytest.mark.parametrize(
    "settings",
    [SerialSettings(Region.EU, antenna_ports=(17,))],
    ids=["port 17"],
)
def test_settings_that_no_module_can_have_are_a_mistake_of_the_file(
    settings: SerialSettings,
) -> None:
    with pytest.raises(ConfigError):
        MercurySession(settings)


@pytest.mark.parametrize("baud", BAUDS)
def test_a_module_is_found_at_each_of_its_rates(baud: int) -> None:
    module = MercuryModule()
    module.baud = baud
    line = Line(MercurySession(EU), module)
    line.play_until(lambda: module.is_streaming)
    assert line.heard.bauds == list(BAUDS[1 : BAUDS.index(baud) + 1])
    assert not line.heard.of(HealthKind.FAULT)


def test_noise_of_a_wrong_rate_is_no_fault_and_ends_in_no_answer() -> None:
    module = MercuryModule()
    module.baud = 250_000
    line = Line(MercurySession(EU), module)
    assert "no answer to version" in str(failure(line, 20))
    assert line.heard.bauds == list(BAUDS[1:])


@pytest.mark.parametrize("delay_s", [0.1, 0.4], ids=["while listening", "while probing"])
def test_a_module_that_still_streams_is_stopped_and_drained_first(delay_s: float) -> None:
    module = MercuryModule()
    module.answers[Opcode.VERSION] = None
    line = Line(MercurySession(EU), module)
    line.play(delay_s)
    line.step(tag_frame())
    del module.answers[Opcode.VERSION]
    line.play(5)
    stop = (Opcode.MULTI_PROTOCOL, b"\x00\x00\x02")
    assert module.told.index(stop) < module.opcodes().index(Opcode.SET_PROTOCOL)
    assert module.is_streaming
    assert not line.heard.reads


def test_a_module_that_is_slow_to_stop_is_asked_again() -> None:
    module = MercuryModule()
    module.answers[Opcode.MULTI_PROTOCOL] = None
    line = Line(MercurySession(EU), module)
    line.step(KEEPALIVE)
    line.play(2)
    del module.answers[Opcode.MULTI_PROTOCOL]
    line.play(5)
    assert module.is_streaming


def test_a_bootloader_is_told_to_boot() -> None:
    module = MercuryModule()
    module.program = 0x11
    streaming(module)
    assert Opcode.BOOT_FIRMWARE in module.opcodes()


def test_a_boot_frame_while_probing_is_no_trouble() -> None:
    module = MercuryModule()
    line = Line(MercurySession(EU), module)
    line.step(module.boot_frame())
    line.play(3)
    assert module.is_streaming
    assert not line.heard.of(HealthKind.WARNING)


def test_a_module_that_restarts_is_set_up_anew_and_it_is_told() -> None:
    module = MercuryModule()
    line = streaming(module)
    module.is_streaming, before = False, len(module.told)
    line.step(module.boot_frame())
    line.play(3)
    assert module.is_streaming
    assert (Opcode.SET_REGION, b"\x08") in module.told[before:]
    assert "started anew" in line.heard.of(HealthKind.WARNING)[0].detail
    assert len(line.heard.of(HealthKind.CONNECTED)) == 1


def test_a_module_that_restarts_again_and_again_is_given_up() -> None:
    module = MercuryModule()
    line = streaming(module)
    for _ in range(3):
        line.step(module.boot_frame())
        line.play(2)
    with pytest.raises(ReaderError, match="power"):
        line.step(module.boot_frame())


def test_a_tag_is_a_read_with_all_that_the_module_tells() -> None:
    line = streaming(MercuryModule())
    line.step(tag_frame())
    (read,) = line.heard.reads
    assert (read.epc, read.antenna_port, read.rssi_dbm, read.hits) == (EPC, 1, -60.0, 1)
    assert read.at_us == line.clock.now().utc_us


def test_reads_keep_the_distances_of_the_modules_clock() -> None:
    line = streaming(MercuryModule())
    line.step(tag_frame(ms=1000))
    line.clock.advance(1.0)
    line.step(tag_frame(ms=1400) + tag_frame(ms=2050))
    first, second, third = (read.at_us for read in line.heard.reads)
    assert (second - first, third - first) == (400_000, 1_050_000)


def test_a_module_clock_that_begins_anew_begins_anew() -> None:
    line = streaming(MercuryModule())
    line.step(tag_frame(ms=2**32 - 1))
    line.step(tag_frame(ms=5))
    assert line.heard.reads[-1].at_us == line.clock.now().utc_us


@pytest.mark.parametrize("drift", [-100e-6, 100e-6], ids=["slow", "quick"])
def test_a_module_clock_may_drift(drift: float) -> None:
    clock, host = StreamClock(), ManualClock()
    stamps = [
        host.advance(10).utc_us - clock.at_us(round(second * 1000 * (1 + drift)), host.now())
        for second in range(10, 36_010, 10)
    ]
    assert max(stamps) <= 8_000  # microseconds late, after ten hours
    assert min(stamps) >= 0


def test_a_line_that_is_alive_without_tags_ticks() -> None:
    line = streaming(MercuryModule())
    for _ in range(5):
        line.step(KEEPALIVE, step_s=1.0)
    stamps = [tick.at_us for tick in line.heard.ticks]
    assert len(stamps) == 5
    assert stamps == sorted(stamps)
    assert stamps[-1] <= line.clock.now().utc_us


def test_a_line_with_tags_does_not_tick() -> None:
    line = streaming(MercuryModule())
    for index in range(5):
        line.step(tag_frame(ms=1000 * index), step_s=1.0)
    assert not line.heard.ticks


def test_a_module_without_a_sign_of_life_is_lost() -> None:
    line = streaming(MercuryModule())
    line.step(KEEPALIVE)
    line.play(SILENCE_S - 0.5)
    assert "no sign of life" in str(failure(line, 1.0))


def test_noise_is_no_sign_of_life() -> None:
    line = streaming(MercuryModule())
    line.step(KEEPALIVE)
    for _ in range(9):
        line.step(b"\x01\x02\x03", step_s=SILENCE_S / 10)
    with pytest.raises(ReaderError, match="no sign of life"):
        line.step(b"\x01\x02\x03", step_s=SILENCE_S / 10)


# What a module reports of itself while it streams.
REPORTS = {
    "too hot": (Status.OVER_TEMPERATURE, HealthKind.WARNING, None),
    "no antenna": (Status.ANTENNA_MISSING, HealthKind.ANTENNA_DOWN, 1),
    "return loss": (Status.RETURN_LOSS, HealthKind.ANTENNA_DOWN, 1),
    "supply": (Status.SUPPLY_VOLTAGE, HealthKind.WARNING, None),
}


@pytest.mark.parametrize(("status", "kind", "port"), REPORTS.values(), ids=REPORTS)
def test_a_report_is_told_once_and_not_with_every_cycle(
    status: Status, kind: HealthKind, port: int | None
) -> None:
    line = streaming(MercuryModule())
    for _ in range(10):
        line.step(status_frame(status), step_s=1.0)
    (event,) = line.heard.of(kind)
    assert event.antenna_port == port
    assert f"({status:04X})" in event.detail
    assert not line.heard.ticks  # who cannot read must not say that nothing is there


def test_an_antenna_that_reads_again_is_up() -> None:
    line = streaming(MercuryModule())
    line.step(status_frame(Status.ANTENNA_MISSING))
    line.step(tag_frame())
    (event,) = line.heard.of(HealthKind.ANTENNA_UP)
    assert event.antenna_port == 1


def test_ports_without_antenna_are_down_where_the_module_can_tell() -> None:
    module = MercuryModule()
    module.ports = {1: 1, 2: 0}
    line = streaming(module, SerialSettings(Region.EU, antenna_ports=(1, 2)))
    (event,) = line.heard.of(HealthKind.ANTENNA_DOWN)
    assert event.antenna_port == 2


def test_a_module_that_cannot_tell_antennas_is_believed_to_have_them() -> None:
    line = streaming(MercuryModule())  # a Nano says 0 of its only port
    assert not line.heard.of(HealthKind.ANTENNA_DOWN)


@pytest.mark.parametrize("status", [Status.AFE_NOT_ON, Status.BUFFER_FULL], ids=lambda s: s.name)
def test_a_module_that_has_lost_its_settings_gets_them_again(status: Status) -> None:
    module = MercuryModule()
    line = streaming(module)
    before = len(module.told)
    line.step(status_frame(status))
    line.play(3)
    assert (Opcode.SET_REGION, b"\x08") in module.told[before:]
    assert module.is_streaming


def test_a_module_that_has_fallen_into_its_bootloader_is_booted() -> None:
    module = MercuryModule()
    line = streaming(module)
    module.program, module.is_streaming = 0x11, False
    line.step(status_frame(Status.INVALID_OPCODE))
    line.play(3)
    assert Opcode.BOOT_FIRMWARE in module.opcodes()
    assert module.is_streaming


def test_a_firmware_that_has_failed_is_lost() -> None:
    line = streaming(MercuryModule())
    with pytest.raises(ReaderError, match="firmware has failed"):
        line.step(status_frame(Status.ASSERT_FAILED, b"\x00\x00\x01\x02file.c"))


def test_a_stream_that_ends_is_started_again() -> None:
    module = MercuryModule()
    line = streaming(module)
    module.is_streaming = False
    line.step(Frame(Opcode.MULTI_PROTOCOL, b"\x02\x00", 0).encode())
    line.play(1)
    assert module.is_streaming


def test_damaged_frames_are_counted_and_told_with_their_causes() -> None:
    session = MercurySession(EU)
    line = Line(session, MercuryModule())
    line.play(3)
    damaged = bytearray(tag_frame())
    damaged[20] ^= 1
    line.step(bytes(damaged) + tag_frame())
    assert len(line.heard.reads) == 1
    assert {cause.name: count for cause, count in session.faults.items()} == {"BAD_CHECK": 1}
    assert "wrong check value (1)" in line.heard.of(HealthKind.FAULT)[0].detail


def test_faults_are_told_at_most_every_ten_seconds() -> None:
    line = streaming(MercuryModule())
    for _ in range(25):
        line.step(b"\x00" * 300 + KEEPALIVE, step_s=1.0)
    assert len(line.heard.of(HealthKind.FAULT)) == 3


def test_a_stream_that_cannot_be_followed_any_more_is_a_protocol_error() -> None:
    line = streaming(MercuryModule())
    with pytest.raises(ProtocolError, match=f"{MOST_FAULTS} faults"):
        line.step(b"\x00" * 256 * (MOST_FAULTS + 1))


def test_what_came_before_a_failure_is_not_lost() -> None:
    line = streaming(MercuryModule())
    line.step(tag_frame() + status_frame(Status.ASSERT_FAILED))
    assert len(line.heard.reads) == 1
    with pytest.raises(ReaderError):
        line.step()


def test_the_end_of_an_earlier_stream_is_not_the_begin_of_the_new_one() -> None:
    module = MercuryModule()
    module.answers[Opcode.MULTI_PROTOCOL] = Frame(Opcode.MULTI_PROTOCOL, b"\x02", 0)
    line = Line(MercurySession(EU), module)
    assert "no answer to start reading" in str(failure(line, 10))
    assert not line.heard.of(HealthKind.CONNECTED)


def test_half_a_frame_does_not_hold_up_what_comes_after_a_pause() -> None:
    line = streaming(MercuryModule())
    line.step(b"\xff\xf0\x22\x00\x00")  # claims 247 bytes
    line.play(0.3)
    line.step(tag_frame())
    assert len(line.heard.reads) == 1


def test_a_stop_is_the_published_command() -> None:
    line = streaming(MercuryModule())
    session = MercurySession(EU)
    assert session.stop(line.clock.now()) == bytes.fromhex("ff032f0000025e86")


def test_the_table_knows_every_state_and_each_can_be_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(TRANSITIONS.values()) | {State.LISTENING} == set(State)
