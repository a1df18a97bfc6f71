"""The list of all faults, by name: what each does, how long it lasts, and its parameters."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.llrp.constants import MessageType, StatusCode

Value = int | float | str
ANY = "any"


class Effect(StrEnum):
    ONCE = "once, at once"
    CONNECTING = "for new connections, until cleared"
    LASTING = "until cleared"


@dataclass(frozen=True, slots=True)
class FaultParameter:
    name: str
    default: Value
    allowed: str
    read: Callable[[str], Value | None]  # None where it is not allowed


@dataclass(frozen=True, slots=True)
class FaultKind:
    says: str
    effect: Effect
    parameters: tuple[FaultParameter, ...] = ()


def whole(name: str, default: int, lowest: int, highest: int) -> FaultParameter:
    def read(text: str) -> int | None:
        value = int(text) if re.fullmatch(r"-?\d{1,18}", text) else None
        return value if value is not None and lowest <= value <= highest else None

    return FaultParameter(name, default, f"a whole number from {lowest} to {highest}", read)


def number(name: str, default: float, lowest: float, highest: float) -> FaultParameter:
    def read(text: str) -> float | None:
        value = float(text) if re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", text) else None
        return value if value is not None and lowest <= value <= highest else None

    return FaultParameter(name, default, f"a number from {lowest:g} to {highest:g}", read)


def choice(name: str, default: str, choices: Iterable[str]) -> FaultParameter:
    known = tuple(choices)
    allowed = f"one of {', '.join(known)}"
    return FaultParameter(name, default, allowed, lambda text: text if text in known else None)


def text(name: str, default: str) -> FaultParameter:
    def read(given: str) -> str | None:
        return given if 0 < len(given) <= _LONGEST_TEXT else None

    return FaultParameter(name, default, f"a text of 1 to {_LONGEST_TEXT} characters", read)


def choice_of_codes(name: str, default: StatusCode) -> FaultParameter:
    codes = {
        str(int(code)): int(code) for code in StatusCode if code >= StatusCode.P_PARAMETER_ERROR
    }
    return FaultParameter(name, int(default), f"one of {', '.join(codes)}", codes.get)


_LONGEST_TEXT = 1000

# What a ROSpec may hold, as the standard names it.
ROSPEC_PARTS = (
    "ROSpec",
    "ROBoundarySpec",
    "ROSpecStartTrigger",
    "PeriodicTriggerValue",
    "ROSpecStopTrigger",
    "GPITriggerValue",
    "AISpec",
    "AISpecStopTrigger",
    "TagObservationTrigger",
    "InventoryParameterSpec",
    "AntennaConfiguration",
    "RFReceiver",
    "RFTransmitter",
    "C1G2InventoryCommand",
    "C1G2Filter",
    "C1G2RFControl",
    "C1G2SingulationControl",
    "ROReportSpec",
    "TagReportContentSelector",
    "C1G2EPCMemorySelector",
    "LoopSpec",
)

# Which requests have a response of their own (LLRP 1.1 §17.1).
REQUESTS = tuple(
    kind.name for kind in MessageType if f"{kind.name}_RESPONSE" in MessageType.__members__
)
_TIMES = whole("times", 0, 0, 1_000_000)  # 0 is without end
_MESSAGE = choice("message", ANY, (ANY, *REQUESTS))
_RESPONSE = (_MESSAGE, _TIMES)
_PORT = whole("port", 1, 1, 255)
_STATUS = whole("status", 100, 0, 65535)

FAULTS: Mapping[str, FaultKind] = {
    # ------------------------------------------------------------------------- the connection
    "half-open": FaultKind(
        "The reader neither reads nor sends any more, and TCP stays up; for taken_s seconds it "
        "takes the dead client for alive and refuses others with status 2; cleared, it does not.",
        Effect.ONCE,
        (number("taken_s", 0, 0, 86_400),),
    ),
    "rst": FaultKind("The connection is reset; what was not sent is lost.", Effect.ONCE),
    "fin": FaultKind("The reader closes its socket without a word.", Effect.ONCE),
    "close": FaultKind(
        "The reader sends ConnectionCloseEvent and closes when that has arrived.", Effect.ONCE
    ),
    "reboot": FaultKind(
        "The connection is reset, the port is closed for down_s seconds or until this is cleared; "
        "settings, buffered reads and uptime are lost, and so are the ROSpecs and AccessSpecs "
        "unless they are kept.",
        Effect.ONCE,
        (number("down_s", 2, 0, 3600), choice("specs", "lost", ("lost", "kept"))),
    ),
    "refuse": FaultKind(
        "A new client is greeted with ConnectionAttemptEvent of this status and closed: "
        "1 a reader-initiated connection exists, 2 a client-initiated one exists, 3 other.",
        Effect.CONNECTING,
        (whole("status", 2, 1, 3), _TIMES),
    ),
    "second-client": FaultKind(
        "The client is told that another one tried to connect: ConnectionAttemptEvent, status 4.",
        Effect.ONCE,
    ),
    "no-connect-event": FaultKind(
        "A new client hears nothing when it connects; its requests are answered.",
        Effect.CONNECTING,
        (_TIMES,),
    ),
    "keepalives-stop": FaultKind("No KEEPALIVE is sent, whatever was ordered.", Effect.LASTING),
    # ------------------------------------------------------------------------------ responses
    "response-late": FaultKind(
        "The response to this request comes delay_s seconds late; all else goes on.",
        Effect.LASTING,
        (number("delay_s", 10, 0, 3600), *_RESPONSE),
    ),
    "response-missing": FaultKind(
        "The request is done, and never answered.", Effect.LASTING, _RESPONSE
    ),
    "response-wrong-id": FaultKind(
        "The response carries a message id that nobody asked under.", Effect.LASTING, _RESPONSE
    ),
    "response-error": FaultKind(
        "The request is done, and answered with ERROR_MESSAGE of this status.",
        Effect.LASTING,
        (_STATUS, *_RESPONSE),
    ),
    "report-first": FaultKind(
        "Between a request and its response comes an RO_ACCESS_REPORT with tags that are not "
        "there (EPCs that begin with 00).",
        Effect.LASTING,
        (whole("tags", 1, 0, 500), *_RESPONSE),
    ),
    # ------------------------------------------------------------------------------ the stream
    "split": FaultKind(
        "Everything is sent in pieces of so many bytes.",
        Effect.LASTING,
        (whole("bytes", 1, 1, 65_536),),
    ),
    "coalesce": FaultKind(
        "Messages are held back until so many can be sent at once, but for hold_s at most.",
        Effect.LASTING,
        (whole("messages", 1000, 2, 100_000), number("hold_s", 5, 0.1, 600)),
    ),
    "flood": FaultKind(
        "Reports of tags that are not there are sent without end, as fast as the client takes "
        "them, whatever it asks for meanwhile.",
        Effect.LASTING,
        (whole("tags", 50, 0, 500), whole("reports", 20, 1, 1000)),
    ),
    "big-report": FaultKind(
        "One RO_ACCESS_REPORT of about so many bytes, of tags that are not there.",
        Effect.ONCE,
        (whole("bytes", 1_400_000, 100, 64_000_000),),
    ),
    "bad-length": FaultKind(
        "A message whose header claims this length; below 10, or more than any message has.",
        Effect.ONCE,
        (whole("length", 0, 0, 0xFFFF_FFFF),),
    ),
    "truncated": FaultKind(
        "The first bytes of a report are sent, then the connection is closed.",
        Effect.ONCE,
        (whole("bytes", 20, 1, 35),),
    ),
    "broken-report": FaultKind(
        "A report of right length in which a parameter claims more bytes than there are.",
        Effect.ONCE,
    ),
    "unknown-message": FaultKind(
        "A message of a type that no standard knows.", Effect.ONCE, (whole("type", 999, 0, 1022),)
    ),
    "unknown-custom-message": FaultKind(
        "A CUSTOM_MESSAGE of a vendor that nobody knows.", Effect.ONCE
    ),
    "unknown-in-reports": FaultKind(
        "Every tag's report ends with a parameter that nobody knows: of type and length (tlv), of "
        "type alone (tv; tv-first: it begins with it), or a vendor's.",
        Effect.LASTING,
        (choice("kind", "tlv", ("tlv", "tv", "tv-first", "custom")),),
    ),
    "bad-utf8": FaultKind("A ReaderExceptionEvent whose text is no UTF-8.", Effect.ONCE),
    # ------------------------------------------------------------------- specs and negotiation
    "foreign-rospec": FaultKind(
        "A ROSpec that another host left is in the reader, in this state.",
        Effect.ONCE,
        (
            whole("id", 4711, 1, 0xFFFF_FFFF),
            choice("state", "inactive", ("disabled", "inactive", "active")),
        ),
    ),
    "reject-rospec": FaultKind(
        "ADD_ROSPEC is refused when the ROSpec holds this parameter, which is blamed with this "
        "field and this code.",
        Effect.LASTING,
        (
            choice("part", "ROSpec", ROSPEC_PARTS),
            whole("field", 0, 0, 100),
            choice_of_codes("code", StatusCode.P_FIELD_ERROR),
            _TIMES,
        ),
    ),
    "version-110": FaultKind(
        "The reader speaks 1.0.1 alone, and answers messages about versions with ERROR_MESSAGE, "
        "M_UnsupportedVersion (110).",
        Effect.LASTING,
    ),
    "negotiation-closes": FaultKind(
        "The reader closes its socket when it is asked for its versions.",
        Effect.LASTING,
        (_TIMES,),
    ),
    "tls-certificate": FaultKind(
        "New clients are shown a certificate with this flaw: it has expired, its authority is "
        "unknown, or it names another host.",
        Effect.CONNECTING,
        (choice("kind", "expired", ("expired", "unknown-ca", "wrong-name")),),
    ),
    "tls-client-required": FaultKind(
        "New clients must show a certificate of the simulator's own authority.",
        Effect.CONNECTING,
    ),
    # ------------------------------------------------------------------------ reads and reports
    "replay-old-reads": FaultKind(
        "Reads made while nobody is connected are kept, the newest so many, and sent to the next "
        "client.",
        Effect.LASTING,
        (whole("reads", 66_000, 1, 1_000_000),),
    ),
    "omit-unchanged": FaultKind(
        "What is the same as in the tag's report before is left out, as the standard allows "
        "(1.0.1 §14.2.3).",
        Effect.LASTING,
    ),
    "buffer-warning": FaultKind(
        "The client is told that the report buffer fills, if it wants to know.",
        Effect.ONCE,
        (whole("percent", 80, 0, 99),),
    ),
    "buffer-overflow": FaultKind(
        "The client is told that the report buffer was full and reads are lost, if it wants to "
        "know.",
        Effect.ONCE,
    ),
    "reader-exception": FaultKind(
        "The client is told of a ReaderExceptionEvent, if it wants to know.",
        Effect.ONCE,
        (text("text", "temperature 71 C, power reduced"),),
    ),
    # ------------------------------------------------------------------- antennas, inputs, clock
    "antenna-lost": FaultKind(
        "An antenna is unplugged: it hears nothing, and the client is told if it wants to know.",
        Effect.ONCE,
        (_PORT,),
    ),
    "antenna-back": FaultKind("An antenna is plugged in again.", Effect.ONCE, (_PORT,)),
    "antenna-deaf": FaultKind(
        "An antenna hears nothing, and nobody is told; 0 is all of them.",
        Effect.LASTING,
        (whole("port", 0, 0, 255),),
    ),
    "gpi-edges": FaultKind(
        "An input changes so often at once, as a bouncing contact does.",
        Effect.ONCE,
        (_PORT, whole("edges", 1, 1, 1000)),
    ),
    "clock-2000": FaultKind(
        "The reader's clock began at 2000-01-01 when it was started.", Effect.LASTING
    ),
    "clock-ahead": FaultKind(
        "The reader's clock is ahead by so many seconds, behind if they are negative.",
        Effect.LASTING,
        (number("by_s", 3600, -1e9, 1e9),),
    ),
    "clock-jump": FaultKind(
        "The reader's clock is set by so many seconds, for good.",
        Effect.ONCE,
        (number("by_s", 3600, -1e9, 1e9),),
    ),
    "uptime-only": FaultKind("The reader has no clock: every stamp is its uptime.", Effect.LASTING),
}
