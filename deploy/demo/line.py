"""The line from a simulated reader to the documents, each part a process of its own.

    simulated reader -> agent -> mosquitto -> bridge and web (one process) -> documents

Parts can be killed and started again one by one: the ports and files stay what they were.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.broker import Broker
from deploy.demo.place import Place
from deploy.demo.processes import Program, free_port

START_S = 30.0
READER = "floor-1"

_STORE = """\
[store]
id = "{store_id}"
name = "{name}"

[[readers]]
name = "{reader}"
protocol = "llrp"
host = "127.0.0.1"
port = {reader_port}

{antennas}
{zones}
[mqtt]
host = "127.0.0.1"
port = {broker_port}

[storage]
path = "{database}"

[presence]
absence_s = {absence_s}
"""

_ANTENNA = """\
[[readers.antennas]]
port = {port}
zone = "{zone}"
"""

_ZONE = """\
[[zones]]
name = "{zone}"
kind = "{kind}"
"""
_KINDS = {"back": "back_room"}  # a zone not described is a sales floor

_CLOUD = """\
{documents}
[mqtt]
host = "127.0.0.1"
port = {broker_port}

[web]
host = "127.0.0.1"
port = {web_port}
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Which ports to take if they are free."""

    reader: int = 0
    broker: int = 0
    web: int = 0


@dataclass(frozen=True, slots=True)
class Store:
    store_id: str
    name: str
    zones: Sequence[str]  # of antenna ports 1, 2, …
    absence_s: float


class Line:
    """Starts nothing by itself; `stop()` ends what was started, the last first."""

    def __init__(
        self, folder: Path, place: Place, store: Store, ports: Ports | None = None
    ) -> None:
        ports = ports or Ports()
        self.folder, self.place, self.store = folder, place, store
        self.broker = Broker(folder, ports.broker)
        self.reader_port = free_port(ports.reader)
        self.web_port = free_port(ports.web)
        self.database = folder / "store.db"
        self.truth_file = folder / "truth.json"
        self.simulator: Program | None = None
        self.agent: Program | None = None
        self.cloud: Program | None = None
        self._write_configuration()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web_port}/"

    def start(self, simulator: Sequence[str]) -> None:
        """Start every part; `simulator` are the arguments of tagtally-sim."""
        self.broker.start()
        self.start_simulator(simulator)
        self.start_cloud()
        self.start_agent()

    def start_simulator(self, arguments: Sequence[str]) -> None:
        port = ["--port", str(self.reader_port)]
        self.simulator = self._program("tagtally-sim", [*arguments, *port])
        self.simulator.wait_for("listening on", START_S)

    def start_agent(self) -> None:
        arguments = ["run", "--config", str(self.folder / "store.toml")]
        self.agent = self._program("tagtally-edge", arguments)

    def start_cloud(self) -> None:
        arguments = ["serve", "--config", str(self.folder / "cloud.toml")]
        self.cloud = self._program("tagtally-cloud", arguments)
        self.cloud.wait_for_port(self.web_port, START_S)

    def programs(self) -> list[Program]:
        """Give what runs, or should run."""
        started = (self.simulator, self.agent, self.cloud, self.broker.program)
        return [program for program in started if program is not None]

    def truth(self) -> dict[str, Any]:
        """Give what the simulator knows to be true (see `tagtally-sim run --truth`)."""
        truth: dict[str, Any] = json.loads(self.truth_file.read_text(encoding="utf-8"))
        return truth

    def stop(self) -> None:
        for program in (self.agent, self.cloud, self.simulator):
            if program is not None:
                program.stop()
        self.broker.stop()

    def _program(self, name: str, arguments: Sequence[str]) -> Program:
        return Program(
            name,
            [str(Path(sys.executable).with_name(name)), *arguments],
            self.folder / f"{name}.log",
            {**os.environ, **self.place.environment, "PYTHONUNBUFFERED": "1"},
        )

    def _write_configuration(self) -> None:
        antennas = "\n".join(
            _ANTENNA.format(port=port, zone=zone)
            for port, zone in enumerate(self.store.zones, start=1)
        )
        zones = "\n".join(
            _ZONE.format(zone=zone, kind=_KINDS[zone])
            for zone in self.store.zones
            if zone in _KINDS
        )
        store = _STORE.format(
            store_id=self.store.store_id,
            name=self.store.name,
            reader=READER,
            reader_port=self.reader_port,
            antennas=antennas,
            zones=zones,
            broker_port=self.broker.port,
            database=self.database,
            absence_s=self.store.absence_s,
        )
        cloud = _CLOUD.format(
            documents=self.place.configuration,
            broker_port=self.broker.port,
            web_port=self.web_port,
        )
        (self.folder / "store.toml").write_text(store, encoding="utf-8")
        (self.folder / "cloud.toml").write_text(cloud, encoding="utf-8")
