"""The loop around the session: what is asked of file and link, in which order."""

import secrets
import threading
from collections.abc import Callable

import msgspec
import pytest

from edge.errors import BrokerError
from edge.mqtt import Connected, Lost, Received
from edge.sync.loop import SyncLoop, last_will, subscriptions
from edge.sync.rebuild import Rebuild
from edge.sync.session import SyncSession, SyncSettings
from edge.wire import (
    Answer,
    Channel,
    Command,
    Delta,
    Hello,
    Message,
    Outcome,
    ReaderStatus,
    Status,
    SyncTrouble,
    Wish,
    decode,
    encode,
    topic,
)
from tests.support.clocks import ManualClock
from tests.support.mqtt import FakeMqtt, ScriptedInbox, Step
from tests.support.sync import MemoryFile

STORE = "muc-01"


class Desk:
    """A loop with its parts, and the story of what it did."""

    def __init__(self, rows: int = 0, rebuild_s: float | None = None) -> None:
        self.clock, self.file = ManualClock(), MemoryFile()
        self.file.is_rebuilding = rebuild_s is not None
        for index in range(rows):
            self.file.count(f"{index:014d}", {"floor": index})
        self.readers = [ReaderStatus("floor-1", up=True)]
        self.present = 0
        self.session = SyncSession(
            self.file.begin(), STORE, "b1", SyncSettings(), jitter=lambda: 0.0
        )
        self.stop = threading.Event()
        self.inbox = ScriptedInbox(self.stop.set)
        self.mqtt = FakeMqtt(self.inbox)
        rebuild = Rebuild(rebuild_s or 0.0, lambda: all(one.up for one in self.readers))
        self.loop = SyncLoop(self.session, self.file, self.mqtt, self.clock, self._status, rebuild)

    def run(self, *steps: Step) -> None:
        self.stop.clear()
        self.inbox.play(steps)
        self.loop.run(self.stop)

    def pass_s(self, seconds: float) -> Callable[[], None]:
        return lambda: void(self.clock.advance(seconds))

    def set_readers(self, *, up: bool) -> Callable[[], None]:
        def set_() -> None:
            self.readers = [ReaderStatus("floor-1", up=up)]

        return set_

    def said(self, channel: Channel) -> list[Message]:
        return [decode(p) for name, p, _ in self.mqtt.published if name == topic(STORE, channel)]

    def statuses(self) -> list[Status]:
        return [message for message in self.said(Channel.STATUS) if isinstance(message, Status)]

    def deltas(self) -> list[Delta]:
        return [message for message in self.said(Channel.UP) if isinstance(message, Delta)]

    def hello(self) -> list[Step]:
        """Connect, and let hello be answered."""
        return [Connected(), self.answer(Outcome.WELCOME, 0)]

    def answer(self, outcome: Outcome, applied: int, term: int = 1) -> Received:
        message = Answer(STORE, self.session.term, "b1", outcome, term, applied)
        return Received(topic(STORE, Channel.ACK), encode(message))

    def _status(self) -> Status:
        return Status(
            "",
            0,
            "",
            online=True,
            name="Munich",
            readers=self.readers,
            present=self.present,
            pending=7,
        )


def void(_: object) -> None: ...


def test_hello_then_data_then_acked() -> None:
    desk = Desk(rows=2)
    desk.run(*desk.hello(), desk.answer(Outcome.APPLIED, 2))
    hello, delta = desk.said(Channel.UP)
    assert isinstance(hello, Hello)
    assert isinstance(delta, Delta)
    assert (delta.from_ver, delta.to_ver, delta.vers) == (0, 2, [1, 2])
    assert desk.file.acked == 2


def test_hellos_answer_is_on_the_disk_before_the_first_delta_is_said() -> None:
    desk = Desk(rows=1)
    seen: list[tuple[str, bool]] = []
    desk.mqtt.before_publish = lambda payload: seen.append(
        (type(decode(payload)).__name__, desk.file.answered)
    )
    desk.run(*desk.hello())
    assert seen == [("Hello", False), ("Status", False), ("Delta", True), ("Status", True)]


def test_a_backlog_goes_delta_by_delta() -> None:
    desk = Desk(rows=1000)
    desk.run(*desk.hello(), *[desk.answer(Outcome.APPLIED, to) for to in (400, 800, 1000)])
    assert [len(delta.gtins) for delta in desk.deltas()] == [400, 400, 200]
    assert desk.file.acked == 1000


