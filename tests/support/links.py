"""A link that carries what a test has written down."""

from collections.abc import Iterable

from edge.errors import ReaderError


class ScriptedLink:
    """Each read gives the next piece, or raises it; a script that is over raises too."""

    def __init__(self, pieces: Iterable[bytes | ReaderError] = ()) -> None:
        self._pieces = iter(pieces)
        self.write_fails: ReaderError | None = None
        self.opens: list[bool] = []  # what each open() says; later ones are true
        self.written: list[bytes] = []
        self.calls: list[str] = []

    def open(self, timeout_s: float) -> bool:  # noqa: ARG002 a script needs no time
        self.calls.append("open")
        return self.opens.pop(0) if self.opens else True

    def abort(self) -> None:
        self.calls.append("abort")

    def read(self, timeout_s: float) -> bytes:  # noqa: ARG002 a script needs no time
        piece = next(self._pieces, ReaderError("the script is over"))
        if isinstance(piece, ReaderError):
            raise piece
        return piece

    def write(self, data: bytes) -> None:
        if self.write_fails:
            raise self.write_fails
        self.written.append(data)

    def close(self) -> None:
        self.calls.append("close")
