"""What is said over MQTT: topics and messages, version 1.

| topic `tagtally/v1/<store>/…` | who says it | what | kept by the broker |
| ----------------------------- | ----------- | ---- | ------------------ |
| `up`                          | agent       | Hello, Delta | no |
| `ack`                         | bridge      | Answer | no |
| `status`                      | agent, or the broker as its last will | Status | yes |
| `command`                     | head office | (reserved) | no |

Messages are JSON; a delta goes by columns, which compress well and parse fast.  Topic and payload
name the same store: the broker's access list ties a store's identity to its topic, and whoever
receives compares the two.  A field that a reader does not know is ignored, so fields may be added;
a change of meaning takes a new `v`, and a message with a `v` this program does not know is refused.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from edge.errors import ProtocolError
from edge.model import StockRow

VERSION = 1
MAX_ROWS = 400  # of one delta; with the change document and the cursor below Firestore's 500
MAX_PAYLOAD = 1 << 20
PREFIX = f"tagtally/v{VERSION}"


class Channel(StrEnum):
    UP = "up"
    ACK = "ack"
    STATUS = "status"
    COMMAND = "command"


def topic(store_id: str, channel: Channel) -> str:
    """Give the topic of one store; `+` as the store makes a filter for all of them."""
    return f"{PREFIX}/{store_id}/{channel}"


def parse_topic(text: str) -> tuple[str, Channel]:
    """Take a topic apart into store id and channel; raise ProtocolError for any other topic."""
    match text.split("/"):
        case [*prefix, store_id, channel] if "/".join(prefix) == PREFIX and channel in set(Channel):
            return store_id, Channel(channel)
    raise ProtocolError(f"topic {text!r} is not {PREFIX}/<store>/{'|'.join(Channel)}")


class Outcome(StrEnum):
    """What became of a hello or a delta."""

    WELCOME = "welcome"  # hello: the cursor is of this term and boot now
    APPLIED = "applied"  # delta: committed to the documents
    DUPLICATE = "duplicate"  # delta: all of it was committed before
    GAP = "gap"  # delta: begins above what is committed; go back to `applied`
    STALE = "stale"  # hello or delta: of an older term than the cursor's, or no hello came before
    TWIN = "twin"  # hello: its term is another boot's, or another life has written since its last


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """After every connect, before any data.  `snapshot`: all rows will come anew, from 0.

    `after`: the last term of the same file that was welcomed; if the cursor is of another one, a
    copy of the file has written, and only a snapshot tells the documents what is true.  None: the
    file does not know.
    """

    store: str
    term: int
    boot: str
    snapshot: bool = False
    after: int | None = None
    v: int = VERSION


class Delta(msgspec.Struct, frozen=True, tag_field="type", tag="delta"):
    """The GTINs with `from_ver < ver <= to_ver`, each with absolute counts of all its zones.

    `gtins`, `vers` and `missing` have one entry a row; `counts` has one column a zone of `zones`,
    and null where a GTIN has no count in that zone.
    """

    store: str
    term: int
    boot: str
    from_ver: int
    to_ver: int
    gtins: list[str]
    vers: list[int]
    zones: list[str]
    counts: list[list[int | None]]
    missing: list[int]
    v: int = VERSION


class Answer(msgspec.Struct, frozen=True, tag_field="type", tag="answer"):
    """The cloud's word: what became of the message, and the cursor as it stands now.

    `for_term` and `for_boot` say whom it answers; an agent ignores what answers another.
    """

    store: str
    for_term: int
    for_boot: str
    outcome: Outcome
    term: int
    applied: int
    v: int = VERSION


class ReaderStatus(msgspec.Struct, frozen=True):
    name: str
    up: bool
    detail: str = ""
    last_read_at_us: int | None = None


class Status(msgspec.Struct, frozen=True, tag_field="type", tag="status"):
    """Retained.  Birth and from time to time: online; last will and goodbye: not online."""

    store: str
    term: int
    boot: str
    online: bool
    name: str = ""
    program: str = ""
    readers: list[ReaderStatus] = []
    present: int = 0
    missing: int = 0
    skus: int = 0
    strays: int = 0
    pending: int = 0
    v: int = VERSION


Message = Hello | Delta | Answer | Status

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Message)


def encode(message: Message) -> bytes:
    return _encoder.encode(message)


def decode(payload: bytes) -> Message:
    """Read one message; raise ProtocolError that says what is wrong with it, and where."""
    if len(payload) > MAX_PAYLOAD:
        raise ProtocolError(f"message of {len(payload)} bytes, allowed are {MAX_PAYLOAD}")
    try:
        message = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProtocolError(f"message cannot be read: {error}") from error
    if message.v != VERSION:
        raise ProtocolError(f"message of version {message.v}, this program knows {VERSION}")
    if isinstance(message, Delta):
        _check_shape(message)
    return message


def columns_of(rows: Sequence[StockRow]) -> dict[str, list[object]]:
    """Turn rows into the columns of a Delta (`gtins vers zones counts missing`)."""
    zones = sorted({zone for row in rows for zone in row.zones})
    return {
        "gtins": [row.gtin for row in rows],
        "vers": [row.ver for row in rows],
        "zones": list(zones),
        "counts": [[row.zones.get(zone) for row in rows] for zone in zones],
        "missing": [row.missing for row in rows],
    }


def rows_of(delta: Delta) -> list[StockRow]:
    """Turn the columns of a delta back into rows, in the delta's order."""
    return [
        StockRow(
            gtin,
            ver,
            {
                zone: count
                for zone, column in zip(delta.zones, delta.counts, strict=True)
                if (count := column[index]) is not None
            },
            missing,
        )
        for index, (gtin, ver, missing) in enumerate(
            zip(delta.gtins, delta.vers, delta.missing, strict=True)
        )
    ]


def _check_shape(delta: Delta) -> None:
    rows = len(delta.gtins)
    if rows > MAX_ROWS:
        raise ProtocolError(f"delta of {rows} rows, allowed are {MAX_ROWS}")
    columns = {"vers": delta.vers, "missing": delta.missing}
    columns |= {f"counts[{i}]": column for i, column in enumerate(delta.counts)}
    for name, column in columns.items():
        if len(column) != rows:
            raise ProtocolError(f"delta.{name} has {len(column)} entries for {rows} rows")
    if len(delta.counts) != len(delta.zones):
        raise ProtocolError(f"delta.counts has {len(delta.counts)} columns for its zones")
