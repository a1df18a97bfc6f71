"""A file in which a million GTINs are pending is opened soon, and without being held in memory."""

import subprocess
import sys
from pathlib import Path

from tests.support.storage import fill_pending

ROWS = 1_000_000
OPEN_S, GROWTH_MB = 5.0, 40.0
_PROGRAM = """
import resource, sys, time
from pathlib import Path
from edge.storage.damage import open_or_replace
from edge.storage.stock import Stock
from edge.storage.sync import Sync

def held_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

before_mb, began_s = held_mb(), time.monotonic()
db = open_or_replace(Path(sys.argv[1]), 0)
state = Sync(db).begin()
first = Stock(db).pending(state.acked, 400)
open_s = time.monotonic() - began_s
middle = Stock(db).pending(state.ver // 2, 400)
print(len(first.rows), len(middle.rows), Stock(db).totals().pending, open_s, held_mb() - before_mb)
"""


def test_a_million_pending_gtins_are_opened_in_time_with_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill_pending(path, ROWS)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, path],
        capture_output=True,
        check=True,
        text=True,
        timeout=100,
        cwd=Path(__file__).parents[2],
    )
    first, middle, pending, open_s, growth_mb = done.stdout.split()
    assert (int(first), int(middle), int(pending)) == (400, 400, ROWS)
    assert float(open_s) < OPEN_S
    assert float(growth_mb) < GROWTH_MB
