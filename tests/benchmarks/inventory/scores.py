"""How far what an engine says is from the truth.

Scored are the epochs after a warm-up.  `zone error` counts every tag and epoch whose place is
wrong, absence being a place too; `false departures` are turns to absent of a tag that is there.
A true event is a change of place in the truth, and its delay ends when the engine agrees first; one
with which it never agrees while it lasts is missed.  Passing through a place for less than 10 s is
an event, but nothing has to agree with it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tests.benchmarks.inventory.plans import ABSENT
from tests.benchmarks.inventory.world import EPOCH_S, SKUS

WARM_UP = 150
_STAY = 5  # epochs
Places = npt.NDArray[np.int8]  # [epoch, tag]


@dataclass(frozen=True, slots=True)
class Score:
    zone_error: float  # % of tag-epochs
    absent_present: float  # % of the tag-epochs of absent tags
    missed: float  # % of the tag-epochs of present tags
    count_error: float  # mean over SKU and zone
    exact: float  # % of those counts
    events: float  # for each true one
    delay_s: float
    delay_p95_s: float
    unseen_events: float  # % of true events, stays only
    false_departures: float  # for 1,000 tags and hours
    us_per_row: float = 0.0


def score(said: Places, truth: Places, us_per_row: float = 0.0) -> Score:
    said, truth = said[WARM_UP:], truth[WARM_UP:]
    there = truth != ABSENT
    errors, counts = _counts(said, truth), _delays(said, truth)
    true_events = np.count_nonzero(np.diff(truth, axis=0))
    seen = counts[~np.isnan(counts)]
    turns = (said[:-1] != ABSENT) & (said[1:] == ABSENT) & there[1:]
    return Score(
        zone_error=100 * float(np.mean(said != truth)),
        absent_present=100 * float(np.mean(said[~there] != ABSENT)),
        missed=100 * float(np.mean(said[there] == ABSENT)),
        count_error=float(np.mean(errors)),
        exact=100 * float(np.mean(errors == 0)),
        events=np.count_nonzero(np.diff(said, axis=0)) / true_events,
        delay_s=float(np.median(seen)),
        delay_p95_s=float(np.percentile(seen, 95)),
        unseen_events=100 * float(np.mean(np.isnan(counts))),
        false_departures=1000 * np.count_nonzero(turns) / (there.sum() * EPOCH_S / 3600),
        us_per_row=us_per_row,
    )


def _counts(said: Places, truth: Places) -> npt.NDArray[np.int64]:
    """Give the counts' errors for each epoch, SKU and zone; tag n is of SKU n % SKUS."""
    errors = []
    for zone in range(1, int(truth.max()) + 1):
        wrong = (said == zone).astype(np.int64) - (truth == zone)
        by_sku = [wrong[:, sku::SKUS].sum(axis=1) for sku in range(SKUS)]
        errors.append(np.abs(np.stack(by_sku)))
    return np.stack(errors)


def _delays(said: Places, truth: Places) -> npt.NDArray[np.float64]:
    """Give each stay's delay in seconds, NaN where it was never seen."""
    delays = []
    epochs = len(truth)
    for tag in range(truth.shape[1]):
        changes = [*(np.flatnonzero(np.diff(truth[:, tag])) + 1), epochs]
        for start, end in pairwise(changes):
            if end - start >= _STAY:
                agrees = np.flatnonzero(said[start:end, tag] == truth[start, tag])
                delays.append(agrees[0] * EPOCH_S if len(agrees) else np.nan)
    return np.array(delays)
