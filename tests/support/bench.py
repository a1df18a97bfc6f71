"""How a benchmark says what it found: figures, each with its target where there is one."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`target` is to be reached from below, or with `at_most` not to be passed."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = False

    def is_reached(self) -> bool:
        if self.target is None:
            return True
        return self.value <= self.target if self.at_most else self.value >= self.target

    def line(self) -> str:
        """Give `name | value | unit | target | ok or short`; no verdict where no target is."""
        if self.target is None:
            return f"{self.name} | {_number(self.value)} | {self.unit} | - | -"
        bound = "<=" if self.at_most else ">="
        verdict = "ok" if self.is_reached() else "short"
        target = f"{bound} {_number(self.target)}"
        return f"{self.name} | {_number(self.value)} | {self.unit} | {target} | {verdict}"


def rate(work: Callable[[], int], runs: int = 7) -> float:
    """Give the median over `runs` of how many things a second `work` did; it says how many."""
    rates = []
    for _ in range(runs):
        started = time.perf_counter()
        done = work()
        rates.append(done / (time.perf_counter() - started))
    return statistics.median(rates)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
