"""A program: sllurp's client (GPL, a peer) inventories a reader and prints one JSON object a tag.

    python sllurp_client.py PORT SECONDS ANTENNAS

It is run as a process of its own and never imported: sllurp 3.0.5 came to the package index
without the modules that its own command line needs.
"""

import json
import sys
from typing import Any

from sllurp.llrp import LLRPReaderClient, LLRPReaderConfig


def main(port: int, seconds: float, antennas: list[int]) -> None:
    fields = ["ROSpecID", "AntennaID", "PeakRSSI", "LastSeenTimestamp", "TagSeenCount"]
    config = LLRPReaderConfig(
        {
            "duration": seconds,
            "antennas": antennas,
            "tag_content_selector": {f"Enable{field}": True for field in fields},
            "report_every_n_tags": 20,
            "keepalive_interval": 500,
        }
    )
    reader = LLRPReaderClient("127.0.0.1", port, config)
    reader.add_tag_report_callback(_print)
    reader.connect()
    reader.join(timeout=seconds + 5)
    LLRPReaderClient.disconnect_all_readers()


def _print(_: object, tags: list[dict[str, Any]]) -> None:
    for tag in tags:
        epc = tag["EPC"].decode() if isinstance(tag["EPC"], bytes) else tag["EPC"]
        numbers = {key: value for key, value in tag.items() if isinstance(value, int)}
        sys.stdout.write(json.dumps({"EPC": epc, **numbers}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), [int(port) for port in sys.argv[3].split(",")])
