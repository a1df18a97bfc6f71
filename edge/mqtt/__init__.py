"""The way to the broker, for agent and bridge alike; knows nothing of stock."""

from edge.mqtt.client import Mqtt, MqttClient
from edge.mqtt.inbox import Connected, Inbox, Lost, MqttEvent, Received
from edge.mqtt.link import LastWill, MqttCounters, MqttSettings, Tls

__all__ = [
    "Connected",
    "Inbox",
    "LastWill",
    "Lost",
    "Mqtt",
    "MqttClient",
    "MqttCounters",
    "MqttEvent",
    "MqttSettings",
    "Received",
    "Tls",
]
