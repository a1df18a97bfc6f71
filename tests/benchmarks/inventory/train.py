"""Where the engine's shipped numbers come from: `python -m tests.benchmarks.inventory.train`.

It begins with weights that know nothing and fits them twice, so what it gives depends on none of
the shipped ones; `--check` says whether those are the same.

Synthetic stores of many floor plans, walls, antennas and tags, never the plan on which engines are
compared, are run through the engine, which is kept from calling anything missing.  Two regressions
are fitted to what it heard: which zone a tag is in (`weights.GENERIC`, KIND_BIAS), and whether a
silent tag is gone (`silence`).
"""

import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from edge.engine.items import Item
from edge.engine.profiles import Profile
from edge.engine.silence import WEIGHTS, terms
from edge.engine.weights import FLOOR, GENERIC, KIND_BIAS, Weights, ZoneWeights
from tests.benchmarks.inventory.contest import Run, prepare
from tests.benchmarks.inventory.ours import KINDS, Tagtally
from tests.benchmarks.inventory.plans import ABSENT, ZONE_NAMES, varied
from tests.benchmarks.inventory.radio import Scenario
from tests.benchmarks.inventory.world import EPOCH_S

SEEDS = range(100, 124)
TAGS, EPOCHS = 200, 1200
_WARM_UP = 60
_EVERY = 37  # of the zone's samples: neighbours say the same
_SILENCES = (6, 8, 11, 15, 20, 27, 36, 48, 64, 85, 113, 150, 200, 266, 350, 470, 620, 800)  # epochs
_RARITY = 0.25  # a zone in which tags seldom are counts for more, though not for as much as others
_ROUNDS = 2
_LEAST_BIAS = -4.0  # below, a tag that one zone alone hears could never be there
_NEVER = {name: Profile(missing_min_s=1e6, missing_max_s=1e6) for name in ZONE_NAMES}

Rows = npt.NDArray[np.float64]


@dataclass(slots=True)
class Samples:
    shares: list[list[float]]  # of the power, by zone
    zones: list[int]
    silences: list[tuple[float, ...]]  # the terms of the regression
    gone: list[bool]


_DUTIES = (0.12, 0.3, 0.5, 0.5, 0.5)
_SHARES = ((0.72, 0.22, 0.06), (0.6, 0.2, 0.2), (0.85, 0.12, 0.03))
_SILENCES_OF_A_STORE = 1500  # of more an even part is taken: the slowest would outweigh all others


def scenario(seed: int, rng: np.random.Generator) -> Scenario:
    """Make conditions: each duty cycle and each kind of tags as often as the others."""
    return Scenario(
        "varied",
        wall_db=float(rng.uniform(2, 10)),
        duty=_DUTIES[seed % len(_DUTIES)],
        shares=_SHARES[seed % len(_SHARES)],
        outages=int(rng.choice([0, 0, 1, 2])),
        at_2m_dbm=float(rng.uniform(-54, -48)),
        decade_db=float(rng.uniform(36, 46)),
    )


def main() -> None:
    share, biases = 1.0, dict.fromkeys(ZONE_NAMES[1:], 0.0)
    samples = Samples([], [], [], [])
    for _ in range(_ROUNDS):
        zones = {name: ZoneWeights(bias) for name, bias in biases.items()}
        weights = replace(GENERIC, share=share, zones=zones)
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            samples = _joined(pool.map(partial(store, weights=weights), SEEDS))
        share, biases = fitted_zones(samples)
    gone = logistic(np.array(samples.silences), np.array(samples.gone, dtype=np.float64))
    silence = tuple(round(float(weight), 2) for weight in gone)
    sys.stdout.write(f"# {len(samples.zones)} and {len(samples.gone)} samples\n")
    sys.stdout.write(f"share {share}\nbiases {biases}\nsilence {silence}\n")
    if "--check" in sys.argv:
        shipped = {name: KIND_BIAS[kind] for name, kind in KINDS.items()}
        if (GENERIC.share, shipped, WEIGHTS) != (share, biases, silence):
            sys.exit("these are not the shipped ones")


def _joined(stores: Iterable[Samples]) -> Samples:
    samples = Samples([], [], [], [])
    for of_store in stores:
        samples.shares += of_store.shares
        samples.zones += of_store.zones
        samples.silences += of_store.silences
        samples.gone += of_store.gone
    return samples


