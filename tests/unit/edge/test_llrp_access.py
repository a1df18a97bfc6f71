"""Operations on tags: what the reader is asked, and what is made of its results."""

from collections.abc import Sequence

import msgspec
import pytest

from edge.errors import ReaderError
from edge.llrp import encode_message
from edge.llrp import messages as m
from edge.llrp.access import (
    ACCESS_SPEC_ID,
    OP_SPEC_ID,
    Bank,
    KillTag,
    LockField,
    LockTag,
    Privilege,
    ReadTag,
    WriteEpc,
    WriteTag,
)
from edge.llrp.constants import (
    C1G2KillResultType,
    C1G2LockDataField,
    C1G2LockPrivilege,
    C1G2LockResultType,
    C1G2ReadResultType,
    C1G2WriteResultType,
    StatusCode,
)
from edge.llrp.fields import BitString, Element
from edge.llrp.operations import Operation, Outcome, SetOutput
from edge.llrp.parameters_access import AccessSpec
from edge.llrp.parameters_c1g2 import (
    C1G2Kill,
    C1G2KillOpSpecResult,
    C1G2Lock,
    C1G2LockOpSpecResult,
    C1G2Read,
    C1G2ReadOpSpecResult,
    C1G2Write,
    C1G2WriteOpSpecResult,
)
from edge.llrp.parameters_common import EPC96
from edge.llrp.parameters_config import GPOWriteData
from edge.llrp.parameters_report import TagReportData
from tests.support.llrp_conversation import (
    EPC,
    OK,
    READER_US,
    Conversation,
    refusal,
    report,
)

ACCESS_ANSWERS = {
    "AddAccessSpec": m.AddAccessSpecResponse(llrp_status=OK),
    "EnableAccessSpec": m.EnableAccessSpecResponse(llrp_status=OK),
    "DeleteAccessSpec": m.DeleteAccessSpecResponse(
        llrp_status=refusal(StatusCode.M_FIELD_ERROR, "no such AccessSpec")
    ),
}


def read_result(*words: int, result: int = 0) -> Element:
    kind = C1G2ReadResultType(result)
    return C1G2ReadOpSpecResult(result=kind, op_spec_id=OP_SPEC_ID, read_data=words)


def write_result(result: int = 0) -> Element:
    kind = C1G2WriteResultType(result)
    return C1G2WriteOpSpecResult(result=kind, op_spec_id=OP_SPEC_ID, num_words_written=1)


def result_report(result: Element) -> bytes:
    record = TagReportData(
        epc=EPC96(epc=EPC),
        op_spec_results=(result,),  # type: ignore[arg-type]  # of whichever kind the test has
    )
    return encode_message(m.ROAccessReport(tag_report_datas=(record,)), 901)


class AtWork:
    """A running conversation in which an operation is carried out with the results given."""

    def __init__(self, operation: Operation, *results: Element | None) -> None:
        self.conversation = Conversation(None, None, **ACCESS_ANSWERS).run()
        self.conversation.asked.clear()
        self.conversation.session.begin(operation)
        self.outcome: Outcome | None = None
        self._results = iter(results)
        output = self.conversation.hear(b"")
        while output.to_send:
            output = self.conversation.hear(self.conversation.answer(output.to_send))
            if not output.to_send and output.done is None and (told := next(self._results, None)):
                output = self.conversation.hear(report() + result_report(told))
        self.outcome = output.done

    @property
    def specs(self) -> Sequence[AccessSpec]:
        asked = self.conversation.asked
        return [a.access_spec for a in asked if isinstance(a, m.AddAccessSpec)]

    def kinds(self) -> list[str]:
        return [type(message).__name__ for message in self.conversation.asked]


def test_an_access_spec_is_for_the_tag_of_one_epc_once_and_is_cleared_away() -> None:
    work = AtWork(ReadTag(epc=EPC, bank=Bank.TID, words=6), read_result(0xE280, 0x1160))
    assert work.outcome == Outcome(done=True, detail="done", words=(0xE280, 0x1160))
    assert work.kinds()[:3] == ["DeleteAccessSpec", "AddAccessSpec", "EnableAccessSpec"]
    assert work.kinds()[-1] == "DeleteAccessSpec"
    [spec] = work.specs
    assert (spec.access_spec_id, spec.rospec_id, spec.antenna_id) == (ACCESS_SPEC_ID, 77, 0)
    assert spec.stop_trigger.operation_count_value == 1
    [target] = spec.access_command.tag_spec.target_tags
    assert (target.mb, target.match, target.pointer) == (1, True, 32)
    assert target.tag_data == BitString.of(EPC)
    assert target.tag_mask == BitString.of(b"\xff" * 12)


