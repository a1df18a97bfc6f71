"""Reading and changing one tag's memory: what is asked of the reader, and what has come of it.

An operation is an AccessSpec of our own number, for the tag of one EPC, once (LLRP 1.0.1 §16.2.5);
it is carried out while the ROSpec goes on, the next time the tag is met.  Banks, pointers and
counts are in words of 16 bits, as Gen2 has them: the EPC bank holds CRC, PC and then the EPC.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from edge.llrp.constants import (
    AccessSpecState,
    AccessSpecStopTriggerType,
    AirProtocols,
    C1G2LockDataField,
    C1G2LockPrivilege,
    C1G2ReadResultType,
)
from edge.llrp.conversation import Ask, AwaitResult, Conversation, ask, insist, is_good, refusal
from edge.llrp.fields import BitString
from edge.llrp.messages import (
    AddAccessSpec,
    DeleteAccessSpec,
    EnableAccessSpec,
)
from edge.llrp.operations import Outcome
from edge.llrp.parameters_access import (
    AccessCommand,
    AccessCommandOpSpec,
    AccessSpec,
    AccessSpecStopTrigger,
)
from edge.llrp.parameters_c1g2 import (
    C1G2Kill,
    C1G2Lock,
    C1G2LockPayload,
    C1G2Read,
    C1G2ReadOpSpecResult,
    C1G2TagSpec,
    C1G2TargetTag,
    C1G2Write,
)
from edge.llrp.parameters_report import TagReportData
from edge.options import AccessRight

ACCESS_SPEC_ID = OP_SPEC_ID = 0x7A6  # ours alone
PATIENCE_S = 10.0  # for the tag to be met
_EPC_BANK, _PC_WORD, _EPC_WORD, _EPC_BIT = 1, 1, 2, 32
_PC_LENGTH = 0xF800  # the PC's upper five bits: how many words of EPC follow it

Epc = Annotated[bytes, Meta(min_length=1, max_length=62)]
Password = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Word = Annotated[int, Meta(ge=0, le=0xFFFF)]


class Bank(StrEnum):
    RESERVED = "reserved"  # kill password in words 0 and 1, access password in 2 and 3
    EPC = "epc"
    TID = "tid"
    USER = "user"


_BANKS = {bank: number for number, bank in enumerate(Bank)}


class LockField(StrEnum):
    KILL_PASSWORD = "kill_password"  # noqa: S105 - a field's name
    ACCESS_PASSWORD = "access_password"  # noqa: S105 - a field's name
    EPC = "epc"
    TID = "tid"
    USER = "user"


_FIELDS = dict(zip(LockField, C1G2LockDataField, strict=True))


class Privilege(StrEnum):
    """`lock`: writing needs the password; `permalock` and `permaunlock` can never be undone."""

    LOCK = "lock"
    UNLOCK = "unlock"
    PERMALOCK = "permalock"
    PERMAUNLOCK = "permaunlock"


_PRIVILEGES = {
    Privilege.LOCK: C1G2LockPrivilege.READ_WRITE,
    Privilege.UNLOCK: C1G2LockPrivilege.UNLOCK,
    Privilege.PERMALOCK: C1G2LockPrivilege.PERMA_LOCK,
    Privilege.PERMAUNLOCK: C1G2LockPrivilege.PERMA_UNLOCK,
}


class _OnTag(msgspec.Struct, frozen=True, kw_only=True):
    """What all have in common; a password of 0 stands for none."""

    epc: Epc
    password: Password = 0
    patience_s: Annotated[float, Meta(gt=0, le=60)] = PATIENCE_S


class ReadTag(_OnTag, frozen=True, kw_only=True, tag="read"):
    """Read `words` words; 0 reads up to the bank's end."""

    right = AccessRight.READ
    bank: Bank
    pointer: Word = 0
    words: Annotated[int, Meta(ge=0, le=255)] = 0

    def conversation(self, rospec_id: int) -> Conversation[Outcome]:
        spec = C1G2Read(
            op_spec_id=OP_SPEC_ID,
            access_password=self.password,
            mb=_BANKS[self.bank],
            word_pointer=self.pointer,
            word_count=self.words,
        )
        return (yield from _carry_out(self, spec, rospec_id))


class WriteTag(_OnTag, frozen=True, kw_only=True, tag="write"):
    right = AccessRight.WRITE
    bank: Bank
    pointer: Word
    data: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=32)]

    def conversation(self, rospec_id: int) -> Conversation[Outcome]:
        spec = _write(self.password, _BANKS[self.bank], self.pointer, self.data)
        return (yield from _carry_out(self, spec, rospec_id))


