"""A document's data as JSON text, and back, losing nothing.

What JSON cannot hold is written as `{"$bytes": base64}` and `{"$time": ISO 8601}`; `checks` refuses
these two as names of fields.
"""

import base64
import json
from datetime import datetime
from typing import Any

import msgspec

from cloud.documents.interface import Data
from edge.errors import WritesRefused

MAX_BODY = 1 << 20  # Firestore's bound of a document


def encode_body(data: Data, path: str) -> str:
    """Write data that `checks` has let pass; raise WritesRefused when it is too much."""
    text = _encode(data)
    if len(text) > MAX_BODY or (not text.isascii() and len(text.encode()) > MAX_BODY):
        raise WritesRefused(f"document {path} of over {MAX_BODY} bytes")
    return text


def decode_body(text: str) -> dict[str, Any]:
    if '{"$' in text:
        tagged: dict[str, Any] = json.loads(text, object_hook=_untag)
        return tagged
    return _decoder.decode(text)


def _tag(value: object) -> dict[str, str]:
    match value:
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"$time": value.isoformat()}
    raise TypeError(f"{type(value)} in a document")


def _untag(found: dict[str, Any]) -> object:
    match found:
        case {"$bytes": str(text), **rest} if not rest:
            return base64.b64decode(text)
        case {"$time": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
    return found


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_tag
).encode
_decoder = msgspec.json.Decoder(dict[str, Any])
