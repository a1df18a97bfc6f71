"""The web service's server: uvicorn, which by itself would wait for event streams without end."""

import socket

import uvicorn
from fastapi import FastAPI

STOP_S = 5  # for what is still being answered when the server is told to stop


class WebServer(uvicorn.Server):
    """run() serves until a signal comes, or another thread sets `should_exit`."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._live = app.state.web.live
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,  # as the program has set it up
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_S,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.end()
        await super().shutdown(sockets)
