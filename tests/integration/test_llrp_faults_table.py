"""Every way in which the simulated reader can misbehave, against our driver and what it counts.

While the fault is on, one more item is laid before an antenna.  In the end what is counted is what
is there, and nothing has gone missing meanwhile; what a person must know was told in time, with its
cause, and no connection was lost without need.
"""

from collections.abc import Iterator

import pytest

from edge.llrp.clock import DOUBT_S, FIRM_S
from edge.model import HealthKind
from simulators.fault_table import FAULTS
from tests.support.llrp_line import SETTINGS, SILENT_S
from tests.support.llrp_plays import (
    ITEMS,
    LONG_S,
    Case,
    Fault,
    Plays,
    Told,
    lost_without_need,
    told_too_late,
    when,
    when_connecting,
    when_started_anew,
)

CONNECT_S, ANSWER_S = SETTINGS.connect_timeout_s, SETTINGS.request_timeout_s
VERSION_S = SETTINGS.version_timeout_s
LOST, REFUSED, WARNING = HealthKind.LOST, HealthKind.REFUSED, HealthKind.WARNING
FAULT, INPUT, NOTICE = HealthKind.FAULT, HealthKind.INPUT, HealthKind.NOTICE


RESET = Told(LOST, "Connection reset by peer")
CLOSED = Told(LOST, "the reader closed the connection")
CUT = Told(LOST, "the reader closed the connection|Connection reset by peer")  # of one over TLS
SILENCE = Told(LOST, "the reader has been silent for", SILENT_S)
DOWN = Told(LOST, "Connection refused", 0.5, ends="reboot")
TAKEN = Told(REFUSED, "another client is connected")
NO_ANSWER = Told(LOST, "answer to GET_READER_CAPABILITIES has not come", VERSION_S + ANSWER_S)
NO_EVENT = "connection event has not come in time"
NO_ROSPEC = Told(LOST, "answer to ADD_ROSPEC has not come", 0.5 + ANSWER_S)

