"""What store.toml may say of the store's own machines."""

from pathlib import Path

import pytest

from edge.config import Config, local_token, parse
from edge.config_local import LocalConfig
from edge.errors import ConfigError

CONFIG = """
store.id = "test-01"
mqtt = { host = "127.0.0.1" }
readers = [{ name = "a", protocol = "llrp", host = "h", antennas = [{ port = 1, zone = "floor" }] }]
"""


def read(folder: Path, text: str) -> Config:
    return parse(f"{CONFIG}\n{text}", folder / "store.toml")


def test_without_a_word_nobody_is_let_in(tmp_path: Path) -> None:
    assert read(tmp_path, "").local == LocalConfig("127.0.0.1", port=None, token_file=None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_alone_needs_no_token(tmp_path: Path, host: str) -> None:
    assert read(tmp_path, f'[local]\nport = 8474\nhost = "{host}"').local.port == 8474


@pytest.mark.parametrize("host", ["10.0.4.2", "::", "box.example"])
def test_other_machines_need_a_token(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError, match=r"local\.token_file: missing; expected a file"):
        read(tmp_path, f'[local]\nport = 8474\nhost = "{host}"')
    assert read(tmp_path, f'[local]\nport = 8474\nhost = "{host}"\ntoken_file = "t"')


def test_files_count_from_the_configurations_folder(tmp_path: Path) -> None:
    config = read(tmp_path, 'local = { drop = "in", token_file = "t" }\nrefill.minimums = "m.csv"')
    found = config.local.drop, config.local.token_file, config.refill.minimums
    assert found == tuple(str(tmp_path / name) for name in ("in", "t", "m.csv"))


def test_a_token_is_what_stands_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "t").write_text(" sesame \n", encoding="utf-8")
    assert local_token(read(tmp_path, 'local.token_file = "t"')) == "sesame"
    assert local_token(read(tmp_path, "")) is None


@pytest.mark.parametrize("text", ["", "\n", "  \n", "two words", "two\nlines", "schlüssel"])
def test_what_no_header_could_carry_is_no_token(tmp_path: Path, text: str) -> None:
    (tmp_path / "t").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="expected a token"):
        local_token(read(tmp_path, 'local.token_file = "t"'))


WRONG = {
    "a port of nothing": ("local.port = 0", "local.port: expected an integer from 1 to 65535"),
    "a key misspelt": ("local.prot = 80", r"local.prot: unknown key; did you mean port\?"),
    "less than nothing": ("refill.minimum = -1", "refill.minimum: expected an integer from 0"),
    "no table": ("local = 3", "local: expected a table, got 3"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read(tmp_path, text)
