"""What can be asked of the agent from outside: a table of routes, whichever way a request comes.

Handlers run in the thread of whoever asks, and may raise GatewayError.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from edge.errors import InputError, NothingSuch


@dataclass(frozen=True, slots=True)
class Request:
    arguments: Mapping[str, str]  # what stands in the path for the route's {names}
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    body: object  # as msgspec writes it; bytes as they are
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """`path` as `/receipts/{id}`; the handler may raise GatewayError."""

    method: str
    path: str
    handle: Callable[[Request], Answer]

    def match(self, path: str) -> dict[str, str] | None:
        """Give the arguments in a path; None where it is another."""
        mine, theirs = self.path.split("/"), path.split("/")
        if len(mine) != len(theirs):
            return None
        arguments = {}
        for name, part in zip(mine, theirs, strict=True):
            if name.startswith("{"):
                arguments[name[1:-1]] = unquote(part)
            elif name != part:
                return None
        return arguments


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has found its route."""

    route: Route
    arguments: Mapping[str, str]
    query: Mapping[str, str]

    def answer(self, body: bytes) -> Answer:
        return self.route.handle(Request(self.arguments, self.query, body))


class WrongMethod(InputError):
    """The path is there for other methods (`allowed`)."""

    def __init__(self, method: str, path: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{method} is not for {path}; allowed: {', '.join(allowed)}")
        self.allowed = allowed


def find_route(routes: Sequence[Route], method: str, target: str) -> Call:
    """Find who answers; `target` is path and query.  Raises NothingSuch or WrongMethod."""
    url = urlsplit(target)
    found = [(route, route.match(url.path)) for route in routes]
    there = [(route, arguments) for route, arguments in found if arguments is not None]
    if not there:
        raise NothingSuch(f"there is no {url.path}")
    for route, arguments in there:
        if route.method == method:
            return Call(route, arguments, dict(parse_qsl(url.query)))
    raise WrongMethod(method, url.path, [route.method for route, _ in there])
