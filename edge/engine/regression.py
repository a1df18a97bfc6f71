"""Multinomial logistic regression in plain Python, for sparse samples and a few thousand of them.

AdaGrad (Duchi, Hazan, Singer, JMLR 12, 2011) over the samples in a fixed order: the same samples
give the same weights, bit by bit, on any machine.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_STEP = 0.3


@dataclass(frozen=True, slots=True)
class Sample:
    """`offsets`: the evidence for each class that is known without these weights."""

    truth: int
    offsets: Sequence[float]
    features: Mapping[int, float]  # by number; what is missing is 0
    weight: float = 1.0


def fit(
    samples: Sequence[Sample], classes: int, features: int, ridge: float, passes: int
) -> list[list[float]]:
    """Give a weight for each class and feature, after them one more for each class: its bias."""
    weights = [[0.0] * (features + 1) for _ in range(classes)]
    squares = [[1e-6] * (features + 1) for _ in range(classes)]
    shrink = ridge / max(1, len(samples))
    for _ in range(passes):
        for sample in _strided(samples):
            terms = [*sample.features.items(), (features, 1.0)]
            chances = chances_of(evidence(weights, sample))
            for number, chance in enumerate(chances):
                error = (chance - (number == sample.truth)) * sample.weight
                row, sums = weights[number], squares[number]
                for feature, value in terms:
                    slope = error * value + shrink * row[feature]
                    sums[feature] += slope * slope
                    row[feature] -= _STEP * slope / math.sqrt(sums[feature])
    return weights


def evidence(weights: Sequence[Sequence[float]], sample: Sample) -> list[float]:
    return [
        offset + row[-1] + sum(row[feature] * value for feature, value in sample.features.items())
        for offset, row in zip(sample.offsets, weights, strict=True)
    ]


def chances_of(evidences: Sequence[float]) -> list[float]:
    most = max(evidences)
    chances = [math.exp(value - most) for value in evidences]
    total = sum(chances)
    return [chance / total for chance in chances]


def _strided(samples: Sequence[Sample]) -> list[Sample]:
    """Give all samples, neighbours far apart: they come in the order of time, zone after zone."""
    stride = max(1, math.isqrt(len(samples)))
    return [sample for start in range(stride) for sample in samples[start::stride]]
