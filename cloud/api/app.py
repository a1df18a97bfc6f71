"""The web service as one ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from cloud.api.counts import counts
from cloud.api.pages import Assets, SecurityHeaders, pages
from cloud.api.problems import add_handlers
from cloud.api.routes import Commander, Web, api, health
from cloud.documents.interface import Documents
from cloud.live.feed import Patience
from cloud.live.hub import Live
from edge.clock import Clock

OPENAPI = "/api/v1/openapi.json"


def create_app(
    documents: Documents,
    clock: Clock,
    patience: Patience | None = None,
    command: Commander | None = None,
) -> FastAPI:
    """Make the service; it closes what it opened, but not `documents`, when it ends.

    Without `command`, it can tell no agent anything.

    Serve it with `cloud.api.server.WebServer`, which ends open event streams when it stops.
    """
    live = Live(documents, clock, patience)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(live.close)

    app = FastAPI(
        title="Tagtally",
        summary="Stock counts of all stores, live.",
        version=version("tagtally"),
        openapi_url=OPENAPI,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.web = Web(live, clock, documents.description, command)
    app.include_router(api)
    app.include_router(counts)
    app.include_router(health)
    app.include_router(pages)
    app.mount("/assets", Assets())
    app.add_middleware(SecurityHeaders)
    add_handlers(app)
    return app