ORDERS = {
    "read": (
        ReadTag(epc=EPC, bank=Bank.USER, pointer=4, words=2, password=7),
        C1G2Read(op_spec_id=OP_SPEC_ID, access_password=7, mb=3, word_pointer=4, word_count=2),
        read_result(),
    ),
    "write": (
        WriteTag(epc=EPC, bank=Bank.RESERVED, pointer=2, data=(1, 2)),
        C1G2Write(
            op_spec_id=OP_SPEC_ID, access_password=0, mb=0, word_pointer=2, write_data=(1, 2)
        ),
        write_result(),
    ),
    "kill": (
        KillTag(epc=EPC, password=0xDEADBEEF),
        C1G2Kill(op_spec_id=OP_SPEC_ID, kill_password=0xDEADBEEF),
        C1G2KillOpSpecResult(result=C1G2KillResultType.SUCCESS, op_spec_id=OP_SPEC_ID),
    ),
}


@pytest.mark.parametrize(("operation", "order", "result"), ORDERS.values(), ids=ORDERS)
def test_an_operation_is_one_of_the_standards_orders(
    operation: Operation, order: Element, result: Element
) -> None:
    work = AtWork(operation, result)
    assert work.specs[0].access_command.op_specs == (order,)
    assert work.outcome == Outcome(done=True, detail="done")


LOCKS = {
    (LockField.KILL_PASSWORD, Privilege.LOCK): (0, C1G2LockPrivilege.READ_WRITE),
    (LockField.ACCESS_PASSWORD, Privilege.PERMALOCK): (1, C1G2LockPrivilege.PERMA_LOCK),
    (LockField.EPC, Privilege.UNLOCK): (2, C1G2LockPrivilege.UNLOCK),
    (LockField.TID, Privilege.PERMAUNLOCK): (3, C1G2LockPrivilege.PERMA_UNLOCK),
    (LockField.USER, Privilege.LOCK): (4, C1G2LockPrivilege.READ_WRITE),
}


@pytest.mark.parametrize(("wish", "numbers"), LOCKS.items(), ids=str)
def test_locks_are_the_standards_numbers(
    wish: tuple[LockField, Privilege], numbers: tuple[int, C1G2LockPrivilege]
) -> None:
    result = C1G2LockOpSpecResult(result=C1G2LockResultType.SUCCESS, op_spec_id=OP_SPEC_ID)
    work = AtWork(LockTag(epc=EPC, field=wish[0], privilege=wish[1], password=9), result)
    [order] = work.specs[0].access_command.op_specs
    assert isinstance(order, C1G2Lock)
    [payload] = order.payloads
    assert order.access_password == 9
    assert (payload.data_field, payload.privilege) == (C1G2LockDataField(numbers[0]), numbers[1])


NEW = bytes.fromhex("3034257bf7194e4000001a99")
NEW_WORDS = tuple(int.from_bytes(NEW[at : at + 2]) for at in range(0, 12, 2))


def test_a_new_epc_of_the_same_length_leaves_the_pc_alone_and_is_read_back() -> None:
    work = AtWork(
        WriteEpc(epc=EPC, new_epc=NEW),
        read_result(0x3000),
        write_result(),
        read_result(0x3000, *NEW_WORDS),
    )
    assert work.outcome == Outcome(done=True, detail=f"EPC is {NEW.hex()}, read back")
    read, write, verify = work.specs
    assert read.access_command.tag_spec.target_tags[0].tag_data == BitString.of(EPC)
    assert verify.access_command.tag_spec.target_tags[0].tag_data == BitString.of(NEW)
    [order] = write.access_command.op_specs
    assert order == C1G2Write(
        op_spec_id=OP_SPEC_ID, access_password=0, mb=1, word_pointer=2, write_data=NEW_WORDS
    )


def test_a_new_epc_of_another_length_is_told_in_the_pc_whose_other_bits_stay() -> None:
    new = NEW[:8]
    words = NEW_WORDS[:4]
    work = AtWork(
        WriteEpc(epc=EPC, new_epc=new),
        read_result(0x3457),
        write_result(),
        read_result(0x2457, *words),
    )
    [order] = work.specs[1].access_command.op_specs
    assert isinstance(order, C1G2Write)
    assert (order.word_pointer, order.write_data) == (1, (0x2457, *words))
    assert work.outcome is not None
    assert work.outcome.done


