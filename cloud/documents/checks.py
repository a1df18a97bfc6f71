"""What every document database here refuses, so that whatever one accepts the others do too.

The bounds are Firestore's (its quotas page, and the emulator), or stricter.  All complaints are
DocumentsErrors (of writes: WritesRefused), raised before anything is sent.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import isfinite
from typing import Any

from cloud.documents.interface import MAX_WATCHED, MAX_WRITES, Put, Query, Write
from edge.errors import DocumentsError, WritesRefused

MAX_DEPTH = 20
MAX_NAME_BYTES = 1500
_WHOLE = 2**63
_COMPARED = None | bool | int | float | str
_QUERY_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z0-9-]+(?:/[A-Za-z0-9-]+)+")
_RESERVED = re.compile(r"__.*__", re.DOTALL)


def check_document_path(path: str) -> None:
    if path.count("/") % 2 == 0:
        raise DocumentsError(f"path {path!r} names a collection, not a document")
    if not _PLAIN.fullmatch(path) or len(path) > MAX_NAME_BYTES:  # nearly all paths are plain
        _check_segments(path, path.split("/"))


def check_query(query: Query) -> None:
    segments = query.collection.split("/")
    if len(segments) % 2 == 0 or (query.group and len(segments) > 1):
        kind = "group" if query.group else "collection"
        raise DocumentsError(f"path {query.collection!r} names no {kind}")
    _check_segments(query.collection, segments)
    for field in (query.order_by, query.equal and query.equal[0]):
        if field is not None and not _QUERY_FIELD.fullmatch(field):
            raise DocumentsError(f"field {field!r} of a query is not a plain name")
    if query.equal is not None and not isinstance(query.equal[1], _COMPARED):
        raise DocumentsError(f"a query for {query.equal[0]}: only plain values are compared")
    if query.descending and query.order_by is None:
        raise DocumentsError(f"{query.collection}: paths are ordered upwards only")
    if query.after is not None and (query.group or query.order_by is not None):
        raise DocumentsError(f"{query.collection}: only the ids of one collection are paged")
    if query.limit is not None and query.limit < 1:
        raise DocumentsError(f"limit {query.limit} of a query, 1 is the least")


def check_watched(query: Query) -> None:
    check_query(query)
    if query.limit is None or query.limit > MAX_WATCHED:
        raise DocumentsError(f"a watch of {query.collection} needs a limit, {MAX_WATCHED} at most")


def check_writes(writes: Sequence[Write]) -> None:
    if len(writes) > MAX_WRITES:
        raise WritesRefused(f"{len(writes)} writes in one commit, allowed are {MAX_WRITES}")
    seen: set[str] = set()
    for write in writes:
        check_document_path(write.path)
        if write.path in seen:
            raise WritesRefused(f"two writes to {write.path} in one commit")
        seen.add(write.path)
        if isinstance(write, Put):
            _check_map(write.data, write.path, depth=0)


@lru_cache(maxsize=4096)  # names are few, and come again and again
def is_field_name(name: str) -> bool:
    """Whether a map may have this key: not empty, not reserved by Firestore or by `bodies`."""
    reserved = (name[:2] == "__" == name[-2:]) or name in {"$bytes", "$time"}
    return bool(name) and not reserved and len(name) <= MAX_NAME_BYTES // 4 and _is_unicode(name)


def _is_unicode(text: str) -> bool:
    """Whether text can be written as UTF-8: Python's own may hold half of a surrogate pair."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _check_segments(path: str, segments: Sequence[str]) -> None:
    for segment in segments:
        dots = segment in {".", ".."}
        if not segment or dots or _RESERVED.fullmatch(segment) or not _is_unicode(segment):
            raise DocumentsError(f"path {path!r}: {segment!r} is no name")
        if len(segment.encode()) > MAX_NAME_BYTES:
            raise DocumentsError(f"path {path[:80]!r}…: a name of over {MAX_NAME_BYTES} bytes")


def _check_map(data: Mapping[Any, Any], place: str, depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise WritesRefused(f"{place}: data is nested deeper than {MAX_DEPTH}")
    for name, value in data.items():
        if not isinstance(name, str) or not is_field_name(name):
            raise WritesRefused(f"{place}: {name!r} is no field name")
        if type(value) is int and 0 <= value < _WHOLE:
            continue  # nearly all are, and there may be thousands in a commit
        if type(value) is str and value.isascii():
            continue
        _check_value(value, f"{place}: {name}", depth)


def _check_value(value: object, place: str, depth: int) -> None:
    allowed = True
    match value:
        case None | bool() | bytes():
            pass
        case str():
            allowed = _is_unicode(value)
        case int():
            allowed = -_WHOLE <= value < _WHOLE
        case float():
            allowed = isfinite(value)
        case datetime():
            allowed = value.tzinfo is not None
        case dict():
            _check_map(value, place, depth + 1)
        case list():
            allowed = not any(isinstance(entry, list) for entry in value)
            for entry in value if allowed else ():
                _check_value(entry, place, depth + 1)
        case _:
            allowed = False
    if not allowed:
        raise WritesRefused(f"{place}: a document cannot hold {value!r:.80}")
