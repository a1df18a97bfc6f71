"""The minimums of the floor, from a CSV file that people keep: gtin, minimum."""

import csv
import io
from pathlib import Path

from edge import toml
from edge.config import Config
from edge.engine.profiles import profile_of_kind
from edge.engine.refill import Minimums
from edge.epc.names import gtin14
from edge.errors import ConfigError
from edge.model import ZoneKind
from edge.tuning import zone_profiles

_HEAD = ["gtin", "minimum"]
_MOST = 10_000
_SHOWN = 20


def load_minimums(config: Config) -> Minimums:
    """Read the file that the configuration names; raise ConfigError with every mistake in it."""
    default = config.refill.minimum
    if default is None:
        default = _default(config)
    if config.refill.minimums is None:
        return Minimums(default)
    path = Path(config.refill.minimums)
    return Minimums(default, _read(toml.read_text(path), path))


def _default(config: Config) -> int:
    """Give the most that the profile of a sales floor says."""
    profiles, kinds = zone_profiles(config), config.zone_kinds()
    floors = [zone for zone, kind in kinds.items() if kind is ZoneKind.SALES_FLOOR]
    minimums = [
        profiles.get(zone, profile_of_kind(ZoneKind.SALES_FLOOR)).floor_minimum for zone in floors
    ]
    return max(minimums, default=0)


def _read(text: str, path: Path) -> dict[str, int]:
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    minimums: dict[str, int] = {}
    mistakes = []
    if [cell.strip().lower() for cell in next(rows, [])] != _HEAD:
        raise ConfigError(f"{path}: line 1: expected the columns gtin,minimum")
    for row in rows:
        if not row:
            continue
        try:
            gtin, minimum = _entry(row)
        except ValueError as error:
            mistakes.append(f"line {rows.line_num}: {error}")
        else:
            minimums[gtin] = minimum
    if mistakes:
        raise ConfigError("\n  ".join([f"{path}: mistakes: {len(mistakes)}", *mistakes[:_SHOWN]]))
    return minimums


def _entry(row: list[str]) -> tuple[str, int]:
    if len(row) != len(_HEAD):
        raise ValueError(f"expected 2 columns, got {len(row)}")
    gtin, minimum = (cell.strip() for cell in row)
    if not (minimum.isascii() and minimum.isdigit() and int(minimum[:9]) <= _MOST):
        raise ValueError(f"minimum: expected an integer from 0 to {_MOST}, got {minimum}")
    return gtin14(gtin), int(minimum)
