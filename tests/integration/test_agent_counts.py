"""Simulated reader, agent and file, each as it is in a store: what is counted is what is there."""

import json
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from deploy.demo.processes import STOP_S
from tests.support.agent_process import StoreWithReader, store_with_reader, until

CONNECTED = "reader=demo-1 connected"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreWithReader]:
    with store_with_reader(tmp_path) as one:
        yield one


@pytest.fixture
def moving(store: StoreWithReader) -> StoreWithReader:
    """Have goods move for 12 s, and rest then."""
    store.start_reader("--duration", "12")
    return store


def has_counted(store: StoreWithReader, items: int) -> bool:
    return store.present() >= items


def test_without_a_broker_the_store_is_counted_all_the_same(moving: StoreWithReader) -> None:
    agent = moving.start_counting()
    until(moving.counts_the_truth, "the counts are the truth")
    assert moving.mismatches() == []
    assert "broker 127.0.0.1:1 cannot be reached" in agent.output()


def test_the_counts_become_the_truth_though_the_agent_is_killed_again_and_again(
    moving: StoreWithReader,
) -> None:
    for items in (50, 150, 250):
        agent = moving.start_counting()
        until(partial(has_counted, moving, items), f"{items} items are counted")
        agent.kill()
        assert moving.mismatches() == []
    moving.start_counting()
    until(moving.counts_the_truth, "the counts are the truth")
    assert moving.mismatches() == []
    assert moving.select("SELECT term FROM sync") == [(4,)]


def test_commands_read_the_file_while_the_agent_runs(moving: StoreWithReader) -> None:
    agent = moving.start_counting()
    until(partial(has_counted, moving, 100), "100 items are counted")
    status = json.loads(moving.ask("status", "--json"))
    assert status["present"] >= 100
    assert status["agent"] == str(agent.pid)
    assert [(reader["name"], reader["up"]) for reader in status["readers"]] == [("demo-1", True)]
    assert status["muted"] == {}
    moving.ask("mute", "back", "--minutes", "5")
    assert json.loads(moving.ask("status", "--json"))["muted"]["back"] > 200
    rows = [json.loads(line) for line in moving.ask("stock", "--json").splitlines()]
    assert sum(sum(row["zones"].values()) for row in rows) >= 100


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_in_time_and_frees_the_reader(
    moving: StoreWithReader, signum: signal.Signals
) -> None:
    first = moving.start_agent()
    first.wait_for(CONNECTED, 20)
    first.send(signum)
    assert first.wait(STOP_S) == 0
    assert moving.select("SELECT up, detail FROM readers") == [(0, "the agent stopped")]
    second = moving.start_agent()
    second.wait_for(CONNECTED, 20)
    assert "WARNING reader=" not in second.output()


def test_a_reader_that_goes_away_is_told_and_found_again(store: StoreWithReader) -> None:
    reader, agent = store.start_reader(), store.start_agent()
    agent.wait_for(CONNECTED, 20)
    reader.kill()
    until(lambda: store.select("SELECT up FROM readers") == [(0,)], "the loss is kept")
    store.start_reader()
    until(lambda: agent.output().count(CONNECTED) == 2, "the reader is found again")
    until(lambda: store.select("SELECT up FROM readers") == [(1,)], "and that is kept")


def test_a_reader_whose_place_is_taken_is_refused_with_the_reason(store: StoreWithReader) -> None:
    store.start_reader()
    with socket.create_connection(("127.0.0.1", store.reader_port)) as other:
        assert other.recv(100), "the reader greets its first client"
        agent = store.start_agent()
        line = agent.wait_for("WARNING reader=demo-1", 20)
        assert "refused" in line
        until(lambda: store.select("SELECT up FROM readers") == [(0,)], "the refusal is kept")
    agent.wait_for(CONNECTED, 30)


def test_systemd_hears_when_the_agent_is_ready_alive_and_stopping(
    store: StoreWithReader, tmp_path: Path
) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(20)
        agent = store.start_agent({"NOTIFY_SOCKET": address})
        assert [systemd.recv(100) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]
        assert agent.stop() == 0
        assert systemd.recv(100) == b"STOPPING=1"


def test_a_second_agent_on_the_same_file_is_refused_and_the_first_counts_on(
    moving: StoreWithReader,
) -> None:
    first = moving.start_agent()
    first.wait_for(CONNECTED, 20)
    second = moving.start_agent()
    assert second.wait(20) == 74
    assert f"in use by another agent, pid {first.pid}" in second.output()
    until(partial(has_counted, moving, 100), "100 items are counted")
