"""Options that all of tagtally-edge's commands share."""

from pathlib import Path

import click

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
