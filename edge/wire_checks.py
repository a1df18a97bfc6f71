"""What must hold between the fields of a delta, beside what each may hold for itself."""

from itertools import pairwise
from typing import TYPE_CHECKING

from edge.errors import ProtocolError

if TYPE_CHECKING:
    from edge.wire import Delta


def check_shape(delta: "Delta", max_rows: int) -> None:
    rows = len(delta.gtins)
    if rows > max_rows:
        raise ProtocolError(f"delta of {rows} rows, allowed are {max_rows}")
    if len(delta.counts) != len(delta.zones):
        columns = len(delta.counts)
        raise ProtocolError(f"delta.counts has {columns} columns for {len(delta.zones)} zones")
    lengths = {"vers": len(delta.vers), "missing": len(delta.missing)}
    lengths |= {f"counts[{i}]": len(column) for i, column in enumerate(delta.counts)}
    for name, length in lengths.items():
        if length != rows:
            raise ProtocolError(f"delta.{name} has {length} entries for {rows} rows")
    for name, names in {"gtins": delta.gtins, "zones": delta.zones}.items():
        if len(set(names)) != len(names):
            raise ProtocolError(f"delta.{name} names one twice")


def check_order(delta: "Delta") -> None:
    """Refuse vers that do not rise from above `from_ver` up to `to_ver`."""
    if delta.from_ver >= delta.to_ver:
        raise ProtocolError(f"delta from ver {delta.from_ver} to {delta.to_ver}, it must rise")
    for before, ver in pairwise([delta.from_ver, *delta.vers]):
        if ver <= before:
            raise ProtocolError(f"delta.vers has {ver} after {before}, they must rise")
    if delta.vers and delta.vers[-1] > delta.to_ver:
        raise ProtocolError(f"delta.vers has {delta.vers[-1]}, above to_ver {delta.to_ver}")
