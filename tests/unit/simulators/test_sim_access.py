"""AccessSpecs in the simulated reader: their life, which tags they are meant for, what is told."""

import msgspec
import pytest

from edge.llrp import messages as m
from edge.llrp.constants import (
    AccessReportTriggerType,
    AccessSpecState,
    AccessSpecStopTriggerType,
    AirProtocols,
    C1G2BlockPermalockResultType,
    C1G2BlockWriteResultType,
    C1G2KillResultType,
    C1G2LockDataField,
    C1G2LockPrivilege,
    C1G2LockResultType,
    C1G2ReadResultType,
    C1G2WriteResultType,
    ROReportTriggerType,
    StatusCode,
)
from edge.llrp.fields import BitString, Message, Parameter
from edge.llrp.parameters_access import (
    AccessCommand,
    AccessReportSpec,
    AccessSpec,
    AccessSpecStopTrigger,
    ClientRequestOpSpec,
)
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
    C1G2LockPayload,
    C1G2Read,
    C1G2ReadOpSpecResult,
    C1G2TagSpec,
    C1G2TargetTag,
    C1G2Write,
    C1G2WriteOpSpecResult,
)
from edge.llrp.parameters_report import TagReportData
from edge.llrp.parameters_rospec import TagReportContentSelector
from simulators.profile import FX9600, R420
from tests.support.orders import report_spec, rospec
from tests.support.reader_desk import EPCS, Desk

REPLACE = msgspec.structs.replace
WITH_IDS = TagReportContentSelector(enable_antenna_id=True, enable_access_spec_id=True)


@pytest.fixture
def desk() -> Desk:
    return connected(Desk())


def connected(desk: Desk) -> Desk:
    """Connect a client that speaks the newest version that the reader speaks."""
    desk.connect()
    desk.agree_on(desk.reader.profile.version)
    desk.take()
    return desk


def target(epc: bytes, *, is_match: bool = True) -> C1G2TargetTag:
    bits = BitString.of(epc)
    mask = BitString.of(b"\xff" * len(epc))
    return C1G2TargetTag(mb=1, match=is_match, pointer=32, tag_mask=mask, tag_data=bits)


def access_spec(
    *op_specs: Parameter,
    number: int = 9,
    epc: bytes = EPCS[3],
    count: int = 1,
    antenna: int = 0,
    report: int | None = None,
) -> AccessSpec:
    return AccessSpec(
        access_spec_id=number,
        antenna_id=antenna,
        protocol_id=AirProtocols.EPC_GLOBAL_CLASS1_GEN2,
        current_state=AccessSpecState.DISABLED,
        rospec_id=0,
        stop_trigger=AccessSpecStopTrigger(
            access_spec_stop_trigger=AccessSpecStopTriggerType.OPERATION_COUNT,
            operation_count_value=count,
        ),
        access_command=AccessCommand(
            tag_spec=C1G2TagSpec(target_tags=(target(epc),)),
            op_specs=op_specs or (read(),),  # type: ignore[arg-type] # all kinds are tried
        ),
        access_report_spec=(
            None if report is None else AccessReportSpec(access_report_trigger=report)
        ),
    )


def read(bank: int = 2, first: int = 0, count: int = 2, password: int = 0) -> C1G2Read:
    return C1G2Read(
        op_spec_id=1, access_password=password, mb=bank, word_pointer=first, word_count=count
    )


def write(first: int, *words: int, bank: int = 3, password: int = 0, number: int = 2) -> C1G2Write:
    return C1G2Write(
        op_spec_id=number, access_password=password, mb=bank, word_pointer=first, write_data=words
    )


def begin(desk: Desk, *specs: AccessSpec) -> None:
    """Enable AccessSpecs and let a ROSpec meet tags."""
    for spec in specs:
        assert desk.status(m.AddAccessSpec(access_spec=spec)).status_code == 0
        number = spec.access_spec_id
        assert desk.status(m.EnableAccessSpec(access_spec_id=number)).status_code == 0
    desk.run(rospec(report=report_spec(n=1, fields=WITH_IDS)))


def results(desk: Desk) -> list[TagReportData]:
    return [tag for tag in desk.take_tags() if tag.op_spec_results]


def outcome(desk: Desk, *op_specs: Parameter) -> list[Parameter]:
    """Give what is told of operations with one tag."""
    begin(desk, access_spec(*op_specs))
    desk.pass_ms(500)
    (tag,) = results(desk)
    return list(tag.op_spec_results)


# ------------------------------------------------------------------------------------ operations