def test_an_epc_that_reads_back_otherwise_is_not_done() -> None:
    work = AtWork(
        WriteEpc(epc=EPC, new_epc=NEW), read_result(0x3000), write_result(), read_result(0x3000)
    )
    assert work.outcome == Outcome(
        done=False,
        detail="written, but not verified: the tag holds something else",
        words=(0x3000,),
    )


FAILURES = {
    "locked": (write_result(2), "tag memory locked error"),
    "too weak": (write_result(3), "insufficient power"),
    "wrong password": (write_result(7), "incorrect password error"),
}


@pytest.mark.parametrize(("result", "detail"), FAILURES.values(), ids=FAILURES)
def test_a_tag_that_does_not_do_it_is_told_with_its_reason(result: Element, detail: str) -> None:
    work = AtWork(WriteTag(epc=EPC, bank=Bank.USER, pointer=0, data=(1,)), result)
    assert work.outcome == Outcome(done=False, detail=detail)


def test_a_tag_that_is_not_met_in_time_is_told_and_the_order_is_taken_back() -> None:
    work = AtWork(ReadTag(epc=EPC, bank=Bank.TID, patience_s=5))
    conversation = work.conversation
    assert conversation.hear(b"", after_s=4.9).to_send == b""
    output = conversation.hear(b"", after_s=0.2)
    output = conversation.hear(conversation.answer(output.to_send))
    assert output.done == Outcome(done=False, detail=f"tag {EPC.hex()} was not met within 5 s")
    assert work.kinds()[-1] == "DeleteAccessSpec"


def test_results_of_others_and_plain_reports_are_not_ours() -> None:
    work = AtWork(ReadTag(epc=EPC, bank=Bank.TID))
    other = result_report(msgspec.structs.replace(read_result(1), op_spec_id=4))
    output = work.conversation.hear(report() + other + report())
    assert output.done is None
    assert len(output.polled.reads) == 3


def test_a_reader_that_refuses_is_told_and_goes_on_reading() -> None:
    conversation = Conversation(None, None, **ACCESS_ANSWERS).run()
    conversation.answers["AddAccessSpec"] = m.AddAccessSpecResponse(
        llrp_status=refusal(StatusCode.M_UNSUPPORTED_PARAMETER, "no access here")
    )
    conversation.session.begin(ReadTag(epc=EPC, bank=Bank.TID))
    output = conversation.hear(b"")
    while output.to_send:
        output = conversation.hear(conversation.answer(output.to_send))
    assert output.done is not None
    assert "ADD_ACCESSSPEC: M_UNSUPPORTED_PARAMETER, no access here" in output.done.detail
    assert len(conversation.hear(report(READER_US)).polled.reads) == 1


def test_a_kill_without_a_password_is_not_even_asked() -> None:
    conversation = Conversation(None, None, **ACCESS_ANSWERS).run()
    conversation.session.begin(KillTag(epc=EPC))
    output = conversation.hear(b"")
    assert output.to_send == b""
    assert output.done is not None
    assert not output.done.done


def test_one_operation_goes_on_at_a_time() -> None:
    work = AtWork(ReadTag(epc=EPC, bank=Bank.TID))
    assert not work.conversation.session.is_idle
    with pytest.raises(ReaderError, match="not ready"):
        work.conversation.session.begin(ReadTag(epc=EPC, bank=Bank.TID))


def test_nothing_begins_before_the_reader_is_set_up() -> None:
    with pytest.raises(ReaderError, match="not ready: waiting"):
        Conversation().session.begin(ReadTag(epc=EPC, bank=Bank.TID))


OUTPUTS = {"high": (True, "output 2 is high"), "low": (False, "output 2 is low")}


@pytest.mark.parametrize(("is_high", "detail"), OUTPUTS.values(), ids=OUTPUTS)
def test_an_output_is_set_and_nothing_else(is_high: bool, detail: str) -> None:  # noqa: FBT001 - a case's value
    work = AtWork(SetOutput(port=2, is_high=is_high))
    assert work.outcome == Outcome(done=True, detail=detail)
    [config] = work.conversation.asked
    assert config == m.SetReaderConfig(
        gpo_write_datas=(GPOWriteData(gpo_port_number=2, gpo_data=is_high),)
    )
