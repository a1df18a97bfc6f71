"""Figures of the sync under load: backlogs that drain, changes that never end, several bridges.

All parts are processes of their own, over a real mosquitto.
"""

import json
import math
import os
import secrets
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from cloud import config
from cloud.bridge import FIRESTORE_LIMITS
from cloud.documents import paths, shapes
from cloud.documents.interface import Documents, Put
from cloud.service import open_documents
from deploy.demo.broker import Broker
from deploy.demo.emulator import Emulator, find_emulator
from deploy.demo.place import Place, embedded, firestore
from deploy.demo.processes import Program, free_port
from edge.model import StockRow
from edge.wire import MAX_ROWS
from tests.support.bench import Figure
from tests.support.busy_stores import Load
from tests.support.storage import fill_pending

ROOT = Path(__file__).parents[2]
BACKLOG = 100_000
DONE_S = 600.0
POLL_S = 0.25  # of the cursor: more often would be felt
STORE = "bench-01"


def figures() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        yield from _drained("embedded", embedded(Path(name)), Path(name), at_most_s=30.0)
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        yield from _held_back(Path(name))
    jar = find_emulator()
    if jar is not None:
        with TemporaryDirectory(prefix="tagtally-bench-") as name:
            emulator = Emulator(jar, Path(name))
            emulator.start()
            try:
                yield from _against_raw(firestore(emulator.host), Path(name))
            finally:
                emulator.stop()
    yield from _busy()
    for bridges in (1, 2, 4):
        yield from _many_deltas(bridges)


