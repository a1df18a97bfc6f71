"""The floor's minimums, from the file that people keep."""

from pathlib import Path

import pytest

from edge.config import Config, parse
from edge.engine.refill import Minimums
from edge.errors import ConfigError
from edge.shop.minimums import load_minimums

GTIN = "80614141123458"
CONFIG = """
store.id = "test-01"
mqtt = { host = "127.0.0.1" }
readers = [{ name = "a", protocol = "llrp", host = "h", antennas = [{ port = 1, zone = "floor" }] }]
"""


def config(folder: Path, refill: str = "") -> Config:
    return parse(f"{CONFIG}\n[refill]\n{refill}", folder / "store.toml")


def load(folder: Path, text: str) -> Minimums:
    (folder / "m.csv").write_text(text, encoding="utf-8")
    return load_minimums(config(folder, 'minimum = 1\nminimums = "m.csv"'))


def test_where_nothing_is_said_the_floors_profile_says_it(tmp_path: Path) -> None:
    assert load_minimums(config(tmp_path)) == Minimums(2)


def test_a_floor_of_jewellery_holds_one_of_each(tmp_path: Path) -> None:
    zone = 'zones = [{ name = "floor", profile = "jewellery" }]'
    assert load_minimums(parse(f"{zone}\n{CONFIG}", tmp_path / "store.toml")) == Minimums(1)


def test_the_configuration_says_it_for_all(tmp_path: Path) -> None:
    assert load_minimums(config(tmp_path, "minimum = 0")) == Minimums(0)


def test_the_file_says_it_for_each(tmp_path: Path) -> None:
    text = f"\ufeffGTIN, Minimum\n{GTIN},4\n\n9506000134352,0\n"
    minimums = load(tmp_path, text)
    assert minimums == Minimums(1, {GTIN: 4, "09506000134352": 0})
    assert (minimums.of(GTIN), minimums.of("09506000134369")) == (4, 1)


WRONG = {
    "no head": (f"{GTIN},4\n", "line 1: expected the columns gtin,minimum"),
    "nothing": ("", "line 1: expected the columns gtin,minimum"),
    "no GTIN": ("gtin,minimum\n80614141123457,4\n", "line 2: the GTIN's last digit should be 8"),
    "words": (f"gtin,minimum\n\n{GTIN},many\n", "line 3: minimum: expected an integer"),
    "too many": (f"gtin,minimum\n{GTIN},10001\n", "line 2: minimum: expected an integer from 0"),
    "a column more": (f"gtin,minimum\n{GTIN},1,2\n", "line 2: expected 2 columns, got 3"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"m\.csv: cannot be read: No such file"):
        load_minimums(config(tmp_path, 'minimums = "m.csv"'))
