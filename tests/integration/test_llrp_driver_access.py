"""Tags read, written, locked and killed on a simulated reader, by commands as a person gives them.

Each command is given twice: with no agent, so that it opens the reader itself, and to an agent that
counts meanwhile, so that it has to ask it.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge.agent import Agent
from edge.cli import main
from edge.clock import SystemClock
from edge.config import load
from edge.epc import encode_sgtin96
from edge.local.control import socket_path
from simulators.running import SimulatedReader
from tests.support.llrp_line import GTIN, small_store

CONFIG = """
store.id = "test-01"
mqtt = {{ host = "127.0.0.1", port = 1 }}
storage.path = "store.db"
access.allow = [{allow}]
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "127.0.0.1"
port = {port}
antennas = [{{ port = 1, zone = "floor" }}, {{ port = 2, zone = "back" }}]
"""
EVERYTHING = '"read", "write", "lock", "kill"'
NEW = encode_sgtin96(GTIN, 4711, 7).hex()


class Shop:
    def __init__(self, folder: Path, reader: SimulatedReader) -> None:
        self.reader = reader
        self.config = folder / "store.toml"
        self.allow(EVERYTHING)

    def allow(self, what: str) -> None:
        self.config.write_text(CONFIG.format(port=self.reader.port, allow=what), encoding="utf-8")

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--config", str(self.config)])

    def tag(self, *arguments: str) -> Result:
        return self.call("tag", *arguments)

    @property
    def epcs(self) -> list[str]:
        zones: Any = self.reader.tags()
        return sorted(epc for epcs in zones.values() for epc in epcs)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with SimulatedReader(small_store(items=4), duration_s=0) as reader:
        until(lambda: any(reader.tags().values()), "there are tags")
        yield Shop(tmp_path, reader)


@pytest.fixture(params=["by itself", "by the agent"])
def served(shop: Shop, request: pytest.FixtureRequest) -> Iterator[Shop]:
    if request.param == "by itself":
        yield shop
        return
    agent = Agent(load(shop.config), SystemClock())
    thread = threading.Thread(target=agent.run)
    thread.start()
    until(lambda: '"state":"running"' in shop.call("status", "--json").stdout, "the agent reads")
    yield shop
    agent.stop()
    thread.join(20)
    assert not socket_path(shop.config.with_name("store.db")).exists()


def until(is_so: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.05)


def test_a_tags_memory_is_read(served: Shop) -> None:
    [epc, *_] = served.epcs
    read = served.tag("read", epc, "--bank", "epc", "--pointer", "2", "--words", "6")
    assert (read.stdout, read.exit_code) == (f"{epc}\n", 0)
    tid = served.tag("read", epc, "--bank", "tid", "--words", "2")
    assert re.fullmatch(r"e280[0-9a-f]{4}\n", tid.stdout)


def test_what_is_written_is_read_back(served: Shop) -> None:
    [epc, *_] = served.epcs
    written = served.tag("write", epc, "cafe0123", "--bank", "user", "--pointer", "3")
    assert (written.stdout, written.exit_code) == ("", 0)
    read = served.tag("read", epc, "--bank", "user", "--pointer", "2", "--words", "4")
    assert read.stdout == "0000cafe01230000\n"


def test_a_tag_gets_another_epc(served: Shop) -> None:
    [epc, *_] = served.epcs
    changed = served.tag("write-epc", epc, NEW)
    assert (changed.stdout, changed.exit_code) == (f"EPC is {NEW}, read back\n", 0)
    again = served.tag("read", NEW, "--bank", "epc", "--pointer", "2", "--words", "6")
    assert again.stdout == f"{NEW}\n"
    gone = served.tag("read", epc, "--patience", "1")
    assert gone.exit_code == 1
    assert gone.stderr == f"tag {epc} was not met within 1 s\n"


def test_a_locked_bank_is_written_with_the_password_only(served: Shop) -> None:
    [epc, *_] = served.epcs
    password = ["--password", "00c0ffee"]
    assert (
        served.tag("write", epc, "00c0ffee", "--bank", "reserved", "--pointer", "2").exit_code == 0
    )
    assert served.tag("lock", epc, "user", "lock", *password).exit_code == 0
    refused = served.tag("write", epc, "beef", "--bank", "user")
    assert refused.exit_code == 1
    assert "locked" in refused.stderr
    assert served.tag("write", epc, "beef", "--bank", "user", *password).exit_code == 0
    wrong = served.tag("write", epc, "beef", "--bank", "user", "--password", "11111111")
    assert "incorrect password" in wrong.stderr


def test_a_killed_tag_is_silent_for_ever(served: Shop) -> None:
    [epc, *others] = served.epcs
    assert served.tag("write", epc, "0000dead", "--bank", "reserved").exit_code == 0
    assert served.tag("kill", epc, "--password", "0000dead").exit_code == 0
    gone = served.tag("read", epc, "--patience", "1")
    assert f"tag {epc} was not met" in gone.stderr
    assert served.tag("read", others[0], "--words", "1").exit_code == 0


def test_what_is_not_allowed_is_refused_with_the_place_to_allow_it(shop: Shop) -> None:
    shop.allow('"read"')
    [epc, *_] = shop.epcs
    for arguments in (["write", epc, "00" * 2], ["lock", epc, "epc", "lock"], ["kill", epc]):
        refused = shop.tag(*arguments)
        assert refused.exit_code == 2
        assert '[access] allow = ["read"]' in refused.stderr
    assert shop.tag("read", epc, "--words", "1").exit_code == 0


WRONG = {
    "no hexadecimal digits": (["read", "shirt"], "expected up to 124 hexadecimal digits"),
    "half a word": (
        ["write", "30", "abc"],
        "expected up to 128 hexadecimal digits, in groups of 4",
    ),
    "a short password": (["kill", "30", "--password", "12"], "in groups of 8"),
    "another reader": (["read", "30", "--reader", "x"], "--reader: expected one of floor-1, got x"),
}


@pytest.mark.parametrize(("arguments", "text"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_is_told_before_anything_is_done(
    shop: Shop, arguments: list[str], text: str
) -> None:
    result = shop.tag(*arguments)
    assert result.exit_code == 2
    assert text in result.stderr


def test_a_tag_is_changed_while_the_agent_goes_on_counting(shop: Shop) -> None:
    agent = Agent(load(shop.config), SystemClock())
    thread = threading.Thread(target=agent.run)
    thread.start()

    def present() -> int:
        status = shop.call("status", "--json")
        return int(json.loads(status.stdout)["present"]) if status.exit_code == 0 else 0

    until(lambda: present() == 4, "four items are counted")
    [epc, *_] = shop.epcs
    assert shop.tag("write-epc", epc, NEW).exit_code == 0
    until(lambda: present() == 5, "the tag under its new name is counted")
    agent.stop()
    thread.join(20)
