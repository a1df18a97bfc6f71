"""What the commands share: how errors are told, and options that mean the same everywhere."""

from pathlib import Path

import click

from edge.errors import GatewayError

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


class Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(f"tagtally-edge: {error}", err=True)
            ctx.exit(error.exit_code)
