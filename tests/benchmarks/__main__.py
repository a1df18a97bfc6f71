"""`./dev bench [NAME ...]`: print a line per figure, `name | value | unit | target | ok or short`.

A benchmark is a module `bench_NAME.py` beside this one with `figures()`, which yields them.
The exit code is 0 whether or not targets are reached: a shared machine is no judge.
"""

import importlib
import os
import platform
import sys
from pathlib import Path

NAMES = sorted(
    path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        sys.stderr.write(f"bench: no benchmark {', '.join(unknown)}; there are {' '.join(NAMES)}\n")
        return 2
    python = f"{platform.python_implementation()} {platform.python_version()}"
    sys.stdout.write(f"# {python}, {os.cpu_count()} cores\n")
    for name in names or NAMES:
        for figure in importlib.import_module(f"tests.benchmarks.bench_{name}").figures():
            sys.stdout.write(f"{figure.line()}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
