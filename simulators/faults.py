"""How a simulated reader misbehaves when it is told to: which of `fault_table.FAULTS` are on.

Whoever serves the reader asks `Faults`; what happens once is done by `simulators.acts`.
"""

from collections.abc import Mapping

from edge.errors import ConfigError
from simulators.fault_table import ANY, FAULTS, Effect, FaultKind, FaultParameter, Value


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
