"""Head office over HTTP: the page, JSON for programs, server-sent events for whoever looks.

Stateless: any number of instances may run side by side on the same documents.
"""

from cloud.api.app import create_app
from cloud.api.server import WebServer

__all__ = ["WebServer", "create_app"]
