"""The driver, as a configuration builds it, against simulated readers of several makes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.demo.processes import free_port
from edge.clock import SystemClock
from edge.config import ReaderConfig, parse
from edge.errors import ReaderError, ReaderRefused, ReaderSilent
from edge.model import HealthKind, Polled, TagRead, Tick
from edge.readers.accept import Receptions
from edge.readers.driver import GOODBYE_S
from edge.readers.factory import DriverFactory
from edge.readers.links import LINGER_S
from simulators.running import SimulatedReader
from simulators.tls import ReaderTls, TlsFiles
from tests.support.certificates import self_signed
from tests.support.llrp_line import small_store

CONFIG = """
store.id = "test-01"
mqtt.host = "broker.example.org"
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "127.0.0.1"
port = {port}
{lines}
[[readers.antennas]]
port = 1
zone = "floor"
[[readers.antennas]]
port = 2
zone = "back"
"""
S = 1_000_000
LATE_US, LATE_S = 60 * S, 6.0  # of a busy machine; the clocks are wrong by an hour or more


@dataclass
class Driven:
    """A driver, and all that it has given."""

    port: int
    lines: str = ""
    reads: list[TagRead] = field(default_factory=list)
    held: int = 0
    ticks: list[Tick] = field(default_factory=list)
    told: list[tuple[HealthKind, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        text = CONFIG.format(port=self.port, lines=self.lines)
        [reader] = parse(text, Path("/tmp/store.toml")).readers  # noqa: S108 - it is not written
        assert isinstance(reader, ReaderConfig)
        self.receptions = Receptions()
        self.factory = DriverFactory(reader, SystemClock(), self.receptions)
        self.driver = self.factory.build()

    def take(self, polled: Polled) -> None:
        self.reads += polled.reads
        self.held += polled.held
        self.ticks += [polled.tick] if polled.tick else []
        self.told += [(event.kind, event.detail) for event in polled.health]

    def poll_until(self, is_so: Callable[[], bool], timeout_s: float = 40.0) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < deadline_s, self.told
            self.take(self.driver.poll(0.05))

    def poll_for(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        self.poll_until(lambda: time.monotonic() > until_s)

    def connect_again(self) -> None:
        self.driver.stop()
        self.driver = self.factory.build()
        self.driver.start()

    def has_told(self, kind: HealthKind, words: str = "") -> bool:
        return any(one is kind and words in detail for one, detail in self.told)

    @property
    def gait(self) -> str:
        facts = self.factory.desk.facts
        return facts.clock.gait if facts is not None else ""

    @property
    def is_connected(self) -> bool:
        return self.has_told(HealthKind.CONNECTED)

    def warnings(self) -> list[str]:
        return [detail for kind, detail in self.told if kind is HealthKind.WARNING]


@contextmanager
def driven(port: int, lines: str = "") -> Iterator[Driven]:
    one = Driven(port, lines)
    try:
        one.driver.start()
        yield one
    finally:
        one.driver.stop()
        one.receptions.close()


@pytest.fixture(params=["generic", "r420", "fx9600"])
def reader(request: pytest.FixtureRequest) -> Iterator[SimulatedReader]:
    with SimulatedReader(small_store(), profile=request.param, duration_s=0) as one:
        yield one


@pytest.fixture
def plain() -> Iterator[SimulatedReader]:
    with SimulatedReader(small_store(), duration_s=0) as one:
        yield one


def epcs(one: Driven) -> set[bytes]:
    return {read.epc for read in one.reads}


def test_every_tag_before_the_antennas_is_read_whoever_made_the_reader(
    reader: SimulatedReader,
) -> None:
    with driven(reader.port) as one:
        one.poll_until(lambda: len(epcs(one)) == 12)
        assert {read.antenna_port for read in one.reads} == {1, 2}
        assert one.warnings() == []
    assert reader.state()["client"] is None
    assert reader.state()["rospecs"] == []


WISHES = """
power_dbm = 24.3
gen2_session = 2
tag_population = 200
rf_mode = 2
"""


def test_wishes_are_granted_by_every_reader_from_its_own_tables(reader: SimulatedReader) -> None:
    with driven(reader.port, WISHES) as one:
        one.poll_until(lambda: len(epcs(one)) == 12)
        assert one.warnings() == []


def test_too_much_power_is_told_and_set_to_the_most(reader: SimulatedReader) -> None:
    with driven(reader.port, "power_dbm = 33") as one:
        one.poll_until(lambda: bool(one.reads))
        assert one.warnings() == ["33 dBm are wished, it can do 10 to 30 dBm: set to 30 dBm"]


def test_less_power_than_a_reader_can_keep_to_is_refused(reader: SimulatedReader) -> None:
    with (
        driven(reader.port, "power_dbm = 5") as one,
        pytest.raises(ReaderRefused, match="5 dBm are wished, and it cannot go below 10 dBm"),
    ):
        one.poll_until(lambda: one.is_connected)


PERIODS = {"by tags": "report_tags = 20", "by time": "report_period_ms = 300"}


@pytest.mark.parametrize("lines", PERIODS.values(), ids=PERIODS)
def test_reports_may_come_in_bulk(reader: SimulatedReader, lines: str) -> None:
    with driven(reader.port, lines) as one:
        one.poll_until(lambda: len(epcs(one)) == 12)
        assert one.warnings() == []


@pytest.mark.parametrize("by_s", [-40_000_000, -3600, 3600, 40_000_000])
def test_reads_of_a_wrong_clock_have_this_machines_time(plain: SimulatedReader, by_s: int) -> None:
    plain.fault("clock-ahead", by_s=by_s)
    with driven(plain.port) as one:
        one.poll_until(lambda: len(one.reads) > 50)
        now_us = time.time_ns() // 1000
        assert all(abs(read.at_us - now_us) < LATE_US for read in one.reads)
        assert "its stamps are corrected" in one.warnings()[0]


def test_reads_of_a_trusted_clock_have_the_readers(plain: SimulatedReader) -> None:
    plain.fault("clock-ahead", by_s=-3600)
    with driven(plain.port, 'clock = "trust"') as one:
        one.poll_until(lambda: bool(one.reads))
        assert abs(one.reads[-1].at_us + 3600 * S - time.time_ns() // 1000) < LATE_US


@pytest.mark.parametrize("by_s", [3600, -3600])
def test_a_clock_that_jumps_while_it_is_read_is_followed(plain: SimulatedReader, by_s: int) -> None:
    with driven(plain.port) as one:
        one.poll_until(lambda: one.gait == "steady")
        plain.fault("clock-jump", by_s=by_s)
        one.poll_until(lambda: any("was set, 1 h" in text for text in one.warnings()))
        one.reads.clear()
        one.poll_for(1)
        now_us = time.time_ns() // 1000
        assert all(abs(read.at_us - now_us) < LATE_US for read in one.reads)


def test_a_reader_that_knows_its_uptime_only_is_read_in_our_time(plain: SimulatedReader) -> None:
    plain.fault("uptime-only")
    with driven(plain.port) as one:
        one.poll_until(lambda: len(one.reads) > 50)
        now_us = time.time_ns() // 1000
        assert all(abs(read.at_us - now_us) < LATE_US for read in one.reads)


def test_what_a_reader_kept_for_us_is_marked(plain: SimulatedReader) -> None:
    with driven(plain.port) as one:
        one.poll_until(lambda: bool(one.reads))
        assert one.held == 0
        plain.fault("rst")
        with pytest.raises(ReaderError):
            one.poll_for(30)
        before = len(one.reads)
        time_lost_us = time.time_ns() // 1000
        one.connect_again()
        one.poll_until(lambda: len(one.reads) > before + 50)
        again = one.reads[before:]
        assert one.held == sum(read.at_us < time_lost_us for read in again[: one.held])


def test_inputs_antennas_and_exceptions_are_told(plain: SimulatedReader) -> None:
    with driven(plain.port) as one:
        one.poll_until(lambda: one.is_connected)
        plain.gpi(2, is_high=True)
        plain.antenna(1, is_up=False)
        plain.fault("reader-exception")
        one.poll_until(lambda: one.has_told(HealthKind.INPUT, "input 2 is high"))
        one.poll_until(lambda: one.has_told(HealthKind.ANTENNA_DOWN, "antenna 1"))
        one.poll_until(lambda: one.has_told(HealthKind.WARNING, "reader reports"))
        plain.antenna(1, is_up=True)
        one.poll_until(lambda: one.has_told(HealthKind.ANTENNA_UP, "antenna 1"))


def test_an_antenna_that_is_not_connected_from_the_first_is_told(plain: SimulatedReader) -> None:
    plain.antenna(2, is_up=False)
    with driven(plain.port) as one:
        one.poll_until(lambda: one.has_told(HealthKind.ANTENNA_DOWN, "antenna 2 is not connected"))


def test_a_quiet_reader_still_tells_the_time(plain: SimulatedReader) -> None:
    zones = plain.tags()
    for gone in zones.values():
        plain.remove_tags(*gone)  # type: ignore[misc]  # they are texts
    with driven(plain.port, "keepalive_s = 1") as one:
        one.poll_until(lambda: len(one.ticks) == 2)
        assert 0.5 * S < one.ticks[1].at_us - one.ticks[0].at_us < LATE_US


def test_a_link_that_is_half_open_is_found_and_cut(plain: SimulatedReader) -> None:
    with driven(plain.port, "keepalive_s = 1") as one:
        one.poll_until(lambda: bool(one.reads))
        plain.fault("half-open")
        began_s = time.monotonic()
        with pytest.raises(ReaderSilent):
            one.poll_for(30)
        assert 2.0 < time.monotonic() - began_s < 2.5 + LATE_S
        began_s = time.monotonic()
        one.driver.stop()
        assert time.monotonic() - began_s < GOODBYE_S


def test_a_stop_is_heard_under_a_flood_of_reports(plain: SimulatedReader) -> None:
    with driven(plain.port) as one:
        one.poll_until(lambda: bool(one.reads))
        plain.fault("flood")
        one.poll_until(lambda: len(one.reads) > 2000)
        began_s = time.monotonic()
        one.driver.stop()
        assert time.monotonic() - began_s < GOODBYE_S + LINGER_S + LATE_S
    heard = plain.state()["heard"]
    assert {"STOP_ROSPEC", "DELETE_ROSPEC", "CLOSE_CONNECTION"} <= set(heard)  # type: ignore[call-overload]
    assert plain.state()["client"] is None


def test_a_left_over_of_another_host_is_named_where_there_is_room_for_one_only() -> None:
    with SimulatedReader(small_store(), profile="r420", duration_s=0) as reader:
        reader.fault("foreign-rospec")
        with (
            driven(reader.port) as one,
            pytest.raises(ReaderRefused, match=r'it has ROSpecs of others: .* rospecs = "replace"'),
        ):
            one.poll_until(lambda: one.is_connected)
        with driven(reader.port, 'rospecs = "replace"') as one:
            one.poll_until(lambda: bool(one.reads))
            assert "ROSpecs of others were deleted" in one.warnings()[0]


def test_a_reader_that_hangs_up_on_the_version_is_asked_once_only(plain: SimulatedReader) -> None:
    plain.fault("negotiation-closes")
    with driven(plain.port) as one:
        with pytest.raises(ReaderError):
            one.poll_until(lambda: one.is_connected)
        one.connect_again()
        one.poll_until(lambda: bool(one.reads))


def test_a_reader_that_calls_is_answered() -> None:
    port = free_port()
    with driven(port, 'mode = "accept"\nbind = "127.0.0.1"') as one:
        one.poll_for(0.3)
        assert one.told == []
        with SimulatedReader(small_store(), duration_s=0, port=port, dials=True) as reader:
            one.poll_until(lambda: len(epcs(one)) == 12)
            assert reader.state()["client"] is not None
            one.driver.stop()


def test_a_reader_that_calls_over_tls_is_shown_our_certificate(tmp_path: Path) -> None:
    own = self_signed(tmp_path, "agent")
    port = free_port()
    lines = f"""
    mode = "accept"
    bind = "127.0.0.1"
    tls = {{ certificate = "{own.path}", key = "{own.key}" }}
    """
    with (
        driven(port, lines) as one,
        SimulatedReader(
            small_store(), duration_s=0, port=port, dials=True, tls=ReaderTls(tmp_path / "tls")
        ),
    ):
        one.poll_until(lambda: len(epcs(one)) == 12)
        one.driver.stop()


def test_a_reader_is_read_over_tls_by_its_fingerprint(tmp_path: Path) -> None:
    own = self_signed(tmp_path, "reader")
    tls = ReaderTls(tmp_path / "tls", TlsFiles(own.path, own.key))
    with (
        SimulatedReader(small_store(), duration_s=0, tls=tls) as reader,
        driven(reader.port, f'tls.fingerprint = "{own.fingerprint}"') as one,
    ):
        one.poll_until(lambda: len(epcs(one)) == 12)
