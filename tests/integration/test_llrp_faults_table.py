"""Every way in which the simulated reader can misbehave, against our driver and what it counts.

While the fault is on, one more item is laid before an antenna.  In the end what is counted is what
is there, and nothing has gone missing meanwhile; what a person must know was told in time, with its
cause, and no connection was lost without need.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from edge.epc import encode_sgtin96
from edge.model import HealthKind
from simulators.fault_table import FAULTS
from tests.support.llrp_line import GTIN, SETTINGS, SILENT_S, Heard, line

ITEMS = 12
NEW = encode_sgtin96(GTIN, 77, 7).hex()
SLACK_S = 3.0  # of a busy machine, on top of what a mechanism takes by its own rules
CONNECT_S, ANSWER_S = SETTINGS.connect_timeout_s, SETTINGS.request_timeout_s
VERSION_S = SETTINGS.version_timeout_s
LOST, REFUSED, WARNING = HealthKind.LOST, HealthKind.REFUSED, HealthKind.WARNING


@dataclass(frozen=True, slots=True)
class Told:
    """A health event that is due, with words of its detail, `after_s` by the driver's own rules."""

    kind: HealthKind
    words: str
    after_s: float = 0.0

    def is_it(self, heard: Heard) -> bool:
        return heard.event.kind is self.kind and self.words in heard.event.detail

    def is_among(self, news: Callable[[], list[Heard]]) -> bool:
        return any(map(self.is_it, news()))


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """`faults` are switched on in this order; `cleared` must be for reads to come again."""

    faults: tuple[Fault, ...]
    told: tuple[Told, ...] = ()
    cleared: tuple[str, ...] = ()


def when(name: str, **values: object) -> tuple[Fault, ...]:
    return (Fault(name, values),)


def when_connecting(name: str, **values: object) -> tuple[Fault, ...]:
    """Have the connection reset, so that there is a new one to which it happens."""
    return (Fault(name, values), Fault("rst", {}))


def when_started_anew(name: str, **values: object) -> tuple[Fault, ...]:
    """Have the reader forget its ROSpec too, so that it must be told all."""
    return (Fault(name, values), Fault("reboot", {"down_s": 0.5}))


RESET = Told(LOST, "Connection reset by peer")
SILENCE = Told(LOST, "the reader has been silent for", SILENT_S)
DOWN = Told(LOST, "Connection refused", 0.5)
TAKEN = Told(REFUSED, "another client is connected")
NO_ANSWER = Told(LOST, "answer to GET_READER_CAPABILITIES has not come", VERSION_S + ANSWER_S)
NO_ROSPEC = Told(LOST, "answer to ADD_ROSPEC has not come", 0.5 + ANSWER_S)

CASES: dict[str, Case] = {
    "half-open": Case(when("half-open"), (SILENCE,)),
    "half-open, its place taken": Case(
        when("half-open", taken_s=SILENT_S + 1),
        (SILENCE, Told(REFUSED, "another client is connected", SILENT_S + 1)),
    ),
    "reset": Case(when("rst"), (RESET,)),
    "closed without a word": Case(when("fin"), (Told(LOST, "the reader closed the connection"),)),
    "closed with a word": Case(
        when("close"), (Told(LOST, "the reader has closed the connection"),)
    ),
    "started anew": Case(when("reboot", down_s=0.3), (RESET, DOWN)),
    "started anew, with its ROSpecs": Case(when("reboot", down_s=0.3, specs="kept"), (RESET, DOWN)),
    "busy with a client that it has called": Case(
        when_connecting("refuse", status=1, times=1),
        (RESET, Told(REFUSED, "it has called another client")),
    ),
    "taken": Case(when_connecting("refuse", status=2, times=1), (RESET, TAKEN)),
    "not willing": Case(
        when_connecting("refuse", status=3, times=1), (RESET, Told(REFUSED, "gives no reason"))
    ),
    "wanted by another": Case(
        when("second-client"), (Told(WARNING, "another client has tried to connect"),)
    ),
    "dumb at first": Case(
        when_connecting("no-connect-event", times=1),
        (RESET, Told(LOST, "connection event has not come in time", CONNECT_S)),
    ),
    "without keepalives, among tags": Case(when("keepalives-stop")),
    "slow": Case(when_connecting("response-late", delay_s=0.2), (RESET,)),
    "too slow": Case(
        when_started_anew("response-late", delay_s=9, message="ADD_ROSPEC", times=1),
        (RESET, DOWN, NO_ROSPEC),
    ),
    "without answers": Case(
        when_connecting("response-missing"), (RESET, NO_ANSWER), ("response-missing",)
    ),
    "without one answer": Case(
        when_started_anew("response-missing", message="ADD_ROSPEC", times=1),
        (RESET, DOWN, NO_ROSPEC),
    ),
    "answering somebody else": Case(
        when_connecting("response-wrong-id"), (RESET, NO_ANSWER), ("response-wrong-id",)
    ),
    "refusing everything": Case(
        when_connecting("response-error"),
        (RESET, Told(REFUSED, "SET_READER_CONFIG: M_PARAMETER_ERROR, as ordered")),
        ("response-error",),
    ),
    "refusing to start, once": Case(
        when_started_anew("response-error", status=401, message="START_ROSPEC", times=1),
        (RESET, DOWN, Told(REFUSED, "START_ROSPEC: R_DEVICE_ERROR, as ordered")),
    ),
    "reporting before it answers": Case(when_connecting("report-first", tags=3), (RESET,)),
    "byte by byte": Case(when("split")),
    "in lumps": Case(when("coalesce", hold_s=0.4)),
    "in lumps, too seldom": Case(when("coalesce", hold_s=9), (SILENCE,), ("coalesce",)),
}


def test_every_fault_of_the_simulator_is_in_the_table() -> None:
    assert {case.faults[0].name for case in CASES.values()} == FAULTS.keys()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_reader_misbehaves_and_the_counts_are_right(case: Case, tmp_path: Path) -> None:
    with line(tmp_path, ITEMS) as one:
        one.wait_until(one.counts_the_truth, "the counts are the truth")
        began_s, news = time.monotonic(), one.news()
        for fault in case.faults:
            one.reader.fault(fault.name, **fault.values)
        one.reader.add_tags("floor", NEW)
        for told in case.told:
            one.wait_until(partial(told.is_among, news), told.words)
        for name in case.cleared:
            one.reader.clear(name)
        one.wait_until(one.counts_the_truth, "the counts are the truth again")
        one.wait_until(one.is_connected, "the reader is connected")
        heard = news()
    assert lost_without_need(case, heard) == []
    assert told_too_late(case, heard, began_s) == []
    assert one.events() == ["arrived"] * (ITEMS + 1)


def lost_without_need(case: Case, heard: list[Heard]) -> list[str]:
    """Give the losses that the table does not know; a refusal is told as a loss too."""
    words = [told.words for told in case.told if told.kind in {LOST, REFUSED}]
    lost = [one.event.detail for one in heard if one.event.kind in {LOST, REFUSED}]
    return [detail for detail in lost if not any(one in detail for one in words)]


def told_too_late(case: Case, heard: list[Heard], began_s: float) -> list[str]:
    """Give what came too late; what comes after a loss may begin a wait later."""
    late, before_s = [], 0.0
    for told in case.told:
        at_s = next(one.at_s for one in heard if told.is_it(one)) - began_s
        before_s = max(before_s, told.after_s)
        if at_s > before_s + SLACK_S:
            late.append(f"{told.words}: after {at_s:.2f} s")
    return late