def test_the_next_delta_is_read_while_one_is_under_way() -> None:
    desk = Desk(rows=1000)
    reads = desk.file.reads
    desk.run(*desk.hello(), None)
    assert reads == [0, 400]
    desk.run(desk.answer(Outcome.APPLIED, 400), None)
    assert reads == [0, 400, 800]
    assert [delta.from_ver for delta in desk.deltas()] == [0, 400]


def test_what_was_read_ahead_is_not_sent_once_the_file_has_changed() -> None:
    desk = Desk(rows=1000)

    def commit() -> None:
        desk.file.count(f"{500:014d}", {"floor": 7})
        desk.loop.notify()

    desk.run(*desk.hello(), commit, desk.answer(Outcome.APPLIED, 400), None)
    last = desk.deltas()[-1]
    assert (last.at_ver, 501 in last.vers) == (1001, False)


def test_what_was_read_ahead_is_not_sent_a_while_later() -> None:
    desk = Desk(rows=1000)
    reads = desk.file.reads
    desk.run(*desk.hello(), desk.pass_s(1.5), desk.answer(Outcome.APPLIED, 400), None)
    assert reads == [0, 400, 400, 800]


def test_what_was_read_ahead_is_not_sent_in_another_term() -> None:
    desk = Desk(rows=1000)
    desk.run(*desk.hello(), desk.answer(Outcome.STALE, 0, term=8), None)
    desk.run(desk.answer(Outcome.WELCOME, 0, term=9), desk.answer(Outcome.APPLIED, 400, term=9))
    assert {delta.at_ver for delta in desk.deltas() if delta.term == 9} == {1001}


def test_a_commit_is_told_and_sent() -> None:
    desk = Desk()

    def commit() -> None:
        desk.file.count("00000000000001", {"floor": 1})
        desk.loop.notify()

    desk.run(*desk.hello(), commit, None)
    assert [type(message) for message in desk.said(Channel.UP)] == [Hello, Delta]


def test_while_the_file_cannot_be_written_nothing_but_hello_is_said() -> None:
    desk = Desk(rows=1)
    desk.file.broken = True
    welcome = desk.answer(Outcome.WELCOME, 0)
    desk.run(*desk.hello(), desk.pass_s(6), welcome, desk.pass_s(6), welcome, None)
    assert {type(message) for message in desk.said(Channel.UP)} == {Hello}
    assert desk.session.counters.failures == 3
    desk.file.broken = False
    desk.run(desk.pass_s(6), welcome, None)
    assert isinstance(desk.said(Channel.UP)[-1], Delta)


def test_a_new_term_is_on_the_disk_before_it_is_said() -> None:
    desk = Desk(rows=1)
    desk.run(Connected(), desk.answer(Outcome.STALE, 0, term=8))
    hello = desk.said(Channel.UP)[-1]
    assert hello == Hello(STORE, 9, "b1", snapshot=True)
    assert (desk.file.term, desk.file.acked, desk.file.answered) == (9, 0, False)


def test_a_term_that_cannot_be_written_is_never_said() -> None:
    desk = Desk(rows=1)
    desk.file.broken = True
    desk.run(Connected(), desk.answer(Outcome.STALE, 0, term=8), desk.pass_s(6), None)
    hellos = [message for message in desk.said(Channel.UP) if isinstance(message, Hello)]
    assert [hello.term for hello in hellos] == [1, 1]


def test_a_silent_link_is_given_up() -> None:
    desk = Desk()
    desk.run(Connected(), *[desk.pass_s(10) for _ in range(8)])
    assert len(desk.mqtt.reconnects) == 1


def test_a_delta_that_the_broker_does_not_take_is_cut_until_it_does() -> None:
    desk = Desk(rows=100)
    desk.mqtt.max_payload = 300
    steps: list[Step] = [desk.pass_s(6), None]
    desk.run(*desk.hello(), *steps, *steps, *steps)
    assert all(len(payload) <= 300 for _, payload, _ in desk.mqtt.published)
    delta = desk.deltas()[0]
    assert 1 <= len(delta.gtins) < 100


