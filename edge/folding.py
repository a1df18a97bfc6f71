"""Changes that wait to be written, folded into one: pure, and bounded but for the events."""

from collections.abc import Iterable
from typing import TypeVar

from edge.engine.changes import Changes, KnownItem, LastRead, StrayReads

STRAYS_LIMIT = 10_000  # as in the engine: a store has some hundreds in all

_OfItem = TypeVar("_OfItem", KnownItem, LastRead)


def fold(older: Changes, newer: Changes) -> Changes:
    """Give what says the same as both, one after the other; counters are the newer's alone."""
    if older.is_empty():
        return newer
    return Changes(
        at_us=older.at_us if newer.at_us is None else newer.at_us,
        events=[*older.events, *newer.events],
        stock=[*older.stock, *newer.stock],
        items=_latest([*older.items, *newer.items]),
        last_reads=_latest([*older.last_reads, *newer.last_reads]),
        strays=_strays([*older.strays, *newer.strays]),
        counts=[*older.counts, *newer.counts],
        matches=[*older.matches, *newer.matches],
        counters=newer.counters,
    )


def _latest(entries: Iterable[_OfItem]) -> list[_OfItem]:
    return list({(entry.gtin, entry.serial): entry for entry in entries}.values())


def _strays(strays: Iterable[StrayReads]) -> list[StrayReads]:
    """Give one entry for each stray; those beyond the limit go, the latest heard of first."""
    folded: dict[bytes, StrayReads] = {}
    for stray in strays:
        known = folded.get(stray.epc)
        if known is not None:
            folded[stray.epc] = StrayReads(
                stray.epc,
                stray.reason,
                known.reads + stray.reads,
                min(known.first_at_us, stray.first_at_us),
                max(known.last_at_us, stray.last_at_us),
            )
        elif len(folded) < STRAYS_LIMIT:
            folded[stray.epc] = stray
    return list(folded.values())
