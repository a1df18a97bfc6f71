"""`./dev chaos --seeds 101,202 --minutes 1`: a trial a seed, a line each; fails if one differs."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from deploy.demo.emulator import Emulator, find_emulator
from tests.chaos.bridge import CONTROLS
from tests.chaos.trial import Report, trial


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    parser.add_argument("--seeds", default="1", help="numbers, and ranges such as 10-19")
    parser.add_argument("--minutes", type=float, default=1.0, help="of faults, for each seed")
    parser.add_argument("--control", choices=CONTROLS, help="leave this rule out: must differ")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with all that was started
    jar = find_emulator()
    if jar is None:
        sys.stderr.write("the Firestore emulator of the Google Cloud SDK is missing\n")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="tagtally-chaos-"))
    emulator = Emulator(jar, folder)
    emulator.start()
    try:
        reports = []
        for seed in _seeds(options.seeds):
            own = folder / str(seed)
            own.mkdir()
            reports.append(trial(own, emulator.host, seed, options.minutes * 60, options.control))
            _tell(reports[-1])
            if reports[-1].is_equal:
                shutil.rmtree(own)
    finally:
        emulator.stop()
    different = sum(not report.is_equal for report in reports)
    sys.stdout.write(f"{len(reports)} seeds, {different} different; logs of those in {folder}\n")
    return int(different > 0)


def _seeds(text: str) -> list[int]:
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def _tell(report: Report) -> None:
    for line in (report.line(), *report.differences[:20]):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
