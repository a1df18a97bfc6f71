"""Command lines of the TSL ASCII Protocol (2.5), and what each of them knows.

    .iv LCMD 000003 -x -n -r on -qs s1
    |   |           parameters, sticky until -x or sleep
    |   a mark of ours, which the reader gives back in CS

A value follows its parameter with or without a space, text in double quotes.
"""

import re
from dataclasses import dataclass

LONGEST_VALUE = 256

_SELECT = "sa sb sd sl so st"
_QUERY = "qa ql qs qt qv"
_TAG = f"al ap c db dl do dt e ie io ix o r {_SELECT} {_QUERY}"

# The parameters of a command, apart from -n, -p and -x, which all have that have any.
COMMANDS: dict[str, str] = {
    "ab": "",
    "al": "b d t v",
    "bc": "al dt e t",
    "bl": "bh",
    "bt": "bi bs f w",
    "da": "s",
    "dp": "s",
    "ea": "d",
    "ec": "e",
    "fd": "",
    "iv": f"al c dr dt e fi fs ic io ip ix o r tf {_SELECT} {_QUERY}",
    "ki": f"kp {_TAG}",
    "lk": "d s",
    "lo": f"lp {_TAG}",
    "pd": "t",
    "ps": "t",
    "ra": "",
    "rd": _TAG,
    "rl": "c d",
    "sa": "a d rd rs s",
    "sl": "",
    "sp": "s",
    "ss": "",
    "st": "t",
    "tm": "s",
    "ts": f"al o {_SELECT} {_QUERY}",
    "vr": "",
    "wa": "",
    "wr": f"da wm wx {_TAG}",
    "ws": f"da wm wx {_TAG}",
}
_ALWAYS = ("n", "p", "x")  # without a value

_HEAD = re.compile(r"\.([a-z]{2})(?: +LCMD +(\d{6}))?")
_PARAMETER = re.compile(r' *-([a-z]+) *("[^"]*"|[^" -][^ "]*)?')


@dataclass(frozen=True, slots=True)
class Command:
    """`parameters` are names without their dash, and values, "" where there is none."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()
    mark: int | None = None

    def encode(self) -> bytes:
        """Give the whole line.  Raises ValueError for what the command does not know."""
        known, words = parameters_of(self.name), [f".{self.name}"]
        if self.mark is not None:
            words.append(f"LCMD {self.mark:06d}")
        for parameter, value in self.parameters:
            if parameter not in known:
                raise ValueError(f".{self.name} has no parameter -{parameter}")
            if not value.isascii() or not value.isprintable() or '"' in value:
                raise ValueError(f".{self.name} -{parameter}: {value!r} cannot be sent")
            if len(value) > LONGEST_VALUE:
                raise ValueError(f".{self.name} -{parameter}: {len(value)} characters, 256 fit")
            quoted = f'"{value}"' if " " in value or value.startswith("-") else value
            words.append(f"-{parameter} {quoted}".rstrip())
        return " ".join(words).encode() + b"\r\n"


def parameters_of(name: str) -> frozenset[str]:
    """Give what the command knows.  Raises ValueError for a command that there is not."""
    if name not in COMMANDS:
        raise ValueError(f".{name} is no command")
    return frozenset((*COMMANDS[name].split(), *_ALWAYS))


def decode_command(line: str) -> Command | None:
    """Read a line as it came or as CS gives it back; None where it is no command that there is."""
    line = line.rstrip()
    head = _HEAD.match(line)
    if head is None or head[1] not in COMMANDS:
        return None
    known, at, parameters = parameters_of(head[1]), head.end(), list[tuple[str, str]]()
    while at < len(line):
        found = _PARAMETER.match(line, at)
        # `-ron` is -r with its value: the longest name that the command knows
        names = [found[1][:size] for size in range(len(found[1]), 0, -1)] if found else []
        name = next((name for name in names if name in known), None)
        if found is None or name is None:
            return None
        value = found[1][len(name) :] + (found[2] or "")
        parameters.append((name, value.strip('"')))
        at = found.end()
    return Command(head[1], tuple(parameters), int(head[2]) if head[2] else None)
