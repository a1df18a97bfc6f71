"""A real reader with four antennas, and one tag that is carried about in one quarter after another.

The engine is calibrated on half of each recording and plays the other halves one after another.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge.engine.calibration import Recording, calibrate
from edge.engine.replay import moves_and_seconds
from edge.model import TagRead
from tests.support.bench import Figure
from tests.support.shared import SHARED_DATA

READER = "r"
QUARTERS = ("1", "2", "3", "4")
ZONES = {(READER, int(quarter)): quarter for quarter in QUARTERS}


def figures() -> Iterator[Figure]:
    """Give nothing where the recordings are not."""
    folder = SHARED_DATA / "reads"
    if not folder.is_dir():
        return
    for family in ("quad", "quadz"):
        for first in (True, False):
            right, moves = played(folder, family, learn_first=first)
            half = "first" if first else "second"
            name = f"{family} recordings, calibrated on the {half} halves"
            yield Figure(f"{name}: seconds in the right quarter", right, "%", 90)
            yield Figure(f"{name}: moves, of 3", moves, "", 6, at_most=True)


def played(folder: Path, family: str, *, learn_first: bool) -> tuple[float, int]:
    learned, rest = [], []
    for quarter in QUARTERS:
        reads = recorded(folder / f"{family}{quarter}_train.csv")
        middle_us = (reads[0].at_us + reads[-1].at_us) // 2
        halves = (
            [read for read in reads if read.at_us < middle_us],
            [read for read in reads if read.at_us >= middle_us],
        )
        learned.append(Recording(quarter, READER, halves[not learn_first]))
        rest.append((quarter, halves[learn_first]))
    weights = calibrate(learned, ZONES, {}).weights
    joined, truth = one_after_another(rest)
    moves, seconds = moves_and_seconds(joined, READER, ZONES, weights)
    places = max(seconds.values(), key=lambda places: sum(map(bool, places)))
    right = sum(place == true for place, true in zip(places, truth, strict=False))
    return 100 * right / len(truth), moves


def one_after_another(
    parts: Sequence[tuple[str, Sequence[TagRead]]],
) -> tuple[list[TagRead], list[str]]:
    """Shift recordings so that each begins where the last one ends; give each second's truth."""
    reads: list[TagRead] = []
    truth: list[str] = []
    start_us = 1_700_000_000_000_000
    for quarter, part in parts:
        shift_us = start_us - part[0].at_us
        reads += [TagRead(r.epc, r.antenna_port, r.rssi_dbm, r.at_us + shift_us) for r in part]
        seconds = (part[-1].at_us - part[0].at_us) // 1_000_000 + 1
        truth += [quarter] * seconds
        start_us += seconds * 1_000_000
    return reads, truth


def recorded(path: Path) -> list[TagRead]:
    with path.open(newline="") as file:
        reads = [
            TagRead(
                bytes.fromhex(row["epc"][2:-1]),
                int(row["antenna"]),
                float(row["rssi"]),
                round(float(row["timestamp"]) * 1e6),
            )
            for row in csv.DictReader(file)
        ]
    return sorted(reads, key=lambda read: read.at_us)
