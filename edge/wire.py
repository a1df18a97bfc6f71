"""What is said over MQTT: topics and messages, version 1.

| topic `tagtally/v1/<store>/…` | who says it | what | kept by the broker |
| ----------------------------- | ----------- | ---- | ------------------ |
| `up`                          | agent       | Hello, Delta, Digest, Events, CountReport | no |
| `ack`                         | bridge      | Answer, CountNoted | no |
| `status`                      | agent, or the broker as its last will | Status | yes |
| `command`                     | head office | Command | no |

Messages are JSON, packed where that pays (`edge.packing`); a delta goes by columns, which compress
well and parse fast.  Topic and payload name the same store: the broker's access list ties a store's
identity to its topic, and whoever receives compares the two.  A field that a reader does not know
is ignored, so fields may be added; a change of meaning takes a new `v`, and a message with a `v`
this program does not know is refused.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypeAlias, TypedDict

import msgspec
from msgspec import Meta

from edge.errors import ProtocolError
from edge.model import EventKind, StockRow
from edge.packing import pack, unpack
from edge.wire_checks import check_order, check_shape
from edge.wire_counts import CountNoted, CountReport, CountWish
from edge.wire_types import (
    STORE_ID,
    Boot,
    Gtin,
    Number,
    Serial,
    Shard,
    StoreId,
    Term,
    Text,
    Ver,
    Zone,
)

VERSION = 1
MAX_ROWS = 400  # of one delta; with the change document and the cursor below Firestore's 500
MAX_EVENTS = 400  # of one message
MAX_PAYLOAD = 1 << 20
PREFIX = f"tagtally/v{VERSION}"


class Channel(StrEnum):
    UP = "up"
    ACK = "ack"
    STATUS = "status"
    COMMAND = "command"


_TOPIC = re.compile(rf"{re.escape(PREFIX)}/({STORE_ID})/({'|'.join(Channel)})")


def topic(store_id: str, channel: Channel) -> str:
    """Give the topic of one store; `+` as the store makes a filter for all of them."""
    return f"{PREFIX}/{store_id}/{channel}"


def parse_topic(text: str) -> tuple[str, Channel]:
    """Take a topic apart into store id and channel; raise ProtocolError for any other topic."""
    if found := _TOPIC.fullmatch(text):
        return found[1], Channel(found[2])
    raise ProtocolError(f"topic {text!r} is not {PREFIX}/<store>/{'|'.join(Channel)}")


class Outcome(StrEnum):
    """What became of a message from below."""

    WELCOME = "welcome"  # hello: the cursor is of this term and boot now
    APPLIED = "applied"  # delta: committed to the documents
    DUPLICATE = "duplicate"  # delta: all of it was committed before
    GAP = "gap"  # delta: begins above what is committed; go back to `applied`
    STALE = "stale"  # of an older term than the cursor's, or no hello came before
    TWIN = "twin"  # hello: its term is another boot's, or another life or device has written since
    REFUSED = "refused"  # delta, events: it cannot be read or written, however often it is said
    SAME = "same"  # digest: the documents hold what the file holds
    DIFFERENT = "different"  # digest: they do not
    UNCERTAIN = "uncertain"  # digest: things moved meanwhile; ask again
    NOTED = "noted"  # events: committed


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """After every connect, before any data.  `snapshot`: all rows will come anew, from 0.

    `after`: the last term of the same file that was welcomed; if the cursor is of another one, a
    copy of the file has written, and only a snapshot tells the documents what is true.  None: the
    file does not know.  `device` is the machine's own name for itself and `device_name` one for
    people; `takeover`: a person wants the documents to belong to this device from now on.
    """

    store: StoreId
    term: Term
    boot: Boot
    snapshot: bool = False
    after: Term | None = None
    device: Boot = ""
    device_name: Text = ""
    takeover: bool = False
    v: int = VERSION


class DeadRow(msgspec.Struct, frozen=True):
    """A row that is in the file and will not be in the documents, and why."""

    gtin: Gtin
    ver: Ver
    reason: Text


class Delta(msgspec.Struct, frozen=True, tag_field="type", tag="delta"):
    """The GTINs with `from_ver < ver <= to_ver`, oldest change first, with counts of all zones.

    `gtins`, `vers` and `missing` have one entry a row; `counts` has one column a zone of `zones`,
    and null where a GTIN has no count in that zone.  `at_ver`: how far the file itself had come
    when the rows were read.  A file that never came so far is an old copy: what it holds at a ver
    up to `to_ver` may have been changed again in the file that was read, and so be missing here.
    `dead`: rows of that span that are left out, since nobody could take them.  `number` is this
    message's own within the boot, for the answer.
    """

    store: StoreId
    term: Term
    boot: Boot
    from_ver: Number
    to_ver: Ver
    gtins: list[Gtin]
    vers: list[Ver]
    zones: list[Zone]
    counts: list[list[Number | None]]
    missing: list[Number]
    at_ver: Number = 0
    dead: list[DeadRow] = []
    number: Number = 0
    v: int = VERSION


class Digest(msgspec.Struct, frozen=True, tag_field="type", tag="digest"):
    """What one shard of the file's rows sums up to (`edge.digest`); all of it is committed.

    Comparable only with documents to which everything up to `at_ver` was applied, and no more.
    `without`: the GTINs that are left out of the sum, as the documents need not have them.
    """

    store: StoreId
    term: Term
    boot: Boot
    shard: Shard
    at_ver: Number
    rows: Number
    sum: Boot
    without: list[Gtin] = []
    number: Number = 0
    v: int = VERSION


class EventRow(msgspec.Struct, frozen=True, array_like=True):
    """One item event; `at_us` by the engine's time."""

    kind: EventKind
    gtin: Gtin
    serial: Serial
    zone: Zone
    at_us: Number
    from_zone: Zone | None = None


