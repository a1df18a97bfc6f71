"""Readers of several kinds before one world: their ports, and what they are told."""

import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.demo.processes import free_port
from edge.errors import ConfigError, ReaderError
from simulators.play import Stand, WorldPlayer
from simulators.scenario import Protocol, Reader, Scenario, load_scenario
from simulators.store import SimulatedStore, store_player

MIXED = load_scenario("mixed")
NAMES = [reader.name for reader in MIXED.readers]
OF_ALL = "ceiling-1, ceiling-2, till-1, fitting-1, dock-1"


@pytest.fixture
def player(tmp_path: Path) -> Iterator[WorldPlayer]:
    one = store_player(MIXED, Stand(), tmp_path / "run", seed=1)
    yield one
    one.close()


def only(protocol: Protocol) -> Scenario:
    readers = tuple(one for one in MIXED.readers if one.protocol is protocol)
    return msgspec.structs.replace(MIXED, readers=readers)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return port < 1 << 16 and probe.connect_ex(("127.0.0.1", port)) != 0


def test_every_reader_has_a_port_of_its_own(player: WorldPlayer, tmp_path: Path) -> None:
    addresses = {name: station.address for name, station in player.stations.items()}
    assert [*addresses] == NAMES
    assert len({*addresses.values()}) == len(NAMES)
    assert addresses["till-1"] == str(tmp_path / "run" / "till-1")
    assert Path(addresses["till-1"]).is_symlink()


def test_serial_ports_are_gone_when_the_store_is_closed(tmp_path: Path) -> None:
    store_player(MIXED, Stand(), tmp_path, seed=1).close()
    assert not [*tmp_path.iterdir()]


def test_llrp_readers_stand_at_ports_in_a_row(tmp_path: Path) -> None:
    first = next(port for port in iter(free_port, 0) if is_free(port + 1))
    player = store_player(only(Protocol.LLRP), Stand(port=first), tmp_path, seed=1)
    ports = [station.address.rpartition(":")[2] for station in player.stations.values()]
    player.close()
    assert ports == [str(first), str(first + 1)]


def test_llrp_readers_beyond_the_last_port_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="port 65535: 2 LLRP readers need as many in a row"):
        store_player(MIXED, Stand(port=65_535), tmp_path, seed=1)


def test_a_port_that_cannot_be_had_leaves_none_open(tmp_path: Path) -> None:
    (tmp_path / "fitting-1").write_text("a file, and no port", encoding="utf-8")
    with pytest.raises(ReaderError, match="fitting-1"):
        store_player(MIXED, Stand(), tmp_path, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["fitting-1"]


def test_two_llrp_readers_do_not_dial_one_client(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="2 LLRP readers of a scenario cannot all dial"):
        store_player(MIXED, Stand(port=5084, dials=True), tmp_path, seed=1)


# Orders.


def test_an_order_to_one_reader_names_it(player: WorldPlayer) -> None:
    order = {"command": "fault", "name": "deaf", "values": {}}
    assert player.switchboard.handle({**order, "reader": "till-1"}) == {}
    assert player.stations["till-1"].switchboard.state()["faults"] == {"deaf": {}}
    assert player.stations["dock-1"].switchboard.state()["faults"] == {}


UNCLEAR = {
    "no reader": ({"command": "fault", "name": "deaf"}, f"which reader is missing, .*{OF_ALL}"),
    "one that is not there": ({"command": "state", "reader": "till-2"}, f"'till-2', .*{OF_ALL}"),
    "a number": ({"command": "state", "reader": 7}, f"unknown reader 7, .*{OF_ALL}"),
    "a fault to clear, of all": ({"command": "clear", "name": "deaf"}, "which reader is missing"),
}


@pytest.mark.parametrize(("order", "said"), UNCLEAR.values(), ids=UNCLEAR)
def test_an_order_that_could_mean_any_reader_is_refused(
    order: dict[str, object], said: str, player: WorldPlayer
) -> None:
    with pytest.raises(ConfigError, match=said):
        player.switchboard.handle(order)


@pytest.mark.parametrize("command", ["state", "clear"])
def test_what_is_asked_of_none_in_particular_is_told_of_all(
    command: str, player: WorldPlayer
) -> None:
    assert [*player.switchboard.handle({"command": command})] == NAMES


def test_tags_are_before_all_readers(player: WorldPlayer) -> None:
    player.switchboard.handle({"command": "add-tags", "zone": "till", "epcs": ["aa" * 12]})
    for name in NAMES:
        told = player.switchboard.handle({"command": "tags", "reader": name})
        assert told["till"] == ["aa" * 12]


def test_a_scenario_of_one_reader_needs_no_name(tmp_path: Path) -> None:
    reader = Reader("pad", 100, only(Protocol.MERCURY).readers[0].antennas, Protocol.MERCURY)
    scenario = msgspec.structs.replace(MIXED, readers=(reader,))
    player = store_player(scenario, Stand(), tmp_path, seed=1)
    told = player.switchboard.handle({"command": "state"})
    player.close()
    assert told["baud"] == 115_200


def test_a_store_in_a_thread_tells_its_truth_and_its_readers(tmp_path: Path) -> None:
    with SimulatedStore(MIXED, tmp_path, duration_s=0) as store:
        assert [*store.readers] == NAMES
        store.readers["dock-1"].fault("deaf")
        assert store.readers["dock-1"].state()["faults"] == {"deaf": {}}
        store.readers["dock-1"].clear()
        assert store.truth()["present"] == 100
