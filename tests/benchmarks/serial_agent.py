"""What serial readers with full lines cost the agent, from the ports to what is committed."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.demo.processes import Program
from simulators.control import order
from tests.support.agent_process import until
from tests.support.bench import Figure

BAUD = 115_200
MEASURED_S = 10.0
_TAGS = 120  # before each reader
_READS_PER_S = 800  # of its radio: more than any line carries
_START_S = 40.0
_WARM_S = 3.0
_PROGRAMS = Path(sys.executable).parent
_NOBODY = 1  # a port where no broker listens: the agent counts on its own

_STORE = """\
[store]
id = "bench-01"
[mqtt]
host = "127.0.0.1"
port = {port}
[storage]
path = "store.db"
"""
_READER = """\
[[readers]]
name = "{name}"
protocol = "{protocol}"
device = "{device}"
region = "eu"
bauds = [{baud}]
antennas = [{{ port = 1, zone = "{name}" }}]
"""


def with_full_lines(protocol: str, readers: int) -> Iterator[Figure]:
    """Measure the agent's share of a core, and that of its engine's thread."""
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        folder, names = Path(name), [f"reader-{number}" for number in range(readers)]
        (folder / "world.toml").write_text(_world(protocol, names), encoding="utf-8")
        config = folder / "store.toml"
        config.write_text(_config(protocol, names, folder), encoding="utf-8")
        control = str(folder / "control")
        command = ["run", str(folder / "world.toml"), "--links", str(folder), "--control", control]
        simulator = Program(
            "tagtally-sim", [str(_PROGRAMS / "tagtally-sim"), *command], folder / "sim.log"
        )
        agent: Program | None = None
        try:
            simulator.wait_for(f"{names[-1]} serving", _START_S)
            command = [str(_PROGRAMS / "tagtally-edge"), "run", "--config", str(config)]
            agent = Program("tagtally-edge", command, folder / "edge.log")
            yield from _measure(agent, control, protocol, readers)
        finally:
            if agent is not None:
                agent.stop()
            simulator.stop()


def _measure(agent: Program, control: str, protocol: str, readers: int) -> Iterator[Figure]:
    until(lambda: agent.output().count(" connected") == readers, "all are connected", _START_S)
    time.sleep(_WARM_S)
    began_s, cpu_s, engine_s, told = time.monotonic(), *_cpu_s(agent.pid), _told_reads(control)
    time.sleep(MEASURED_S)
    passed_s, after_s, after_engine_s = time.monotonic() - began_s, *_cpu_s(agent.pid)
    reads = round((_told_reads(control) - told) / passed_s)
    what = f"agent, {readers} {protocol} readers, {BAUD:,} baud, {reads:,} reads/s"
    share = 100 * (after_s - cpu_s) / passed_s
    yield Figure(what, share, "% of a core", 10, at_most=True)
    yield Figure(f"{what}: its engine", 100 * (after_engine_s - engine_s) / passed_s, "% of a core")


def _cpu_s(pid: int) -> tuple[float, float]:
    """Give what all threads have used, and what the main one has, which is the engine's (proc(5)).

    By the scheduler's account: ticks of the clock miss what is over between two of them.
    """
    used: dict[int, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        used[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return sum(used.values()), used[pid]


def _told_reads(control: str) -> int:
    states = order(control, {"command": "state"})
    return sum(state["told_reads"] for state in states.values())  # type: ignore[index] # JSON


def _world(protocol: str, names: list[str]) -> str:
    readers: list[object] = [
        {
            "name": name,
            "protocol": protocol,
            "baud": BAUD,
            "reads_per_s": _READS_PER_S,
            "antennas": [{"port": 1, "zone": name}],
        }
        for name in names
    ]
    tables: dict[str, list[object]] = {
        "products": [{"gtin": "09506000100104", "name": "T-shirt"}],
        "zones": [{"name": name} for name in names],
        "readers": readers,
        "flows": [{"from": "outside", "to": name, "items": _TAGS} for name in names],
    }
    return "\n".join(f"{key} = [{', '.join(map(_inline, rows))}]" for key, rows in tables.items())


def _inline(value: object) -> str:
    """Write a value as TOML does, tables in one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_inline(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value)


def _config(protocol: str, names: list[str], folder: Path) -> str:
    readers = [
        _READER.format(name=name, protocol=protocol, device=folder / name, baud=BAUD)
        for name in names
    ]
    return _STORE.format(port=_NOBODY) + "".join(readers)