class WriteEpc(_OnTag, frozen=True, kw_only=True, tag="write_epc"):
    """Give a tag another EPC, of whole words, and read it back under its new one."""

    right = AccessRight.WRITE
    new_epc: Annotated[bytes, Meta(min_length=2, max_length=62)]

    def conversation(self, rospec_id: int) -> Conversation[Outcome]:
        words = words_of(self.new_epc)
        read = ReadTag(
            epc=self.epc, password=self.password, bank=Bank.EPC, pointer=_PC_WORD, words=1
        )
        outcome = yield from read.conversation(rospec_id)
        if not outcome.done:
            return outcome
        [pc] = outcome.words
        new_pc = pc & ~_PC_LENGTH | len(words) << 11
        pointer, data = (_EPC_WORD, words) if new_pc == pc else (_PC_WORD, (new_pc, *words))
        spec = _write(self.password, _EPC_BANK, pointer, data)
        outcome = yield from _carry_out(self, spec, rospec_id)
        if not outcome.done:
            return outcome
        return (yield from self._verify(rospec_id, (new_pc, *words)))

    def _verify(self, rospec_id: int, expected: tuple[int, ...]) -> Conversation[Outcome]:
        read = ReadTag(
            epc=self.new_epc,
            password=self.password,
            patience_s=self.patience_s,
            bank=Bank.EPC,
            pointer=_PC_WORD,
            words=len(expected),
        )
        outcome = yield from read.conversation(rospec_id)
        if outcome.done and outcome.words == expected:
            return Outcome(done=True, detail=f"EPC is {self.new_epc.hex()}, read back")
        why = outcome.detail if not outcome.done else "the tag holds something else"
        return Outcome(done=False, detail=f"written, but not verified: {why}", words=outcome.words)


class LockTag(_OnTag, frozen=True, kw_only=True, tag="lock"):
    right = AccessRight.LOCK
    field: LockField
    privilege: Privilege

    def conversation(self, rospec_id: int) -> Conversation[Outcome]:
        payload = C1G2LockPayload(
            privilege=_PRIVILEGES[self.privilege], data_field=_FIELDS[self.field]
        )
        spec = C1G2Lock(op_spec_id=OP_SPEC_ID, access_password=self.password, payloads=(payload,))
        return (yield from _carry_out(self, spec, rospec_id))


class KillTag(_OnTag, frozen=True, kw_only=True, tag="kill"):
    """Silence a tag for ever; `password` is the kill password, which cannot be 0."""

    right = AccessRight.KILL

    def conversation(self, rospec_id: int) -> Conversation[Outcome]:
        if not self.password:
            return Outcome(done=False, detail="a tag cannot be killed with a kill password of 0")
        spec = C1G2Kill(op_spec_id=OP_SPEC_ID, kill_password=self.password)
        return (yield from _carry_out(self, spec, rospec_id))


TagOperation = ReadTag | WriteTag | WriteEpc | LockTag | KillTag


def _write(password: int, bank: int, pointer: int, data: Sequence[int]) -> C1G2Write:
    return C1G2Write(
        op_spec_id=OP_SPEC_ID,
        access_password=password,
        mb=bank,
        word_pointer=pointer,
        write_data=tuple(data),
    )


def words_of(data: bytes) -> tuple[int, ...]:
    """Give bytes in words of 16 bits, the last one filled up with zeros."""
    padded = data + b"\0" * (len(data) % 2)
    return tuple(int.from_bytes(padded[at : at + 2]) for at in range(0, len(padded), 2))


def _carry_out(
    operation: _OnTag, op_spec: AccessCommandOpSpec, rospec_id: int
) -> Conversation[Outcome]:
    """Have the reader do it once, and clear up after it whatever has come of it."""
    delete = Ask(DeleteAccessSpec(access_spec_id=ACCESS_SPEC_ID))
    yield delete  # what a life that ended halfway has left
    yield from insist(AddAccessSpec(access_spec=_access_spec(operation.epc, op_spec, rospec_id)))
    enable = Ask(EnableAccessSpec(access_spec_id=ACCESS_SPEC_ID))
    _, status = yield from ask(enable)
    heard = (yield AwaitResult(OP_SPEC_ID, operation.patience_s)) if is_good(status) else None
    yield delete
    if not is_good(status):
        raise refusal(enable.name, status)
    if not isinstance(heard, TagReportData):
        patience = f"within {operation.patience_s:g} s"
        return Outcome(done=False, detail=f"tag {operation.epc.hex()} was not met {patience}")
    return _outcome(heard.op_spec_results[0])


def _access_spec(epc: bytes, op_spec: AccessCommandOpSpec, rospec_id: int) -> AccessSpec:
    target = C1G2TargetTag(
        mb=_EPC_BANK,
        match=True,
        pointer=_EPC_BIT,
        tag_mask=BitString.of(b"\xff" * len(epc)),
        tag_data=BitString.of(epc),
    )
    return AccessSpec(
        access_spec_id=ACCESS_SPEC_ID,
        antenna_id=0,  # wherever the tag is
        protocol_id=AirProtocols.EPC_GLOBAL_CLASS1_GEN2,
        current_state=AccessSpecState.DISABLED,
        rospec_id=rospec_id,
        stop_trigger=AccessSpecStopTrigger(
            access_spec_stop_trigger=AccessSpecStopTriggerType.OPERATION_COUNT,
            operation_count_value=1,
        ),
        access_command=AccessCommand(
            tag_spec=C1G2TagSpec(target_tags=(target,)), op_specs=(op_spec,)
        ),
    )


def _outcome(result: Any) -> Outcome:  # noqa: ANN401 - any of the standard's results
    code = getattr(result, "result", None)
    if code == C1G2ReadResultType.SUCCESS:  # every kind of result has 0 for success
        words = result.read_data if isinstance(result, C1G2ReadOpSpecResult) else ()
        return Outcome(done=True, detail="done", words=words)
    name = getattr(code, "name", f"result {code}")
    return Outcome(done=False, detail=name.lower().replace("_", " "))
