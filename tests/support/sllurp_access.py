"""A program: sllurp (GPL, a peer) does one operation on the tag before a reader's antennas.

    python sllurp_access.py PORT read BANK WORD COUNT [PASSWORD]
    python sllurp_access.py PORT write BANK WORD HEX [PASSWORD]
    python sllurp_access.py PORT lock PRIVILEGE FIELD PASSWORD

Prints the result that the reader reported, as one JSON object.  Run as a process of its own.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from sllurp.llrp import (
    C1G2Lock,
    C1G2LockPayload,
    C1G2Read,
    C1G2Write,
    LLRPReaderClient,
    LLRPReaderConfig,
    LLRPReaderState,
)

PATIENCE_S = 20.0


def operation(kind: str, words: list[str]) -> object:
    if kind == "read":
        bank, word, count, password = (int(text) for text in (*words, "0")[:4])
        return C1G2Read(MB=bank, WordPtr=word, WordCount=count, AccessPassword=password)
    if kind == "write":
        data = bytes.fromhex(words[2])
        return C1G2Write(
            MB=int(words[0]),
            WordPtr=int(words[1]),
            WriteDataWordCount=len(data) // 2,
            WriteData=data,
            AccessPassword=int((*words, "0")[3]),
        )
    privilege, field, password = map(int, words)
    return C1G2Lock(AccessPassword=password, LockPayload=[C1G2LockPayload(privilege, field)])


def main(port: int, kind: str, words: list[str]) -> None:
    config = LLRPReaderConfig(
        {"antennas": [1, 2], "tag_content_selector": {"EnableAccessSpecID": True}}
    )
    reader = LLRPReaderClient("127.0.0.1", port, config)
    found: list[dict[str, Any]] = []
    reader.add_tag_report_callback(_finder(found))
    reader.add_state_callback(
        LLRPReaderState.STATE_INVENTORYING,
        lambda client, _: client.start_access_spec(operation(kind, words), stop_after_count=1),
    )
    reader.connect()
    deadline_s = time.monotonic() + PATIENCE_S
    while not found and time.monotonic() < deadline_s:
        time.sleep(0.02)
    sys.stdout.write(json.dumps(found[0]) + "\n")
    sys.stdout.flush()
    os._exit(0)  # its own goodbye waits for ever where the reader has closed first


def _finder(found: list[dict[str, Any]]) -> Callable[[object, list[dict[str, Any]]], None]:
    def look(_: object, tags: list[dict[str, Any]]) -> None:
        for tag in tags:
            found.extend(
                {"kind": key, **{name: _plain(value) for name, value in tag[key].items()}}
                for key in tag
                if key.endswith("OpSpecResult")
            )

    return look


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
