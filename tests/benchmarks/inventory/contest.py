"""One store, one scenario, and each tracker's say on the very same reads."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tests.benchmarks.inventory.opponents import Read, Tracker
from tests.benchmarks.inventory.plans import Plan
from tests.benchmarks.inventory.radio import Outage, Scenario, Shadows, hear, shadows
from tests.benchmarks.inventory.scores import Places, Score, score
from tests.benchmarks.inventory.world import EPOCH_S, EPOCHS, TAGS, Truth, live, walk_through

_EPOCH_US = round(EPOCH_S * 1e6)


@dataclass(frozen=True, slots=True)
class Run:
    truth: Places
    zones: Sequence[int]  # of each antenna
    epochs: Sequence[Sequence[Read]]  # the reads of each epoch, in the order of time
    outages: Sequence[Outage]
    rows: int  # of one tag, one antenna and one epoch

    @staticmethod
    def end_us(epoch: int) -> int:
        return (epoch + 1) * _EPOCH_US


def prepare(
    plan: Plan,
    scenario: Scenario,
    rng: np.random.Generator,
    tags: int = TAGS,
    epochs: int = EPOCHS,
) -> Run:
    truth = live(plan, rng, tags, epochs)
    return listen(plan, truth, scenario, rng, shadows(plan, rng))


def prepare_with_walk(plan: Plan, scenario: Scenario, seed: int) -> tuple[Run, Run]:
    """Give a store's hour, and the install walk of 60 tags and 15 min that was done there before.

    The walk has other tags in other places; only the building and the antennas are the same.
    """
    rng = np.random.default_rng(seed)
    shadow = shadows(plan, rng)
    run = listen(plan, live(plan, rng), scenario, rng, shadow)
    rng = np.random.default_rng([seed, 1])
    walked = listen(plan, walk_through(plan, rng), replace(scenario, outages=0), rng, shadow)
    return run, walked


def listen(
    plan: Plan, truth: Truth, scenario: Scenario, rng: np.random.Generator, shadow: Shadows
) -> Run:
    """Have a plan's antennas read what happens in it."""
    heard = hear(plan, truth, scenario, rng, shadow)
    reads = list(
        zip(
            heard.tag[heard.reads_row].tolist(),
            heard.antenna[heard.reads_row].tolist(),
            heard.reads_rssi_dbm.tolist(),
            heard.reads_at_us.tolist(),
            strict=True,
        )
    )
    ends = [Run.end_us(epoch) for epoch in range(len(truth.zones))]
    cuts = [0, *np.searchsorted(heard.reads_at_us, ends).tolist()]
    return Run(
        truth.zones,
        [antenna.zone for antenna in plan.antennas],
        [reads[start:end] for start, end in pairwise(cuts)],
        heard.outages,
        len(heard.epoch),
    )


def judge(tracker: Tracker, run: Run) -> Score:
    said = np.zeros(run.truth.shape, dtype=np.int8)
    spent_s = 0.0
    for epoch, reads in enumerate(run.epochs):
        started = time.perf_counter()
        tracker.hear(reads, run.end_us(epoch))
        spent_s += time.perf_counter() - started
        said[epoch] = tracker.where
    return score(said, run.truth, spent_s * 1e6 / run.rows)
