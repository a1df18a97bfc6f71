"""Laws of documents: what is let pass comes back as it was, on either way of writing it."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloud.documents import checks
from cloud.documents.bodies import decode_body, encode_body
from cloud.documents.interface import Put
from cloud.documents.values import document_of, write_buffer
from edge.errors import DocumentsError

ROOT = "projects/demo-x/databases/(default)/documents"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # UTF-8 has no surrogates
NAMES = TEXT.filter(checks.is_field_name)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
        lambda at: at.replace(tzinfo=UTC, fold=0)
    )
    | st.binary(max_size=20)
    | TEXT
    | st.sampled_from(['{"$', '{"$bytes":"AA=="}', "$time", "__a__"])
)
MAPS = st.recursive(
    st.dictionaries(NAMES, PLAIN, max_size=5),
    lambda maps: st.dictionaries(
        NAMES, PLAIN | maps | st.lists(PLAIN | maps, max_size=3), max_size=4
    ),
    max_leaves=8,
)
ANY_TEXT = st.text(
    st.characters(categories=["Cs"]) | st.characters(), max_size=40
)  # what Python calls text
ANYTHING = st.recursive(
    PLAIN | ANY_TEXT | st.floats() | st.integers() | st.sets(st.integers()),
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT | st.integers(), inner),
    max_leaves=8,
)


def typed(value: Any) -> Any:  # noqa: ANN401
    """Tell 1, 1.0 and True apart, which are equal in Python, and 0.0 from -0.0."""
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return type(value), repr(value)


@given(data=MAPS)
def test_a_body_of_text_gives_back_what_it_was_made_of(data: dict[str, Any]) -> None:
    checks.check_writes([Put("things/a", data)])
    assert typed(decode_body(encode_body(data, "things/a"))) == typed(data)


@given(data=MAPS)
def test_a_protocol_buffer_gives_back_what_it_was_made_of(data: dict[str, Any]) -> None:
    buffer = write_buffer(Put("things/a", data), ROOT)
    assert typed(document_of(buffer.update, ROOT).data) == typed(data)


@given(data=st.dictionaries(ANY_TEXT, ANYTHING, max_size=3))
def test_what_is_let_pass_can_be_written_both_ways(data: dict[str, Any]) -> None:
    try:
        checks.check_writes([Put("things/a", data)])
    except DocumentsError:
        return
    encode_body(data, "things/a")
    write_buffer(Put("things/a", data), ROOT)


@given(path=ANY_TEXT | st.lists(ANY_TEXT, max_size=5).map("/".join))
def test_a_path_is_let_pass_or_refused_and_nothing_else(path: str) -> None:
    try:
        checks.check_document_path(path)
    except DocumentsError:
        return
    assert len(path.split("/")) % 2 == 0
    assert all(path.split("/"))
