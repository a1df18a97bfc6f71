"""The TCP link against a listener of the test's own."""

import socket
import struct
from collections.abc import Iterator

import pytest

from edge.errors import ReaderError
from edge.readers import links
from edge.readers.links import TcpLink

CLOSE_WITH_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds, socket(7)


class Reader:
    """The other end: a listening socket, and the connection that it has accepted."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(5)
        self.port: int = self.listener.getsockname()[1]
        self.connection = socket.socket()

    def accept(self) -> socket.socket:
        self.connection.close()
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(5)
        return self.connection

    def close(self) -> None:
        self.listener.close()
        self.connection.close()


@pytest.fixture
def reader() -> Iterator[Reader]:
    one = Reader()
    yield one
    one.close()


@pytest.fixture
def link(reader: Reader) -> Iterator[TcpLink]:
    one = TcpLink("127.0.0.1", reader.port)
    one.open(0)
    reader.accept()
    yield one
    reader.close()
    one.close()


def test_what_the_reader_says_is_read(reader: Reader, link: TcpLink) -> None:
    reader.connection.sendall(b"said")
    assert link.read(5) == b"said"


def test_all_that_is_there_is_read_at_once(reader: Reader, link: TcpLink) -> None:
    for _ in range(100):
        reader.connection.sendall(b"\x04" * 100)
    reader.connection.close()
    received = b""
    reads = 0
    while len(received) < 10_000:
        received += link.read(5)
        reads += 1
    assert reads < 100


def test_a_silent_reader_gives_no_bytes_and_no_error(link: TcpLink) -> None:
    assert link.read(0.01) == b""


def test_what_is_written_arrives(reader: Reader, link: TcpLink) -> None:
    link.write(b"asked")
    assert reader.connection.recv(100) == b"asked"


def test_a_reader_that_closes_is_an_error_after_its_last_bytes(
    reader: Reader, link: TcpLink
) -> None:
    reader.connection.sendall(b"last")
    reader.connection.close()
    assert link.read(5) == b"last"
    with pytest.raises(ReaderError, match=rf"127\.0\.0\.1:{reader.port}: the reader closed"):
        link.read(5)


def test_a_reset_is_an_error_with_its_cause(reader: Reader, link: TcpLink) -> None:
    reader.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_WITH_RESET)
    reader.connection.close()
    with pytest.raises(ReaderError, match=r"cannot read: Connection reset by peer"):
        link.read(5)


def test_a_reader_that_takes_no_bytes_is_an_error(
    reader: Reader, link: TcpLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "WRITE_TIMEOUT_S", 0.05)
    with pytest.raises(ReaderError, match=rf"{reader.port}: cannot write: timed out"):
        link.write(bytes(50_000_000))


def test_a_port_where_nobody_listens_is_an_error(reader: Reader) -> None:
    reader.close()
    with pytest.raises(ReaderError, match=rf"{reader.port}: cannot connect: Connection refused"):
        TcpLink("127.0.0.1", reader.port).open(0)


def test_a_name_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ReaderError, match=r"no-such-reader\.invalid:5084: cannot connect: "):
        TcpLink("no-such-reader.invalid", 5084).open(0)


def test_an_ipv6_address_is_told_in_brackets() -> None:
    assert str(TcpLink("fe80::1", 5084)) == "[fe80::1]:5084"


def test_before_open_there_is_nothing_to_read_or_write() -> None:
    with pytest.raises(ReaderError, match="not connected"):
        TcpLink("127.0.0.1", 1).read(1)
    with pytest.raises(ReaderError, match="not connected"):
        TcpLink("127.0.0.1", 1).write(b"")


def test_an_aborted_link_is_reset_at_once(reader: Reader, link: TcpLink) -> None:
    link.abort()
    link.abort()
    with pytest.raises(ConnectionResetError):
        reader.connection.recv(100)


def test_a_link_may_be_closed_twice_and_before_it_is_open(link: TcpLink, reader: Reader) -> None:
    TcpLink("127.0.0.1", reader.port).close()
    reader.connection.close()
    link.close()
    link.close()


def test_a_goodbye_arrives_though_the_reader_was_still_talking(
    reader: Reader, link: TcpLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "LINGER_S", 0.05)
    reader.connection.sendall(bytes(1 << 16))  # unread: a plain close would send a reset
    link.write(b"goodbye")
    link.close()
    assert reader.connection.recv(100) == b"goodbye"
    assert reader.connection.recv(100) == b""


def test_a_reader_that_does_not_hang_up_delays_a_close_by_the_linger_only(
    link: TcpLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "LINGER_S", 0.0)
    link.close()
    with pytest.raises(ReaderError, match="not connected"):
        link.read(1)


def test_a_dead_peer_shows_in_the_kernel_within_half_a_minute(link: TcpLink) -> None:
    opened = link._opened()  # noqa: SLF001 the kernel's view has no other door
    tcp = socket.IPPROTO_TCP
    assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    idle_s, every_s, count = (
        opened.getsockopt(tcp, option)
        for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    )
    assert idle_s + every_s * count <= 30
    assert opened.getsockopt(tcp, socket.TCP_USER_TIMEOUT) <= 30_000
