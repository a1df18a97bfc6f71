"""How a simulated reader misbehaves when it is told to: `FAULTS` is the whole list, by name.

Whoever serves the reader asks `Faults` what is on; what happens once is done by `simulators.acts`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.errors import ConfigError
from edge.llrp.constants import MessageType

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


class Values:
    """The parameters of a fault that is on, each as its kind has it."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def whole(self, name: str) -> int:
        return int(self._values[name])

    def number(self, name: str) -> float:
        return float(self._values[name])

    def text(self, name: str) -> str:
        return str(self._values[name])

    def as_dict(self) -> dict[str, Value]:
        return dict(self._values)

    def used_once(self) -> "Values | None":
        """Give what is left when it was used once more; None where that was the last time."""
        times = self.whole("times") if "times" in self._values else 0
        if times == 1:
            return None
        return Values(self._values | {"times": times - 1}) if times else self


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


# Which requests have a response of their own (LLRP 1.1 §17.1).
REQUESTS = tuple(
    kind.name for kind in MessageType if f"{kind.name}_RESPONSE" in MessageType.__members__
)
_TIMES = whole("times", 0, 0, 1_000_000)  # 0 is without end
_MESSAGE = choice("message", ANY, (ANY, *REQUESTS))
_RESPONSE = (_MESSAGE, _TIMES)
_STATUS = whole("status", 100, 0, 65535)

FAULTS: Mapping[str, FaultKind] = {
    # ------------------------------------------------------------------------- the connection
    "half-open": FaultKind(
        "The reader neither reads nor sends any more, and TCP stays up; for taken_s seconds it "
        "takes the dead client for alive and refuses others with status 2.",
        Effect.ONCE,
        (number("taken_s", 0, 0, 86_400),),
    ),
    "rst": FaultKind("The connection is reset; what was not sent is lost.", Effect.ONCE),
    "fin": FaultKind("The reader closes its socket without a word.", Effect.ONCE),
    "close": FaultKind(
        "The reader sends ConnectionCloseEvent and closes when that has arrived.", Effect.ONCE
    ),
    "reboot": FaultKind(
        "The connection is reset, the port is closed for down_s seconds; settings, buffered reads "
        "and uptime are lost, and so are the ROSpecs and AccessSpecs unless they are kept.",
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
}


class Faults:
    """Which faults are on.  A wrong name or parameter raises ConfigError with what is allowed."""

    def __init__(self, table: Mapping[str, FaultKind] = FAULTS) -> None:
        self.table = table
        self._on: dict[str, Values] = {}

    def set(self, name: str, values: Mapping[str, object]) -> Values:
        """Check a fault; it stays on until cleared unless it is of those that happen once."""
        checked = check_fault(name, values, self.table)
        if self.table[name].effect != Effect.ONCE:
            self._on[name] = checked
        return checked

    def clear(self, name: str | None = None) -> None:
        if name is None:
            self._on.clear()
            return
        if name not in self.table:
            raise _unknown(name, self.table)
        self._on.pop(name, None)

    def get(self, name: str) -> Values | None:
        return self._on.get(name)

    def take(self, name: str, message: str | None = None) -> Values | None:
        """Use a fault, if it is on and meant for this request; one with `times` wears off."""
        values = self._on.get(name)
        if values is None or (message is not None and values.text("message") not in {ANY, message}):
            return None
        left = values.used_once()
        if left is None:
            del self._on[name]
        else:
            self._on[name] = left
        return values

    def on(self) -> dict[str, dict[str, Value]]:
        return {name: values.as_dict() for name, values in self._on.items()}


def check_fault(
    name: str, values: Mapping[str, object], table: Mapping[str, FaultKind] = FAULTS
) -> Values:
    kind = table.get(name)
    if kind is None:
        raise _unknown(name, table)
    known = {parameter.name: parameter for parameter in kind.parameters}
    for key in values.keys() - known.keys():
        allowed = f"allowed are {', '.join(known)}" if known else "it has none"
        raise ConfigError(f"fault {name}: unknown parameter {key!r}, {allowed}")
    return Values({key: _value(name, known[key], values.get(key)) for key in known})


def _value(fault: str, parameter: FaultParameter, given: object) -> Value:
    if given is None:
        return parameter.default
    value = parameter.read(str(given))
    if value is None:
        place = f"fault {fault}: {parameter.name}"
        raise ConfigError(f"{place}: {given!r}, allowed is {parameter.allowed}")
    return value


def _unknown(name: str, table: Mapping[str, FaultKind]) -> ConfigError:
    return ConfigError(f"unknown fault {name!r}, allowed are {', '.join(table)}")
