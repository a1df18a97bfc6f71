"""Where the official emulator is looked for; that it runs is shown by the tests that use it."""

from pathlib import Path

import pytest

from deploy.demo.emulator import find_emulator
from edge.errors import ConfigError

IN_SDK = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide what this machine has, as far as it is found by name."""
    for name in ("FIRESTORE_EMULATOR_JAR", "CLOUDSDK_ROOT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def place(jar: Path) -> Path:
    jar.parent.mkdir(parents=True)
    jar.touch()
    return jar


def test_a_jar_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place(tmp_path / "sdk" / IN_SDK)
    named = place(tmp_path / "named" / "emulator.jar")
    monkeypatch.setenv("CLOUDSDK_ROOT_DIR", str(tmp_path / "sdk"))
    monkeypatch.setenv("FIRESTORE_EMULATOR_JAR", str(named))
    assert find_emulator() == named


def test_a_jar_that_is_named_and_not_there_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_JAR", "/nowhere.jar")
    with pytest.raises(
        ConfigError, match=r"FIRESTORE_EMULATOR_JAR: there is no file /nowhere\.jar"
    ):
        find_emulator()


def test_the_sdk_is_found_by_its_own_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    jar = place(tmp_path / "sdk" / IN_SDK)
    monkeypatch.setenv("CLOUDSDK_ROOT_DIR", str(tmp_path / "sdk"))
    assert find_emulator() == jar


def test_the_sdk_is_found_by_the_program_in_the_path(tmp_path: Path) -> None:
    jar = place(tmp_path / "unpacked" / IN_SDK)
    program = tmp_path / "unpacked" / "bin" / "gcloud"
    program.parent.mkdir()
    program.touch(mode=0o755)
    link = tmp_path / "bin" / "gcloud"
    link.parent.mkdir()
    link.symlink_to(program)
    assert find_emulator() == jar
