"""Our LLRP client beside sllurp's and llrpkit's, on the same bytes in the same run."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.demo.processes import Program
from tests.support.bench import Figure
from tests.support.flood import START_US, bodies_of, epc, record, stream_of

PEERS = ("sllurp", "llrpkit")
READS = {"ours": 4_000_000, "sllurp": 200_000, "llrpkit": 100_000}  # some seconds each
TAGS = 1_000
DECODED = {"ours": 20_000, "sllurp": 5_000, "llrpkit": 2_500}  # tags of one run
START_S, DONE_S = 120.0, 180.0


def compared() -> Iterator[Figure]:
    """Measure all three, and give ours as multiples of theirs."""
    decode = {who: _decoding(who) for who in (*PEERS, "ours")}
    client = {who: _over_tcp(who) for who in (*PEERS, "ours")}
    for who in PEERS:
        yield Figure(f"llrp decode, {who}", decode[who], "tags/s")
        yield Figure(f"llrp client over TCP, {who}", client[who]["tags_per_s"], "tags/s")
    ours = client["ours"]
    yield Figure("llrp client over TCP, ours", ours["tags_per_s"], "tags/s", 1.2e6)
    yield Figure("llrp client, peak memory", ours["peak_mb"], "MB", 30, at_most=True)
    yield Figure("llrp decode, times sllurp's", decode["ours"] / decode["sllurp"], "x", 20)
    times = ours["tags_per_s"] / client["sllurp"]["tags_per_s"]
    yield Figure("llrp client over TCP, times sllurp's", times, "x", 10)


def _decoding(who: str) -> float:
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        file = Path(name) / "reports.llrp"
        records = [record(epc(n), 1, START_US + n) for n in range(DECODED[who])]
        file.write_bytes(stream_of(bodies_of(records)))
        return _client(who, "decode", str(file))["tags_per_s"]


def _over_tcp(who: str) -> dict[str, float]:
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        reads = READS[who]
        command = [sys.executable, "-m", "tests.support.flood", "1", str(TAGS), str(reads)]
        flood = Program("flood", command, Path(name) / "flood.log")
        try:
            port = flood.wait_for("ports ", START_S).split()[1]
            found = _client(who, "read", port, str(reads))
            began_s = float(flood.wait_for("began ", START_S).split()[1])
        finally:
            flood.stop()
    if found["tags"] != reads:
        raise RuntimeError(f"{who} delivered {found['tags']:.0f} of {reads} reads")
    return {**found, "tags_per_s": reads / (found["ended_s"] - began_s)}


def _client(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.clients.measure", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DONE_S, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
