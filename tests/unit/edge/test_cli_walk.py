"""tagtally-edge calibrate and mute through an agent's socket, with somebody who keeps the zones."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.errors import ReaderError
from edge.llrp.operations import Outcome
from edge.local.control import ControlServer, ReaderOperation, TellFacts, ask_agent, socket_path
from edge.local.routes import Answer, Request, Route
from edge.lock import exclusive
from edge.model import TagRead
from edge.shop.zone_desk import MuteWish, Walked
from edge.storage.database import open_database
from edge.trace import write_trace
from edge.tuning import load_weights
from tests.support.engine import at, epc
from tests.support.waiting import wait_until

CONFIG = """
[store]
id = "muc-01"
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "10.0.4.21"
antennas = [
  { port = 1, zone = "floor" }, { port = 2, zone = "back" }, { port = 3, zone = "door" }
]
[[zones]]
name = "door"
kind = "exit"
[mqtt]
host = "broker.example.org"
[storage]
path = "store.db"
"""
LYING, CARRIED = epc(1), epc(2)
LEVELS = {"floor": (-50, -70), "back": (-70, -50)}


def reads_in(zone: str) -> list[TagRead]:
    """Give a minute in which one tag is carried through a zone, and another lies on the floor."""
    return [
        TagRead(tag, port, float(level), at(second))
        for second in range(60)
        for tag, where in ((CARRIED, zone), (LYING, "floor"))
        for port, level in enumerate(LEVELS[where], 1)
    ]


ALARMS = {"exit door": "7 items went out within 4 s, 18:00:00 UTC"}


class Zones:
    """Has the traces of walks ready, and remembers what was said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.reads: Mapping[str, Sequence[TagRead]] = {zone: reads_in(zone) for zone in LEVELS}
        self.muted: dict[str, float] = {}

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/zones/{zone}/mute", self._mute),
            Route("GET", "/zones/muted", lambda _: Answer({"door": 90.0})),
            Route("GET", "/health", lambda _: Answer({"well": False, "alarms": ALARMS})),
            Route("POST", "/walk", lambda _: Answer({})),
            Route("POST", "/walk/{zone}", self._end_walk),
        ]

    def _mute(self, request: Request) -> Answer:
        minutes = msgspec.json.decode(request.body, type=MuteWish).minutes
        self.muted[request.arguments["zone"]] = minutes
        return Answer({})

    def _end_walk(self, request: Request) -> Answer:
        zone = request.arguments["zone"]
        path = self._folder / f"walk-{zone}.csv"
        write_trace(path, {"floor-1": self.reads[zone]})
        return Answer(Walked(str(path), len(self.reads[zone]), 0))


def answers(database: Path) -> bool:
    try:
        ask_agent(socket_path(database), TellFacts(), 10)
    except ReaderError:
        return False
    return True


def refuse(_reader: str, _operation: ReaderOperation) -> Outcome:
    raise ReaderError("not today")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "store.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def zones(config: Path) -> Iterator[Zones]:
    """Serve an agent's socket, beside a database that is in use."""
    zones, stop = Zones(config.parent), threading.Event()
    database = config.with_name("store.db")
    server = ControlServer(socket_path(database), set(), refuse, dict, zones.routes())
    thread = threading.Thread(target=server.serve, args=(stop,), daemon=True)
    with exclusive(database):
        thread.start()
        wait_until(lambda: answers(database))
        yield zones
        stop.set()
        thread.join(10)


def call(*arguments: object, said: str = "") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=said)


def test_an_operator_is_led_through_the_zones_and_the_weights_are_written(
    config: Path, zones: Zones
) -> None:
    del zones
    out = config.with_name("weights.json")
    result = call("calibrate", "--config", config, "--out", out, said="\n\n\n\n")
    assert result.exit_code == 0, result.output
    told = re.findall(r"Zone (\w+): carry the tags through all of it", result.stdout)
    assert told == ["floor", "back"]  # nobody stays in an exit
    assert f"carried: 1 of 2 tags: {CARRIED.hex()}" in result.stdout
    assert re.search(r"^9\d\.\d % of the epochs", result.stdout, re.MULTILINE)
    assert load_weights(out).zones.keys() == {"floor", "back"}


def test_a_tag_may_be_named_and_a_zone_left_out(config: Path, zones: Zones) -> None:
    del zones
    result = call("calibrate", "--config", config, "--epc", CARRIED.hex(), said="\n\ns\n")
    assert result.exit_code == 2
    assert "expected two zones or more of back, door, floor, got floor" in result.stderr


def test_where_nothing_was_carried_that_is_told(config: Path, zones: Zones) -> None:
    lying = [read for read in reads_in("floor") if read.epc == LYING]
    zones.reads = {"floor": lying, "back": lying}
    result = call("calibrate", "--config", config, said="\n\n\n\n")
    assert result.exit_code == 2
    assert "of 1 tags none was clearly carried through all zones" in result.stderr


def test_a_walk_in_which_nothing_was_read_is_left_out(config: Path, zones: Zones) -> None:
    zones.reads = {"floor": [], "back": reads_in("back")}
    result = call("calibrate", "--config", config, said="\n\n\n\n")
    assert result.exit_code == 2
    assert "zone floor: nothing was read, so it is left out" in result.stderr


def test_without_an_agent_there_is_no_walk(config: Path) -> None:
    result = call("calibrate", "--config", config, said="\n\n")
    assert result.exit_code == 69
    assert "its agent does not run" in result.stderr
    assert "Zone" not in result.stdout


def test_a_zone_is_muted_by_command(config: Path, zones: Zones) -> None:
    result = call("mute", "door", "--minutes", 20, "--config", config)
    assert result.stdout == "door: muted for 20 min\n"
    assert zones.muted == {"door": 20.0}
    assert call("mute", "door", "--minutes", 0, "--config", config).stdout == "door: heard again\n"


def test_more_than_a_day_is_no_mute(config: Path, zones: Zones) -> None:
    result = call("mute", "door", "--minutes", 2000, "--config", config)
    assert result.exit_code == 2
    assert zones.muted == {}


def test_status_shows_what_is_muted_and_what_is_wrong(config: Path, zones: Zones) -> None:
    del zones
    open_database(config.with_name("store.db")).close()
    shown = call("status", "--config", config).stdout
    assert re.search(r"^muted     door for 2 min$", shown, re.MULTILINE)
    assert re.search(r"^alarm     exit door: 7 items went out", shown, re.MULTILINE)
