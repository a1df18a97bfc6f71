"""sllurp 3.0.5 (GPL, a peer)."""

import time

from sllurp.llrp import LLRPMessage, LLRPReaderClient, LLRPReaderConfig

from tests.benchmarks.clients import cut

DONE_S = 120.0
LOOK_S = 0.005


def decode(stream: bytes) -> int:
    reports = (LLRPMessage(msgbytes=message).msgdict["RO_ACCESS_REPORT"] for message in cut(stream))
    return sum(len(report["TagReportData"]) for report in reports)


def read(port: int, reads: int) -> int:
    tags = 0

    def count(_: object, found: list[object]) -> None:
        nonlocal tags
        tags += len(found)

    reader = LLRPReaderClient("127.0.0.1", port, LLRPReaderConfig({"antennas": [1, 2, 3, 4]}))
    reader.add_tag_report_callback(count)
    reader.connect()
    deadline_s = time.monotonic() + DONE_S
    while tags < reads and time.monotonic() < deadline_s:
        time.sleep(LOOK_S)
    return tags
