"""What the commands share: how errors are told, and options that mean the same everywhere."""

import contextlib
from contextlib import AbstractContextManager
from pathlib import Path

import click

from edge.config import Config
from edge.errors import GatewayError
from edge.storage.database import Database, open_database

DEFAULT_CONFIG = "/etc/tagtally/store.toml"
ENVIRONMENT = "TAGTALLY_CONFIG"

config_option = click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    envvar=ENVIRONMENT,
    default=DEFAULT_CONFIG,
    show_default=True,
    show_envvar=True,
    help="The store's configuration.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One object a line, for programs."
)


def reading(config: Config) -> AbstractContextManager[Database]:
    """Open the agent's file to look at it, whether the agent runs or not."""
    return contextlib.closing(open_database(Path(config.storage.path), read_only=True))


class Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(f"tagtally-edge: {error}", err=True)
            ctx.exit(error.exit_code)