def test_what_was_read_is_told_with_the_tag_and_the_spec(desk: Desk) -> None:
    begin(desk, access_spec())
    desk.pass_ms(500)
    (tag,) = results(desk)
    assert getattr(tag.epc.epc, "data", tag.epc.epc) == EPCS[3]
    assert tag.access_spec_id is not None
    assert tag.access_spec_id.access_spec_id == 9
    assert tag.op_spec_results == (
        C1G2ReadOpSpecResult(
            result=C1G2ReadResultType.SUCCESS, op_spec_id=1, read_data=(0xE280, 0x1170)
        ),
    )


def test_operations_are_done_one_after_the_other(desk: Desk) -> None:
    told = outcome(desk, write(4, 7, 8), read(3, 4, 2))
    assert told == [
        C1G2WriteOpSpecResult(
            result=C1G2WriteResultType.SUCCESS, op_spec_id=2, num_words_written=2
        ),
        C1G2ReadOpSpecResult(result=C1G2ReadResultType.SUCCESS, op_spec_id=1, read_data=(7, 8)),
    ]


def test_the_first_operation_that_fails_is_the_last(desk: Desk) -> None:
    told = outcome(desk, write(31, 7, 8), read())
    assert told == [
        C1G2WriteOpSpecResult(
            result=C1G2WriteResultType.TAG_MEMORY_OVERRUN_ERROR, op_spec_id=2, num_words_written=1
        )
    ]


PASSWORD = write(2, 0, 5, bank=0)


def lock_blocks(*mask: int, bank: int = 3, first: int = 0, password: int = 0) -> C1G2BlockPermalock:
    return C1G2BlockPermalock(
        op_spec_id=5, access_password=password, mb=bank, block_pointer=first, block_mask=mask
    )


def blocks_locked(result: int) -> C1G2BlockPermalockOpSpecResult:
    return C1G2BlockPermalockOpSpecResult(result=result, op_spec_id=5)


STATUS = C1G2GetBlockPermalockStatus(
    op_spec_id=6, access_password=0, mb=3, block_pointer=0, block_range=1
)
OTHERS: dict[str, tuple[list[Parameter], Parameter]] = {
    "block write": (
        [
            C1G2BlockWrite(
                op_spec_id=4, access_password=0, mb=3, word_pointer=0, write_data=(1, 2, 3)
            )
        ],
        C1G2BlockWriteOpSpecResult(
            result=C1G2BlockWriteResultType.SUCCESS, op_spec_id=4, num_words_written=3
        ),
    ),
    "block erase": (
        [C1G2BlockErase(op_spec_id=4, access_password=0, mb=3, word_pointer=0, word_count=8)],
        C1G2BlockEraseOpSpecResult(result=0, op_spec_id=4),
    ),
    "lock": (
        [
            C1G2Lock(
                op_spec_id=4,
                access_password=0,
                payloads=(
                    C1G2LockPayload(
                        privilege=C1G2LockPrivilege.READ_WRITE,
                        data_field=C1G2LockDataField.USER_MEMORY,
                    ),
                ),
            )
        ],
        C1G2LockOpSpecResult(result=C1G2LockResultType.SUCCESS, op_spec_id=4),
    ),
    "kill with kill password 0": (
        [C1G2Kill(op_spec_id=4, kill_password=0)],
        C1G2KillOpSpecResult(result=C1G2KillResultType.ZERO_KILL_PASSWORD_ERROR, op_spec_id=4),
    ),
    "kill": (
        [write(0, 0, 6, bank=0), C1G2Kill(op_spec_id=4, kill_password=6)],
        C1G2KillOpSpecResult(result=C1G2KillResultType.SUCCESS, op_spec_id=4),
    ),
    "blocks locked for good": (
        [lock_blocks(0xA000), lock_blocks(0x0100), STATUS],
        C1G2GetBlockPermalockStatusOpSpecResult(result=0, op_spec_id=6, permalock_status=(0xA100,)),
    ),
    "write into a block that is locked for good": (
        [lock_blocks(0x4000), write(2, 1, 2, 3)],
        C1G2WriteOpSpecResult(
            result=C1G2WriteResultType.TAG_MEMORY_LOCKED_ERROR, op_spec_id=2, num_words_written=2
        ),
    ),
    "blocks of the EPC bank": ([lock_blocks(0x8000, bank=1)], blocks_locked(2)),
    "blocks beyond the memory": ([lock_blocks(0x8000, first=1)], blocks_locked(6)),
    "blocks with a wrong password": (
        [PASSWORD, lock_blocks(0x8000, password=7)],
        blocks_locked(C1G2BlockPermalockResultType.INCORRECT_PASSWORD_ERROR),
    ),
    "write with a wrong password": (
        [PASSWORD, write(0, 1, password=7)],
        C1G2WriteOpSpecResult(
            result=C1G2WriteResultType.INCORRECT_PASSWORD_ERROR, op_spec_id=2, num_words_written=0
        ),
    ),
}


