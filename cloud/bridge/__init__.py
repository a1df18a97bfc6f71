"""Receives what stores say, commits it to the documents, and only then answers."""

from cloud.bridge.bridge import Bridge, BridgeSettings, subscriptions

__all__ = ["Bridge", "BridgeSettings", "subscriptions"]
