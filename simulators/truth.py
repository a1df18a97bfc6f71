"""What is really there, in a file, for whoever wants to compare: `tagtally-sim run --truth`.

    {"quiet": false, "present": 260, "stock": {"09506000100104": {"floor": 4}},
     "products": {"09506000100104": "T-shirt, white, S"}}

A count of 0 is left out.  The file is replaced as a whole, so a reader never sees half of it.
"""

import contextlib
import json
import os
from pathlib import Path

from edge.errors import ConfigError
from simulators.world import World


def truth_of(world: World, *, quiet: bool) -> dict[str, object]:
    return {
        "quiet": quiet,
        "present": world.present,
        "stock": world.stock(),
        "products": {gtin: product.name for gtin, product in world.products.items()},
    }


class TruthFile:
    """Raises ConfigError where the file cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")

    def write(self, world: World, *, quiet: bool) -> None:
        try:
            self._draft.write_text(
                json.dumps(truth_of(world, quiet=quiet), indent=1) + "\n", encoding="utf-8"
            )
            self._draft.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._draft.unlink()
            raise ConfigError(f"{self._path}: cannot be written: {error.strerror}") from error
