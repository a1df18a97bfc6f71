"""What an AccessSpec's operations do to a tag, and what is told of it (LLRP 1.1 §15.2.1.5).

An operation that fails ends the AccessSpec's turn with this tag: those after it are not told of.
LLRP 1.0.1 has fewer result codes; there a wrong password is a nonspecific error of the tag.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edge.llrp.constants import (
    C1G2BlockPermalockResultType,
    C1G2GetBlockPermalockStatusResultType,
    C1G2KillResultType,
    C1G2LockResultType,
    C1G2ReadResultType,
    C1G2WriteResultType,
)
from edge.llrp.fields import Parameter
from edge.llrp.parameters_c1g2 import (
    C1G2BlockErase,
    C1G2BlockEraseOpSpecResult,
    C1G2BlockPermalock,
    C1G2BlockPermalockOpSpecResult,
    C1G2BlockWrite,
    C1G2BlockWriteOpSpecResult,
    C1G2GetBlockPermalockStatus,
    C1G2GetBlockPermalockStatusOpSpecResult,
    C1G2Kill,
    C1G2KillOpSpecResult,
    C1G2Lock,
    C1G2LockOpSpecResult,
    C1G2Read,
    C1G2ReadOpSpecResult,
    C1G2TagSpec,
    C1G2Write,
    C1G2WriteOpSpecResult,
)
from edge.llrp.parameters_report import OpSpecResult
from simulators.tag_memory import Tag, TagError, Trouble

_Codes = Mapping[Trouble, int]

# 1.1's codes, and 1.0.1's where they differ
_READ: _Codes = {
    Trouble.OVERRUN: C1G2ReadResultType.TAG_MEMORY_OVERRUN_ERROR,
    Trouble.LOCKED: C1G2ReadResultType.TAG_MEMORY_LOCKED_ERROR,
    Trouble.PASSWORD: C1G2ReadResultType.INCORRECT_PASSWORD_ERROR,
}
_WRITE: _Codes = {
    Trouble.OVERRUN: C1G2WriteResultType.TAG_MEMORY_OVERRUN_ERROR,
    Trouble.LOCKED: C1G2WriteResultType.TAG_MEMORY_LOCKED_ERROR,
    Trouble.PASSWORD: C1G2WriteResultType.INCORRECT_PASSWORD_ERROR,
}
_KILL: _Codes = {
    Trouble.ZERO_KILL_PASSWORD: C1G2KillResultType.ZERO_KILL_PASSWORD_ERROR,
    Trouble.PASSWORD: C1G2KillResultType.INCORRECT_PASSWORD_ERROR,
}
_LOCK: _Codes = {
    Trouble.LOCKED: C1G2LockResultType.TAG_MEMORY_LOCKED_ERROR,
    Trouble.PASSWORD: C1G2LockResultType.INCORRECT_PASSWORD_ERROR,
}
_LOCK_BLOCKS: _Codes = {
    Trouble.OVERRUN: C1G2BlockPermalockResultType.TAG_MEMORY_OVERRUN_ERROR,
    Trouble.NO_BLOCKS: C1G2BlockPermalockResultType.NONSPECIFIC_TAG_ERROR,
    Trouble.PASSWORD: C1G2BlockPermalockResultType.INCORRECT_PASSWORD_ERROR,
}
_LOCKED_BLOCKS: _Codes = {
    Trouble.OVERRUN: C1G2GetBlockPermalockStatusResultType.TAG_MEMORY_OVERRUN_ERROR,
    Trouble.NO_BLOCKS: C1G2GetBlockPermalockStatusResultType.NONSPECIFIC_TAG_ERROR,
    Trouble.PASSWORD: C1G2GetBlockPermalockStatusResultType.INCORRECT_PASSWORD_ERROR,
}
_READ_1_0_1 = dict.fromkeys(_READ, C1G2ReadResultType.NONSPECIFIC_TAG_ERROR)
_WRITE_1_0_1 = {**_WRITE, Trouble.PASSWORD: C1G2WriteResultType.NONSPECIFIC_TAG_ERROR}
_KILL_1_0_1 = {**_KILL, Trouble.PASSWORD: C1G2KillResultType.NONSPECIFIC_TAG_ERROR}
_LOCK_1_0_1 = dict.fromkeys(_LOCK, C1G2LockResultType.NONSPECIFIC_TAG_ERROR)

_TABLES: Mapping[type[Parameter], tuple[_Codes, _Codes]] = {
    C1G2Read: (_READ, _READ_1_0_1),
    C1G2Write: (_WRITE, _WRITE_1_0_1),
    C1G2BlockWrite: (_WRITE, _WRITE_1_0_1),  # the same codes as for writing
    C1G2BlockErase: (_WRITE, _WRITE_1_0_1),
    C1G2Kill: (_KILL, _KILL_1_0_1),
    C1G2Lock: (_LOCK, _LOCK_1_0_1),
    C1G2BlockPermalock: (_LOCK_BLOCKS, _LOCK_BLOCKS),  # 1.0.1 has neither
    C1G2GetBlockPermalockStatus: (_LOCKED_BLOCKS, _LOCKED_BLOCKS),
}


def matches(spec: C1G2TagSpec, tag: Tag) -> bool:
    """Tell whether a tag is meant: by one pattern, or by both of two (1.0.1 §15.2.1.3.1)."""
    for target in spec.target_tags:
        length = target.tag_mask.length
        if not length:
            continue
        bits = tag.bits(target.mb)[target.pointer : target.pointer + length]
        mask, data = (bits_of(part.data, length) for part in (target.tag_mask, target.tag_data))
        is_same = len(bits) == length and all(
            bit == wanted
            for bit, wanted, counts in zip(bits, data, mask, strict=True)
            if counts == "1"
        )
        if is_same != target.match:
            return False
    return True


def perform(op_specs: Sequence[Parameter], tag: Tag, version: int) -> list[OpSpecResult]:
    """Do one operation after the other until one fails; give what is told of each."""
    results: list[OpSpecResult] = []
    for op in op_specs:
        act, result = _ACTS[type(op)]
        code = 0
        try:
            written, data = act(op, tag)
        except TagError as error:
            code = _TABLES[type(op)][version == 1][error.trouble]
            written, data = error.words_written, ()
        results.append(result(op, code, written, data))
        if code:
            break
    return results


def is_known(op: Parameter) -> bool:
    return type(op) in _ACTS


def _read(op: C1G2Read, tag: Tag) -> tuple[int, tuple[int, ...]]:
    return 0, tag.read(op.mb, op.word_pointer, op.word_count, op.access_password)


def _write(op: C1G2Write | C1G2BlockWrite, tag: Tag) -> tuple[int, tuple[int, ...]]:
    tag.write(op.mb, op.word_pointer, op.write_data, op.access_password)
    return len(op.write_data), ()


def _erase(op: C1G2BlockErase, tag: Tag) -> tuple[int, tuple[int, ...]]:
    tag.write(op.mb, op.word_pointer, [0] * op.word_count, op.access_password)
    return op.word_count, ()


def _lock(op: C1G2Lock, tag: Tag) -> tuple[int, tuple[int, ...]]:
    tag.lock([(one.privilege, one.data_field) for one in op.payloads], op.access_password)
    return 0, ()


def _lock_blocks(op: C1G2BlockPermalock, tag: Tag) -> tuple[int, tuple[int, ...]]:
    tag.lock_blocks(op.mb, op.block_pointer, op.block_mask, op.access_password)
    return 0, ()


def _locked_blocks(op: C1G2GetBlockPermalockStatus, tag: Tag) -> tuple[int, tuple[int, ...]]:
    return 0, tag.locked_blocks(op.mb, op.block_pointer, op.block_range, op.access_password)


def _kill(op: C1G2Kill, tag: Tag) -> tuple[int, tuple[int, ...]]:
    tag.kill(op.kill_password)
    return 0, ()


_Act = Callable[[Any, Tag], tuple[int, tuple[int, ...]]]  # words written, words read
_Result = Callable[[Any, int, int, tuple[int, ...]], OpSpecResult]

_ACTS: Mapping[type[Parameter], tuple[_Act, _Result]] = {
    C1G2Read: (
        _read,
        lambda op, code, _, data: C1G2ReadOpSpecResult(
            result=code, op_spec_id=op.op_spec_id, read_data=data
        ),
    ),
    C1G2Write: (
        _write,
        lambda op, code, written, _: C1G2WriteOpSpecResult(
            result=code, op_spec_id=op.op_spec_id, num_words_written=written
        ),
    ),
    C1G2BlockWrite: (
        _write,
        lambda op, code, written, _: C1G2BlockWriteOpSpecResult(
            result=code, op_spec_id=op.op_spec_id, num_words_written=written
        ),
    ),
    C1G2BlockErase: (
        _erase,
        lambda op, code, *_: C1G2BlockEraseOpSpecResult(result=code, op_spec_id=op.op_spec_id),
    ),
    C1G2Lock: (
        _lock,
        lambda op, code, *_: C1G2LockOpSpecResult(result=code, op_spec_id=op.op_spec_id),
    ),
    C1G2BlockPermalock: (
        _lock_blocks,
        lambda op, code, *_: C1G2BlockPermalockOpSpecResult(result=code, op_spec_id=op.op_spec_id),
    ),
    C1G2GetBlockPermalockStatus: (
        _locked_blocks,
        lambda op, code, _, data: C1G2GetBlockPermalockStatusOpSpecResult(
            result=code, op_spec_id=op.op_spec_id, permalock_status=data
        ),
    ),
    C1G2Kill: (
        _kill,
        lambda op, code, *_: C1G2KillOpSpecResult(result=code, op_spec_id=op.op_spec_id),
    ),
}


def bits_of(data: bytes, length: int) -> str:
    return "".join(f"{byte:08b}" for byte in data)[:length].ljust(length, "0")
