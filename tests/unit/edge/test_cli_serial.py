"""tagtally-edge serial: bytes shown frame by frame; and what check-config says of readers."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.serial.registry import PROTOCOLS
from tests.support.shared import shared_data

KEEPALIVE = bytes.fromhex("ff0022040084e0")
TAG = bytes.fromhex(
    "ff2822000010001b01ff0101c4110e16400000012700000500000f00803000000000000000000000001545e94a561d"
)
A0_TAG = "A0 13 01 89 8C 30 00 30 08 33 B2 DD D9 01 40 00 00 00 01 37 BB"


def decode(data: bytes, *options: str) -> Result:
    return CliRunner().invoke(main, ["serial", "decode", *options, "-"], input=data)


def test_frames_and_their_reads_are_shown_line_by_line_and_counted() -> None:
    result = decode(KEEPALIVE + TAG, "--protocol", "mercury")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "00000000  NoTags  opcode=read_multiple status=no tags (0400)",
        "00000007  Tags",
        (
            "          read  epc=000000000000000000001545 antenna_port=1 rssi_dbm=-60.0 "
            "rssi_raw=-60 hits=1 pc=12288 is_crc_right=True reader_ms=295 frequency_khz=923200 "
            "phase=0"
        ),
        "frames 2, reads 1, faults 0",
    ]


def test_a_fault_is_shown_where_it_is_and_the_exit_code_says_so() -> None:
    result = decode(KEEPALIVE[:-1] + b"\x00" + KEEPALIVE, "--protocol", "mercury")
    assert result.exit_code == 1
    assert "00000000  FAULT wrong check value" in result.stdout
    assert result.stdout.endswith("frames 1, reads 0, faults 1\n")


def test_json_is_an_object_a_line_and_the_counts_at_the_end() -> None:
    result = decode(TAG, "--protocol", "mercury", "--json")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert told[0]["frame"] == "Tags"
    assert told[0]["reads"][0]["epc"] == "000000000000000000001545"
    assert told[-1] == {"frames": 1, "reads": 1, "faults": 0}
    assert result.stderr == "frames 1, reads 1, faults 0\n"


def test_hex_may_have_spaces_lines_and_remarks() -> None:
    text = f"# an R2000's tag\n{A0_TAG}\n{A0_TAG}  # again\n"
    result = decode(text.encode(), "--protocol", "r2000", "--hex")
    assert result.stdout.endswith("frames 2, reads 2, faults 0\n")
    assert "rssi_dbm=-74.0" in result.stdout


def test_hex_that_is_none_is_told_with_its_line() -> None:
    result = decode(b"FF 00\nxyz\n", "--protocol", "mercury", "--hex")
    assert result.exit_code == 2
    assert "line 2: expected pairs of hex digits, got 'xyz'" in result.stderr


def test_the_direction_tells_commands_from_answers_that_look_alike() -> None:
    command = bytes.fromhex("a0 04 01 74 22 c5")  # set antenna 22 hex, or: no antenna is connected
    options = ("--protocol", "r2000", "--direction")
    assert "SetWorkAntenna" in decode(command, *options, "to-reader").stdout
    assert "Result" in decode(command, *options, "from-reader").stdout


def test_nothing_is_no_fault() -> None:
    assert decode(b"", "--protocol", "tsl").stdout == "frames 0, reads 0, faults 0\n"


def test_a_protocol_that_nobody_knows_is_told_with_those_that_are_known() -> None:
    result = decode(b"", "--protocol", "nur")
    assert result.exit_code == 2
    for name in PROTOCOLS:
        assert name in result.stderr


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("protocol", "file"),
    [
        ("mercury", "mercury.tsv"),
        ("r2000", "a0_r2000.tsv"),
        ("uhfreader", "uhfreader18_288.tsv"),
        ("m100", "bb7e_m100.tsv"),
    ],
)
def test_published_frames_are_all_found(protocol: str, file: str) -> None:
    rows = [
        line.split("\t")
        for line in shared_data(f"serial/{file}").read_text().splitlines()
        if not line.startswith("#")
    ]
    good = [row for row in rows if row[1] == "ok"]
    for row in good:
        result = decode(row[3].encode(), "--protocol", protocol, "--hex", "--json")
        assert json.loads(result.stdout.splitlines()[-1])["frames"] == 1, row


@pytest.mark.parametrize("port", ["socket://10.0.0.7", "rfc2217://x", "socket://a:b"])
def test_a_port_that_is_no_name_of_one_is_told_what_is(port: str) -> None:
    result = CliRunner().invoke(main, ["serial", "probe", port])
    assert result.exit_code == 2
    assert "expected a path such as /dev/serial/by-id/" in result.stderr


def test_a_port_that_is_not_there_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["serial", "probe", str(tmp_path / "reader")])
    assert result.exit_code == 69
    assert result.stderr.splitlines() == [
        (
            f"tagtally-edge: {tmp_path / 'reader'}: cannot be opened: "
            "it is not there; is the reader plugged in?"
        )
    ]


CONFIG = """
[store]
id = "muc-01"
[mqtt]
host = "broker.example.org"
[[readers]]
name = "pad-1"
protocol = "r2000"
device = "/dev/serial/by-id/usb-reader"
region = "eu"
antennas = [{ port = 1, zone = "till" }]
"""


def check_config(tmp_path: Path, text: str) -> Result:
    path = tmp_path / "store.toml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["check-config", str(path)])


def test_check_config_shows_a_serial_reader_with_its_protocol_and_port(tmp_path: Path) -> None:
    result = check_config(tmp_path, CONFIG)
    assert result.exit_code == 0
    assert "pad-1   r2000 at /dev/serial/by-id/usb-reader  1 till" in result.stdout


@pytest.mark.parametrize(("device", "is_told"), [("/dev/ttyUSB0", True), ("/dev/ttyS0", False)])
def test_check_config_notes_a_name_that_another_device_may_get(
    device: str, *, is_told: bool, tmp_path: Path
) -> None:
    result = check_config(tmp_path, CONFIG.replace("/dev/serial/by-id/usb-reader", device))
    assert result.exit_code == 0
    assert ("note: reader pad-1: /dev/ttyUSB0 may be another device" in result.stdout) == is_told


def test_check_config_tells_what_the_protocol_cannot_do(tmp_path: Path) -> None:
    result = check_config(tmp_path, CONFIG.replace('"eu"', '"india"\nq = 4'))
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "tagtally-edge: the readers' settings: 2 mistakes",
        "  reader pad-1: R2000: region india; allowed: us, eu, china",
        "  reader pad-1: R2000: the protocol has no Q and no read filter",
    ]
