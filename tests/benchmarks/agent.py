"""The agent as a process, from LLRP bytes on TCP to what is committed in SQLite."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.demo.processes import Program
from tests.support.bench import Figure

START_S, DONE_S = 60.0, 120.0
LOOK_S = 0.02
NOBODY = 1  # a port where no broker listens: the agent counts on its own

_STORE = """\
[store]
id = "bench-01"
[mqtt]
host = "127.0.0.1"
port = {broker}
[storage]
path = "{folder}/store.db"
[presence]
absence_s = 900
"""
_READER = """\
[[readers]]
name = "reader-{number}"
protocol = "llrp"
host = "127.0.0.1"
port = {port}
antennas = [
    {{ port = 1, zone = "floor" }}, {{ port = 2, zone = "floor" }},
    {{ port = 3, zone = "back" }}, {{ port = 4, zone = "exit" }},
]
"""


def through_the_agent(readers: int, tags: int, reads: int) -> Iterator[Figure]:
    """Measure reads/s from the first byte sent until the last reader's reads are committed."""
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        folder = Path(name)
        arguments = [str(number) for number in (readers, tags, reads)]
        command = [sys.executable, "-m", "tests.support.flood", *arguments]
        flood = Program("flood", command, folder / "flood.log")
        agent: Program | None = None
        try:
            ports = flood.wait_for("ports ", START_S).split()[1:]
            agent = _agent(folder, ports)
            flood.wait(DONE_S)  # it ends when every client has taken all and closed
            ended_s = _committed(folder / "store.db", agent, tags)
            began_s = float(flood.wait_for("began ", START_S).split()[1])
        finally:
            if agent is not None:
                agent.stop()
            flood.stop()
    what = f"agent, TCP to committed SQLite, {tags:,} tags, {readers} readers"
    yield Figure(what, readers * reads / (ended_s - began_s), "reads/s", target=150_000)


def _agent(folder: Path, ports: list[str]) -> Program:
    config = folder / "store.toml"
    tables = [_READER.format(number=number, port=port) for number, port in enumerate(ports, 1)]
    text = _STORE.format(broker=NOBODY, folder=folder) + "".join(tables)
    config.write_text(text, encoding="utf-8")
    program = str(Path(sys.executable).with_name("tagtally-edge"))
    return Program("agent", [program, "run", "--config", str(config)], folder / "edge.log")


def _committed(database: Path, agent: Program, tags: int) -> float:
    """Wait until all tags are items and all readers have said all; give the monotonic time."""
    deadline_s, items = time.monotonic() + DONE_S, 0
    while time.monotonic() < deadline_s:
        agent.check()
        with closing(sqlite3.connect(database)) as db:
            [(items,)] = db.execute("SELECT count(*) FROM items")
            [(up,)] = db.execute("SELECT count(*) FROM readers WHERE up")
        if items == tags and up == 0:
            return time.monotonic()
        time.sleep(LOOK_S)
    raise TimeoutError(f"{items} of {tags} items after {DONE_S:g} s\n{agent.output()[-2000:]}")
