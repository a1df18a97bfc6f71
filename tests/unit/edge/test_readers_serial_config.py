"""A serial reader's configuration: what becomes of it, and what each protocol complains of."""

from pathlib import Path

import pytest

from edge import config
from edge.config import Config, SerialReaderConfig
from edge.errors import ConfigError, ReaderError
from edge.options import Region
from edge.readers.serial_config import (
    check_readers,
    probe_for,
    session_of_found,
    settings_of,
)
from edge.serial.probe import Found
from edge.serial.r2000.protocol import R2000
from edge.serial.registry import PROTOCOLS
from edge.serial.settings import SerialSettings

TEXT = """
[store]
id = "muc-01"
[mqtt]
host = "broker.example.org"
[[readers]]
name = "pad-1"
device = "/dev/serial/by-id/usb-Silicon_Labs_CP2102-if00-port0"
"""


def read(rest: str) -> Config:
    return config.parse(TEXT + rest, Path("/etc/tagtally/store.toml"))


def serial_reader(rest: str) -> SerialReaderConfig:
    (reader,) = read(rest).readers
    assert isinstance(reader, SerialReaderConfig)
    return reader


def test_the_smallest_table_leaves_to_the_reader_what_is_not_said() -> None:
    reader = serial_reader(
        'protocol = "mercury"\nregion = "eu"\nantennas = [{ port = 2, zone = "till" }]'
    )
    assert reader.protocol == "mercury"
    assert settings_of(reader) == SerialSettings(Region.EU, (2,))


def test_every_key_of_a_full_table_is_taken() -> None:
    reader = serial_reader(
        """
        protocol = "mercury"
        region = "us"
        antennas = [{ port = 1, zone = "floor" }, { port = 4, zone = "back" }]
        power_dbm = 24.5
        gen2_session = 2
        q = 5
        read_filter_s = 1.5
        bauds = [921600, 115200]
        """
    )
    assert settings_of(reader) == SerialSettings(
        Region.US, (1, 4), 24.5, 2, 5, 1.5, (921_600, 115_200)
    )


def test_what_a_uhfreaders_rssi_means_is_a_key_of_uhfreaders_only() -> None:
    text = 'region = "eu"\nrssi_zero_dbm = -129\n' + ONE
    settings = settings_of(serial_reader(text + 'protocol = "uhfreader"'))
    assert settings.rssi_zero_dbm == -129
    with pytest.raises(ConfigError, match="rssi_zero_dbm: unknown key"):
        read(text + 'protocol = "tsl"')


ONE = 'antennas = [{ port = 1, zone = "floor" }]\n'
TWO = 'antennas = [{ port = 1, zone = "a" }, { port = 2, zone = "b" }]\n'
WRONG = {
    "a region that Mercury modules have no rules of": (
        'protocol = "r2000"\nregion = "india"\n' + ONE,
        ["R2000: region india; allowed: us, eu, china"],
    ),
    "more antennas than a handheld has": (
        'protocol = "tsl"\nregion = "eu"\n' + TWO,
        ["TSL: antenna ports (1, 2); a handheld has one"],
    ),
    "a power and a Q that A0 readers do not have": (
        'protocol = "r2000"\nregion = "eu"\npower_dbm = 7.5\nq = 4\n' + ONE,
        [
            "R2000: power of 7.5 dBm; allowed: 0 to 33, whole",
            "R2000: the protocol has no Q and no read filter",
        ],
    ),
    "a session that an M100 cannot read in": (
        'protocol = "m100"\nregion = "eu"\ngen2_session = 2\n' + ONE,
        ["M100: Gen2 session 2; allowed: 0 and 1, since the module asks for tags in state A only"],
    ),
}


@pytest.mark.parametrize(("text", "mistakes"), WRONG.values(), ids=WRONG)
def test_what_a_protocol_cannot_do_is_told_with_the_readers_name(
    text: str, mistakes: list[str]
) -> None:
    with pytest.raises(ConfigError) as raised:
        check_readers(read(text).readers)
    head, *told = str(raised.value).splitlines()
    assert [line.strip() for line in told] == [f"reader pad-1: {mistake}" for mistake in mistakes]
    count = len(mistakes)
    assert head == f"the readers' settings: {count} mistake{'s' if count > 1 else ''}"


