"""When a person is told that a reader's reports cannot be read."""

from edge.llrp import Frame, FrameDecoder
from edge.llrp.losses import MANY
from edge.model import HealthKind
from tests.support.llrp_conversation import Conversation, report

UNKNOWN_TV = b"\xff\x01\x02"


def with_unknown(whole: bytes, *, first: bool) -> bytes:
    """Put a TV parameter that nobody knows into a report of one tag, at one end of it."""
    decoder = FrameDecoder()
    decoder.feed(whole)
    frame = decoder.next_frame()
    assert frame is not None
    parts = (UNKNOWN_TV, frame.body[4:]) if first else (frame.body[4:], UNKNOWN_TV)
    body = frame.body[:2] + (len(frame.body) + len(UNKNOWN_TV)).to_bytes(2) + b"".join(parts)
    return Frame(frame.version, frame.message_type, frame.message_id, body).encode()


BROKEN = with_unknown(report(), first=True)
WHY = "cannot be read: unknown parameter, TV type 127"


def told(conversation: Conversation, *pieces: bytes) -> list[str]:
    """Give what a person is told when these reports come, faults aside."""
    conversation.health.clear()
    for piece in pieces:
        conversation.hear(piece)
    return [one.detail for one in conversation.health if one.kind is not HealthKind.FAULT]


def test_reports_that_all_are_lost_are_told_once_with_the_cause() -> None:
    conversation = Conversation().run()
    assert told(conversation, *[BROKEN] * (MANY - 1)) == []
    assert told(conversation, *[BROKEN] * 100) == [f"{MANY} of {MANY} tag reports {WHY}"]
    assert conversation.health[-1].kind is HealthKind.FAULT


def test_a_few_that_are_lost_among_many_are_faults_only() -> None:
    some = [report(), BROKEN, report()] * 50
    assert told(Conversation().run(), *some) == []


def test_more_lost_than_read_is_told_and_again_when_it_was_well_meanwhile() -> None:
    conversation = Conversation().run()
    bad = [report(), BROKEN, BROKEN] * MANY
    assert told(conversation, *bad) == [f"{MANY} of 30 tag reports {WHY}"]
    assert told(conversation, *[report()] * 2 * MANY) == []
    assert len(told(conversation, *bad)) == 1


def test_reports_that_are_read_in_part_are_noticed_once() -> None:
    conversation = Conversation().run()
    reads = conversation.hear(with_unknown(report(port=2), first=False)).polled.reads
    assert [(read.antenna_port, read.rssi_dbm) for read in reads] == [(2, -48.0)]
    notices = [one for one in conversation.health if one.kind is HealthKind.NOTICE]
    assert [one.detail for one in notices] == [
        "tag reports hold TV parameter 127, which nobody knows: they are read up to it"
    ]
    assert told(conversation, *[with_unknown(report(), first=False)] * 100) == []
