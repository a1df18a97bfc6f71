"""TOML files that people write, to frozen structs; every mistake is told at once, with its place.

The structs are the table of what is allowed: a field's type says what is accepted, and the
description in its `Meta` says the same to a person.
"""

import datetime as dt
import difflib
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta

from edge.errors import ConfigError

File = TypeVar("File", bound=msgspec.Struct)
Kind: TypeAlias = Any  # what a field is annotated with, for which typing has no name
Data: TypeAlias = Mapping[str, object]


def parse(
    text: str, path: Path, kind: type[File], clashes: Callable[[Data], Iterable[str]]
) -> File:
    """Read the text of the file at `path` as a `kind`.

    `clashes` yields what is wrong between values that are well by themselves; it is given the file
    as it came, of which anything may be wrong.  Raises ConfigError with every mistake.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    if found := [*mistakes(kind, data, ""), *clashes(data)]:
        count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
        raise ConfigError("\n  ".join([f"{path}: {count}", *found]))
    return msgspec.convert(data, kind)


def read_text(path: Path) -> str:
    """Read a file of UTF-8; raise ConfigError if that cannot be done."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error


def read_secret(path: Path, what: str) -> str:
    """Read a password from its file; raise ConfigError if it cannot be read or is empty."""
    if secret := read_text(path).strip("\r\n"):
        return secret
    raise ConfigError(f"{path}: expected {what}, the file is empty")


def mistakes(kind: Kind, value: object, place: str) -> Iterator[str]:
    """Yield each way in which `value` is no `kind`: a struct, a tuple of structs, or a leaf."""
    origin: object = get_origin(kind)
    bare = get_args(kind)[0] if origin is Annotated else kind
    if get_origin(bare) is tuple:
        yield from _mistakes_of_list(kind, get_args(bare)[0], value, place)
    elif variants := _variants_of(bare):
        yield from _mistakes_of_variant(variants, value, place)
    elif table := _table_of(bare):
        yield from _mistakes_of_table(table, value, place)
    elif not _fits(value, kind):
        yield f"{place}: expected {allowed(kind)}, got {shown(value)}"


def _variants_of(kind: Kind) -> dict[str, type[msgspec.Struct]]:
    """Give the structs of a choice of several by their tags; none where there is no choice."""
    variants = {
        str(member.__struct_config__.tag): member
        for member in get_args(kind)
        if isinstance(member, type) and issubclass(member, msgspec.Struct)
    }
    return variants if len(variants) > 1 else {}


def _mistakes_of_variant(
    variants: Mapping[str, type[msgspec.Struct]], value: object, place: str
) -> Iterator[str]:
    """Yield the mistakes of a table whose tag says which struct it is to be."""
    if not isinstance(value, dict):
        yield f"{place}: expected a table, got {shown(value)}"
        return
    key = next(iter(variants.values())).__struct_config__.tag_field
    tag, expected = value.get(key), f"expected one of {', '.join(variants)}"
    if isinstance(tag, str) and tag in variants:
        yield from _mistakes_of_table(variants[tag], value, place)
    elif key in value:
        yield f"{place}.{key}: {expected}, got {shown(tag)}"
    else:
        yield f"{place}.{key}: missing; {expected}"


def _table_of(kind: Kind) -> type[msgspec.Struct] | None:
    """Give the struct that a field takes, `None` or not beside it."""
    for member in (kind, *get_args(kind)):
        if isinstance(member, type) and issubclass(member, msgspec.Struct):
            return member
    return None


def _mistakes_of_table(kind: type[msgspec.Struct], value: object, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: expected a table, got {shown(value)}"
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    tag = kind.__struct_config__.tag_field
    keys = [*fields] if tag is None else [tag, *fields]
    prefix = f"{place}." if place else ""
    for key in [key for key in value if key not in keys]:
        near = difflib.get_close_matches(key, keys, n=1)
        hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(keys)}"
        yield f"{prefix}{key}: unknown key; {hint}"
    for name, field in fields.items():
        if name in value:
            yield from mistakes(field.type, value[name], f"{prefix}{name}")
        elif field.required:
            yield f"{prefix}{name}: missing; expected {allowed(field.type)}"


def _mistakes_of_list(
    kind: Kind,
    item_kind: type[msgspec.Struct],
    value: object,
    place: str,
) -> Iterator[str]:
    if not isinstance(value, list) or not (value or _fits((), kind)):
        yield f"{place}: expected {allowed(kind)}, got {shown(value)}"
        return
    for index, item in enumerate(value):
        yield from mistakes(item_kind, item, f"{place}[{index}]")


def _fits(value: object, kind: Kind) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def allowed(kind: Kind) -> str:
    """Say in a person's words what a field takes."""
    for meta in _annotations(kind):
        if meta.description:
            return meta.description
    for member in (kind, *get_args(kind)):
        if isinstance(member, type) and issubclass(member, StrEnum):
            return f"one of {', '.join(member)}"
    return "a table"


def _annotations(kind: Kind) -> Iterator[Meta]:
    """Yield the Meta of an annotated type, or of the members of a union such as `Text | None`."""
    for part in get_args(kind):
        if isinstance(part, Meta):
            yield part
        elif get_origin(part) is Annotated:
            yield from _annotations(part)


def shown(value: object) -> str:
    """Show what stands in the file, in its own notation and not too long."""
    if isinstance(value, dict | list):
        return (
            f"{'an empty' if not value else 'a'} {'table' if isinstance(value, dict) else 'list'}"
        )
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def tables(data: Data, key: str, prefix: str = "") -> Iterator[tuple[str, Data]]:
    """Yield the tables of a list with their places; what is no table has been complained of."""
    found = data.get(key)
    for index, value in enumerate(found if isinstance(found, list) else []):
        if isinstance(value, dict):
            yield f"{prefix}{key}[{index}]", value


def doubles(
    tables: Iterable[tuple[str, Data]], keys: tuple[str, ...], defaults: Data | None = None
) -> Iterator[str]:
    """Yield a mistake for each table that has the same values of `keys` as one before it."""
    taken: dict[str, str] = {}
    for place, table in tables:
        if keys[0] not in table:
            continue
        values = [{**(defaults or {}), **table}.get(key) for key in keys]
        first = taken.setdefault(json.dumps(values, default=str), place)
        if first != place:
            together = ":".join(shown(value).strip('"') for value in values)
            yield f"{place}.{keys[0]}: {together} is taken by {first} already"


def incomplete(data: Data, key: str, needs: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield a mistake for each key of a table that stands there without what it needs."""
    table = data.get(key)
    if not isinstance(table, dict):
        return
    for name, others in needs.items():
        missing = [other for other in others if other not in table]
        if name in table and missing:
            yield f"{key}.{name}: has no meaning without {' and '.join(missing)}"