CASES: dict[str, Case] = {
    "half-open": Case(when("half-open"), (SILENCE,)),
    "half-open, its place taken": Case(
        when("half-open", taken_s=LONG_S),
        (SILENCE, Told(REFUSED, "another client is connected", SILENT_S, ends="half-open")),
    ),
    "reset": Case(when("rst"), (RESET,)),
    "closed without a word": Case(when("fin"), (CLOSED,)),
    "closed with a word": Case(
        when("close"), (Told(LOST, "the reader has closed the connection"),)
    ),
    "started anew": Case(when("reboot", down_s=LONG_S), (RESET, DOWN)),
    "started anew, with its ROSpecs": Case(
        when("reboot", down_s=LONG_S, specs="kept"), (RESET, DOWN)
    ),
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
        (RESET, Told(LOST, NO_EVENT, CONNECT_S)),
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
    "in lumps, too seldom": Case(
        when("coalesce", hold_s=9), (SILENCE,), ("coalesce",), (NO_EVENT,)
    ),
    "flooding": Case(when("flood", reports=1), (), ("flood",)),
    "with one report of 1.4 MB": Case(when("big-report")),
    "with a length that cannot be": Case(
        when("bad-length"), (Told(LOST, "LLRP frame of 0 bytes, allowed are 10 to"),)
    ),
    "with a length beyond all bounds": Case(
        when("bad-length", length=0xFFFF_FFFF), (Told(LOST, "LLRP frame of 4294967295 bytes"),)
    ),
    "with a length that swallows what comes": Case(
        when("bad-length", length=1_000_000),
        (Told(LOST, " s within a message", SILENT_S),),
    ),
    "hanging up within a report": Case(when("truncated"), (CLOSED,)),
    "with a parameter too long for its report": Case(
        when("broken-report"), (Told(FAULT, "ROAccessReport"),)
    ),
    "with a message of no standard": Case(when("unknown-message"), (Told(FAULT, "unknown"),)),
    "with a message of nobody's vendor": Case(when("unknown-custom-message")),
    "with an unknown parameter in every report": Case(when("unknown-in-reports", kind="tlv")),
    "with a parameter of unknown length in every report": Case(
        when("unknown-in-reports", kind="tv"),
        (
            Told(FAULT, "ROAccessReport/TagReportData: unknown parameter"),
            Told(NOTICE, "tag reports hold TV parameter 127"),
        ),
    ),
    "with nothing but a parameter of unknown length in its reports": Case(
        when("unknown-in-reports", kind="tv-first"),
        (Told(WARNING, "tag reports cannot be read: unknown parameter, TV type 127", 2.0),),
        ("unknown-in-reports",),
    ),
    "with a strange vendor's parameter in every report": Case(
        when("unknown-in-reports", kind="custom")
    ),
    "with a text that is no UTF-8": Case(when("bad-utf8"), (Told(WARNING, "reader reports: "),)),
    "with another's ROSpec": Case(when_connecting("foreign-rospec"), (RESET,)),
    "with another's ROSpec at work": Case(
        when_started_anew("foreign-rospec", state="active"), (RESET, DOWN)
    ),
    "not taking a singulation control": Case(
        when_started_anew("reject-rospec", part="C1G2SingulationControl"),
        (RESET, DOWN, Told(WARNING, "without session, population and RF mode", 0.5)),
    ),
    "not taking a ROSpec at all": Case(
        when_started_anew("reject-rospec"),
        (RESET, DOWN, Told(REFUSED, "ADD_ROSPEC: M_PARAMETER_ERROR, as ordered: ROSpec", 0.5)),
        ("reject-rospec",),
    ),
    "of LLRP 1.0.1": Case(when_connecting("version-110"), (RESET,)),
    "hanging up when asked for versions": Case(
        when_connecting("negotiation-closes"), (RESET, CLOSED)
    ),
    "with a certificate that has expired": Case(
        when_connecting("tls-certificate", kind="expired"),
        (CUT, Told(LOST, "certificate has expired")),
        ("tls-certificate",),
        is_secure=True,
    ),
    "with a certificate of an unknown authority": Case(
        when_connecting("tls-certificate", kind="unknown-ca"),
        (CUT, Told(LOST, "certificate verify failed")),
        ("tls-certificate",),
        is_secure=True,
    ),
    "with the certificate of another": Case(
        when_connecting("tls-certificate", kind="wrong-name"),
        (CUT, Told(LOST, "certificate is not valid for '127.0.0.1'")),
        ("tls-certificate",),
        is_secure=True,
    ),
    "wanting a certificate of ours": Case(
        when_connecting("tls-client-required"),
        (CUT, Told(LOST, "certificate required")),
        ("tls-client-required",),
        is_secure=True,
    ),
    "with old reads for who comes next": Case(when_connecting("replay-old-reads"), (RESET,)),
    "saying only what has changed": Case(when("omit-unchanged")),
    "with a buffer that fills": Case(
        when("buffer-warning"), (Told(WARNING, "report buffer is 80 % full"),)
    ),
    "with a buffer that was full": Case(
        when("buffer-overflow"), (Told(WARNING, "has overflowed: reads are lost"),)
    ),
    "hot": Case(when("reader-exception"), (Told(WARNING, "reader reports: temperature 71 C"),)),
    "without an antenna": Case(
        when("antenna-lost", port=2), (Told(HealthKind.ANTENNA_DOWN, "antenna 2 is disconnected"),)
    ),
    "with an antenna that comes back": Case(
        (Fault("antenna-lost", {"port": 1}), Fault("antenna-back", {"port": 1})),
        (
            Told(HealthKind.ANTENNA_DOWN, "antenna 1 is disconnected"),
            Told(HealthKind.ANTENNA_UP, "antenna 1 is connected"),
        ),
    ),
    "deaf on one antenna": Case(
        when("antenna-deaf", port=2),
        (
            Told(
                HealthKind.ANTENNA_SILENT,
                "antenna 2 has heard no tag for",
                SETTINGS.antenna_silence_s,
                ends="antenna-deaf",
            ),
            Told(HealthKind.ANTENNA_HEARD, "antenna 2 hears tags again"),
        ),
    ),
    "with a contact that bounces": Case(
        when("gpi-edges", port=1, edges=20), (Told(INPUT, "input 1 is high"),)
    ),
    "in the year 2000": Case(
        when_connecting("clock-2000"), (RESET, Told(WARNING, "behind: its stamps are corrected"))
    ),
    "an hour ahead": Case(
        when_connecting("clock-ahead"),
        (RESET, Told(WARNING, "clock is 1 h ahead: its stamps are corrected")),
        is_steady=True,
    ),
    "set forward": Case(
        when("clock-jump"), (Told(WARNING, "clock was set, 1 h forward"),), is_steady=True
    ),
    "set forward, maybe before its clock is known to be one": Case(
        when("clock-jump"), (Told(WARNING, "clock was set, 1 h forward", DOUBT_S),)
    ),
    "set back": Case(
        when("clock-jump", by_s=-3600),
        (Told(WARNING, "clock was set, 1 h back", FIRM_S),),
        is_steady=True,
    ),
    "without a clock": Case(when_connecting("uptime-only"), (RESET,)),
}


@pytest.fixture(scope="module")
def plays(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plays]:
    chosen = [item.callspec.id for item in request.session.items if hasattr(item, "callspec")]
    cases = {name: CASES[name] for name in chosen if name in CASES}
    one = Plays(cases, lambda: tmp_path_factory.mktemp("line"))
    yield one
    one.end()


def test_every_fault_of_the_simulator_is_in_the_table() -> None:
    assert {fault.name for case in CASES.values() for fault in case.faults} == FAULTS.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_reader_misbehaves_and_the_counts_are_right(name: str, plays: Plays) -> None:
    case, played = CASES[name], plays.played(name)
    assert lost_without_need(case, played.heard) == []
    assert told_too_late(case, played) == []
    assert played.events == ["arrived"] * (ITEMS + 1)
