"""What the broker says of a publication, by its reason code (MQTT 5.0 §3.4.2.1)."""

from collections import Counter

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from edge.mqtt import MqttSettings
from edge.mqtt.inbox import Inbox
from edge.mqtt.link import Ears, MqttCounters

REFUSALS = {
    "0x80": "Unspecified error",
    "0x83": "Implementation specific error",
    "0x87": "Not authorized",
    "0x90": "Topic name invalid",
    "0x97": "Quota exceeded",
    "0x99": "Payload format invalid",
}


def hear(code: int) -> tuple[MqttCounters, Counter[str]]:
    counters, refused = MqttCounters(), Counter[str]()
    ears = Ears(MqttSettings("127.0.0.1", "one"), [], Inbox(1), counters, refused)
    client = Client(CallbackAPIVersion.VERSION2)
    ears.on_publish(client, None, 1, ReasonCode(PacketTypes.PUBACK, identifier=code), None)
    return counters, refused


@pytest.mark.parametrize(("code", "name"), REFUSALS.items())
def test_t25_a_refusal_is_counted_by_its_reason_and_not_as_done(code: str, name: str) -> None:
    counters, refused = hear(int(code, 16))
    assert refused == {name: 1}
    assert (counters.acknowledged, counters.unheard) == (0, 0)


@pytest.mark.parametrize(("code", "unheard"), [(0x00, 0), (0x10, 1)])
def test_an_acknowledgement_tells_whether_anybody_has_subscribed(code: int, unheard: int) -> None:
    counters, refused = hear(code)
    assert (counters.acknowledged, counters.unheard, refused) == (1, unheard, Counter())
