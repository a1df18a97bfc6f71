"""A till at a running agent: simulated reader, agent and file as they are in a store."""

import http.client
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.processes import Program, free_port
from tests.integration.test_line import in_firestore, in_sqlite, truth
from tests.support.agent_process import StoreWithReader, store_with_reader, until
from tests.support.line import MakeLine, eventually

GTIN = "09506000100104"
_EDGE = str(Path(sys.executable).with_name("tagtally-edge"))


class Shop:
    """A store whose agent listens for tills; its counts are the truth once it is settled."""

    def __init__(self, store: StoreWithReader) -> None:
        self.store, self.port = store, free_port()
        self.drop = store.folder / "drop"
        local = f'[local]\nport = {self.port}\ndrop = "drop"\n'
        zones = '[[zones]]\nname = "back"\nkind = "back_room"\n'
        with store.config.open("a", encoding="utf-8") as config:
            config.write(local + zones)

    def start(self) -> Program:
        agent = self.store.start_counting()
        agent.wait_for("takes what tills say", 20)
        return agent

    def settle(self) -> Program:
        """Have goods move for a while, and rest then."""
        self.store.start_reader("--duration", "5")
        agent = self.start()
        until(self.store.counts_the_truth, "the counts are the truth")
        return agent

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        text = None if body is None else json.dumps(body)
        try:
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def item(self) -> dict[str, str]:
        """Give an item that is present, as a till names it."""
        [(gtin, serial)] = self.store.select(
            "SELECT gtin, serial FROM items WHERE state = 'present' ORDER BY gtin, serial LIMIT 1"
        )
        return {"gtin": gtin, "serial": serial}

    def state(self, item: dict[str, str]) -> str:
        where = f"gtin = '{item['gtin']}' AND serial = '{item['serial']}'"
        [(state,)] = self.store.select(f"SELECT state FROM items WHERE {where}")  # noqa: S608
        return str(state)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with store_with_reader(tmp_path) as store:
        yield Shop(store)


def test_a_sale_closes_its_item_at_once_and_a_kill_behind_the_answer_loses_nothing(
    shop: Shop,
) -> None:
    agent = shop.settle()
    item, present = shop.item(), shop.store.present()
    sale = {"id": "till-1:1", "lines": [item]}
    status, answer = shop.ask("POST", "/sales", sale)
    agent.kill()
    assert (status, answer["lines"][0]["outcome"]) == (200, "sold")
    assert (shop.state(item), shop.store.present()) == ("sold", present - 1)
    assert shop.store.mismatches() == []
    shop.start()
    assert shop.ask("POST", "/sales", sale) == (200, answer)
    other = {**sale, "lines": [{"gtin": GTIN, "quantity": 2}]}
    assert shop.ask("POST", "/sales", other)[0] == 409
    assert shop.ask("POST", "/returns", {"id": "r1", "lines": [item]})[0] == 200
    assert (shop.state(item), shop.store.present()) == ("present", present)
    kinds = [kind for (kind,) in shop.store.select("SELECT kind FROM events ORDER BY number")]
    assert kinds[-2:] == ["sold", "returned"]
    bring_what_the_counts_say(shop)


def bring_what_the_counts_say(shop: Shop) -> None:
    """Compare what is advised with the counts, over HTTP and by command."""
    zones = {row["gtin"]: row["zones"] for row in shop.ask("GET", "/stock")[1]["stock"]}
    wanted = {g: min(2 - z.get("floor", 0), z.get("back", 0)) for g, z in zones.items()}
    wanted = {gtin: bring for gtin, bring in wanted.items() if bring > 0}
    over_http = shop.ask("GET", "/refill")[1]["refill"]
    by_command = [json.loads(line) for line in shop.store.ask("refill", "--json").splitlines()]
    assert over_http == by_command
    assert {one["gtin"]: one["bring"] for one in over_http} == wanted