@pytest.mark.parametrize("protocol", [*PROTOCOLS, "auto"])
def test_plain_settings_are_right_for_every_protocol(protocol: str) -> None:
    check_readers(read(f'protocol = "{protocol}"\nregion = "eu"\n' + ONE).readers)


def test_a_reader_that_may_speak_anything_may_have_what_one_protocol_can_do() -> None:
    check_readers(read('protocol = "auto"\nregion = "india"\nq = 4\n' + TWO).readers)


def test_what_no_protocol_can_do_is_told_of_all() -> None:
    text = 'protocol = "auto"\nregion = "eu"\npower_dbm = 39.5\nread_filter_s = 1\n'
    many = ", ".join(f'{{ port = {port}, zone = "floor" }}' for port in range(1, 18))
    with pytest.raises(ConfigError, match="Mercury: antenna ports") as raised:
        check_readers(read(text + f"antennas = [{many}]\n").readers)
    assert "R2000: power of 39.5 dBm" in str(raised.value)


def test_a_found_protocol_that_cannot_be_used_so_is_an_error_of_the_reader() -> None:
    reader = serial_reader('protocol = "auto"\nregion = "india"\n' + ONE)
    found = Found(R2000, 115_200, "reader with A0 protocol")
    with pytest.raises(ReaderError, match=r"found reader with A0 protocol, which cannot be used"):
        session_of_found(reader, found)


def test_a_found_protocol_is_spoken_at_the_rate_that_it_was_found_at() -> None:
    reader = serial_reader('protocol = "auto"\nregion = "eu"\n' + ONE)
    assert session_of_found(reader, Found(R2000, 38_400, "a reader")).baud == 38_400


def test_a_probe_keeps_to_the_rates_that_it_is_given() -> None:
    assert probe_for((9600,)).baud == 9600
    assert probe_for().baud in {57_600, 115_200}


SHAPES = {
    "a name without a path": ('device = "COM3"', "device: expected a path such as /dev/serial/"),
    "a host without a port": ('device = "socket://10.0.0.7"', "device: expected a path such as"),
    "a host's key": ('host = "10.0.0.7"', "host: unknown key; allowed: protocol, name, device,"),
    "a power by antenna": (
        'antennas = [{ port = 1, zone = "floor", power_dbm = 20 }]',
        "antennas[0].power_dbm: unknown key; allowed: port, zone",
    ),
    "a rate of none": ("bauds = [0]", "bauds[0]: expected an integer from 1200 to 4000000, got 0"),
    "a region that nobody knows": ('region = "mars"', "region: expected one of eu, us, china, "),
}


@pytest.mark.parametrize(("line", "mistake"), SHAPES.values(), ids=SHAPES)
def test_a_wrong_value_is_told_with_its_place(line: str, mistake: str) -> None:
    key = line.split(" ", 1)[0]
    lines = {
        "protocol": 'protocol = "mercury"',
        "region": 'region = "eu"',
        "antennas": 'antennas = [{ port = 1, zone = "floor" }]',
        "device": 'device = "/dev/ttyS0"',
    } | {key: line}
    text = TEXT.rpartition("device")[0] + "\n".join(lines.values())
    with pytest.raises(ConfigError) as raised:
        config.parse(text, Path("store.toml"))
    _, told = str(raised.value).splitlines()
    assert told.strip().startswith(f"readers[0].{mistake}")


def test_two_readers_at_one_port_are_a_mistake_however_long_its_name_is() -> None:
    rest = 'protocol = "mercury"\nregion = "eu"\n' + ONE
    device = "/dev/serial/by-id/usb-" + "x" * 80
    readers = [
        f'[[readers]]\nname = "{name}"\ndevice = "{device}{end}"\n{rest}'
        for name, end in (("a", "1"), ("b", "2"), ("c", "1"))
    ]
    head = TEXT.partition("[[readers]]")[0]
    config.parse(head + readers[0] + readers[1], Path("store.toml"))
    with pytest.raises(ConfigError, match=r"readers\[2\]\.device: .* is taken by readers\[0\]"):
        config.parse(head + "".join(readers), Path("store.toml"))
