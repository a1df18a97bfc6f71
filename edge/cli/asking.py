"""Have a reader do something: by the agent that runs, or where none does by ourselves."""

from pathlib import Path

import click
import msgspec

from edge.clock import SystemClock
from edge.config import Config, ReaderConfig
from edge.errors import ConfigError, GatewayError, ReaderError
from edge.llrp.operations import Outcome
from edge.local.control import (
    Answered,
    Ask,
    Do,
    Done,
    Facts,
    ReaderOperation,
    Refused,
    Request,
    TellFacts,
    ask_agent,
    check_right,
    socket_path,
)
from edge.lock import holder
from edge.readers import direct

_ANSWER_S = 120.0  # longer than the agent waits for the reader

reader_option = click.option(
    "--reader", "reader_name", help="Which one, where the configuration has several."
)


class AgentRefused(GatewayError):
    """The agent that runs has said no, with its own exit code."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.exit_code = refused.exit_code  # type: ignore[misc]  # this one's own


def choose_reader(config: Config, name: str | None) -> ReaderConfig:
    """Find the LLRP reader that is meant; raise ConfigError that names those there are."""
    known = {one.name: one for one in config.readers if isinstance(one, ReaderConfig)}
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name not in known:
        names = f"one of {', '.join(known)}" if known else "an LLRP reader, and there is none"
        raise ConfigError(f"--reader: expected {names}, got {name or 'none'}")
    return known[name]


def perform(config: Config, reader: ReaderConfig, operation: ReaderOperation) -> Outcome:
    """Raise ConfigError where it is not allowed, ReaderError where the reader cannot be had."""
    check_right(operation, config.access.allow)
    database = Path(config.storage.path)
    if holder(database) is None:
        return direct.perform(reader, SystemClock(), operation)
    answer = _ask(database, Do(reader.name, operation))
    if not isinstance(answer, Done):
        raise ReaderError("the agent answers something else: is it of another version?")
    return answer.outcome


def facts(config: Config) -> Facts | None:
    """Give how the agent's connections are; None where no agent runs."""
    database = Path(config.storage.path)
    if holder(database) is None:
        return None
    answer = _ask(database, TellFacts())
    return answer if isinstance(answer, Facts) else None


def ask_route(config: Config, method: str, target: str, body: object = None) -> bytes:
    """Ask the running agent as over HTTP; give what it answers, in JSON."""
    database = Path(config.storage.path)
    if holder(database) is None:
        raise ReaderError(f"{config.store.id}: its agent does not run; nothing was told")
    raw = msgspec.Raw(b"null" if body is None else msgspec.json.encode(body))
    answer = _ask(database, Ask(method, target, raw))
    if not isinstance(answer, Answered):
        raise ReaderError("the agent answers something else: is it of another version?")
    return bytes(answer.body)


def _ask(database: Path, request: Request) -> Done | Facts | Answered:
    answer = ask_agent(socket_path(database), request, _ANSWER_S)
    if isinstance(answer, Refused):
        raise AgentRefused(answer)
    return answer


def show(ctx: click.Context, outcome: Outcome) -> None:
    """Tell what has come of it; the exit code is 1 where it was not done."""
    if outcome.words:
        click.echo("".join(f"{word:04x}" for word in outcome.words))
    if outcome.detail != "done":
        click.echo(outcome.detail, err=not outcome.done)
    ctx.exit(0 if outcome.done else 1)
