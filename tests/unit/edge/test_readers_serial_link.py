"""The link to a serial port, against a pseudo-terminal of the test's own."""

import fcntl
import os
import select
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import ReaderError
from edge.readers.serial_link import PortLine, SocketLine, serial_line
from simulators.serial.pseudo_port import PseudoPort

ALL_BYTES = bytes(range(256))


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PseudoPort]:
    one = PseudoPort(tmp_path / "reader")
    yield one
    one.unplug()


@pytest.fixture
def line(port: PseudoPort, tmp_path: Path) -> Iterator[PortLine]:  # noqa: ARG001 it is the other end
    one = PortLine(str(tmp_path / "reader"))
    one.set_baud(115_200)
    one.open(0.0)
    yield one
    one.close()


def read_all(line: PortLine, size: int) -> bytes:
    received = b""
    deadline_s = time.monotonic() + 5
    while len(received) < size and time.monotonic() < deadline_s:
        received += line.read(0.1)
    return received


def sent(port: PseudoPort, size: int) -> bytes:
    received = b""
    deadline_s = time.monotonic() + 5
    while len(received) < size and time.monotonic() < deadline_s:
        descriptor = port.fileno()
        assert descriptor is not None
        select.select([descriptor], [], [], 0.1)
        received += port.read()
    return received


def test_every_byte_passes_as_it_is_both_ways(port: PseudoPort, line: PortLine) -> None:
    port.write(ALL_BYTES)
    assert read_all(line, 256) == ALL_BYTES
    line.write(ALL_BYTES)
    assert sent(port, 256) == ALL_BYTES


def test_what_comes_together_is_read_together(port: PseudoPort, line: PortLine) -> None:
    port.write(b"x" * 500)
    assert len(line.read(1)) == 500


def test_what_follows_within_the_time_to_gather_is_read_with_it(
    port: PseudoPort, line: PortLine
) -> None:
    port.write(b"first")
    later = threading.Timer(0.01, port.write, [b", then"])
    later.start()
    received = line.read(5, 2.0)
    later.join()
    assert received == b"first, then"


def test_a_silent_line_gives_nothing_in_time(line: PortLine) -> None:
    assert line.read(0.1) == b""


def test_the_rate_is_set_before_the_port_is_open_and_after(
    port: PseudoPort, line: PortLine
) -> None:
    assert (port.host_baud(), line.bytes_per_s) == (115_200, 11_520)
    line.set_baud(921_600)
    assert (port.host_baud(), line.bytes_per_s) == (921_600, 92_160)


def test_a_new_rate_drops_what_came_at_the_old_one(port: PseudoPort, line: PortLine) -> None:
    port.write(b"noise")
    line.set_baud(9600)
    port.write(b"said")
    assert line.read(1) == b"said"


def test_a_rate_that_the_port_cannot_do_is_an_error_with_the_rate(line: PortLine) -> None:
    with pytest.raises(ReaderError, match="cannot be set to -1 baud"):
        line.set_baud(-1)


def test_the_port_is_left_without_a_hang_up_and_closed_to_others(
    line: PortLine, tmp_path: Path
) -> None:
    descriptor = os.open(tmp_path / "reader", os.O_RDWR | os.O_NOCTTY)  # root is let in
    try:
        assert not termios.tcgetattr(descriptor)[2] & termios.HUPCL
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)
    line.close()


def test_a_port_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    line = PortLine(str(tmp_path / "nothing"))
    with pytest.raises(ReaderError, match=r"nothing: cannot be opened: it is not there; is the"):
        line.open(0.0)


def test_a_file_that_is_no_port_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReaderError, match="file: cannot be opened: "):
        PortLine(str(tmp_path / "file")).open(0.0)


def test_a_line_that_was_not_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="not open"):
        PortLine(str(tmp_path / "reader")).read(0.01)


def test_an_unplugged_reader_is_told_by_its_name_and_found_again_at_another_device(
    port: PseudoPort, line: PortLine, tmp_path: Path
) -> None:
    before = (tmp_path / "reader").readlink()
    port.unplug()
    with pytest.raises(ReaderError, match="reader: cannot be read: it is not there"):
        read_all(line, 1)
    with pytest.raises(ReaderError, match="reader: cannot be written: "):
        line.write(b"x")
    line.close()
    another = os.openpty()  # takes the number that has become free
    port.plug()
    line.open(0.0)
    port.write(b"back")
    assert read_all(line, 4) == b"back"
    assert (tmp_path / "reader").readlink() != before
    for descriptor in another:
        os.close(descriptor)


def test_a_reader_that_is_gone_while_its_name_stays_is_unplugged(tmp_path: Path) -> None:
    master, slave = os.openpty()
    name = os.ttyname(slave)
    stays = tmp_path / "stays"
    stays.write_bytes(b"")
    line = PortLine(name)
    line.open(0.0)
    os.close(slave)
    os.close(master)
    with pytest.raises(ReaderError, match=rf"{name}: cannot be read: "):
        read_all(line, 1)
    line.close()


HOLD = """
import os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
if sys.argv[2] == "locked":
    import fcntl
    fcntl.flock(descriptor, fcntl.LOCK_EX)
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("way", ["locked", "without a lock"])
def test_a_port_that_another_program_has_open_is_refused_with_its_name_and_pid(
    way: str, port: PseudoPort, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "reader"), way]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "open\n"
        line = PortLine(str(tmp_path / "reader"))
        with pytest.raises(ReaderError, match=rf"in use by python\S* \(pid {other.pid}\)"):
            line.open(0.0)
        other.stdin.close()
        assert other.wait(10) == 0
    line.open(0.0)
    assert port.has_host
    line.close()


def test_a_second_reader_of_this_program_is_refused_the_same_port(
    line: PortLine, tmp_path: Path
) -> None:
    (tmp_path / "other-name").symlink_to(tmp_path / "reader")
    with pytest.raises(ReaderError, match="in use by this or another program"):
        PortLine(str(tmp_path / "other-name")).open(0.0)
    assert line.read(0.01) == b""


def test_an_error_names_the_device_behind_a_name_that_stays(line: PortLine, tmp_path: Path) -> None:
    assert str(line) == f"{tmp_path / 'reader'} ({(tmp_path / 'reader').readlink()})"


def test_closing_twice_is_no_error(line: PortLine) -> None:
    line.close()
    line.close()


def test_a_device_server_is_reached_by_its_address_and_has_no_rate() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = serial_line(f"socket://127.0.0.1:{listener.getsockname()[1]}")
        assert isinstance(line, SocketLine)
        line.set_baud(57_600)
        line.open(0.0)
        connection, _ = listener.accept()
        with connection:
            connection.sendall(ALL_BYTES)
            assert line.read(5) == ALL_BYTES
            assert line.bytes_per_s is None
            connection.close()
            line.close()


def test_a_remote_port_that_nobody_serves_is_an_error_with_its_address() -> None:
    line = serial_line("rfc2217://127.0.0.1:1")
    with pytest.raises(ReaderError, match=r"rfc2217://127\.0\.0\.1:1: cannot be opened: "):
        line.open(0.0)
