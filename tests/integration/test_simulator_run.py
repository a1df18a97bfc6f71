"""`tagtally-sim run` as a process: its port, its clients, its truth, its end."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from edge.llrp import messages as m
from edge.llrp.constants import ConnectionAttemptStatusType
from tests.support.sim_process import END_S, PROGRAM, LlrpPeer, simulator


def status_of(message: object) -> int:
    assert isinstance(message, m.ReaderEventNotification)
    event = message.reader_event_notification_data.connection_attempt_event
    assert event is not None
    return event.status


def test_a_second_client_is_refused_and_the_first_is_told(tmp_path: Path) -> None:
    with simulator(tmp_path, "run") as sim, LlrpPeer(sim.port) as first:
        heard = first.messages()
        assert status_of(next(heard)) == ConnectionAttemptStatusType.SUCCESS
        with LlrpPeer(sim.port) as second:
            (refusal,) = second.messages()
        refused = ConnectionAttemptStatusType.FAILED_A_CLIENT_INITIATED_CONNECTION_ALREADY_EXISTS
        assert status_of(refusal) == refused
        assert status_of(next(heard)) == ConnectionAttemptStatusType.ANOTHER_CONNECTION_ATTEMPTED
        first.ask(m.GetROSpecs(), m.GetROSpecsResponse)


def test_the_place_is_free_again_when_a_client_says_goodbye(tmp_path: Path) -> None:
    with simulator(tmp_path, "run") as sim:
        for _ in range(3):
            with LlrpPeer(sim.port) as peer:
                assert status_of(next(peer.messages())) == ConnectionAttemptStatusType.SUCCESS
                peer.ask(m.CloseConnection(), m.CloseConnectionResponse)
                assert list(peer.messages()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_though_a_client_is_there(
    number: signal.Signals, tmp_path: Path
) -> None:
    with simulator(tmp_path, "run") as sim, LlrpPeer(sim.port) as peer:
        next(peer.messages())
        sim.send(number)
        assert sim.wait(END_S) == 0
    assert len(sim.output().splitlines()) == 1


def truth_when_quiet(path: Path) -> dict[str, object]:
    deadline_s = time.monotonic() + END_S
    while True:
        if path.exists():
            truth: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
            if truth["quiet"]:
                return truth
        assert time.monotonic() < deadline_s, "the world never became quiet"
        time.sleep(0.02)


def test_the_same_seed_comes_to_the_same_truth_and_another_does_not(tmp_path: Path) -> None:
    truths: list[dict[str, object]] = []
    for seed in ("3", "3", "4"):
        path = tmp_path / f"truth-{len(truths)}.json"
        arguments = ["--seed", seed, "--duration", "2", "--truth", str(path)]
        with simulator(tmp_path, "run", "demo", *arguments):
            truths.append(truth_when_quiet(path))
    assert truths[0] == truths[1] != truths[2]


def test_the_truth_is_the_sum_of_its_parts_and_is_always_whole(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    with simulator(tmp_path, "run", "demo", "--duration", "8", "--truth", str(path)):
        truth = truth_when_quiet(path)
        assert {path.name for path in tmp_path.iterdir()} == {"tagtally-sim.log", "truth.json"}
    stock, products = truth["stock"], truth["products"]
    assert isinstance(stock, dict)
    assert isinstance(products, dict)
    assert truth["present"] == sum(n for zones in stock.values() for n in zones.values())
    assert {zone for zones in stock.values() for zone in zones} == {"floor", "back"}
    assert len(products) == 40
    assert stock.keys() <= products.keys()


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with simulator(tmp_path, "run") as sim:
        command = [PROGRAM, "run", "--port", str(sim.port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=END_S, check=False)
    assert done.returncode == 69
    assert done.stderr == (
        f"tagtally-sim: cannot listen on 127.0.0.1:{sim.port}: Address already in use\n"
    )


def test_a_store_of_several_readers_is_announced_and_told_by_their_names(tmp_path: Path) -> None:
    links, control = tmp_path / "ports", str(tmp_path / "control")
    arguments = ["run", "mixed", "--links", str(links), "--control", control]
    with simulator(tmp_path, *arguments) as sim, LlrpPeer(sim.port) as peer:
        assert status_of(next(peer.messages())) == ConnectionAttemptStatusType.SUCCESS
        sim.wait_for(f"dock-1 serving uhfreader at {links / 'dock-1'}", END_S)
        told = subprocess.run(
            [PROGRAM, "ctl", "--control", control, "--reader", "dock-1", "state"],
            capture_output=True,
            check=True,
            text=True,
            timeout=END_S,
        )
        assert json.loads(told.stdout)["baud"] == 57_600
        assert {path.name for path in links.iterdir()} == {"till-1", "fitting-1", "dock-1"}
    assert not [*links.iterdir()]
