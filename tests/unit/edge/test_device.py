"""A machine's name for itself stays, is its own, and is made anew only when it must be."""

from pathlib import Path

import pytest

from edge.device import device_id, new_device_id
from edge.errors import StorageError


def test_the_name_stays_whatever_becomes_of_the_database(tmp_path: Path) -> None:
    database = tmp_path / "store.db"
    first = device_id(database)
    database.write_bytes(b"another database")
    assert device_id(database) == first
    assert len(first) == 16


def test_two_machines_have_two_names(tmp_path: Path) -> None:
    assert device_id(tmp_path / "a.db") != device_id(tmp_path / "b.db")


def test_a_name_that_a_power_cut_has_emptied_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "store.db.device").write_bytes(b"")
    made = device_id(tmp_path / "store.db")
    assert device_id(tmp_path / "store.db") == made


def test_a_new_name_takes_the_place_of_the_old(tmp_path: Path) -> None:
    first = device_id(tmp_path / "store.db")
    made = new_device_id(tmp_path / "store.db")
    assert made not in ("", first)
    assert device_id(tmp_path / "store.db") == made


def test_a_name_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        device_id(tmp_path / "missing" / "store.db")


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.db.device").write_bytes(b"\xff" * 16)
    with pytest.raises(StorageError, match="cannot be read"):
        device_id(tmp_path / "store.db")
