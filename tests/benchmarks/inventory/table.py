"""The whole contest: every tracker on every scenario and seed, and what ours should reach."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, fields
from statistics import fmean

from edge.engine.calibration import Calibration, Recording, calibrate
from edge.model import TagRead
from tests.benchmarks.inventory.contest import Run, judge, prepare_with_walk
from tests.benchmarks.inventory.edgex import DEFAULT, GARMENT, EdgeX, IntelRsp
from tests.benchmarks.inventory.opponents import FixedWindow, LastSeen, Smurf, Tracker
from tests.benchmarks.inventory.ours import KINDS, READER, START_US, Tagtally, epc, ports
from tests.benchmarks.inventory.plans import EXIT, STORE, ZONE_NAMES
from tests.benchmarks.inventory.radio import SCENARIOS, Scenario
from tests.benchmarks.inventory.scores import Score
from tests.benchmarks.inventory.world import TAGS
from tests.support.bench import Figure

SEEDS = (0, 1, 2)
OURS, CALIBRATED = "Tagtally", "Tagtally, calibrated"
PEERS = ("EdgeX default", "EdgeX garment")
# What the same rules scored in a world made to the same description by others: zone errors in %.
REFERENCE = dict(zip([s.name for s in SCENARIOS], (5.4, 7.4, 7.0, 8.0, 6.8), strict=True))
_HEAD = (
    "tracker", "zone error %", "absent as present %", "missed %", "count MAE", "exact %",
    "events/true", "delay s", "p95 s", "never seen %", "false departures", "us/row",
)  # fmt: skip

Scores = dict[str, dict[str, Score]]  # by scenario and tracker


def scores(seeds: Sequence[int] = SEEDS) -> Scores:
    """Run everything, on all cores; give the means over the seeds."""
    jobs = [(scenario, seed) for scenario in SCENARIOS for seed in seeds]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(contest, *zip(*jobs, strict=True)))
    found: Scores = {}
    for scenario in SCENARIOS:
        of_scenario = [r for (s, _), r in zip(jobs, results, strict=True) if s is scenario]
        found[scenario.name] = {
            name: _mean([result[name] for result in of_scenario]) for name in of_scenario[0]
        }
    return found


def contest(scenario: Scenario, seed: int) -> dict[str, Score]:
    run, walked = prepare_with_walk(STORE, scenario, seed)
    calibration = calibrated(walked)
    zones = run.zones
    trackers: dict[str, Callable[[], Tracker]] = {
        "last seen 60 s": lambda: LastSeen(zones, TAGS, 60),
        "last seen 600 s": lambda: LastSeen(zones, TAGS, 600),
        "window 30 s": lambda: FixedWindow(zones, TAGS, 30),
        "window 60 s": lambda: FixedWindow(zones, TAGS, 60),
        "window 300 s": lambda: FixedWindow(zones, TAGS, 300),
        "SMURF": lambda: Smurf(zones, TAGS),
        "EdgeX default": lambda: EdgeX(zones, TAGS, DEFAULT),
        "EdgeX garment": lambda: EdgeX(zones, TAGS, GARMENT),
        "Intel RSP exit": lambda: IntelRsp(zones, TAGS, EXIT),
        OURS: lambda: Tagtally(zones, TAGS, outages=run.outages),
        CALIBRATED: lambda: Tagtally(zones, TAGS, calibration.weights, run.outages),
    }
    return {name: judge(make(), run) for name, make in trackers.items()}


def calibrated(walked: Run) -> Calibration:
    """Fit the engine to an install walk: a recording of each zone, with the tags laid there."""
    recordings = []
    for zone, name in enumerate(ZONE_NAMES):
        reads = [
            TagRead(epc(tag), antenna + 1, rssi, START_US + at_us)
            for epoch, of_epoch in enumerate(walked.epochs)
            for tag, antenna, rssi, at_us in of_epoch
            if walked.truth[epoch, tag] == zone
        ]
        if reads:
            recordings.append(Recording(name, READER, reads))
    return calibrate(recordings, ports(walked.zones), KINDS)


def lines(found: Scores) -> Iterator[str]:
    """Give the table, a block for each scenario."""
    for scenario, by_tracker in found.items():
        yield f"{scenario}: " + " | ".join(_HEAD)
        for name, of_tracker in by_tracker.items():
            values = " | ".join(f"{value:.3g}" for value in astuple(of_tracker))
            yield f"{scenario}: {name} | {values}"


def figures(found: Scores) -> Iterator[Figure]:
    for scenario, by_tracker in found.items():
        peers = [by_tracker[name] for name in PEERS]
        error = min(peer.zone_error for peer in peers)
        garment, reference = by_tracker["EdgeX garment"].zone_error, REFERENCE[scenario]
        yield Figure(
            f"{scenario}: EdgeX garment's zone error against the reference's, off by",
            100 * abs(garment / reference - 1), "%", 20, at_most=True,
        )  # fmt: skip
        for name, factor in ((OURS, 1.3), (CALIBRATED, 2.5)):
            ours = by_tracker[name]
            rows = (
                ("zone error", ours.zone_error, "%", error / factor),
                ("false departures", ours.false_departures, "per 1,000 tag-h",
                 min(peer.false_departures for peer in peers)),
                ("absent counted as present", ours.absent_present, "%",
                 min(peer.absent_present for peer in peers) / 2),
                ("events for each true one", ours.events, "", 1.3),
                ("median delay", ours.delay_s, "s", 25),
            )  # fmt: skip
            for what, value, unit, target in rows:
                yield Figure(f"{scenario}: {name}: {what}", value, unit, target, at_most=True)


def _mean(of_seeds: Sequence[Score]) -> Score:
    return Score(
        **{field.name: fmean(getattr(s, field.name) for s in of_seeds) for field in fields(Score)}
    )
