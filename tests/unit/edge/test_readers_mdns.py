"""Readers that tell of themselves: the question, their answers, and what is no answer."""

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ReaderError
from edge.readers import mdns
from edge.readers.mdns import FoundReader, discover, question, readers_in


def labels(name: str) -> bytes:
    return b"".join(bytes([len(one)]) + one.encode() for one in name.split(".")) + b"\0"


def record(name: bytes, kind: int, data: bytes) -> bytes:
    head = kind.to_bytes(2) + b"\x80\x01" + (120).to_bytes(4) + len(data).to_bytes(2)
    return name + head + data


def answer(*records: bytes, questions: int = 0) -> bytes:
    return (
        bytes(2)
        + b"\x84\0"
        + questions.to_bytes(2)
        + len(records).to_bytes(2)
        + bytes(4)
        + (b"".join(records))
    )


# A Speedway's answer: the instance's name is written once, later records point to it at 12 + 34.
SERVICE = labels("_llrp._tcp.local")
INSTANCE = b"\x0fspeedwayr-12-34" + b"\xc0\x0c"
HOST = b"\x0fspeedwayr-12-34" + b"\xc0\x17"  # `local` of the service's name
PTR = record(SERVICE, 12, INSTANCE)
SRV = record(b"\xc0\x28", 33, bytes(4) + (5084).to_bytes(2) + HOST)
TXT = record(b"\xc0\x28", 16, b"\x08model=R4\x00")
HOST_AT = 12 + len(PTR) + 12 + 6
A = record(bytes([0xC0, HOST_AT]), 1, bytes([10, 0, 4, 21]))
AAAA = record(bytes([0xC0, HOST_AT]), 28, bytes.fromhex("fe80" + "00" * 13 + "01"))
PACKET = answer(PTR, SRV, TXT, A, AAAA)
SPEEDWAY = FoundReader(
    "speedwayr-12-34",
    "speedwayr-12-34.local",
    5084,
    ("10.0.4.21", "fe80::1"),
    ("model=R4",),
)


def test_the_question_is_for_llrp_over_tcp_and_wants_the_answer_sent_to_us() -> None:
    assert question().hex() == (
        "000000000001000000000000" + "055f6c6c7270" + "045f746370" + "056c6f63616c" + "00"
        "000c" + "8001"
    )  # fmt: skip


def test_an_answer_tells_name_host_port_and_addresses() -> None:
    assert readers_in(PACKET) == [SPEEDWAY]


def test_an_answer_without_addresses_still_tells_the_host() -> None:
    [reader] = readers_in(answer(PTR, SRV))
    assert (reader.host, reader.addresses) == ("speedwayr-12-34.local", ())


NO_READERS = {
    "nothing": b"",
    "a question": question(),
    "another service": answer(record(labels("printer._ipp._tcp.local"), 33, bytes(6) + b"\0")),
    "a name that points to itself": answer(record(b"\xc0\x0c", 33, bytes(7))),
    "a record beyond the end": PACKET[:70],
}


@pytest.mark.parametrize("packet", NO_READERS.values(), ids=NO_READERS)
def test_what_tells_of_no_reader_gives_none(packet: bytes) -> None:
    assert readers_in(packet) == []


@given(packet=st.binary(max_size=300), cut=st.integers(0, len(PACKET)), noise=st.binary(max_size=9))
def test_whatever_comes_is_read_or_passed_over(packet: bytes, cut: int, noise: bytes) -> None:
    for one in (packet, PACKET[:cut] + noise + PACKET[cut + len(noise) :]):
        assert isinstance(readers_in(one), list)


class Network:
    """A responder on loopback, in the place of the group."""

    def __init__(self, *answers: bytes) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.address: tuple[str, int] = self._socket.getsockname()
        self._answers = answers
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        asked, who = self._socket.recvfrom(1000)
        assert asked == question()
        for one in self._answers:
            self._socket.sendto(one, who)

    def close(self) -> None:
        self._thread.join(15)
        self._socket.close()


@pytest.fixture
def network() -> Iterator[Network]:
    second = PACKET.replace(b"12-34", b"00-01")
    one = Network(b"noise", second, PACKET, PACKET)
    yield one
    one.close()


def test_all_that_answer_in_time_are_found_once_and_in_order(network: Network) -> None:
    names = [reader.name for reader in discover(0.5, network.address)]
    assert names == ["speedwayr-00-01", "speedwayr-12-34"]


def test_without_a_network_that_is_told() -> None:
    with pytest.raises(ReaderError, match="the network cannot be asked for readers: "):
        discover(0.1, ("192.0.2.1", 0))


def test_the_group_is_the_standards() -> None:
    assert mdns.GROUP == ("224.0.0.251", 5353)