@pytest.mark.parametrize(("op_specs", "last"), OTHERS.values(), ids=OTHERS)
def test_each_operation_has_its_result(
    desk: Desk, op_specs: list[Parameter], last: Parameter
) -> None:
    assert outcome(desk, *op_specs)[-1] == last


def test_llrp_1_0_1_has_no_code_for_a_wrong_password() -> None:
    desk = connected(Desk(profile=R420))
    told = outcome(desk, PASSWORD, write(0, 1, password=7))
    assert told[-1] == C1G2WriteOpSpecResult(
        result=C1G2WriteResultType.NONSPECIFIC_TAG_ERROR, op_spec_id=2, num_words_written=0
    )


# ------------------------------------------------------------------------------------- the specs


def test_a_spec_that_counts_is_gone_after_the_last_time(desk: Desk) -> None:
    begin(desk, access_spec(epc=b"", count=3))
    desk.pass_ms(500)
    assert len(results(desk)) == 3
    assert ids(desk) == {}


def test_a_spec_without_stop_trigger_goes_on(desk: Desk) -> None:
    spec = access_spec(epc=b"")
    never = AccessSpecStopTrigger(access_spec_stop_trigger=0, operation_count_value=0)
    begin(desk, REPLACE(spec, stop_trigger=never))
    desk.pass_ms(500)
    assert len(results(desk)) == 50
    assert ids(desk) == {9: AccessSpecState.ACTIVE}


def test_the_first_spec_that_matches_is_carried_out_and_no_other(desk: Desk) -> None:
    begin(
        desk,
        access_spec(number=8, epc=EPCS[5], count=0),
        access_spec(number=3, epc=b"", count=0),
        access_spec(number=2, epc=b"", count=0),
    )
    desk.pass_ms(400)
    told = {(getattr(tag.epc.epc, "data", tag.epc.epc), spec_id(tag)) for tag in results(desk)}
    assert (EPCS[5], 8) in told
    assert {number for _, number in told} == {8, 3}


def spec_id(tag: TagReportData) -> int:
    assert tag.access_spec_id is not None
    return tag.access_spec_id.access_spec_id


def test_a_spec_of_one_antenna_lets_the_others_be(desk: Desk) -> None:
    begin(desk, access_spec(epc=b"", antenna=2, count=0))
    desk.pass_ms(400)
    antennas = {tag.antenna_id.antenna_id for tag in results(desk) if tag.antenna_id}
    assert antennas == {2}


def test_a_disabled_spec_does_nothing(desk: Desk) -> None:
    begin(desk, access_spec(epc=b"", count=0))
    desk.ask(m.DisableAccessSpec(access_spec_id=9))
    desk.take()
    desk.pass_ms(200)
    assert results(desk) == []
    assert ids(desk) == {9: AccessSpecState.DISABLED}


def test_a_pattern_may_say_what_a_tag_must_not_be(desk: Desk) -> None:
    spec = access_spec(count=0)
    others = C1G2TagSpec(target_tags=(target(EPCS[3], is_match=False),))
    command = REPLACE(spec.access_command, tag_spec=others)
    begin(desk, REPLACE(spec, access_command=command))
    desk.pass_ms(400)
    meant = {getattr(tag.epc.epc, "data", tag.epc.epc) for tag in results(desk)}
    assert EPCS[3] not in meant
    assert len(meant) == len(EPCS) - 1


def test_results_wait_for_the_report_unless_the_end_of_the_spec_is_to_be_told(desk: Desk) -> None:
    late = report_spec(n=0, trigger=ROReportTriggerType.NONE, fields=WITH_IDS)
    spec = access_spec(report=AccessReportTriggerType.END_OF_ACCESS_SPEC)
    desk.ask(m.AddAccessSpec(access_spec=spec))
    desk.ask(m.EnableAccessSpec(access_spec_id=9))
    desk.run(rospec(report=late))
    desk.pass_ms(500)
    assert len(results(desk)) == 1


