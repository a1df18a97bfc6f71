"""What the commands of tagtally-sim that play a world have in common."""

import functools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from simulators.control import ControlServer
from simulators.play import WorldPlayer
from simulators.scenario import Scenario, load_scenario
from simulators.signals import nobody, until_signal
from simulators.truth import TruthFile

_OPTIONS = (
    click.argument("scenario", default="demo", metavar="[SCENARIO | FILE.toml]"),
    click.option(
        "--seed",
        type=int,
        default=1,
        show_default=True,
        help="The same seed gives the same items, moves and reads.",
    ),
    click.option(
        "--duration",
        type=click.FloatRange(min=0),
        default=float("inf"),
        metavar="SECONDS",
        help="Let nothing move after so long; the readers read on.  [default: never]",
    ),
    click.option(
        "--truth",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE.json",
        help="Write what is really there, anew at every change.",
    ),
    click.option(
        "--control",
        metavar="PATH | HOST:PORT",
        help="Obey `tagtally-sim ctl`, on a Unix socket or a loopback port.",
    ),
)


@dataclass(frozen=True, slots=True)
class Show:
    """What is played, and what is told of it."""

    scenario: Scenario
    seed: int
    duration_s: float
    truth: Path | None
    control: str | None

    def play(self, make: Callable[[Scenario, int], WorldPlayer]) -> None:
        """Play before what `make` makes of the scenario and the seed, until a signal comes."""
        with ExitStack() as stack:
            player = make(self.scenario, self.seed)
            stack.callback(player.close)
            server = ControlServer(self.control, player.switchboard) if self.control else None
            if server is not None:
                stack.callback(server.close)
                click.echo(f"obeying at {server.endpoint}")
            for name, station in player.stations.items():
                lead = f"{name} " if len(player.stations) > 1 else ""
                click.echo(f"{lead}{station.verb} {station.address}")
            attend = server.attend if server is not None else nobody
            truth = TruthFile(self.truth) if self.truth else None
            player.play(until_signal(), self.duration_s, truth, attend)


def show_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options, and call it with the `show` that they describe."""

    @functools.wraps(command)
    def wrapped(
        *,
        scenario: str,
        seed: int,
        duration: float,
        truth: Path | None,
        control: str | None,
        **others: object,
    ) -> None:
        show = Show(load_scenario(scenario), seed, duration, truth, control)
        command(show=show, **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
