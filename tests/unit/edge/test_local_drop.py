"""The folder of dropped files: what is taken, when, how often, and where it goes."""

import os
from pathlib import Path

import msgspec
import pytest

from edge.errors import InputConflict, StorageError
from edge.local import files
from edge.local.drop import STABLE_S, DropFolder
from edge.local.files import Entry

GTIN = "80614141123458"


class Drop:
    """A folder, whose looks take place when a test says so; `told` are the documents' ids."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now_s = folder, 100.0
        self.told: list[str] = []
        self.refuses: dict[str, Exception] = {}
        self.life()

    def life(self) -> None:
        """Begin anew, as an agent that starts."""
        self.watch = DropFolder(self.folder, self._tell, lambda: self.now_s)

    def _tell(self, entry: Entry) -> bytes:
        document = entry.document.id
        if document in self.refuses:
            raise self.refuses[document]
        self.told.append(document)
        return b'{"id":"%s"}' % document.encode()

    def write(self, name: str, *documents: str) -> Path:
        said = [
            {"kind": "sale", "id": document, "lines": [{"gtin": GTIN}]} for document in documents
        ]
        (self.folder / name).write_bytes(msgspec.json.encode(said))
        return self.folder / name

    def look(self, after_s: float = STABLE_S) -> list[str]:
        self.now_s += after_s
        return [str(path.relative_to(self.folder)) for path in self.watch.look()]

    def take(self) -> list[str]:
        """Look until what lies there has lain for long enough."""
        self.look()
        return self.look()

    def texts(self, folder: str) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.folder / folder).iterdir()}


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path)


def test_a_file_is_told_and_put_away_with_its_answers(drop: Drop) -> None:
    path = drop.write("a.json", "s1", "s2")
    text = path.read_text()
    assert drop.take() == ["done/a.json"]
    assert drop.told == ["s1", "s2"]
    assert drop.texts("done") == {"a.json": text, "a.json.result": '{"id":"s1"}\n{"id":"s2"}\n'}
    assert drop.take() == []


def test_a_file_that_still_grows_is_left_alone(drop: Drop) -> None:
    drop.write("a.json", "s1")
    drop.look()
    drop.write("a.json", "s1", "s2")
    assert drop.look() == []
    drop.write("a.json", "s1", "s2", "s3")
    assert drop.look() == []
    assert drop.look() == ["done/a.json"]
    assert drop.told == ["s1", "s2", "s3"]


def test_a_file_is_not_taken_before_it_has_lain_for_a_while(drop: Drop) -> None:
    drop.write("a.json", "s1")
    assert [drop.look(STABLE_S / 2) for _ in range(3)] == [[], [], ["done/a.json"]]


@pytest.mark.parametrize("name", ["a.json.tmp", ".a.json", "a.part", "readme.txt"])
def test_files_of_other_names_are_not_taken(drop: Drop, name: str) -> None:
    path = drop.write(name, "s1")
    assert (drop.take(), path.exists()) == ([], True)
    path.rename(drop.folder / "b.json")
    assert drop.take() == ["done/b.json"]


def test_the_oldest_file_comes_first(drop: Drop) -> None:
    for age, name in ((10, "new"), (30, "old"), (20, "middle")):
        os.utime(drop.write(f"{name}.json", name), (1000 - age, 1000 - age))
    drop.take()
    assert drop.told == ["old", "middle", "new"]


def test_a_name_that_comes_again_does_not_cover_the_one_before(drop: Drop) -> None:
    for document in ("s1", "s2", "s3"):
        drop.write("a.json", document)
        drop.take()
    names = sorted(drop.texts("done"))
    assert [name for name in names if name.endswith(".json")] == [
        "a-2.json",
        "a-3.json",
        "a.json",
    ]
    assert "s3" in drop.texts("done")["a-3.json.result"]


def test_with_a_mistake_nothing_of_a_file_is_done(drop: Drop) -> None:
    path = drop.write("a.json", "s1", "bad id")
    text = path.read_text()
    assert drop.take() == ["failed/a.json"]
    assert drop.told == []
    failed = drop.texts("failed")
    assert failed["a.json"] == text
    assert "[1].id: expected 1 to 100 letters" in failed["a.json.reason"]


def test_what_is_refused_is_told_beside_what_was_done(drop: Drop) -> None:
    drop.refuses["s2"] = InputConflict("said something else")
    drop.write("a.json", "s1", "s2", "s3")
    assert drop.take() == ["failed/a.json"]
    reason = drop.texts("failed")["a.json.reason"]
    assert reason == 'sale s2: said something else\n{"id":"s1"}\n{"id":"s3"}\n'


def test_what_cannot_be_written_now_stays_and_is_told_later(drop: Drop) -> None:
    path = drop.write("a.json", "s1", "s2")
    drop.refuses["s2"] = StorageError("the disk is full")
    drop.look()
    with pytest.raises(StorageError):
        drop.look()
    assert path.exists()
    drop.refuses.clear()
    assert drop.look() == ["done/a.json"]
    assert drop.told == ["s1", "s1", "s2"]


def test_a_file_that_was_taken_halfway_is_taken_again_by_the_next_life(drop: Drop) -> None:
    drop.write("a.json", "s1", "s2")
    drop.refuses["s2"] = KeyboardInterrupt()  # type: ignore[assignment]  # as sudden as a kill
    drop.look()
    with pytest.raises(KeyboardInterrupt):
        drop.look()
    drop.refuses.clear()
    drop.life()
    assert drop.take() == ["done/a.json"]
    assert drop.told == ["s1", "s1", "s2"]


def test_a_life_that_ended_between_result_and_move_leaves_no_trace(drop: Drop) -> None:
    drop.write("a.json", "s1")
    (drop.folder / "done").mkdir()
    (drop.folder / "done" / "a.json.result").write_text("of the life before")
    drop.take()
    assert sorted(drop.texts("done")) == ["a.json", "a.json.result"]
    assert drop.texts("done")["a.json.result"] == '{"id":"s1"}\n'


def test_a_file_that_is_taken_back_is_no_harm(drop: Drop) -> None:
    path = drop.write("a.json", "s1")
    drop.look()
    path.unlink()
    assert drop.look() == []


def test_what_is_no_plain_file_is_put_aside_unread(drop: Drop) -> None:
    (drop.folder / "a.json").symlink_to("/etc/passwd")
    os.mkfifo(drop.folder / "b.json")
    (drop.folder / "c.json").mkdir()
    assert sorted(drop.take()) == ["failed/a.json", "failed/b.json", "failed/c.json"]
    reason = (drop.folder / "failed" / "b.json.reason").read_text()
    assert reason == "no plain file\n"


def test_a_file_that_is_too_large_is_put_aside(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 5)
    drop.write("a.json", "s1")
    assert drop.take() == ["failed/a.json"]
    assert "more than 5 bytes" in drop.texts("failed")["a.json.reason"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    drop = Drop(tmp_path / "drop")
    assert drop.look() == []
    assert sorted(path.name for path in drop.folder.iterdir()) == ["done", "failed"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    drop = Drop(tmp_path / "none" / "drop")
    with pytest.raises(FileNotFoundError):
        drop.look()