def test_zero_stands_for_all_specs(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.ask(m.AddAccessSpec(access_spec=access_spec(number=number)))
    desk.ask(m.EnableAccessSpec(access_spec_id=2))
    assert desk.status(m.EnableAccessSpec(access_spec_id=0)).status_code == 0
    assert ids(desk) == dict.fromkeys((1, 2, 3), AccessSpecState.ACTIVE)
    assert desk.status(m.DeleteAccessSpec(access_spec_id=0)).status_code == 0
    assert ids(desk) == {}


def ids(desk: Desk) -> dict[int, int]:
    answer = desk.ask(m.GetAccessSpecs())
    assert isinstance(answer, m.GetAccessSpecsResponse)
    return {spec.access_spec_id: spec.current_state for spec in answer.access_specs}


# -------------------------------------------------------------------------------------- refusals


def add(spec: AccessSpec) -> m.AddAccessSpec:
    return m.AddAccessSpec(access_spec=spec)


def lock(privilege: int, field: int) -> C1G2Lock:
    payload = C1G2LockPayload(privilege=privilege, data_field=field)
    return C1G2Lock(op_spec_id=1, access_password=0, payloads=(payload,))


THREE = C1G2TagSpec(target_tags=(target(EPCS[0]),) * 3)
PARAMETER, FIELD = StatusCode.M_PARAMETER_ERROR, StatusCode.M_FIELD_ERROR
REFUSED: dict[str, tuple[Message, StatusCode, int | None]] = {
    "id 0": (add(access_spec(number=0)), PARAMETER, 207),
    "antenna 5 of 4": (add(access_spec(antenna=5)), PARAMETER, 207),
    "another protocol": (add(REPLACE(access_spec(), protocol_id=2)), PARAMETER, 207),
    "active": (add(REPLACE(access_spec(), current_state=1)), PARAMETER, 207),
    "stop trigger 2": (
        add(
            REPLACE(
                access_spec(),
                stop_trigger=AccessSpecStopTrigger(
                    access_spec_stop_trigger=2, operation_count_value=0
                ),
            )
        ),
        PARAMETER,
        208,
    ),
    "report trigger 2": (add(access_spec(report=2)), PARAMETER, 239),
    "three patterns": (
        add(
            REPLACE(
                access_spec(), access_command=REPLACE(access_spec().access_command, tag_spec=THREE)
            )
        ),
        PARAMETER,
        338,
    ),
    "nine operations": (add(access_spec(*[read()] * 9)), PARAMETER, 209),
    "asking the client": (add(access_spec(ClientRequestOpSpec(op_spec_id=1))), PARAMETER, 210),
    "privilege 4": (add(access_spec(lock(4, 0))), PARAMETER, 345),
    "data field 5": (add(access_spec(lock(0, 5))), PARAMETER, 345),
    "enabling none": (m.EnableAccessSpec(access_spec_id=1), FIELD, None),
    "disabling none": (m.DisableAccessSpec(access_spec_id=1), FIELD, None),
    "deleting none": (m.DeleteAccessSpec(access_spec_id=1), FIELD, None),
}


@pytest.mark.parametrize(("request_", "status", "parameter"), REFUSED.values(), ids=REFUSED)
def test_what_the_reader_cannot_do_is_refused_with_its_place(
    desk: Desk, request_: Message, status: StatusCode, parameter: int | None
) -> None:
    answer = desk.status(request_)
    blamed = answer.parameter_error.parameter_type if answer.parameter_error else None
    assert (answer.status_code, blamed) == (status, parameter)
    assert ids(desk) == {}


def test_an_id_is_taken_once_and_only_so_many_find_a_place() -> None:
    desk = connected(Desk(profile=FX9600))
    for number in (1, 2, 3, 4):
        assert desk.status(add(access_spec(number=number))).status_code == 0
    assert desk.status(add(access_spec(number=2))).status_code == PARAMETER
    full = desk.status(add(access_spec(number=5)))
    assert full.parameter_error is not None
    assert full.parameter_error.error_code == StatusCode.P_OVERFLOW_PARAMETER


def test_a_spec_is_enabled_once(desk: Desk) -> None:
    desk.ask(add(access_spec()))
    assert desk.status(m.EnableAccessSpec(access_spec_id=9)).status_code == 0
    assert desk.status(m.EnableAccessSpec(access_spec_id=9)).status_code == FIELD


ERASE = C1G2BlockErase(op_spec_id=4, access_password=0, mb=3, word_pointer=0, word_count=8)


@pytest.mark.parametrize("op_spec", [ERASE, lock_blocks(1), STATUS], ids=["erase", "lock", "locks"])
def test_what_the_profile_cannot_do_is_refused(op_spec: Parameter) -> None:
    desk = connected(Desk(profile=R420))
    answer = desk.status(add(access_spec(op_spec)))
    assert answer.parameter_error is not None
    assert answer.parameter_error.parameter_type == op_spec.number
