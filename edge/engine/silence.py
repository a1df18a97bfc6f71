"""How long a tag may be silent before it is taken for gone: a matter of how well it was read.

A tag that answers in every epoch and falls silent has gone after seconds; one that answers once in
a minute may be silent for long.  And what was heard at an exit last has probably left.  The chance
of being gone is a logistic regression on the silence, the tag's read rate, the longest silence that
it came back from, and how well exits hear it.  A tag of which little is known has had no long
silence yet, so a silence far beyond the longest says less than the read rate makes of it.  The
numbers are those that `tests/benchmarks/inventory/train.py` fits to stores of many floor plans.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

from edge.engine.items import Item
from edge.engine.profiles import Profile

RATE_EPOCHS = 40.0  # the two averages of the read rate forget with these time constants
RATE_SLOW_EPOCHS = 200.0
_KEEP = math.exp(-1 / RATE_EPOCHS)
_KEEP_SLOW = math.exp(-1 / RATE_SLOW_EPOCHS)
_PRIOR_RATE, _PRIOR_WEIGHT = 0.2, 0.05  # of a tag that is hardly known
_LOWEST, _HIGHEST = 0.002, 0.98

Terms: TypeAlias = tuple[float, float, float, float, float, float, float, float]

# constant, ln(seconds), ln(1 + answers that are due), ln(read rate), exit's share and its root,
# ln(1 + silence / the longest one that ended), how well exits usually hear it
WEIGHTS: Terms = (-10.75, -1.93, 6.19, -2.08, -2.08, 6.55, -2.09, -2.72)


@dataclass(frozen=True, slots=True)
class Habit:
    """What is known of a tag when it falls silent."""

    rate: float  # share of epochs in which it answers
    longest_epochs: float  # silence after which it was read again
    exit_share: float  # of the power heard last
    exit_usual: float  # 0 to 1: how near exits usually come to the best zone


def note_epoch(item: Item, epochs: int) -> None:
    """Take it that the tag was read, for the first time in so many watched epochs."""
    if epochs == 1:
        keep, keep_slow = _KEEP, _KEEP_SLOW
    else:
        keep, keep_slow = _KEEP**epochs, _KEEP_SLOW**epochs
    item.rate = item.rate * keep + 1 - _KEEP
    item.rate_slow = item.rate_slow * keep_slow + 1 - _KEEP_SLOW
    if item.rate_age:
        item.longest_gap = max(item.longest_gap, epochs)
    item.rate_age += epochs


def read_rate(item: Item) -> float:
    """Give the share of epochs in which the tag answers, as far as that is known."""
    fast = _rate(item.rate, _KEEP, item.rate_age)
    slow = _rate(item.rate_slow, _KEEP_SLOW, item.rate_age)
    return min(max((fast + slow) / 2, _LOWEST), _HIGHEST)


def terms(silent_s: float, silent_epochs: float, habit: Habit) -> Terms:
    """Give what the regression weighs."""
    due = -math.log(1 - habit.rate) * silent_epochs
    return (
        1.0,
        math.log(silent_s),
        math.log1p(due),
        math.log(habit.rate),
        habit.exit_share,
        math.sqrt(habit.exit_share),
        math.log1p(silent_epochs / habit.longest_epochs),
        habit.exit_usual,
    )


def gone_logit(silent_s: float, silent_epochs: float, habit: Habit) -> float:
    """Give how sure it is that a tag of such habits is gone, as a logit."""
    values = terms(silent_s, silent_epochs, habit)
    return sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))


def allowed_silence_us(habit: Habit, epoch_us: int, profile: Profile) -> int:
    """Give for how long a tag may be silent before its item is missing."""
    shortest, longest = round(profile.missing_min_s * 1e6), round(profile.missing_max_s * 1e6)

    def is_gone_after(silent_us: int) -> bool:
        return gone_logit(silent_us / 1e6, silent_us / epoch_us, habit) > profile.missing_logit

    if is_gone_after(shortest) or longest <= shortest:
        return shortest
    while longest - shortest > epoch_us:
        middle = (shortest + longest) // 2
        if is_gone_after(middle):
            longest = middle
        else:
            shortest = middle
    return longest


def _rate(average: float, keep: float, age: int) -> float:
    known = 1 - keep**age
    return (average + _PRIOR_WEIGHT * _PRIOR_RATE) / (known + _PRIOR_WEIGHT)