class Site:
    """A broker and bridges, each a process; `stop` ends all."""

    def __init__(self, folder: Path, place: Place, *, limits: bool = False) -> None:
        self.folder, self.place = folder, place
        self.broker = Broker(folder)
        self.broker.start()
        self.metrics: list[int] = []
        self._limits = limits
        self._ends = ExitStack()
        self._ends.callback(self.broker.stop)

    def start_bridge(self) -> None:
        self.metrics.append(free_port())
        table = self.place.configuration + ("limits = true\n" if self._limits else "")
        text = (
            f'{table}\n[mqtt]\nhost = "127.0.0.1"\nport = {self.broker.port}\n'
            f"[bridge]\nmetrics_port = {self.metrics[-1]}\n"
        )
        path = self.folder / f"cloud-{len(self.metrics)}.toml"
        path.write_text(text, "utf-8")
        bridge = self.run("cloud.cli", "bridge", "--config", str(path))
        bridge.wait_for_port(self.metrics[-1], 30)

    def run(self, module: str, *arguments: str) -> Program:
        log = self.folder / f"{module}-{free_port()}.log"
        environment = {**os.environ, **self.place.environment, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", module, *arguments]
        program = Program(module, command, log, environment)
        self._ends.callback(program.stop)
        return program

    def documents(self) -> Documents:
        path = self.folder / "cloud-1.toml"
        return open_documents(config.load(path, self.place.environment).documents)

    def told(self, name: str) -> float:
        """Give the sum of one of the bridges' counters."""
        return sum(_counter(port, name) for port in self.metrics)

    def stop(self) -> None:
        self._ends.close()


def _counter(port: int, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(name))


def _drain(site: Site, rows: int, *, is_started: bool = False) -> tuple[float, float]:
    """Give how long it took until all is applied, and the agent's CPU, in s.

    It counts from the agent's start, or with `is_started` from its first delta.
    """
    store = (
        f'store.id = "{STORE}"\nmqtt = {{ host = "127.0.0.1", port = {site.broker.port} }}\n'
        'storage.path = "store.db"\n[[readers]]\nname = "floor-1"\nprotocol = "llrp"\n'
        'host = "127.0.0.1"\nport = 1\nantennas = [{ port = 1, zone = "floor" }]\n'
    )
    (site.folder / "store.toml").write_text(store, "utf-8")
    fill_pending(site.folder / "store.db", rows)
    with closing(site.documents()) as documents:
        began_s = time.monotonic()
        agent = site.run("edge.cli", "run", "--config", str(site.folder / "store.toml"))
        first = 0
        while (applied := _applied(documents)) < rows:
            if is_started and applied and not first:
                began_s, first = time.monotonic(), applied
            agent.check()
            if time.monotonic() - began_s > DONE_S:
                raise TimeoutError(f"not all of {rows} rows came within {DONE_S:g} s")
            time.sleep(POLL_S)
        took_s = (time.monotonic() - began_s) * rows / (rows - first)
        return took_s, _cpu_s(agent.pid)


def _applied(documents: Documents) -> int:
    document = documents.get(paths.cursor(STORE))
    return shapes.cursor(document).applied if document else 0


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _drained(where: str, place: Place, folder: Path, at_most_s: float) -> Iterator[Figure]:
    site = Site(folder, place)
    try:
        site.start_bridge()
        took_s, cpu_s = _drain(site, BACKLOG)
    finally:
        site.stop()
    name = f"backlog of {BACKLOG:,} GTINs, {where}"
    yield Figure(name, took_s, "s from the agent's start", at_most_s, at_most=True)
    yield Figure(f"{name}, agent's CPU", 1e6 * cpu_s / BACKLOG, "us a GTIN")


def _against_raw(place: Place, folder: Path) -> Iterator[Figure]:
    """Drain into the emulator; before and after write the same batches into it directly."""
    site = Site(folder, place)
    try:
        site.start_bridge()
        with closing(site.documents()) as documents:
            _write_raw(documents, "warm-01")  # Java becomes fast only with use
            before_s = _write_raw(documents, "raw-01")
            took_s, _ = _drain(site, BACKLOG, is_started=True)
            after_s = _write_raw(documents, "raw-02")
    finally:
        site.stop()
    raw_s = (before_s + after_s) / 2
    yield Figure(f"backlog of {BACKLOG:,} GTINs, emulator", BACKLOG / took_s, "GTINs/s")
    yield Figure("the emulator's own batches, before", BACKLOG / before_s, "GTINs/s")
    yield Figure("the emulator's own batches, after", BACKLOG / after_s, "GTINs/s")
    yield Figure("backlog against the emulator's own batches", raw_s / took_s, "", 0.8)


def _write_raw(documents: Documents, store_id: str) -> float:
    """Write what the bridge writes of a backlog, one batch after another; give the time it took."""
    began_s = time.monotonic()
    for start in range(0, BACKLOG, MAX_ROWS):
        rows = [
            StockRow(f"{number:014d}", number + 1, {"back": 7, "floor": 3}, 0)
            for number in range(start, start + MAX_ROWS)
        ]
        to_ver, change_id = start + MAX_ROWS, secrets.token_hex(12)
        facts = {"term": 1, "from_ver": start, "to_ver": to_ver, "received_at_us": 1}
        puts = [shapes.put_stock(store_id, row, term=1, changed_at_us=1) for row in rows]
        puts.append(shapes.put_change(store_id, change_id, rows, **facts))
        puts.append(Put(paths.cursor(store_id), {"term": 1, "applied": to_ver}))
        documents.commit(puts)
    return time.monotonic() - began_s


def _held_back(folder: Path) -> Iterator[Figure]:
    site = Site(folder, embedded(folder), limits=True)
    try:
        site.start_bridge()
        took_s, _ = _drain(site, BACKLOG)
    finally:
        site.stop()
    name = f"backlog of {BACKLOG:,} GTINs under Firestore's limits"
    yield Figure(f"{name}, measured", took_s, "s")
    yield Figure(f"{name}, computed", _computed_s(BACKLOG), "s")


def _computed_s(rows: int) -> float:
    """Give the longer of what the cursor and the ramp of writes take."""
    deltas = math.ceil(rows / MAX_ROWS)
    left, ramp_s, rate = rows + 2.0 * deltas, 0.0, FIRESTORE_LIMITS.first_rate
    while left > rate * FIRESTORE_LIMITS.grows_every_s:
        left -= rate * FIRESTORE_LIMITS.grows_every_s
        ramp_s += FIRESTORE_LIMITS.grows_every_s
        rate *= FIRESTORE_LIMITS.growth
    return max((deltas - 1) * FIRESTORE_LIMITS.cursor_every_s, ramp_s + left / rate)


def _put_to_work(site: Site, **load: float) -> dict[str, float]:
    facts = {"folder": str(site.folder), "broker_port": site.broker.port, **load}
    asked = msgspec.json.encode(msgspec.convert(facts, Load)).decode()
    stores = site.run("tests.support.busy_stores", asked)
    line = stores.wait_for('{"p50_s"', timeout_s=DONE_S)
    found: dict[str, float] = json.loads(line)
    return found


def _busy() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        site = Site(Path(name), embedded(Path(name)))
        try:
            site.start_bridge()
            told = _put_to_work(site, stores=10, changes_a_second=100, seconds=20)
            written = site.told("tagtally_bridge_document_writes_total")
        finally:
            site.stop()
    what = "10 stores with 1,000 changes/s"
    yield Figure(f"{what}: commit to documents, p50", told["p50_s"], "s", 1.2, at_most=True)
    yield Figure(f"{what}: commit to documents, p99", told["p99_s"], "s", 2.5, at_most=True)
    yield Figure(f"{what}: agents' CPU", told["cpu_us"], "us a change")
    thousands = told["changes"] / 1000
    yield Figure(f"{what}: on the wire", told["bytes"] / thousands, "bytes per 1,000 changes")
    yield Figure(f"{what}: documents written", written / thousands, "per 1,000 changes")


def _many_deltas(bridges: int) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        site = Site(Path(name), embedded(Path(name)))
        try:
            for _ in range(bridges):
                site.start_bridge()
            load = {"stores": 50, "changes_a_second": 50, "seconds": 8, "flush_s": 0.05}
            told = _put_to_work(site, **load)
            applied = site.told('tagtally_bridge_answers_total{outcome="applied"}')
        finally:
            site.stop()
    yield Figure(f"deltas with {bridges} bridges", applied / told["seconds"], "deltas/s")
