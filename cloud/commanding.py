"""A command to one store's agent, and its word that it has heard.

The broker keeps no command: an agent that is away does not hear it, and whoever gave it is told so.
"""

import time

from edge.errors import BrokerError, ProtocolError
from edge.mqtt import Connected, MqttClient, MqttSettings, Received
from edge.wire import Channel, Command, Status, decode, encode, topic


def send_command(settings: MqttSettings, command: Command, timeout_s: float) -> Status:
    """Send it, and give the status in which the agent says that it has heard the command.

    Raises BrokerError when it has not been heard within the time.
    """
    store_id = command.store
    deadline_s = time.monotonic() + timeout_s
    mqtt = MqttClient(settings, [topic(store_id, Channel.STATUS)])
    mqtt.start()
    try:
        while (left_s := deadline_s - time.monotonic()) > 0:
            match mqtt.inbox.get(left_s):
                case Connected():
                    mqtt.publish(topic(store_id, Channel.COMMAND), encode(command))
                case Received(_, payload) if status := _hearing(payload, command):
                    return status
    finally:
        mqtt.stop()
    raise BrokerError(f"{store_id}: no agent has heard the command within {timeout_s:g} s")


def _hearing(payload: bytes, command: Command) -> Status | None:
    try:
        status = decode(payload)
    except ProtocolError:
        return None
    return status if isinstance(status, Status) and status.heard == command.id else None
