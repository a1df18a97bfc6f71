"""Read tables of a TOML file and gather every mistake, so that a person hears of all at once.

A value that is wrong or missing is noted with its place and what is allowed, and something
harmless is given in its stead: nobody may use what was read before `check` has passed.
"""

import re
from collections.abc import Mapping
from typing import Any

from edge.errors import ConfigError


class Mistakes:
    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[str] = []

    def note(self, place: str, what: str) -> None:
        self._found.append(f"{self._file}: {place}: {what}")

    def check(self) -> None:
        """Raise ConfigError with one line a mistake, if there was any."""
        if self._found:
            raise ConfigError("\n".join(self._found))


class Table:
    """One table; every key must be asked for before `finish` says which are unknown."""

    def __init__(self, data: Mapping[str, Any], place: str, mistakes: Mistakes) -> None:
        self._data, self._place, self.mistakes = data, place, mistakes
        self._known: list[str] = []

    def note(self, key: str, what: str) -> None:
        self.mistakes.note(f"{self._place}.{key}" if self._place else key, what)

    def text(self, key: str, pattern: str = r".+", allowed: str = "a text") -> str:
        value = self._take(key, allowed)
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        self._refuse(key, value, allowed)
        return ""

    def number(
        self, key: str, lowest: float, highest: float, default: float | None = None
    ) -> float:
        allowed = f"a number from {lowest:g} to {highest:g}"
        value = self._take(key, allowed, default)
        match value:
            case bool():
                pass
            case int() | float() if lowest <= value <= highest:
                return float(value)
        self._refuse(key, value, allowed)
        return lowest

    def whole(self, key: str, lowest: int, highest: int, default: int | None = None) -> int:
        allowed = f"a whole number from {lowest} to {highest}"
        value = self._take(key, allowed, default)
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        self._refuse(key, value, allowed)
        return lowest

    def has(self, key: str) -> bool:
        return key in self._data

    def tables(self, key: str) -> "list[Table]":
        """Give the tables `[[key]]`, of which there must be one at least."""
        allowed = f"one or more tables [[{key}]]"
        value = self._take(key, allowed)
        if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
            place = f"{self._place}.{key}" if self._place else key
            return [
                Table(entry, f"{place}[{number}]", self.mistakes)
                for number, entry in enumerate(value, start=1)
            ]
        self._refuse(key, value, allowed)
        return []

    def check_unique(self, key: str, inner: str) -> None:
        """Note what stands more than once as `inner` in the tables `[[key]]`."""
        entries = self._data.get(key)
        listed = entries if isinstance(entries, list) else []
        tables = [entry for entry in listed if isinstance(entry, dict)]
        written = [str(entry[inner]) for entry in tables if inner in entry]
        for value in sorted({value for value in written if written.count(value) > 1}):
            self.note(key, f"{inner} {value} stands there more than once")

    def finish(self) -> None:
        for key in self._data.keys() - set(self._known):
            self.note(key, f"unknown, allowed are {', '.join(self._known)}")

    def _take(self, key: str, allowed: str, default: object = None) -> object:
        self._known.append(key)
        if key not in self._data and default is None:
            self.note(key, f"missing, needed is {allowed}")
        return self._data.get(key, default)

    def _refuse(self, key: str, value: object, allowed: str) -> None:
        if value is not None:  # what is missing has been noted
            self.note(key, f"{value!r}, allowed is {allowed}")
