"""A fault of the simulated reader, played before our driver and what counts, and judged."""

import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge.epc import encode_sgtin96
from edge.model import HealthKind
from tests.support.llrp_line import GTIN, Heard, line

ITEMS, AT_ONCE = 12, 12
NEW = encode_sgtin96(GTIN, 77, 7).hex()
SLACK_S = 6.0  # of a busy machine, on top of what a mechanism takes by its own rules
LONG_S = 600.0  # longer than any play
_LOSSES = {HealthKind.LOST, HealthKind.REFUSED}


@dataclass(frozen=True, slots=True)
class Told:
    """A health event that is due, by the driver's own rules `after_s`.

    `words` are a pattern of its detail.  When it has been told, the fault named `ends` ends.
    """

    kind: HealthKind
    words: str
    after_s: float = 0.0
    ends: str = ""

    def is_it(self, heard: Heard) -> bool:
        return (
            heard.event.kind is self.kind and re.search(self.words, heard.event.detail) is not None
        )

    def is_among(self, news: Callable[[], list[Heard]]) -> bool:
        return any(map(self.is_it, news()))


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """`faults` are switched on in this order; `cleared` must be for reads to come again.

    `may_tell`: words of losses that come only if the fault lasts a little longer.  `is_steady`: the
    reader's clock must have been found to be one before.
    """

    faults: tuple[Fault, ...]
    told: tuple[Told, ...] = ()
    cleared: tuple[str, ...] = ()
    may_tell: tuple[str, ...] = ()
    is_steady: bool = False
    is_secure: bool = False


def when(name: str, **values: object) -> tuple[Fault, ...]:
    return (Fault(name, values),)


def when_connecting(name: str, **values: object) -> tuple[Fault, ...]:
    """Have the connection reset, so that there is a new one to which it happens."""
    return (Fault(name, values), Fault("rst", {}))


def when_started_anew(name: str, **values: object) -> tuple[Fault, ...]:
    """Have the reader forget its ROSpec too, so that it must be told all."""
    return (Fault(name, values), Fault("reboot", {"down_s": LONG_S}))


@dataclass(frozen=True, slots=True)
class Played:
    """What the driver told from `began_s` on, and what is in the file in the end."""

    began_s: float
    heard: list[Heard]
    events: list[str]


def play(case: Case, folder: Path) -> Played:
    with line(folder, ITEMS, is_secure=case.is_secure) as one:
        one.wait_until(one.counts_the_truth, "the counts are the truth")
        one.wait_until(lambda: one.is_steady() or not case.is_steady, "the clock is steady")
        began_s, news = time.monotonic(), one.news()
        for fault in case.faults:
            one.reader.fault(fault.name, **fault.values)
        one.reader.add_tags("floor", NEW)
        for told in case.told:
            one.wait_until(partial(told.is_among, news), told.words)
            if told.ends:
                one.reader.clear(told.ends)
        for name in case.cleared:
            one.reader.clear(name)
        one.wait_until(one.counts_the_truth, "the counts are the truth again")
        one.wait_until(one.is_connected, "the reader is connected")
        heard = news()
    return Played(began_s, heard, one.events())


class Plays:
    """Plays the cases to come together with the one that is wanted: most of a play is waiting."""

    def __init__(self, cases: Mapping[str, Case], new_folder: Callable[[], Path]) -> None:
        self._cases, self._names, self._new_folder = cases, [*cases], new_folder
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._plays: dict[str, Future[Played]] = {}

    def played(self, name: str) -> Played:
        at = self._names.index(name)
        for coming in self._names[at : at + AT_ONCE]:
            if coming not in self._plays:
                self._plays[coming] = self._pool.submit(
                    play, self._cases[coming], self._new_folder()
                )
        return self._plays[name].result()

    def end(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def lost_without_need(case: Case, heard: list[Heard]) -> list[str]:
    """Give the losses that the table does not know; a refusal is told as a loss too."""
    words = [told.words for told in case.told if told.kind in _LOSSES] + [*case.may_tell]
    lost = [one.event.detail for one in heard if one.event.kind in _LOSSES]
    return [detail for detail in lost if not any(re.search(one, detail) for one in words)]


def told_too_late(case: Case, played: Played) -> list[str]:
    """Give what came too late; what comes after a loss may begin a wait later."""
    late, before_s = [], 0.0
    for told in case.told:
        at_s = next(one.at_s for one in played.heard if told.is_it(one)) - played.began_s
        before_s = max(before_s, told.after_s)
        if at_s > before_s + SLACK_S:
            late.append(f"{told.words}: after {at_s:.2f} s")
    return late
