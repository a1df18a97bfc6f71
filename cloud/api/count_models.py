"""What the API says of count sessions, and what it is told."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field

from cloud.api.models import Answer, Model
from cloud.documents.counts import CountDoc
from cloud.live.events import Counts
from edge.counts import CountTotals
from edge.wire_counts import COUNT_ID, MAX_EXPECTED, MAX_ZONES, CountRow

State = Literal["running", "closed", "approved", "cancelled", "refused"]
Zone = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,50}$")]
Gtin = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
Epc = Annotated[str, Field(pattern=r"^([0-9a-fA-F]{4}){1,31}$")]


class Count(Model):
    """A count; `received_at_us` is by head office's clock, the other times by the store's."""

    id: str
    store: str
    state: Annotated[
        State,
        Field(
            description="running; closed: its differences wait to be approved; approved; "
            "cancelled; refused: it could not be opened, `note` says why"
        ),
    ]
    zones: list[str]
    readers: list[str]
    basis: Annotated[
        str,
        Field(
            description="What is expected: state (what was there), items or quantities (lists); "
            "nothing: it was made elsewhere, without a list"
        ),
    ]
    opened_by: str
    opened_at_us: int
    closed_by: str
    closed_at_us: int | None
    decided_by: str
    decided_at_us: int | None
    expected: int
    found: int
    missing: Annotated[int, Field(description="Expected, and not found.")]
    unexpected: Annotated[int, Field(description="Found, and not expected.")]
    skus: int
    unit_accuracy: Annotated[
        float | None, Field(description="1 - (missing + unexpected) / expected, 0 at least.")
    ]
    sku_accuracy: Annotated[
        float | None, Field(description="Share of SKUs of which nothing differs.")
    ]
    applied: Annotated[dict[str, int], Field(description="Events that its approval has made.")]
    left_alone: Annotated[int, Field(description="Differences that were no more at its approval.")]
    note: str
    received_at_us: int

    @classmethod
    def of(cls, found: CountDoc) -> Self:
        totals = CountTotals(
            found.expected,
            found.found,
            found.missing,
            found.unexpected,
            found.skus,
            found.exact_skus,
        )
        return cls(
            id=found.id,
            store=found.store,
            state=found.state.value,
            zones=found.zones,
            readers=found.readers,
            basis=found.basis.value,
            opened_by=found.opened_by,
            opened_at_us=found.opened_at_us,
            closed_by=found.closed_by,
            closed_at_us=found.closed_at_us,
            decided_by=found.decided_by,
            decided_at_us=found.decided_at_us,
            expected=found.expected,
            found=found.found,
            missing=found.missing,
            unexpected=found.unexpected,
            skus=found.skus,
            unit_accuracy=totals.unit_accuracy,
            sku_accuracy=totals.sku_accuracy,
            applied=found.events,
            left_alone=found.left_alone,
            note=found.note,
            received_at_us=found.received_at_us,
        )


class CountLine(Model):
    """One SKU of a count, with the serials of its items that differ (some, where they are many)."""

    gtin: str
    name: str
    expected: int
    found: int
    missing: int
    unexpected: int
    missing_serials: list[str]
    unexpected_serials: list[str]

    @classmethod
    def of(cls, row: CountRow, name: str) -> Self:
        return cls(
            gtin=row.gtin,
            name=name,
            expected=row.expected,
            found=row.found,
            missing=row.missing,
            unexpected=row.unexpected,
            missing_serials=row.missing_serials,
            unexpected_serials=row.unexpected_serials,
        )


class CountsAnswer(Answer):
    store: str
    counts: Annotated[list[Count], Field(description="The newest, newest first.")]

    @classmethod
    def of(cls, store_id: str, found: Counts, now_us: int) -> Self:
        return cls(now_us=now_us, store=store_id, counts=[Count.of(each) for each in found.counts])


class CountAnswer(Answer):
    count: Count
    lines: Annotated[list[CountLine], Field(description="By GTIN; none while the count runs.")]


class CountOrderBody(Model):
    """A count to open.  Without `epcs` or `quantities`, what is in its zones is expected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zones: Annotated[list[Zone], Field(min_length=1, max_length=MAX_ZONES)]
    id: Annotated[
        str | None,
        Field(
            pattern=rf"^{COUNT_ID}$", description="Said again with the same id, it is opened once."
        ),
    ] = None
    readers: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    epcs: Annotated[list[Epc] | None, Field(max_length=MAX_EXPECTED)] = None
    quantities: Annotated[dict[Gtin, int] | None, Field(max_length=MAX_EXPECTED)] = None
    idle_s: Annotated[float | None, Field(ge=10, le=86_400)] = None


class CountActBody(Model):
    model_config = ConfigDict(frozen=True, extra="forbid")

    writes_off: Annotated[
        bool, Field(description="Of an approval: what is missing has departed.")
    ] = False


class CountHeard(Answer):
    """The store's agent has heard it; what has come of it is in the count itself."""

    store: str
    id: str
