"""`./dev demo`: a simulated store and its head office on this machine, shown live.

Ends by Ctrl-C, or with `--duration S` by itself: the store is played for S seconds, grows quiet,
and the last line compares what is true with what the edge and the cloud say.
"""

import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click

from deploy.demo.counts import Counts, Sources
from deploy.demo.line import Line, Ports, Store
from deploy.demo.place import choose_place
from deploy.demo.show import Show
from edge.errors import GatewayError

STORE = Store("demo-01", "Demo store", ("floor", "back"), absence_s=6.0)
PORTS = Ports(reader=5084, broker=1883, web=8080)
SETTLE_S = 60.0  # how long edge and cloud may take to agree with the truth, once it is quiet


class Interrupted(Exception):
    """Somebody wants the demo to end: Ctrl-C, or SIGTERM."""


@click.command()
@click.option("--duration", type=click.FloatRange(min=1), help="Play the store for S seconds.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other customers.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep files and logs in this folder.",
)
def main(duration: float | None, seed: int, keep: Path | None) -> None:
    """Play a store: reader, agent, broker, head office and its page, all on this machine."""
    try:
        with _folder(keep) as folder, _running(folder, duration, seed) as line:
            sys.exit(_play(line, duration))
    except Interrupted:
        click.echo("stopped: no process is left")
    except GatewayError as error:
        click.echo(f"demo: {error}", err=True)
        sys.exit(error.exit_code)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="tagtally-demo-") as name:
        yield Path(name)


@contextlib.contextmanager
def _running(folder: Path, duration: float | None, seed: int) -> Iterator[Line]:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    click.echo("starting the parts, one after another …")
    place = choose_place(folder)
    line = Line(folder, place, STORE, PORTS)
    try:
        length = [] if duration is None else ["--duration", str(duration)]
        truth = ["--truth", str(line.truth_file)]
        line.start(["run", "demo", "--seed", str(seed), *truth, *length])
        yield line
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # what is begun here is finished
        line.stop()
        if place.server is not None:
            place.server.stop()


def _play(line: Line, duration: float | None) -> int:
    """Show the counts until they agree with a quiet truth; give the exit code."""
    with Sources(line) as sources, Show(line) as show:
        sources.name_products()
        deadline = None if duration is None else time.monotonic() + duration + SETTLE_S
        while True:
            for program in line.programs():
                program.check()
            counts = sources.read()
            show.update(counts)
            if counts.quiet and (counts.agree() or _is_over(deadline)):
                break
            if _is_over(deadline):
                break
            time.sleep(0.5)
    click.echo(f"truth {counts.total('truth')} items, {_says(counts)}")
    return 0 if counts.agree() else 1


def _says(counts: Counts) -> str:
    return f"edge {counts.total('edge')}, cloud {counts.total('cloud')}"


def _is_over(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() > deadline


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted


if __name__ == "__main__":
    main()
