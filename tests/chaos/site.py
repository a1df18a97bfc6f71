"""A store and head office, all real programs, with everything between them in a test's hands.

simulated reader -> agent -> link -> store's broker -> courier
    -> office's broker -> links -> two bridges -> faulty proxy -> Firestore's emulator
"""

import json
import os
import resource
import signal
import sqlite3
import sys
import uuid
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TypeAlias

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from deploy.demo.broker import Broker
from deploy.demo.processes import Program, free_port
from tests.chaos.courier import Courier, Habits
from tests.chaos.database import FaultyFirestore, Troubles
from tests.chaos.network import TcpLink

STORE = "muc-01"
START_S = 30.0
MISSING = "(missing)"  # in place of a zone
SERVICES = ("agent", "bridge-0", "bridge-1")
SCENARIO = Path(__file__).with_name("store.toml")
ROOT = Path(__file__).resolve().parents[2]

Counts: TypeAlias = Counter[tuple[str, str]]  # (GTIN, zone) -> items; no zeros

_CONFIG = """\
[store]
id = "{store}"
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
path = "{database}"
[presence]
epoch_s = 0.5
absence_s = 3.0
[sync]
rebuild_s = 0
"""


class Site:
    """Starts all with `start()`, ends all with `close()`."""

    def __init__(self, folder: Path, emulator: str, seed: int, control: str | None = None) -> None:
        self.folder, self._seed, self._control = folder, seed, control
        self.project = f"demo-{uuid.uuid4().hex[:20]}"
        self.brokers = {side: Broker(self._made(side)) for side in ("store", "office")}
        for broker in self.brokers.values():
            broker.start()
        rng = Random(seed)  # noqa: S311  (chance that can be had again)
        self.firestore = FaultyFirestore(emulator, rng, Troubles())
        self.links = {
            "agent": TcpLink(self.brokers["store"].port),
            "bridge-0": TcpLink(self.brokers["office"].port),
            "bridge-1": TcpLink(self.brokers["office"].port),
        }
        ports = (self.brokers["store"].port, self.brokers["office"].port)
        self.courier = Courier(*ports, rng, Habits())
        self.programs: dict[str, Program] = {}
        self.database, self._truth = folder / "store.db", folder / "truth.json"
        self.copies: list[Path] = []  # of the database, the latest last
        self._clock, self._reader_port = folder / "clock", free_port()
        self.step_clock(0)
        self._configure("agent", self.database, self.links["agent"].port)
        self._configure("twin", folder / "twin.db", ports[0])
        os.environ["FIRESTORE_EMULATOR_HOST"] = emulator  # where Google's own client finds it
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]  # Google's own
        self._client = firestore.Client(project=self.project, credentials=anonymous)

    def start(self, moving_s: float) -> None:
        """Start all programs; goods move for `moving_s`."""
        self._run(
            "reader",
            *("-c", "from simulators.cli import main; main()", "run", str(SCENARIO)),
            *("--seed", str(self._seed), "--duration", f"{moving_s:g}"),
            *("--port", str(self._reader_port), "--truth", str(self._truth)),
        )
        self.programs["reader"].wait_for("listening on", START_S)
        for name in SERVICES:
            self.begin(name)
        self.programs["agent"].wait_for("counts into", START_S)  # and has a file and a name

    def close(self) -> None:
        for name, program in self.programs.items():
            if name != "reader":
                program.kill()
        self.programs["reader"].stop()
        self.courier.close()
        for link in self.links.values():
            link.close()
        for broker in self.brokers.values():
            broker.program.kill()
        self.firestore.close()
        self._client.close()  # type: ignore[no-untyped-call]  # Google's own

    # What faults are made of.

    def begin(self, name: str) -> None:
        """Start a program that does not run."""
        if name in self.programs and self.programs[name].exit_code() is None:
            return
        if name.startswith("bridge"):
            control = [self._control] if self._control else []
            port = str(self.links[name].port)
            self._run(
                name, "-m", "tests.chaos.bridge", port, self.firestore.host, self.project, *control
            )
        else:
            config = str(self.folder / f"{name}.toml")
            # Where a rule is missing, the comparison of shards is not to make up for it.
            check_s = "3600" if self._control else "1"
            self._run(name, "-m", "tests.chaos.agent", config, str(self._clock), check_s)

    def restart_ended(self) -> None:
        """Start what has ended by itself, as systemd does: for a full disk, or a clock set back."""
        for name in SERVICES:
            if self.programs[name].exit_code() not in (None, -signal.SIGKILL):
                self.begin(name)

    def kill(self, name: str) -> None:
        if name in self.programs:
            self.programs[name].kill()

    def freeze(self, name: str, *, frozen: bool) -> None:
        self._program(name).send(signal.SIGSTOP if frozen else signal.SIGCONT)

    def keep_copy(self) -> Path:
        path = self.folder / f"copy-{len(self.copies)}.db"
        _copy(self.database, path)
        self.copies.append(path)
        return path

    def begin_twin(self) -> None:
        """Start a second agent on a copy of the disk: database and device's name."""
        self.kill("twin")
        path = self.folder / "twin.db"
        name = self.database.with_name(f"{self.database.name}.device")
        _copy(self.database, path)
        name.with_name(f"{path.name}.device").write_bytes(name.read_bytes())
        self.begin("twin")

    def roll_back(self, copy: Path) -> None:
        """Kill the agent, put an old copy in place of its file, and start it."""
        self.kill("agent")
        for suffix in ("", "-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        self.database.write_bytes(copy.read_bytes())
        self.begin("agent")

    def fill_disk(self, *, is_full: bool) -> None:
        """Let no write of the agent's succeed: any file that it writes may have one byte."""
        limit = 1 if is_full else resource.RLIM_INFINITY
        try:
            _, most = resource.prlimit(self.programs["agent"].pid, resource.RLIMIT_FSIZE)
            resource.prlimit(self.programs["agent"].pid, resource.RLIMIT_FSIZE, (limit, most))
        except ProcessLookupError:
            return

    def step_clock(self, seconds: float) -> None:
        """Let the agent's wall clock be wrong by so much."""
        draft = self._clock.with_suffix(".new")
        draft.write_text(f"{seconds * 1e6:.0f}", "ascii")
        draft.replace(self._clock)

    # What is where.

    def is_quiet(self) -> bool:
        return bool(json.loads(self._truth.read_text("utf-8"))["quiet"])

    def truth(self) -> Counts:
        return _flat(json.loads(self._truth.read_text("utf-8"))["stock"])

    def edge(self) -> Counts:
        """Read the agent's file with nothing but SQLite."""
        with closing(sqlite3.connect(self.database, timeout=10)) as db:
            counts = {(g, z): n for g, z, n in db.execute("SELECT gtin, zone, count FROM stock")}
            missing = {(g, MISSING): n for g, n in db.execute("SELECT gtin, missing FROM skus")}
        return +Counter(counts | missing)

    def cloud(self) -> Counts:
        """Read the documents with Google's own client, past all proxies."""
        stock = self._client.collection("stores").document(STORE).collection("stock")
        documents = {document.id: document.to_dict() for document in stock.stream(timeout=10)}
        missing = {gtin: {MISSING: data["missing"]} for gtin, data in documents.items()}
        return _flat({g: data["zones"] for g, data in documents.items()}) + _flat(missing)

    def alarms(self) -> str:
        """Read what head office shows as the store's alarms."""
        store = self._client.collection("stores").document(STORE).get(timeout=10)
        return "; ".join((store.to_dict() or {}).get("alarms", []))

    def pending(self) -> int:
        """Count the vers that the agent does not know to be committed."""
        with closing(sqlite3.connect(self.database, timeout=10)) as db:
            [(pending,)] = db.execute("SELECT ver - acked FROM sync")
        return int(pending)

    def term(self) -> int:
        with closing(sqlite3.connect(self.database, timeout=10)) as db:
            [(term,)] = db.execute("SELECT term FROM sync")
        return int(term)

    # How it is done.

    def _program(self, name: str) -> Program:
        side = name.removeprefix("broker-")
        return self.brokers[side].program if side in self.brokers else self.programs[name]

    def _run(self, name: str, *arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        log = self.folder / f"{name}.log"
        self.programs[name] = Program(name, [sys.executable, *arguments], log, environment)

    def _configure(self, name: str, database: Path, broker_port: int) -> None:
        config = _CONFIG.format(
            store=STORE, database=database, reader_port=self._reader_port, broker_port=broker_port
        )
        (self.folder / f"{name}.toml").write_text(config, "utf-8")

    def _made(self, name: str) -> Path:
        folder = self.folder / f"broker-{name}"
        folder.mkdir()
        return folder


def _copy(database: Path, to: Path) -> None:
    """Copy a database as it is now, as a backup does."""
    to.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(database, timeout=10)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)


def _flat(stock: dict[str, dict[str, int]]) -> Counts:
    return +Counter({(gtin, zone): n for gtin, zones in stock.items() for zone, n in zones.items()})
