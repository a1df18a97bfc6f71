"""What a process that is killed has committed is there; what it had not is not, all of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge.storage.database import open_database
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from edge.storage.sync import Sync

ROOT = Path(__file__).resolve().parents[3]
GROUP = 7

# Writes groups of arrivals for ever and says the number of each once it is committed; then waits to
# be told to go on, so that it is known where it stands when it is killed.
COMMITTED = """
import sys
from pathlib import Path
from edge.storage.database import open_database
from edge.storage.ledger import Ledger
from tests.support.storage import arrived

with open_database(Path(sys.argv[1])) as db:
    number = 0
    while sys.stdin.readline():
        first = number * {group} + 1
        with db.atomic():
            Ledger(db).record(arrived(*range(first, first + {group})))
            if sys.argv[2] == str(number):
                print("uncommitted", flush=True)
                sys.stdin.readline()
        number += 1
        print(number, flush=True)
"""


def writer(path: Path, stop_in_group: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMITTED.format(group=GROUP), str(path), str(stop_in_group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def go_on(process: subprocess.Popen[str]) -> str:
    """Have it write one group more; give what it says then."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go on\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.mark.parametrize("groups", [1, 4])
def test_a_kill_loses_the_uncommitted_group_and_nothing_else(tmp_path: Path, groups: int) -> None:
    path = tmp_path / "store.db"
    with writer(path, stop_in_group=groups) as process:
        try:
            said = [go_on(process) for _ in range(groups + 1)]
        finally:
            process.kill()
    assert said == [*[str(number) for number in range(1, groups + 1)], "uncommitted"]
    with open_database(path) as db:
        assert Stock(db).totals().present == groups * GROUP
        assert Ledger(db).mismatches() == []
        assert Sync(db).state().ver == groups
