"""Readers that call: each reaches its own driver, and nobody else does."""

import socket
import threading
from collections.abc import Iterator

import pytest

from edge.errors import ReaderError
from edge.readers.accept import AcceptedLink, Reception, Receptions

NEAR, ELSEWHERE = "127.0.0.1", "127.0.0.2"


@pytest.fixture
def reception() -> Iterator[Reception]:
    one = Reception(NEAR, 0)
    yield one
    one.close()


def call(port: int, from_address: str = NEAR) -> socket.socket:
    caller = socket.create_connection((NEAR, port), 5, source_address=(from_address, 0))
    caller.settimeout(5)
    return caller


def test_a_link_is_open_once_its_reader_has_called(reception: Reception) -> None:
    link = AcceptedLink(NEAR, 5084, reception)
    assert not link.open(0.0)
    with call(reception.port()) as reader:
        assert link.open(5.0)
        reader.sendall(b"said")
        assert link.read(5) == b"said"
        link.write(b"answered")
        assert reader.recv(100) == b"answered"
        link.abort()


def test_each_reader_reaches_its_own_link_in_whatever_order_they_call(
    reception: Reception,
) -> None:
    near, elsewhere = (AcceptedLink(one, 5084, reception) for one in (NEAR, ELSEWHERE))
    assert not near.open(0.0)
    assert not elsewhere.open(0.0)
    with call(reception.port(), ELSEWHERE) as second, call(reception.port()) as first:
        second.sendall(b"second")
        first.sendall(b"first")
        assert near.open(5.0)
        assert elsewhere.open(5.0)
        assert (near.read(5), elsewhere.read(5)) == (b"first", b"second")
        near.abort()
        elsewhere.abort()


def test_a_call_from_elsewhere_is_turned_away_and_counted(reception: Reception) -> None:
    link = AcceptedLink(NEAR, 5084, reception)
    assert not link.open(0.0)
    with call(reception.port(), ELSEWHERE) as stranger:
        assert not link.open(0.2)
        assert stranger.recv(100) == b""
    assert reception.strangers == 1


def test_a_reader_that_calls_twice_is_heard_on_its_second_call(reception: Reception) -> None:
    first_link, other = (AcceptedLink(one, 5084, reception) for one in (NEAR, ELSEWHERE))
    assert not first_link.open(0.0)
    with call(reception.port()) as first, call(reception.port()) as second:
        assert not other.open(0.3)  # it has let both in meanwhile
        second.sendall(b"second")
        assert first.recv(100) == b""
        assert first_link.open(5.0)
        assert first_link.read(5) == b"second"
        first_link.abort()


def test_waiting_threads_do_not_take_each_others_calls(reception: Reception) -> None:
    links = {one: AcceptedLink(one, 5084, reception) for one in (NEAR, ELSEWHERE)}
    for link in links.values():
        assert not link.open(0.0)
    opened: dict[str, bool] = {}

    def wait(address: str) -> None:
        opened[address] = links[address].open(5.0)

    threads = [threading.Thread(target=wait, args=(one,)) for one in links]
    for thread in threads:
        thread.start()
    with call(reception.port(), ELSEWHERE), call(reception.port()):
        for thread in threads:
            thread.join(10)
    assert opened == {NEAR: True, ELSEWHERE: True}
    for link in links.values():
        link.abort()


def test_a_port_that_is_taken_is_an_error(reception: Reception) -> None:
    second = Reception(NEAR, reception.port())
    with pytest.raises(ReaderError, match=r"cannot listen on .*: Address already in use"):
        second.wait_for(NEAR, 0)


def test_a_reader_whose_name_nobody_knows_is_an_error(reception: Reception) -> None:
    with pytest.raises(ReaderError, match="cannot be found"):
        AcceptedLink("no-such-reader.invalid", 5084, reception).open(0)


def test_readers_that_call_the_same_port_share_a_reception() -> None:
    receptions = Receptions()
    assert receptions.at(NEAR, 5084) is receptions.at(NEAR, 5084)
    assert receptions.at(NEAR, 5085) is not receptions.at(NEAR, 5084)
    receptions.close()
