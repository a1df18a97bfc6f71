"""tagtally-edge's commands, over a file that the storage has written itself."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.device import device_id
from edge.engine.changes import Changes, KnownItem, StrayReads
from edge.epc import StrayReason
from edge.lock import exclusive
from edge.model import EventKind, ItemEvent, ItemState, LeftOut, StockChange
from edge.storage.database import Database, open_database
from edge.storage.ledger import Ledger
from edge.storage.readers import Readers
from edge.storage.stock import Stock
from edge.storage.sync import Sync
from edge.wire import ReaderStatus

SHIRT, SHOE = "09506000134352", "80614141123458"
CONFIG = """
[store]
id = "muc-01"
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "10.0.4.21"
[[readers.antennas]]
port = 1
zone = "floor"
[[readers.antennas]]
port = 2
zone = "back"
[[zones]]
name = "back"
kind = "back_room"
[mqtt]
host = "broker.example.org"
[storage]
path = "store.db"
"""


def arrived(gtin: str, serial: str, zone: str) -> Changes:
    return Changes(
        1,
        [ItemEvent(EventKind.ARRIVED, gtin, serial, zone, 1)],
        [StockChange(gtin, zone, 1)],
        [KnownItem(gtin, serial, ItemState.PRESENT, zone, 1)],
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "store.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def counted(config: Path) -> Path:
    """Make a store with two shirts, the first of them known to head office, a shoe and a stray."""
    db = open_database(config.with_name("store.db"))
    Sync(db).set_rebuilt()
    ledger = Ledger(db)
    ledger.record(arrived(SHIRT, "1", "floor"))
    Sync(db).begin()
    Sync(db).set_acked(1)
    ledger.record(arrived(SHOE, "1", "back"))
    ledger.record(arrived(SHIRT, "2", "back"))
    ledger.record(Changes(1, strays=[StrayReads(b"\x30" * 4, StrayReason.WRONG_LENGTH, 9, 1, 2)]))
    Readers(db).replace([ReaderStatus("floor-1", up=True, detail="Simulated", last_read_at_us=1)])
    db.close()
    return config


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def objects(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_stock_shows_every_gtin_with_its_zones(counted: Path) -> None:
    result = call("stock", "--config", counted)
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["GTIN", "back", "floor", "PRESENT", "MISSING"],
        [SHIRT, "1", "1", "2", "0"],
        [SHOE, "1", "0", "1", "0"],
    ]


def test_stock_for_programs_is_one_object_a_line(counted: Path) -> None:
    assert objects(call("stock", "--json", "--config", counted)) == [
        {"gtin": SHIRT, "ver": 3, "zones": {"back": 1, "floor": 1}, "missing": 0},
        {"gtin": SHOE, "ver": 2, "zones": {"back": 1}, "missing": 0},
    ]


def test_pending_shows_the_oldest_change_first_and_how_many_there_are(counted: Path) -> None:
    result = call("pending", "--limit", "1", "--config", counted)
    assert result.stdout.splitlines()[1].split()[0] == SHOE
    assert result.stdout.splitlines()[-1].startswith("1 of 2 GTINs ")


def test_pending_for_programs_leaves_out_what_is_confirmed(counted: Path) -> None:
    rows = objects(call("pending", "--json", "--config", counted))
    assert [row["ver"] for row in rows] == [2, 3]


def test_status_shows_totals_strays_and_readers(counted: Path) -> None:
    shown = call("status", "--config", counted).stdout
    for line in (
        r"store     muc-01",
        r"agent     does not run, term 1",
        r"database  .*/store\.db",
        r"zones     uncalibrated, told by the shipped model",
        r"items     3 present, 0 missing, of 2 GTINs",
        r"pending   2 GTINs that head office has not confirmed",
        r"strays    1 wrong_length",
        r"floor-1 +unknown +\d+ d ago +Simulated",
    ):
        assert re.search(f"^{line}$", shown, re.MULTILINE), shown


def test_status_of_an_agent_that_runs_names_its_pid_and_trusts_its_readers(counted: Path) -> None:
    with exclusive(counted.with_name("store.db")):
        shown = call("status", "--config", counted).stdout
    assert re.search(r"^agent     runs, pid \d+, term 1$", shown, re.MULTILINE)
    assert re.search(r"^floor-1 +up ", shown, re.MULTILINE)


def test_status_for_programs_is_one_object(counted: Path) -> None:
    [state] = objects(call("status", "--json", "--config", counted))
    assert state == {
        "store": "muc-01",
        "database": str(counted.with_name("store.db")),
        "zones": "uncalibrated, told by the shipped model",
        "agent": None,
        "term": 1,
        "present": 3,
        "missing": 0,
        "skus": 2,
        "pending": 2,
        "left_out": 0,
        "is_rebuilding": False,
        "strays": {"wrong_length": 1},
        "readers": [{"name": "floor-1", "up": True, "detail": "Simulated", "last_read_at_us": 1}],
        "counts": {},
        "links": {},
        "muted": {},
        "alarms": {},
    }


def test_a_store_that_has_counted_nothing_says_so(config: Path) -> None:
    open_database(config.with_name("store.db")).close()
    assert call("stock", "--config", config).stdout == "nothing counted yet\n"
    assert "confirmed everything" in call("pending", "--config", config).stdout


@pytest.mark.parametrize("command", ["status", "stock", "pending"])
def test_before_the_first_run_there_is_no_file_and_that_is_told(config: Path, command: str) -> None:
    result = call(command, "--config", config)
    assert result.exit_code == 74
    assert re.fullmatch(r"tagtally-edge: .*store\.db: there is no such file; .*\n", result.stderr)
    assert not config.with_name("store.db").exists()


def test_the_configuration_is_found_by_the_environment(
    counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGTALLY_CONFIG", str(counted))
    assert call("stock").exit_code == 0
    assert call("check-config").exit_code == 0


def test_check_config_shows_what_the_file_says(config: Path) -> None:
    shown = call("check-config", config).stdout
    for line in (
        r".*store\.toml: store muc-01, broker broker\.example\.org:1883",
        r"floor-1 +llrp://10\.0\.4\.21:5084 +1 floor, 2 back",
        r"back +back_room +apparel +1",
        r"floor +sales_floor +apparel +1",
        r"zones are uncalibrated, told by the shipped model",
        r"note: .*calibrate.*",
    ):
        assert re.search(f"^{line}$", shown, re.MULTILINE), shown


@pytest.mark.parametrize("command", [["check-config"], ["run", "--config"], ["status", "--config"]])
def test_a_wrong_file_is_told_without_a_stack_trace(config: Path, command: list[str]) -> None:
    config.write_text(CONFIG.replace("llrp", "lrp"), encoding="utf-8")
    result = call(*command, config)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"tagtally-edge: {config}: 1 mistake",
        (
            "  readers[0].protocol: expected one of "
            'llrp, mercury, r2000, uhfreader, tsl, m100, auto, got "lrp"'
        ),
    ]


def test_a_password_file_that_is_missing_is_a_mistake(config: Path) -> None:
    with_password = CONFIG.replace("[storage]", 'password_file = "secret"\n[storage]')
    config.write_text(with_password, encoding="utf-8")
    result = call("check-config", config)
    assert result.exit_code == 2
    assert "secret: cannot be read: No such file or directory" in result.stderr


def test_a_second_agent_on_one_file_is_refused(config: Path) -> None:
    with exclusive(config.with_name("store.db")):
        result = call("run", "--config", config)
    assert result.exit_code == 74
    assert "in use by another agent, pid " in result.stderr


def test_the_version_is_told() -> None:
    assert call("--version").stdout == f"tagtally-edge, version {version('tagtally')}\n"


# What needs a person's word.


def opened(config: Path) -> Database:
    return open_database(config.with_name("store.db"))


def test_a_takeover_is_noted_for_the_next_start(counted: Path) -> None:
    result = call("sync", "takeover", "--config", counted)
    assert result.stdout == "muc-01: this device takes over when the agent starts\n"
    with opened(counted) as db:
        assert Sync(db).begin().takeover


def test_a_file_is_declared_to_know_its_store(config: Path) -> None:
    call("sync", "rebuilt", "--config", config)
    with opened(config) as db:
        assert not Sync(db).begin().is_rebuilding


def test_a_file_that_does_not_know_its_store_yet_says_so(config: Path) -> None:
    opened(config).close()
    shown = call("status", "--config", config).stdout
    assert "store.db (new: not all readers were up for long enough yet)" in shown


def test_a_copy_of_a_disk_becomes_a_device_of_its_own(counted: Path) -> None:
    before = device_id(counted.with_name("store.db"))
    result = call("sync", "new-device", "--config", counted)
    after = device_id(counted.with_name("store.db"))
    assert after != before
    assert after in result.stdout


@pytest.mark.parametrize("command", ["takeover", "rebuilt", "new-device"])
def test_while_the_agent_runs_nothing_is_changed(counted: Path, command: str) -> None:
    with exclusive(counted.with_name("store.db")):
        result = call("sync", command, "--config", counted)
    assert result.exit_code == 74
    assert "in use by another agent" in result.stderr
    with opened(counted) as db:
        assert not Sync(db).state().takeover


def test_what_is_left_out_is_shown_with_why(counted: Path) -> None:
    assert call("sync", "left-out", "--config", counted).stdout == "none\n"
    with opened(counted) as db:
        Stock(db).leave_out(LeftOut(SHIRT, 3, "too large"))
    assert "too large" in call("sync", "left-out", "--config", counted).stdout
    [row] = objects(call("sync", "left-out", "--json", "--config", counted))
    assert row == {"gtin": SHIRT, "ver": 3, "reason": "too large"}
    assert "1 GTINs that cannot be sent" in call("status", "--config", counted).stdout


def test_what_waits_at_a_till_is_shown_as_a_candidate(config: Path) -> None:
    till = CONFIG.replace('"back_room"', '"point_of_sale"')
    config.write_text(till, encoding="utf-8")
    with opened(config) as db:
        Ledger(db).record(arrived(SHIRT, "1", "floor"))
        Ledger(db).record(arrived(SHOE, "2", "back"))
    [row] = objects(call("candidates", "--json", "--config", config))
    assert (row["gtin"], row["serial"], row["zone"]) == (SHOE, "2", "back")
    shown = call("candidates", "--config", config).stdout
    assert re.search(rf"^{SHOE} +2 +back +\d+ d ago$", shown, re.MULTILINE)


def test_without_a_till_there_are_no_candidates(counted: Path) -> None:
    assert call("candidates", "--config", counted).stdout == "none\n"
