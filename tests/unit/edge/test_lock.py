"""One agent for one database file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import StorageError
from edge.lock import exclusive, holder

HOLDS = """
import sys
from pathlib import Path
from edge.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_second_holder_is_refused_and_told_who_holds_it(database: Path) -> None:
    with exclusive(database), pytest.raises(StorageError) as raised, exclusive(database):
        pass
    assert str(raised.value) == f"{database}: in use by another agent, pid {os.getpid()}"


def test_a_lock_that_was_let_go_can_be_taken(database: Path) -> None:
    with exclusive(database):
        pass
    with exclusive(database):
        pass


def test_two_files_in_one_folder_have_a_lock_each(database: Path) -> None:
    with exclusive(database), exclusive(database.with_name("other.db")):
        pass


def test_a_process_that_is_killed_lets_the_lock_go(database: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StorageError, match=rf"pid {holder.pid}"), exclusive(database):
            pass
        holder.kill()
        holder.wait(5)
        with exclusive(database):
            pass


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    database = tmp_path / "none" / "store.db"
    with (
        pytest.raises(StorageError, match=r"store\.db\.lock: cannot be opened: No such file"),
        exclusive(database),
    ):
        pass


def test_the_holder_can_be_asked_for_and_the_question_takes_nothing(database: Path) -> None:
    assert holder(database) is None
    with exclusive(database):
        assert holder(database) == str(os.getpid())
    assert holder(database) is None
    with exclusive(database):
        pass
