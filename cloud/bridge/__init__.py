"""Receives what stores say, commits it to the documents, and only then answers."""

from cloud.bridge.bridge import Bridge, BridgeSettings, subscriptions
from cloud.bridge.limits import FIRESTORE_LIMITS, NO_LIMITS, Limits
from cloud.bridge.metrics import MetricsServer

__all__ = [
    "FIRESTORE_LIMITS",
    "NO_LIMITS",
    "Bridge",
    "BridgeSettings",
    "Limits",
    "MetricsServer",
    "subscriptions",
]
