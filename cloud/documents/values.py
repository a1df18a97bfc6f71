"""Our data and queries as Firestore's protocol buffers, and back.

The buffers are made without the wrappers of Google's SDK, which take ten times as long.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore_v1.types import document as document_types
from google.cloud.firestore_v1.types import query as query_types
from google.cloud.firestore_v1.types import write as write_types
from google.protobuf.timestamp_pb2 import Timestamp

from cloud.documents.interface import ABSENT, Document, Put, Query, Version, Write
from edge.errors import DocumentsError

Buffer = Any  # a protocol buffer: Google's classes for them carry no types

_Value = document_types.Value.pb()
_MapValue = document_types.MapValue.pb()
_ArrayValue = document_types.ArrayValue.pb()
_Document = document_types.Document.pb()
_Write = write_types.Write.pb()
_Query = query_types.StructuredQuery.pb()
_EQUAL = query_types.StructuredQuery.FieldFilter.Operator.EQUAL
_IS_NULL = query_types.StructuredQuery.UnaryFilter.Operator.IS_NULL
_ASCENDING = query_types.StructuredQuery.Direction.ASCENDING
_DESCENDING = query_types.StructuredQuery.Direction.DESCENDING


def write_buffer(write: Write, root: str) -> Buffer:
    """Make the buffer of one write; `root` is `projects/…/databases/…/documents`."""
    name = f"{root}/{write.path}"
    if isinstance(write, Put):
        buffer = _Write(update=_Document(name=name, fields=_encode_map(write.data)))
        if write.merge:
            buffer.update_mask.field_paths.extend(_quoted(field) for field in write.data)
    else:
        buffer = _Write(delete=name)
    if write.expected == ABSENT:
        buffer.current_document.exists = False
    elif write.expected is not None:
        buffer.current_document.update_time.CopyFrom(_timestamp(write.expected))
    return buffer


def query_buffer(query: Query, root: str) -> Buffer:
    buffer = _Query()
    buffer.from_.add(collection_id=query.collection.rpartition("/")[2], all_descendants=query.group)
    if query.equal is not None:
        field, value = query.equal
        if value is None:
            buffer.where.unary_filter.op = _IS_NULL
            buffer.where.unary_filter.field.field_path = field
        else:
            buffer.where.field_filter.op = _EQUAL
            buffer.where.field_filter.field.field_path = field
            buffer.where.field_filter.value.CopyFrom(_encode(value))
    direction = _DESCENDING if query.descending else _ASCENDING
    for field in filter(None, (query.order_by, "__name__")):
        order = buffer.order_by.add(direction=direction)
        order.field.field_path = field
    if query.after is not None:
        name = f"{root}/{query.collection}/{query.after}"
        buffer.start_at.values.add(reference_value=name)
        buffer.start_at.before = False
    if query.limit is not None:
        buffer.limit.value = query.limit
    return buffer


def document_of(buffer: Buffer, root: str) -> Document:
    path = buffer.name.removeprefix(f"{root}/")
    fields = {name: _decode(value, path) for name, value in buffer.fields.items()}
    return Document(path, fields, version_of(buffer.update_time))


def version_of(time: Timestamp) -> Version:
    """Write an update time as text, to the nanosecond."""
    return f"{time.seconds}.{time.nanos:09d}"


def sort_key(document: Document, order_by: str | None) -> tuple[Any, ...]:
    """Order documents as Firestore does: by a field's type, its value, then by path."""
    path = tuple(document.path.split("/"))
    return path if order_by is None else (*_rank(document.data[order_by]), path)


def _timestamp(version: Version) -> Timestamp:
    seconds, point, nanos = version.partition(".")
    if not point or not (seconds.isdecimal() and nanos.isdecimal()):
        raise DocumentsError(f"{version!r} is no version of a Firestore document")
    return Timestamp(seconds=int(seconds), nanos=int(nanos))


def _quoted(field: str) -> str:
    """Quote a field's name for a field path, in which dots and other characters mean something."""
    return "`{}`".format(field.replace("\\", "\\\\").replace("`", "\\`"))


def _encode_map(data: Mapping[str, object]) -> dict[str, Any]:
    return {name: _encode(value) for name, value in data.items()}


def _encode(value: object) -> Buffer:  # noqa: PLR0911  (one return a type)
    match value:
        case None:
            return _Value(null_value=0)
        case bool():
            return _Value(boolean_value=value)
        case int():
            return _Value(integer_value=value)
        case str():
            return _Value(string_value=value)
        case dict():
            return _Value(map_value=_MapValue(fields=_encode_map(value)))
        case list():
            return _Value(array_value=_ArrayValue(values=[_encode(entry) for entry in value]))
        case float():
            return _Value(double_value=value)
        case bytes():
            return _Value(bytes_value=value)
        case datetime():
            time = Timestamp()
            time.FromDatetime(value)
            return _Value(timestamp_value=time)
    raise TypeError(f"{type(value)} in a document")


def _decode(buffer: Buffer, path: str) -> object:
    kind = buffer.WhichOneof("value_type")
    match kind:
        case "null_value":
            return None
        case "map_value":
            fields = buffer.map_value.fields
            return {name: _decode(value, path) for name, value in fields.items()}
        case "array_value":
            return [_decode(entry, path) for entry in buffer.array_value.values]
        case "timestamp_value":
            return buffer.timestamp_value.ToDatetime(tzinfo=UTC)
        case "boolean_value" | "integer_value" | "double_value" | "string_value" | "bytes_value":
            return getattr(buffer, kind)
    raise DocumentsError(f"document {path} holds a {kind}, which nothing here writes")


def _rank(value: object) -> tuple[int, Any]:
    """Give a value's place by its type, and itself; lists and maps come last, then by path."""
    match value:
        case bool():
            return 1, value
        case int() | float():
            return 2, value
        case datetime():
            return 3, value
        case str() | bytes():
            return 4 + isinstance(value, bytes), value
    return 0 if value is None else 6, 0
