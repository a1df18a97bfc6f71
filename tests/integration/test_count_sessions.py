"""Count sessions with real processes: a simulated handheld, the agent, its commands, its file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.agent_process import until
from tests.support.serial_store import SerialStore, by_zone, serial_store

ZONE = "hand-floor"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SerialStore]:
    """Give a store whose only reader is a handheld, before a world that stands still."""
    with serial_store(tmp_path) as one:
        one.add("hand", "tsl", antennas=1, duration_s=0, options="handheld = true")
        yield one


def counts(store: SerialStore) -> list[dict[str, Any]]:
    return [json.loads(line) for line in store.ask("count", "list", "--json").splitlines()]


def truth(store: SerialStore) -> dict[str, int]:
    """Give how many items there are of each GTIN."""
    return {gtin: sum(zones.values()) for gtin, zones in store.truth()["stock"].items()}


def found(store: SerialStore, name: str) -> dict[str, int]:
    result = json.loads(store.ask("count", "show", name, "--json"))
    return {line["gtin"]: line["found"] for line in result["lines"] if line["found"]}


def wait_for_all(store: SerialStore, number: int = 0) -> str:
    """Wait until a count has found all items; give its id."""

    def has_all() -> bool:
        listed = counts(store)
        return len(listed) > number and listed[0]["found"] == sum(truth(store).values())

    until(has_all, "the count has found all items", 60)
    return str(counts(store)[0]["id"])


def test_a_trigger_opens_a_count_whose_approval_becomes_the_stock(store: SerialStore) -> None:
    agent = store.start_counting()
    name = wait_for_all(store)
    [count] = counts(store)
    assert (count["opened_by"], count["zones"], count["state"]) == ("trigger", [ZONE], "running")
    assert found(store, name) == truth(store)
    assert store.stock() == {}, "nothing is stock before a person says so"

    store.readers["hand"].fault("idle")
    assert "0 missing" in store.ask("count", "close")
    assert store.stock() == {}
    told = store.ask("count", "approve", name)
    agent.kill()  # what a person was told is in the file
    assert f"{sum(truth(store).values())} arrived" in told
    assert by_zone(store.stock()) == {ZONE: sum(truth(store).values())}
    assert store.stock() == store.truth()["stock"]
    assert store.mismatches() == []


def test_what_a_count_was_told_to_have_found_survives_a_power_cut(store: SerialStore) -> None:
    agent = store.start_counting()
    until(lambda: any(one["found"] > 3 for one in counts(store)), "some items are found", 30)
    agent.kill()
    [before] = counts(store)
    store.readers["hand"].fault("idle")
    store.start_counting()
    [after] = counts(store)
    assert after["state"] == "running"
    assert after["found"] >= before["found"]
    store.readers["hand"].clear("idle")
    assert wait_for_all(store) == before["id"]


def test_a_count_of_a_list_says_what_differs(store: SerialStore, tmp_path: Path) -> None:
    there = truth(store)
    [first, second, *_] = sorted(there)
    expected = {**there, first: there[first] + 2, second: there[second] - 1}
    file = tmp_path / "expected.csv"
    lines = [f"{gtin},{quantity}" for gtin, quantity in expected.items()]
    file.write_text("\n".join(["gtin,quantity", *lines]), encoding="utf-8")
    store.readers["hand"].fault("idle")
    store.start_counting()
    told = store.ask(
        "count", "open", "--zone", ZONE, "--expected", str(file), "--id", "q4", "--json"
    )
    assert json.loads(told)["id"] == "q4"
    store.readers["hand"].clear("idle")
    assert wait_for_all(store) == "q4"
    store.readers["hand"].fault("idle")
    store.ask("count", "close", "q4")
    result = json.loads(store.ask("count", "show", "q4", "--json"))
    differing = {
        line["gtin"]: (line["missing"], line["unexpected"])
        for line in result["lines"]
        if line["missing"] or line["unexpected"]
    }
    assert differing == {first: (2, 0), second: (0, 1)}
    total = sum(expected.values())
    assert result["count"]["unit_accuracy"] == pytest.approx(1 - 3 / total)
    assert result["count"]["sku_accuracy"] == pytest.approx((len(there) - 2) / len(there))
    assert "cancelled" in store.ask("count", "cancel", "q4")
    assert store.stock() == {}
