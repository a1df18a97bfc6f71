"""What systemd hears of a service, and that nothing happens without it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.systemd import notify


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.settimeout(5)
        yield one


def test_a_state_arrives_at_the_socket_of_the_environment(
    listener: socket.socket, tmp_path: Path
) -> None:
    address = str(tmp_path / "notify")
    listener.bind(address)
    notify("READY=1", {"NOTIFY_SOCKET": address})
    assert listener.recv(100) == b"READY=1"


def test_an_abstract_address_is_understood(listener: socket.socket) -> None:
    listener.bind("")  # the kernel gives an abstract name, unix(7)
    address = listener.getsockname().decode().replace("\0", "@", 1)
    notify("WATCHDOG=1", {"NOTIFY_SOCKET": address})
    assert listener.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_where_nobody_listens_nothing_happens(environment: dict[str, str]) -> None:
    notify("READY=1", environment)
