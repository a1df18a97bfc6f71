"""Reads folded by tag and antenna port in each epoch."""

import pytest

from edge.engine.observations import Observation, Observations
from edge.model import TagRead

S = 1_000_000
EPOCH_US = 2 * S
ONE, TWO = b"\x01" * 12, b"\x02" * 12
PORTS = {1, 2}


def read(at_us: int, epc: bytes = ONE, port: int = 1, rssi_dbm: float = -60) -> TagRead:
    return TagRead(epc, port, rssi_dbm, at_us)


def test_reads_of_one_tag_by_one_port_are_one_observation() -> None:
    observations = Observations(EPOCH_US)
    observations.add("a", PORTS, [read(0), read(S, rssi_dbm=-50), read(S // 2, rssi_dbm=-70)])
    observations.add("a", PORTS, [TagRead(ONE, 1, -65, S // 4, hits=5)])
    seen = Observation(hits=8, sum_dbm=-60 - 50 - 70 - 5 * 65, last_at_us=S)
    assert observations.close_before(1) == [(0, [("a", 1, {ONE: seen})])]


def test_tags_ports_and_readers_are_kept_apart() -> None:
    observations = Observations(EPOCH_US)
    observations.add("b", PORTS, [read(0)])
    observations.add("a", PORTS, [read(0), read(0, port=2), read(0, TWO)])
    [(_, found)] = observations.close_before(1)
    assert [(reader, port, list(heard)) for reader, port, heard in found] == [
        ("a", 1, [ONE, TWO]),
        ("a", 2, [ONE]),
        ("b", 1, [ONE]),
    ]


@pytest.mark.parametrize(("at_us", "epoch"), [(0, 0), (EPOCH_US - 1, 0), (EPOCH_US, 1)])
def test_an_epoch_has_its_beginning_and_not_its_end(at_us: int, epoch: int) -> None:
    observations = Observations(EPOCH_US)
    observations.add("a", PORTS, [read(at_us)])
    assert [closed for closed, _ in observations.close_before(9)] == [epoch]


def test_only_the_epochs_before_the_end_are_closed_oldest_first() -> None:
    observations = Observations(EPOCH_US)
    observations.add("a", PORTS, [read(4 * S), read(0), read(2 * S)])
    assert [epoch for epoch, _ in observations.close_before(2)] == [0, 1]
    assert [epoch for epoch, _ in observations.close_before(3)] == [2]


def test_a_read_of_a_closed_epoch_is_given_back_as_late() -> None:
    observations = Observations(EPOCH_US)
    observations.close_before(5)
    late, in_time = read(10 * S - 1), read(10 * S)
    assert observations.add("a", PORTS, [late, in_time]).late == [late]
    assert len(observations.close_before(6)) == 1


def test_an_epoch_that_was_closed_never_opens_again() -> None:
    observations = Observations(EPOCH_US)
    observations.close_before(5)
    assert observations.close_before(3) == []
    assert observations.add("a", PORTS, [read(8 * S)]).late != []


def test_reads_of_ports_that_cover_nothing_are_counted_only() -> None:
    observations = Observations(EPOCH_US)
    assert observations.add("a", PORTS, [read(0, port=3), read(0, port=4)]).unmapped == 2
    assert observations.close_before(1) == []


def test_the_end_is_after_what_is_open_or_closed() -> None:
    observations = Observations(EPOCH_US)
    assert observations.end() == 0
    observations.add("a", PORTS, [read(6 * S), read(2 * S)])
    assert observations.end() == 4
    observations.close_before(9)
    assert observations.end() == 9
