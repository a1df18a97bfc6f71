"""What a demo looks like in a terminal: where the parts run, and the counts as they change.

In a terminal the table is drawn anew in place; elsewhere a line is printed when a count changes.
"""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.demo.counts import Counts
from deploy.demo.line import Line

SOURCES = {"truth": "the store", "edge": "edge", "cloud": "cloud"}


class Show:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._console = Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._last = ""

    def __enter__(self) -> Self:
        self._console.print(self._parts(), soft_wrap=True)
        self._console.print()
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def update(self, counts: Counts) -> None:
        if self._console.is_terminal:
            self._live.update(self._table(counts), refresh=True)
            return
        text = "   ".join(self._summary(counts, source) for source in SOURCES)
        if text != self._last:
            self._last = text
            self._console.print(text, soft_wrap=True)

    def _parts(self) -> Table:
        line = self._line
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold")
        table.add_column()
        table.add_row("reader", f"LLRP on 127.0.0.1:{line.reader_port}, antennas floor and back")
        table.add_row("agent", f"counts into {line.database}")
        table.add_row("broker", f"mosquitto on 127.0.0.1:{line.broker.port}")
        table.add_row("documents", line.place.description)
        if line.place.hint:
            table.add_row("", f"({line.place.hint})")
        table.add_row("page", Text(line.address, style="bold cyan"))
        return table

    def _table(self, counts: Counts) -> Group:
        zones = sorted({zone for stock in counts.by_source.values() for _, zone in stock})
        table = Table(box=None, padding=(0, 2))
        table.add_column("items present")
        for zone in [*zones, "all"]:
            table.add_column(zone, justify="right", min_width=6)
        for source, title in SOURCES.items():
            by_zone = counts.by_zone(source)
            numbers = [str(by_zone[zone]) for zone in zones]
            table.add_row(title, *numbers, Text(str(counts.total(source)), style="bold"))
        if counts.quiet:
            footer = "nothing moves any more; waiting until all agree"
        else:
            footer = "the edge follows the store by seconds, the cloud follows the edge"
        return Group(table, Text(f"\n{footer}; Ctrl-C ends it", style="dim"))

    @staticmethod
    def _summary(counts: Counts, source: str) -> str:
        zones = ", ".join(
            f"{zone} {count}" for zone, count in sorted(counts.by_zone(source).items())
        )
        return f"{source} {counts.total(source)}" + (f" ({zones})" if zones else "")
