"""tagtally-edge: run the agent, look at what it has counted, and talk to readers.

What a person can mend is told in one line, and the exit code says of which kind it is.
"""

from importlib.metadata import version

import click

from edge.cli import count, llrp, serial, store, sync, tag, till, zones
from edge.cli.analyse import analyse
from edge.cli.calibrate import calibrate_command
from edge.cli.common import Commands


@click.group(cls=Commands)
@click.version_option(version("tagtally"), prog_name="tagtally-edge")
def main() -> None:
    """Count the tags of one store, and tell head office."""


_COMMANDS = (
    *store.COMMANDS,
    *till.COMMANDS,
    analyse,
    calibrate_command,
    count.count,
    llrp.llrp,
    zones.candidates,
    zones.mute,
    serial.serial,
    sync.sync,
    tag.tag,
)
for _command in _COMMANDS:
    main.add_command(_command)
