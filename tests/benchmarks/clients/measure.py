"""Measure one LLRP client, in a process of its own.

    python -m tests.benchmarks.clients.measure WHO decode FILE        LLRP bytes to reads, one core
    python -m tests.benchmarks.clients.measure WHO read PORT READS    reads over TCP, until so many

prints one JSON object: `tags` (how many), `ended_s` (monotonic), `tags_per_s` (decode only) and
`peak_mb` (of memory, at the end).
"""

import importlib
import json
import sys
import time
from pathlib import Path

from tests.support.bench import rate


def main(who: str, job: str, *arguments: str) -> None:
    client = importlib.import_module(f"tests.benchmarks.clients.{who}")
    found: dict[str, float] = {}
    if job == "decode":
        stream = Path(arguments[0]).read_bytes()
        found["tags_per_s"] = rate(lambda: client.decode(stream))
    else:
        port, reads = map(int, arguments)
        found["tags"] = client.read(port, reads)
        found["ended_s"] = time.monotonic()
    found["peak_mb"] = peak_mb()
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.flush()


def peak_mb() -> float:
    """Give the most memory that this process had; getrusage(2) would count its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
