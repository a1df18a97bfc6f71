"""A store with simulated readers: serial ones before a world each, or a scenario's before one."""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from edge.epc import check_digit
from simulators.scenario import Protocol, Scenario, load_scenario
from simulators.serial.play import READERS
from simulators.serial.running import SimulatedSerialReader
from simulators.store import SimulatedStore
from tests.support.agent_process import NOBODY, StoreWithReader

Stock = dict[str, dict[str, int]]

_HEAD = """\
[store]
id = "test-01"
[mqtt]
host = "127.0.0.1"
port = {broker_port}
[storage]
path = "store.db"
[presence]
epoch_s = 1.0
absence_s = 8.0
"""
_READER = """
[[readers]]
name = "{name}"
protocol = "{protocol}"
device = "{device}"
region = "eu"
antennas = [{antennas}]
{options}
"""
_LLRP = """
[[readers]]
name = "{name}"
protocol = "llrp"
host = "127.0.0.1"
port = {port}
antennas = [{antennas}]
"""


def small_world(folder: Path, name: str, antennas: int = 2, reads_per_s: int = 150) -> Scenario:
    """Give a scenario of some 50 items that come, move to the floor and go, in zones of its own."""
    zones = [f"{name}-{zone}" for zone in ("floor", "back")[:antennas]]
    body = "0950600010%02d"
    products = [{"gtin": _gtin(body % n), "name": f"product {n}"} for n in range(10, 16)]
    flows = [
        {"from": "outside", "to": zones[0], "items": 25},
        {"from": "outside", "to": zones[-1], "items": 20},
        {"from": zones[-1], "to": "outside", "items": 6, "at_s": 1, "over_s": 4},
        {"from": "outside", "to": zones[0], "items": 8, "at_s": 1, "over_s": 5},
    ]
    # What goes on for as long as the world does.
    flows += [
        {"from": "outside", "to": zones[0], "items": 3, "at_s": 6, "over_s": 4, "every_s": 9},
        {"from": zones[0], "to": "outside", "items": 3, "at_s": 8, "over_s": 4, "every_s": 9},
    ]
    if antennas == 2:
        flows.append({"from": zones[1], "to": zones[0], "items": 5, "at_s": 2, "over_s": 3})
    ports = [
        {"port": port, "zone": zone, "rssi_dbm": -55, "spread_db": 5}
        for port, zone in enumerate(zones, 1)
    ]
    path = folder / f"{name}.toml"
    lines = [*_tables("products", products), *_tables("zones", [{"name": zone} for zone in zones])]
    lines += [*_tables("readers", [{"name": name, "reads_per_s": reads_per_s}])]
    lines += [*_tables("readers.antennas", ports), *_tables("flows", flows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return load_scenario(str(path))


def _gtin(digits: str) -> str:
    body = digits.ljust(13, "0")
    return f"{body}{check_digit(body)}"


def _tables(name: str, tables: list[dict[str, Any]]) -> Iterator[str]:
    for table in tables:
        yield f"[[{name}]]"
        yield from (f"{key} = {json.dumps(value)}" for key, value in table.items())


class SerialStore(StoreWithReader):
    """Readers are added before the agent is started."""

    def __init__(self, folder: Path, stack: ExitStack, broker_port: int = NOBODY) -> None:
        super().__init__(folder, broker_port)
        self.config.write_text(_HEAD.format(broker_port=broker_port), encoding="utf-8")
        self.readers: dict[str, SimulatedSerialReader] = {}
        self._worlds: list[SimulatedSerialReader | SimulatedStore] = []
        self._stack = stack

    def add(  # noqa: PLR0913 - what a reader is, by keywords
        self,
        name: str,
        protocol: str,
        *,
        antennas: int = 2,
        duration_s: float = math.inf,
        baud: int | None = None,
        configured: str = "",
        options: str = "",
        reads_per_s: int = 150,
    ) -> SimulatedSerialReader:
        """Serve a reader, and configure the agent for it, as `configured` if that is another."""
        scenario = small_world(self.folder, name, antennas, reads_per_s)
        reader = SimulatedSerialReader(
            protocol,
            self.folder / name,
            scenario,
            baud=baud,
            seed=1 + len(self.readers),
            duration_s=duration_s,
        )
        self._stack.enter_context(reader)
        self.readers[name] = reader
        self._worlds.append(reader)
        self.configure(
            name,
            configured or READERS[protocol].protocol,
            str(reader.link),
            {one.port: one.zone for one in scenario.reader.antennas},
            options,
        )
        return reader

    def add_all(self, scenario: str, *, duration_s: float = math.inf) -> SimulatedStore:
        """Serve all readers of a scenario before one world, and configure the agent for them."""
        played = SimulatedStore(scenario, self.folder, duration_s=duration_s)
        self._stack.enter_context(played)
        self._worlds.append(played)
        for name, reader in played.readers.items():
            zones = {one.port: one.zone for one in reader.what.antennas}
            if reader.what.protocol is Protocol.LLRP:
                port = reader.address.rpartition(":")[2]
                self._write(_LLRP.format(name=name, port=port, antennas=_antennas(zones)))
            else:
                protocol = READERS[reader.what.protocol].protocol
                self.configure(name, protocol, reader.address, zones)
        return played

    def configure(
        self, name: str, protocol: str, device: str, zones: Mapping[int, str], options: str = ""
    ) -> None:
        antennas = _antennas(zones)
        self._write(
            _READER.format(
                name=name, protocol=protocol, device=device, antennas=antennas, options=options
            )
        )

    def _write(self, text: str) -> None:
        with self.config.open("a", encoding="utf-8") as file:
            file.write(text)

    def truth(self) -> dict[str, Any]:
        """Give what is there in all worlds together; quiet when all of them are."""
        truths = [world.truth() for world in self._worlds]
        stock: Stock = {}
        for truth in truths:
            told: Any = truth["stock"]
            for gtin, zones in told.items():
                stock.setdefault(gtin, {}).update(zones)
        return {"quiet": all(truth["quiet"] for truth in truths), "stock": stock}

    def differences(self) -> dict[str, tuple[int, int]]:
        """Give the zones whose counts are not the truth: items there, items counted."""
        truth, counted = by_zone(self.truth()["stock"]), by_zone(self.stock())
        return {
            zone: (truth.get(zone, 0), counted.get(zone, 0))
            for zone in sorted(truth | counted)
            if truth.get(zone, 0) != counted.get(zone, 0)
        }

    def details(self) -> dict[str, tuple[bool, str]]:
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute("SELECT name, up, detail FROM readers").fetchall()
        return {name: (bool(up), detail) for name, up, detail in rows}


def _antennas(zones: Mapping[int, str]) -> str:
    return ", ".join(f'{{ port = {port}, zone = "{zone}" }}' for port, zone in zones.items())


def by_zone(stock: Stock) -> dict[str, int]:
    counts: dict[str, int] = {}
    for zones in stock.values():
        for zone, count in zones.items():
            counts[zone] = counts.get(zone, 0) + count
    return counts


@contextmanager
def serial_store(folder: Path, broker_port: int = NOBODY) -> Iterator[SerialStore]:
    """Give a store without readers yet; all that runs is ended whatever happens."""
    with ExitStack() as stack:
        store = SerialStore(folder, stack, broker_port)
        try:
            yield store
        finally:
            for program in reversed(store.programs):
                program.stop()
