"""A store's programs, each a process of its own, and what stands in the agent's file."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from deploy.demo.processes import Program, free_port
from edge.storage.database import open_database
from edge.storage.ledger import Ledger, Mismatch
from edge.storage.stock import Stock

START_S, SETTLED_S = 20.0, 60.0
NOBODY = 1  # a port where nobody listens
_PROGRAMS = Path(sys.executable).parent

_CONFIG = """\
[store]
id = "test-01"
[[readers]]
name = "demo-1"
protocol = "llrp"
host = "127.0.0.1"
port = {reader_port}
antennas = [{{ port = 1, zone = "floor" }}, {{ port = 2, zone = "back" }}]
[mqtt]
host = "127.0.0.1"
port = {broker_port}
[storage]
path = "store.db"
[presence]
epoch_s = 1.0
absence_s = 4.0
"""


class StoreWithReader:
    """A simulated reader and an agent, which may be started and ended again and again."""

    def __init__(self, folder: Path, broker_port: int = NOBODY) -> None:
        self.folder, self.reader_port = folder, free_port()
        self.config, self.database = folder / "store.toml", folder / "store.db"
        config = _CONFIG.format(reader_port=self.reader_port, broker_port=broker_port)
        self.config.write_text(config, encoding="utf-8")
        self.programs: list[Program] = []

    def start_reader(self, *arguments: str, scenario: str = "demo") -> Program:
        """Start a scenario, which keeps its truth in a file."""
        truth = ["--truth", str(self.folder / "truth.json")]
        port = ["--port", str(self.reader_port)]
        reader = self._start("tagtally-sim", "run", scenario, *arguments, *truth, *port)
        reader.wait_for("listening on", START_S)
        return reader

    def start_agent(self, environment: Mapping[str, str] | None = None) -> Program:
        return self._start(
            "tagtally-edge", "run", "--config", str(self.config), environment=environment
        )

    def start_counting(self, environment: Mapping[str, str] | None = None) -> Program:
        """Start the agent, and wait until its file can be read."""
        agent = self.start_agent(environment)
        agent.wait_for("counts into", START_S)
        return agent

    def start_cloud(self, config: Path) -> Program:
        """Start head office, of another configuration, in one process."""
        return self._start("tagtally-cloud", "serve", "--config", str(config))

    def _start(
        self, name: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Program:
        log = self.folder / f"{name}-{len(self.programs)}.log"
        command = [str(_PROGRAMS / name), *arguments]
        program = Program(name, command, log, {**os.environ, **(environment or {})})
        self.programs.append(program)
        return program

    def ask(self, *arguments: str) -> str:
        """Call another command on the same store."""
        command = [str(_PROGRAMS / "tagtally-edge"), *arguments, "--config", str(self.config)]
        return subprocess.run(
            command, capture_output=True, check=True, text=True, timeout=START_S
        ).stdout

    def truth(self) -> dict[str, Any]:
        path = self.folder / "truth.json"
        nothing = {"quiet": False, "stock": {}}
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else nothing

    def stock(self) -> dict[str, dict[str, int]]:
        """Give the counts above 0, as the simulator's truth has them; none without a file."""
        if not self.database.is_file():
            return {}
        with closing(open_database(self.database, read_only=True)) as db:
            rows = Stock(db).rows()
        counts = {row.gtin: {z: count for z, count in row.zones.items() if count} for row in rows}
        return {gtin: zones for gtin, zones in counts.items() if zones}

    def present(self) -> int:
        return sum(sum(zones.values()) for zones in self.stock().values())

    def counts_the_truth(self) -> bool:
        truth = self.truth()
        return bool(truth["quiet"]) and self.stock() == truth["stock"]

    def mismatches(self) -> list[Mismatch]:
        with closing(open_database(self.database, read_only=True)) as db:
            return Ledger(db).mismatches()

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()


@contextmanager
def store_with_reader(folder: Path, broker_port: int = NOBODY) -> Iterator[StoreWithReader]:
    """Give a store in which nothing runs yet; what it has started is ended whatever happens."""
    store = StoreWithReader(folder, broker_port)
    try:
        yield store
    finally:
        for program in reversed(store.programs):
            program.stop()


def until(is_so: Callable[[], bool], what: str, timeout_s: float = SETTLED_S) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline_s, f"not within {timeout_s:g} s: {what}"
        time.sleep(0.1)