def store(seed: int, weights: Weights) -> Samples:
    """Give what is heard in one store of its own plan and conditions."""
    rng = np.random.default_rng(seed)
    plan = varied(rng)
    samples = listen(prepare(plan, scenario(seed, rng), rng, TAGS, EPOCHS), weights)
    step = max(1, len(samples.gone) // _SILENCES_OF_A_STORE)
    samples.silences, samples.gone = samples.silences[::step], samples.gone[::step]
    return samples


def listen(run: Run, weights: Weights) -> Samples:
    """Run the engine over a store and note what it heard of its items."""
    samples = Samples([], [], [], [])
    tracker = Tagtally(run.zones, run.truth.shape[1], weights, run.outages, _NEVER)
    presence = tracker.pipeline._presence  # noqa: SLF001  # the trainer looks inside
    number, before = 0, dict[Item, int]()
    for epoch, reads in enumerate(run.epochs):
        tracker.hear(reads, run.end_us(epoch))
        if epoch < _WARM_UP:
            continue
        for item in presence._register:  # noqa: SLF001
            truth = int(run.truth[epoch, int(item.sgtin.serial)])
            silent_us = presence._clock(item.zone).now_us - item.read_clock_us  # noqa: SLF001
            epochs = round(silent_us / 1e6 / EPOCH_S)
            if not epochs and truth != ABSENT:
                number += 1
                if number % _EVERY == 0:
                    samples.shares.append(shares(item, run))
                    samples.zones.append(truth - 1)
            elif epochs in _SILENCES and before.get(item) != epochs:
                habit = presence._zones.habit(item)  # noqa: SLF001
                values = terms(epochs * EPOCH_S, epochs, habit)
                samples.silences.append(values)
                samples.gone.append(truth == ABSENT)
            before[item] = epochs
    return samples


def shares(item: Item, run: Run) -> list[float]:
    powers = [0.0] * (len(ZONE_NAMES) - 1)
    for antenna, power in item.heard.items():
        powers[run.zones[antenna] - 1] += power
    total = sum(powers)
    return [power / total for power in powers]


def fitted_zones(samples: Samples) -> tuple[float, dict[str, float]]:
    """Give the weight of a zone's share, and each zone's bias against the floor's."""
    share = np.log(np.array(samples.shares) + FLOOR)[..., None]
    kinds = np.broadcast_to(np.eye(share.shape[1]), (len(share), *np.eye(share.shape[1]).shape))
    truth = np.array(samples.zones)
    rarity = (np.bincount(truth)[truth] / len(truth)) ** -_RARITY
    zones = multinomial(np.concatenate([share, kinds], axis=2), truth, rarity / rarity.mean())
    biases = [max(round(float(bias), 1), _LEAST_BIAS) for bias in zones[1:] - zones[1]]
    return round(float(zones[0]), 2), dict(zip(ZONE_NAMES[1:], biases, strict=True))


def multinomial(
    terms_by_zone: Rows, zones: npt.NDArray[np.int64], weight: Rows, ridge: float = 1.0
) -> Rows:
    """Fit one set of weights for all zones by Newton's steps; [sample, zone, term] in."""
    samples, _, number = terms_by_zone.shape
    weights = np.zeros(number)
    true_terms = terms_by_zone[np.arange(samples), zones]
    for _ in _newton_steps():
        evidence = terms_by_zone @ weights
        chances = np.exp(evidence - evidence.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        chances *= weight[:, None]
        mean = np.einsum("szt,sz->st", terms_by_zone, chances)
        gradient = mean.sum(axis=0) - weight @ true_terms
        spread = np.einsum("szt,sz,szu->tu", terms_by_zone, chances, terms_by_zone, optimize=True)
        hessian = spread - (mean / weight[:, None]).T @ mean + ridge * np.eye(number)
        weights -= np.linalg.solve(hessian, gradient + ridge * weights)
    return weights


def logistic(values: Rows, truth: Rows, ridge: float = 1.0) -> Rows:
    weights = np.zeros(values.shape[1])
    for _ in _newton_steps():
        chances = 1 / (1 + np.exp(-np.clip(values @ weights, -30, 30)))
        gradient = values.T @ (chances - truth) + ridge * weights
        hessian = (values * (chances * (1 - chances))[:, None]).T @ values
        weights -= np.linalg.solve(hessian + ridge * np.eye(len(weights)), gradient)
    return weights


def _newton_steps() -> Iterator[int]:
    return iter(range(15))


if __name__ == "__main__":
    main()
