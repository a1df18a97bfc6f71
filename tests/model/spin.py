"""The model of the sync (`sync.pml`) through Spin: every state that its bounds allow, or a run.

`python -m tests.model` checks all worlds, and all that must go wrong without one of the rules.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODEL = Path(__file__).with_name("sync.pml")
LIMIT_S = 110.0
_DEPTH, _HASH_BITS = 100_000, 24

# How much may happen: lives in all, changes of counts, and what the network and the disks do.
WORLDS = {
    "one device": ["-DSTARTS=3", "-DCHANGES=2"],
    "one busy device": ["-DSTARTS=3", "-DCHANGES=3", "-DHELLOS=3", "-DDELTAS=2", "-DANSWERS=3"],
    "twins": ["-DDEVICES=2", "-DSTARTS=4", "-DCHANGES=2", "-DDELTAS=1", "-DRENEWALS=0"],
}
# A rule that can be left out, and a world in which that is seen.
RULES = {
    "NO_FENCE": "one device",
    "NO_HELLO": "one device",
    "EARLY_CHECK": "one device",
    "NO_AT_VER": "one busy device",
    "NO_AFTER": "twins",
    "SWEEP_ALL": "one device",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    states: int
    errors: int
    is_complete: bool


def lacking() -> str | None:
    """Name the program that this machine lacks."""
    return next((name for name in ("spin", "gcc") if shutil.which(name) is None), None)


def check(world: str, folder: Path, without: str | None = None) -> Verdict:
    """Look at every state of one world, up to the first violation."""
    defines = [*WORLDS[world], *([f"-D{without}"] if without else [])]
    _run(["spin", "-a", *defines, str(MODEL)], folder)
    options = ["-O2", "-DSAFETY", "-DNOREDUCE"]
    _run(["gcc", *options, "-o", "pan", "pan.c"], folder)
    said = _run(["./pan", f"-m{_DEPTH}", f"-w{_HASH_BITS}"], folder)
    return Verdict(
        states=int(_found(r"(\d+) states, stored", said)),
        errors=int(_found(r"errors: (\d+)", said)),
        is_complete="search depth too small" not in said and "Search not completed" not in said,
    )


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=True
    )
    return done.stdout


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]
