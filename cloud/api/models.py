"""What the API says, as JSON; OpenAPI's schemas are made from it.

Times are UTC microseconds (`…_at_us`) by head office's clocks, and each answer carries that clock's
`now_us`: so whoever shows a number can show its age, however wrong its own clock is.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from cloud.documents.shapes import StoreDoc
from cloud.live.events import Line, Lost, Position, Stock, StockChanged

STALE_AFTER_US = 60_000_000  # an agent that is well is heard of several times in it

State = Literal["online", "offline", "stale", "never"]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Answer(Model):
    now_us: Annotated[int, Field(description="Head office's clock when this was said.")]


class Reader(Model):
    name: str
    up: bool
    detail: Annotated[str, Field(description="Why it is down, for people.")]
    last_read_at_us: int | None


class Store(Model):
    """One store as its agent last described itself."""

    store: str
    name: str
    state: Annotated[
        State,
        Field(
            description="online; offline: its agent said goodbye or lost its broker; stale: called "
            "online, but nothing was heard of it for `stale_after_us`; never: no agent has come yet"
        ),
    ]
    heard_at_us: Annotated[int | None, Field(description="When anything last came from it.")]
    status_at_us: Annotated[
        int | None, Field(description="When its agent last described itself: all below is of then.")
    ]
    applied_at_us: Annotated[int | None, Field(description="When counts last came from it.")]
    online: bool
    stale_after_us: int
    program: str
    present: Annotated[int, Field(description="Items present, by the agent's own count.")]
    missing: int
    skus: int
    strays: int
    pending: Annotated[int, Field(description="GTINs whose counts were not sent yet.")]
    readers: list[Reader]
    alarms: Annotated[list[str], Field(description="What a person should look at now.")]
    trouble: Annotated[
        str,
        Field(
            description="Why counts do not follow the store, or empty. rebuilding: its database is "
            "new, and the counts are those from before; foreign: its agent is of another device "
            "than the counts; twin: two agents speak with one identity; refused: nothing it sends "
            "can be taken"
        ),
    ]
    rival: Annotated[str, Field(description="Another device that wants to speak for this store.")]
    rival_at_us: Annotated[int | None, Field(description="When it last tried.")]

    @classmethod
    def of(cls, document: StoreDoc, now_us: int) -> Self:
        times = [at for at in (document.status_at_us, document.applied_at_us) if at is not None]
        heard_at_us = max(times, default=None)
        return cls(
            store=document.store,
            name=document.name or document.store,
            state=_state(document, heard_at_us, now_us),
            heard_at_us=heard_at_us,
            status_at_us=document.status_at_us,
            applied_at_us=document.applied_at_us,
            online=document.online,
            stale_after_us=STALE_AFTER_US,
            program=document.program,
            present=document.present,
            missing=document.missing,
            skus=document.skus,
            strays=document.strays,
            pending=document.pending,
            alarms=document.alarms,
            trouble=document.trouble,
            rival=document.rival,
            rival_at_us=document.rival_at_us,
            readers=[
                Reader(
                    name=reader.name,
                    up=reader.up,
                    detail=reader.detail,
                    last_read_at_us=reader.last_read_at_us,
                )
                for reader in document.readers
            ],
        )


class StoreAnswer(Answer):
    store: Annotated[Store | None, Field(description="null: not heard of yet (events only).")]


class StoresAnswer(Answer):
    stores: list[Store]
    is_cut: Annotated[bool, Field(description="There are more stores than one answer holds.")]


class StoresChangedAnswer(Answer):
    stores: list[Store]
    gone: list[str]


class StockAnswer(Answer):
    store: str
    position: Annotated[str, Field(description="<term>.<ver> up to which the counts are known.")]
    lines: list[Line]

    @classmethod
    def of(cls, store_id: str, stock: Stock | StockChanged, now_us: int) -> Self:
        position = position_text(stock.position)
        # Not validated again: lines are made by this program, and there are thousands.
        return cls.model_construct(
            now_us=now_us, store=store_id, position=position, lines=list(stock.lines)
        )


class LostAnswer(Answer):
    reason: str
    as_of_us: Annotated[int | None, Field(description="All that was said before is as of then.")]

    @classmethod
    def of(cls, lost: Lost, now_us: int) -> Self:
        return cls(now_us=now_us, reason=lost.reason, as_of_us=lost.as_of_us)


class Health(Answer):
    documents: Annotated[str, Field(description="Which database this instance reads.")]
    feeds: Annotated[int, Field(description="Watches open for whoever looks.")]
    viewers: int
    lagged: Annotated[int, Field(description="How often a viewer was too slow and began anew.")]
    reopened: Annotated[int, Field(description="How often a watch was opened anew.")]


class Problem(Model):
    error: Annotated[str, Field(description="What is wrong, for people.")]


def position_text(position: Position) -> str:
    return f"{position.term}.{position.ver}"


def _state(document: StoreDoc, heard_at_us: int | None, now_us: int) -> State:
    if heard_at_us is None:
        return "never"
    if not document.online:
        return "offline"
    return "stale" if now_us - heard_at_us > STALE_AFTER_US else "online"
