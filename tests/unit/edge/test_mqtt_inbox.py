"""What has come and was not read yet."""

import threading

from edge.mqtt import Connected, Inbox, Lost, MqttEvent, Received


def received(number: int) -> Received:
    return Received("t", str(number).encode())


def drained(inbox: Inbox) -> list[MqttEvent]:
    found: list[MqttEvent] = []
    while (event := inbox.get(0)) is not None:
        found.append(event)
    return found


def test_events_are_read_in_the_order_in_which_they_came() -> None:
    inbox = Inbox(10)
    events: list[MqttEvent] = [Connected(), received(1), received(2), Lost("gone")]
    for event in events:
        inbox.put(event)
    assert drained(inbox) == events


def test_a_message_that_finds_it_full_is_dropped_and_counted() -> None:
    inbox = Inbox(2)
    for number in range(5):
        inbox.put(received(number))
    assert drained(inbox) == [received(0), received(1)]
    assert inbox.dropped == 3


def test_the_links_state_finds_room_in_a_full_one() -> None:
    inbox = Inbox(1)
    inbox.put(received(1))
    inbox.put(Lost("gone"))
    assert drained(inbox) == [received(1), Lost("gone")]


def test_nobody_reading_does_not_let_it_grow() -> None:
    inbox = Inbox(2)
    inbox.put(received(1))
    for _ in range(1000):
        inbox.put(Connected())
        inbox.put(Lost("gone"))
    inbox.put(Connected())
    assert drained(inbox) == [received(1), Connected()]


def test_nothing_is_given_when_the_time_is_over() -> None:
    assert Inbox(1).get(0.01) is None


def test_a_wake_that_came_early_is_not_missed() -> None:
    inbox = Inbox(1)
    inbox.wake()
    assert inbox.get(60) is None


def test_a_wake_ends_a_wait_of_another_thread() -> None:
    inbox = Inbox(1)
    reader = threading.Thread(target=inbox.get, args=[60])
    reader.start()
    inbox.wake()
    reader.join(10)
    assert not reader.is_alive()