def test_a_dropped_file_is_done_once_though_the_agent_is_killed_in_the_middle(shop: Shop) -> None:
    shop.start().stop()  # the folder is there now
    sales = [
        {"kind": "sale", "id": f"s{n}", "lines": [{"gtin": GTIN, "serial": str(n)}]}
        for n in range(500)
    ]
    (shop.drop / "day.part").write_text(json.dumps(sales), encoding="utf-8")
    (shop.drop / "day.part").rename(shop.drop / "day.json")
    (shop.drop / "bad.csv").write_text("kind,id,gtin\nsale,s1,123\n", encoding="utf-8")
    agent = shop.start()
    until(lambda: bool(shop.store.select("SELECT 1 FROM told LIMIT 1")), "some are told")
    agent.kill()
    shop.start()
    until((shop.drop / "done" / "day.json").exists, "all are told")
    assert shop.store.select("SELECT count(*) FROM told") == [(500,)]
    assert shop.store.select("SELECT count(*) FROM events WHERE kind = 'sold'") == [(500,)]
    results = (shop.drop / "done" / "day.json.result").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in results] == [f"s{n}" for n in range(500)]
    until((shop.drop / "failed" / "bad.csv").exists, "the bad one is put aside")
    assert "line 2.gtin" in (shop.drop / "failed" / "bad.csv.reason").read_text(encoding="utf-8")


def test_what_arrives_is_set_against_what_was_announced(shop: Shop) -> None:
    shop.start()
    notice = {
        "id": "asn-1",
        "supplier": "ACME",
        "lines": [{"gtin": GTIN, "quantity": 500}, {"gtin": "96385074", "quantity": 2}],
    }
    assert shop.ask("POST", "/receipts", notice)[1]["expected"] == 502
    shop.store.start_reader("--duration", "5")
    until(shop.store.counts_the_truth, "the counts are the truth")
    shop.store.ask("receipt", "close", "asn-1")
    shown = shop.ask("GET", "/receipts/asn-1")[1]
    arrivals = f"SELECT count(*) FROM events WHERE kind = 'arrived' AND gtin = '{GTIN}'"  # noqa: S608
    [(arrived,)] = shop.store.select(arrivals)
    assert arrived > 0
    assert [(line["gtin"], line["received"], line["missing"]) for line in shown["lines"]] == [
        ("00000096385074", 0, 2),
        (GTIN, arrived, 500 - arrived),
    ]
    assert f"receipt=asn-1 closed: 502 expected, {arrived} received" in _log(shop)
    assert "asn-1" in shop.store.ask("receipt", "list")
    report = (shop.drop / "reports" / "asn-1.json").read_text(encoding="utf-8")
    assert json.loads(report) == shown


def test_a_till_beyond_this_machine_needs_a_token(shop: Shop) -> None:
    text = shop.store.config.read_text(encoding="utf-8")
    open_to_all = text.replace("[local]\n", '[local]\nhost = "0.0.0.0"\n')
    shop.store.config.write_text(open_to_all, encoding="utf-8")
    refused = subprocess.run(
        [_EDGE, "check-config", str(shop.store.config)], capture_output=True, text=True, check=False
    )
    assert (refused.returncode, "local.token_file: missing" in refused.stderr) == (2, True)
    (shop.store.folder / "token").write_text("sesame\n", encoding="utf-8")
    with_token = open_to_all.replace("[local]\n", '[local]\ntoken_file = "token"\n')
    shop.store.config.write_text(with_token, encoding="utf-8")
    shop.start()
    assert shop.ask("GET", "/health")[0] == 401


def test_a_sale_by_command_reaches_the_documents(make_line: MakeLine) -> None:
    line = make_line(absence_s=4)
    line.start(["run", "demo", "--truth", str(line.truth_file), "--duration", "4"])
    assert line.agent is not None
    line.agent.wait_for("counts into", 60)
    eventually(lambda: line.truth_file.exists() and bool(line.truth()["quiet"]), line)
    eventually(lambda: truth(line) == in_sqlite(line) == in_firestore(line), line)
    before = in_firestore(line)
    (gtin, zone), _ = before.most_common(1)[0]
    serial = _select(line.database, gtin, zone)
    sold = subprocess.run(
        [_EDGE, "sale", f"(01){gtin}(21){serial}", "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
        env={**os.environ, "TAGTALLY_CONFIG": str(line.folder / "store.toml")},
    )
    assert json.loads(sold.stdout)["lines"][0]["outcome"] == "sold"
    before.subtract({(gtin, zone): 1})
    eventually(lambda: in_firestore(line) == +before, line)


def _select(database: Path, gtin: str, zone: str) -> str:
    with closing(sqlite3.connect(database)) as db:
        wanted = "SELECT min(serial) FROM items WHERE state = 'present' AND gtin = ? AND zone = ?"
        [(serial,)] = db.execute(wanted, (gtin, zone))
        return str(serial)


def _log(shop: Shop) -> str:
    return "".join(program.output() for program in shop.store.programs)