NO_ANSWERS = {
    "noise": b"\x00\x01",
    "another version": b'{"type":"answer","v":2}',
    "what a store says": encode(Hello(STORE, 1, "b1")),
}


@pytest.mark.parametrize("payload", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_counted_and_changes_nothing(payload: bytes) -> None:
    desk = Desk(rows=1)
    desk.run(Connected(), Received(topic(STORE, Channel.ACK), payload), None)
    assert desk.loop.refused_messages == 1
    assert [type(message) for message in desk.said(Channel.UP)] == [Hello]


def test_a_thread_that_died_ends_the_loop() -> None:
    desk = Desk()
    desk.mqtt.is_alive = False
    with pytest.raises(BrokerError, match="has ended"):
        desk.run(None)


def test_no_wait_is_longer_than_a_second() -> None:
    desk = Desk()
    desk.run(None, *desk.hello(), None, desk.pass_s(100), None, Lost("gone"), None)
    assert 0 <= min(desk.inbox.waits) <= max(desk.inbox.waits) <= 1


def test_a_row_that_the_broker_never_takes_is_left_out_and_the_rest_goes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    desk.file.count(f"{1:014d}", {"floor": 1})
    desk.file.count(f"{2:014d}", {secrets.token_hex(20): 1 for _ in range(99)})
    desk.file.count(f"{3:014d}", {"floor": 3})
    desk.mqtt.max_payload = 450
    desk.run(*desk.hello(), desk.answer(Outcome.APPLIED, 1), None, desk.answer(Outcome.APPLIED, 2))
    deltas = [message for message in desk.said(Channel.UP) if isinstance(message, Delta)]
    assert [(delta.from_ver, delta.vers) for delta in deltas] == [(0, [1]), (1, []), (2, [3])]
    assert [dead.ver for dead in deltas[1].dead] == [2]
    assert "is left out: message of" in caplog.text


# Commands.


def order(wish: Wish, number: str = "c1", device: str = "", store: str = STORE) -> Received:
    command = Command(store, number, wish, device)
    return Received(topic(STORE, Channel.COMMAND), encode(command))


def test_a_command_is_done_and_the_next_status_says_that_it_was_heard() -> None:
    desk = Desk(rows=2)
    hello = [*desk.hello(), desk.answer(Outcome.APPLIED, 2), None]
    desk.run(*hello, order(Wish.RESEND), desk.pass_s(2), desk.answer(Outcome.APPLIED, 4))
    deltas = [message for message in desk.said(Channel.UP) if isinstance(message, Delta)]
    assert [delta.vers for delta in deltas] == [[1, 2], [3, 4]]
    assert [status.heard for status in desk.statuses()][-2:] == ["c1", "c1"]


def test_a_command_that_comes_twice_is_done_once() -> None:
    desk = Desk(rows=1)
    hello = [*desk.hello(), desk.answer(Outcome.APPLIED, 1), None]
    again: list[Step] = [order(Wish.RESEND), desk.pass_s(2), desk.answer(Outcome.APPLIED, 2), None]
    desk.run(*hello, *again, *again)
    assert desk.file.ver == 2


NOT_OURS = {
    "of another store": order(Wish.RESEND, store="muc-02"),
    "for another device": order(Wish.RESEND, device="d9"),
    "a takeover by whoever hears it": order(Wish.TAKEOVER),
}


@pytest.mark.parametrize("received", NOT_OURS.values(), ids=NOT_OURS)
def test_a_command_is_not_for_us(received: Received) -> None:
    desk = Desk(rows=1)
    desk.run(*desk.hello(), desk.answer(Outcome.APPLIED, 1), received, desk.pass_s(2), None)
    assert desk.file.ver == 1
    assert not desk.session.takeover
    assert {status.heard for status in desk.statuses()} == {""}


# Troubles.


def test_a_trouble_is_told_at_once_with_what_to_do() -> None:
    desk = Desk(rows=1)
    stranger = msgspec.structs.replace(
        Answer(STORE, 1, "b1", Outcome.TWIN, 8, 5), device="d2", device_name="till"
    )
    twin = Received(topic(STORE, Channel.ACK), encode(stranger))
    desk.run(Connected(), twin, desk.pass_s(1), desk.stop.set)
    status = desk.statuses()[1]
    assert status.trouble is SyncTrouble.FOREIGN
    [alarm] = status.alarms
    assert "belongs to device till" in alarm
    assert "tagtally-edge sync takeover" in alarm


def test_a_trouble_and_its_end_are_in_the_log_once_each(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk(rows=1)
    stranger = msgspec.structs.replace(Answer(STORE, 1, "b1", Outcome.TWIN, 8, 5), device="d2")
    foreign = Received(topic(STORE, Channel.ACK), encode(stranger))
    desk.run(Connected(), foreign, desk.pass_s(1), desk.pass_s(1))
    assert caplog.text.count("tagtally-edge sync takeover") == 1
    desk.run(desk.pass_s(600), desk.answer(Outcome.WELCOME, 0), desk.pass_s(1))
    assert caplog.text.count("in order again") == 1


def test_a_new_file_takes_over_once_all_readers_were_up_for_long_enough() -> None:
    desk = Desk(rows=1, rebuild_s=15)
    stale = desk.answer(Outcome.STALE, 0, term=8)
    desk.run(Connected(), stale, *[desk.pass_s(1) for _ in range(14)])
    assert desk.statuses()[-1].trouble is SyncTrouble.REBUILDING
    assert desk.session.counters.renewals == 0
    desk.run(*[desk.pass_s(1) for _ in range(3)], stale)
    assert desk.said(Channel.UP)[-1] == Hello(STORE, 9, "b1", snapshot=True)
    assert not desk.file.is_rebuilding


def test_the_time_begins_anew_when_a_reader_was_down() -> None:
    desk = Desk(rows=1, rebuild_s=15)
    up = [desk.pass_s(1) for _ in range(10)]
    desk.run(Connected(), *up, desk.set_readers(up=False), None, desk.set_readers(up=True), *up)
    assert desk.file.is_rebuilding


# Status.


def test_a_status_is_kept_by_the_broker_and_names_the_life() -> None:
    desk = Desk()
    desk.run(Connected(), desk.stop.set)
    name, payload, retain = desk.mqtt.published[1]
    assert (name, retain) == (topic(STORE, Channel.STATUS), True)
    status = decode(payload)
    assert isinstance(status, Status)
    assert (status.store, status.term, status.boot) == (STORE, 1, "b1")
    assert (status.online, status.name, status.pending) == (True, "Munich", 7)


def test_a_status_comes_at_once_then_every_ten_seconds_and_at_last_a_goodbye() -> None:
    desk = Desk()
    desk.run(Connected(), *[desk.pass_s(1) for _ in range(20)])
    assert [status.online for status in desk.statuses()] == [True, True, True, False]


def test_a_reader_that_goes_down_is_told_at_once() -> None:
    desk = Desk()

    def break_reader() -> None:
        desk.readers = [ReaderStatus("floor-1", up=False, detail="refused")]
        desk.clock.advance(1)

    desk.run(Connected(), desk.pass_s(1), break_reader, None)
    assert [status.readers[0].up for status in desk.statuses()] == [True, False, False]


def test_the_first_items_are_told_at_once_and_more_of_them_in_time() -> None:
    desk = Desk()

    def count(present: int) -> Callable[[], None]:
        def step() -> None:
            desk.present = present
            desk.clock.advance(1)

        return step

    desk.run(Connected(), desk.pass_s(1), count(5), count(6), count(7))
    assert [status.present for status in desk.statuses()] == [0, 5, 7]


def test_a_new_link_begins_with_a_status() -> None:
    desk = Desk()
    desk.run(Connected(), Lost("gone"), desk.pass_s(2), Connected(), None)
    assert len(desk.said(Channel.STATUS)) == 3


def test_without_a_link_no_status_is_tried() -> None:
    desk = Desk()
    desk.run(desk.pass_s(20), None)
    assert desk.mqtt.published == []


def test_the_last_will_names_the_term_as_it_is_then() -> None:
    desk = Desk()
    desk.run(Connected(), desk.answer(Outcome.STALE, 0, term=8))
    will = last_will(desk.session)
    assert will.topic == "tagtally/v1/muc-01/status"
    assert decode(will.payload) == Status(STORE, 9, "b1", online=False)


def test_a_store_subscribes_its_own_answers_only() -> None:
    assert subscriptions(STORE) == ["tagtally/v1/muc-01/ack", "tagtally/v1/muc-01/command"]
