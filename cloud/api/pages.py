"""The page and its modules, as files, with the headers that browsers go by.

Nothing on the page comes from elsewhere and nothing is written into the HTML, so the policy forbids
all but this server's own files.  Files are asked for again each time, and answered with "not
modified"; third-party modules lie in folders that name their version and may be kept for good.
"""

from pathlib import Path

from fastapi import APIRouter
from starlette.datastructures import MutableHeaders
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DASHBOARD = Path(__file__).parents[1] / "dashboard"
VENDORED = "vendor/"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ASK_AGAIN = "no-cache"
_KEEP = "public, max-age=31536000, immutable"

pages = APIRouter(include_in_schema=False)


@pages.get("/")
@pages.get("/stores/{_store_id}")
async def page() -> FileResponse:
    return FileResponse(DASHBOARD / "index.html", headers={"Cache-Control": _ASK_AGAIN})


@pages.get("/favicon.ico")
async def icon() -> FileResponse:
    return FileResponse(DASHBOARD / "icon.svg", headers={"Cache-Control": _ASK_AGAIN})


class Assets(StaticFiles):
    def __init__(self) -> None:
        super().__init__(directory=DASHBOARD)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = _KEEP if path.startswith(VENDORED) else _ASK_AGAIN
        return response


class SecurityHeaders:
    """Put on every answer, errors and events too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
