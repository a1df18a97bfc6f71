"""tagtally-edge llrp probe and discover: what is shown of readers, and of those that are not."""

import json
import re
import socket
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from simulators.running import SimulatedReader


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["llrp", *arguments])


@pytest.fixture(scope="module", params=["generic", "r420", "fx9600"])
def reader(request: pytest.FixtureRequest) -> Iterator[tuple[str, SimulatedReader]]:
    with SimulatedReader(profile=request.param, duration_s=0) as one:
        yield request.param, one


MAKES = {
    "generic": ("manufacturer 32473, model 1,", 32473),
    "r420": ("manufacturer Impinj (25882), model 2001002, firmware 5.14.0.240", 25882),
    "fx9600": ("manufacturer Zebra (161), model 96004, firmware 2.7.19.0", 161),
}


def test_a_reader_is_shown_in_a_persons_units(reader: tuple[str, SimulatedReader]) -> None:
    profile, simulated = reader
    shown = call("probe", f"127.0.0.1:{simulated.port}")
    assert shown.exit_code == 0
    assert MAKES[profile][0] in shown.stdout
    for line in (
        r"LLRP +1\.(0\.1|1)(, [\d.]+ is its newest)?",
        r"antennas +4: 1 connected, 2 connected, 3 .*connected, 4 .*connected",
        r"power +10 to 30 dBm in \d+ levels",
        r"limits +\d+ ROSpecs, .+ AccessSpecs, .+ operations in one",
        r"lines +\d inputs, \d outputs",
        r"ROSpecs +none of other programs",
        r"clock +right",
        r"MODE +M +BIT/S +TARI FROM NS +TO NS",
    ):
        assert re.search(f"^{line}$", shown.stdout, re.MULTILINE), shown.stdout


def test_a_probe_changes_nothing_and_leaves_the_readers_place_free(
    reader: tuple[str, SimulatedReader],
) -> None:
    _, simulated = reader
    asked_before = dict(simulated.state()["heard"])  # type: ignore[call-overload]  # it is a table
    call("probe", f"127.0.0.1:{simulated.port}")
    call("probe", f"127.0.0.1:{simulated.port}")
    heard = simulated.state()["heard"]
    asked = {
        name
        for name, count in heard.items()  # type: ignore[attr-defined]  # as above
        if count > asked_before.get(name, 0)
    }
    assert {name for name in asked if not name.startswith(("GET_", "CLOSE_"))} <= {
        "SET_PROTOCOL_VERSION",
        "IMPINJ_ENABLE_EXTENSIONS",
        "ImpinjEnableExtensions",
        "CUSTOM_MESSAGE",
    }


def test_for_programs_a_reader_is_one_object(reader: tuple[str, SimulatedReader]) -> None:
    profile, simulated = reader
    told = json.loads(call("probe", f"127.0.0.1:{simulated.port}", "--json").stdout)
    assert (told["host"], told["port"]) == ("127.0.0.1", simulated.port)
    assert told["facts"]["capabilities"]["vendor"] == MAKES[profile][1]
    assert abs(told["facts"]["clock"]["offset_s"]) < 1


def test_what_is_wrong_with_a_readers_clock_is_shown() -> None:
    with SimulatedReader(duration_s=0) as reader:
        reader.fault("clock-ahead", by_s=-3600)
        shown = call("probe", f"127.0.0.1:{reader.port}").stdout
    assert re.search(r"^clock +1 h behind$", shown, re.MULTILINE)


def test_a_reader_that_another_uses_says_so() -> None:
    with (
        SimulatedReader(duration_s=0) as reader,
        socket.create_connection(("127.0.0.1", reader.port)) as other,
    ):
        assert other.recv(100)
        result = call("probe", f"127.0.0.1:{reader.port}")
    assert result.exit_code == 69
    assert "another client is connected" in result.stderr


def test_a_reader_that_is_not_there_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = call("probe", f"127.0.0.1:{port}")
    assert result.exit_code == 69
    assert result.stderr == f"tagtally-edge: 127.0.0.1:{port}: cannot connect: Connection refused\n"


@pytest.mark.parametrize("address", ["", "host:", "host:0", "host:99999", "[::1", "a:b:c:d:g"])
def test_what_is_no_address_is_told(address: str) -> None:
    result = call("probe", address)
    assert result.exit_code == 2
    assert "expected HOST, HOST:PORT or [IPv6]:PORT" in result.stderr


@pytest.mark.parametrize(
    ("address", "shown"),
    [("[::1]:1", "[::1]:1"), ("::1", "[::1]:5084"), ("localhost:1", "localhost:1")],
)
def test_an_address_may_have_any_of_its_forms(address: str, shown: str) -> None:
    assert f"tagtally-edge: {shown}: cannot connect" in call("probe", address).stderr


def test_a_network_in_which_nobody_tells_of_himself_is_told() -> None:
    result = call("discover", "--timeout", "0.1")
    assert result.stdout == ""
    assert re.match(
        r"no reader has told of itself|tagtally-edge: the network cannot", result.stderr
    )