class Events(msgspec.Struct, frozen=True, tag_field="type", tag="events"):
    """Item events, oldest first, whose effect on the counts is committed already."""

    store: StoreId
    term: Term
    boot: Boot
    events: Annotated[list[EventRow], Meta(max_length=MAX_EVENTS)]
    number: Number = 0
    v: int = VERSION


class Answer(msgspec.Struct, frozen=True, tag_field="type", tag="answer"):
    """The cloud's word: what became of the message, and the cursor as it stands now.

    `for_term`, `for_boot` and `for_number` say whom and what it answers; an agent ignores what
    answers another.  Where there is no cursor, `term`, `applied` and `at_ver` are 0.  `device` and
    `device_name` are those to which the documents belong.
    """

    store: StoreId
    for_term: Term
    for_boot: Boot
    outcome: Outcome
    term: Number
    applied: Number
    at_ver: Number = 0
    for_number: Number = 0
    reason: Text = ""
    device: Boot = ""
    device_name: Text = ""
    v: int = VERSION


class ReaderStatus(msgspec.Struct, frozen=True):
    name: Text
    up: bool
    detail: str = ""
    last_read_at_us: Number | None = None


class SyncTrouble(StrEnum):
    """What keeps the documents from following the file, where a person should know of it."""

    NONE = ""
    REBUILDING = "rebuilding"  # the file is new; the documents stay until all has been read again
    FOREIGN = "foreign"  # the documents belong to another device
    TWIN = "twin"  # another agent speaks with this one's identity
    REFUSED = "refused"  # head office takes nothing of what is sent


class Status(msgspec.Struct, frozen=True, tag_field="type", tag="status"):
    """Retained.  Birth and from time to time: online; last will and goodbye: not online."""

    store: StoreId
    term: Term
    boot: Boot
    online: bool
    name: Text = ""
    program: Text = ""
    readers: list[ReaderStatus] = []
    alarms: list[Text] = []  # what a person should look at now
    present: Number = 0
    missing: Number = 0
    skus: Number = 0
    strays: Number = 0
    pending: Number = 0
    device: Boot = ""
    trouble: SyncTrouble = SyncTrouble.NONE
    heard: Boot = ""  # the id of the last command
    v: int = VERSION


class Wish(StrEnum):
    """What head office can ask of an agent."""

    RESEND = "resend"  # send all rows once more
    DIGEST = "digest"  # compare all shards
    SNAPSHOT = "snapshot"  # send all rows, and have deleted whatever else the documents hold
    COUNT = "count"  # what is said of a count session
    TAKEOVER = "takeover"  # the device that is named: own the documents from now on


class Command(msgspec.Struct, frozen=True, tag_field="type", tag="command"):
    """Not kept by the broker: an agent that is away does not hear it.  `id` comes in its status."""

    store: StoreId
    id: Boot
    wish: Wish
    device: Boot = ""  # empty: whichever hears it
    count: CountWish | msgspec.UnsetType = msgspec.UNSET
    v: int = VERSION


Upward: TypeAlias = Hello | Delta | Digest | Events
Message: TypeAlias = Upward | CountReport | Answer | CountNoted | Status | Command

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_version_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def encode(message: Message) -> bytes:
    return pack(_encoder.encode(message))


def decode(payload: bytes) -> Message:
    """Read one message; raise ProtocolError that says what is wrong with it, and where."""
    if len(payload) > MAX_PAYLOAD:
        raise ProtocolError(f"message of {len(payload)} bytes, allowed are {MAX_PAYLOAD}")
    plain = unpack(payload)
    try:
        check_version(plain)
        message = _decoder.decode(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"message cannot be read: {error}") from error
    if isinstance(message, Delta):
        check_shape(message, MAX_ROWS)
        check_order(message)
    return message


class Columns(TypedDict):
    """Rows as a Delta carries them."""

    gtins: list[str]
    vers: list[int]
    zones: list[str]
    counts: list[list[int | None]]
    missing: list[int]


def columns_of(rows: Sequence[StockRow]) -> Columns:
    zones = sorted({zone for row in rows for zone in row.zones})
    return {
        "gtins": [row.gtin for row in rows],
        "vers": [row.ver for row in rows],
        "zones": zones,
        "counts": [[row.zones.get(zone) for row in rows] for zone in zones],
        "missing": [row.missing for row in rows],
    }


def rows_of(delta: Delta) -> list[StockRow]:
    """Turn the columns of a delta back into rows, in the delta's order."""
    by_zone = list(zip(delta.zones, delta.counts, strict=True))
    facts = zip(delta.gtins, delta.vers, delta.missing, strict=True)
    rows = []
    for index, (gtin, ver, missing) in enumerate(facts):
        counts = ((zone, column[index]) for zone, column in by_zone)
        zones = {zone: count for zone, count in counts if count is not None}
        rows.append(StockRow(gtin, ver, zones, missing))
    return rows


def check_version(payload: bytes) -> None:
    """Refuse another version before its fields, which may mean anything, are looked at."""
    version = _version_decoder.decode(payload).get("v")
    if version is not None and bytes(version) != b"%d" % VERSION:
        raise ProtocolError(f"message of version {bytes(version)!r}, this program knows {VERSION}")
