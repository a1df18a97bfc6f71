"""What the bridge and the web service need of a document database, and no more.

A path is Firestore's: `collection/id/collection/id…`; data is what JSON can hold, plus bytes and
aware datetimes; whole numbers have 64 bits, and no list lies directly in a list (all of it checked,
see `checks`).  All methods may be called from any thread.  Each call has a timeout of its own and
raises `DocumentsError` (or its kinds, see `edge.errors`) when it is over.

A document may vanish some time after the datetime in its field `expires_at`, if it has one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Data = Mapping[str, Any]  # the rim: what a document holds is checked where it is read
Version = str  # opaque; equal versions of one path hold equal data

ABSENT: Version = ""  # as a precondition: the document must not be there; of a Delete: it is gone
EXPIRES_AT = "expires_at"
MAX_WRITES = 500  # of one commit
MAX_WATCHED = 1000  # documents of one watch; few are better: each change costs all of them


@dataclass(frozen=True, slots=True)
class Document:
    path: str
    data: Data
    version: Version

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Put:
    """Replace the whole document, or with `merge` only the named top-level fields.

    `expected`: commit nothing unless the document still has this version (or is ABSENT).
    """

    path: str
    data: Data
    merge: bool = False
    expected: Version | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    path: str
    expected: Version | None = None


Write = Put | Delete


@dataclass(frozen=True, slots=True)
class Query:
    """The documents of one collection (`group`: of all collections of that name).

    In the order of the field `order_by`, documents without it being left out, then of their paths;
    `descending` turns both, and needs `order_by`.  Fields are top-level ones; `equal` compares with
    null, a truth value, a number or text.  `after`: of one collection in the order of its ids, only
    those behind this id, so that a long one can be read page by page.
    """

    collection: str
    group: bool = False
    equal: tuple[str, Any] | None = None
    order_by: str | None = None
    descending: bool = False
    limit: int | None = None
    after: str | None = None


class Watch(Protocol):
    def close(self) -> None:
        """End it; a call that is under way may still come to its end."""
        ...


class Documents(Protocol):
    description: str  # for people: which database this is

    def get(self, path: str) -> Document | None: ...

    def find(self, query: Query) -> list[Document]: ...

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        """Do all writes or none, as one atomic batch; give the new version of each.

        At most MAX_WRITES, each to another document.  A Put that changes nothing may keep the
        version.  Raises PreconditionFailed when an `expected` version is not the present one
        (nothing was written), OutcomeUnknown when no answer came (all was written, or nothing),
        WritesRefused when the same writes will never be taken.
        """
        ...

    def watch(
        self,
        query: Query,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
    ) -> Watch:
        """Call `changed` with the whole result, at once and after every change of it.

        The query needs a limit, MAX_WATCHED at most.  Calls come from a thread of the database's,
        one at a time; they should hand over and return.  Changes that follow each other closely may
        come as one.  `failed` is called once, at the end of a watch that cannot go on (an exception
        of `changed` ends it too); the caller then opens another.
        """
        ...

    def close(self) -> None: ...
