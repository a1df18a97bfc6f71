"""Versions, extensions and what a connection leaves to the next."""

from collections.abc import Callable

import msgspec
import pytest

from edge.errors import ReaderError, ReaderRefused
from edge.llrp import messages as m
from edge.llrp.constants import StatusCode
from edge.llrp.fields import Message
from edge.llrp.impinj import ImpinjEnableExtensions, ImpinjEnableExtensionsResponse
from edge.llrp.parameters_capabilities import LLRPCapabilities
from edge.llrp.session import LinkMemory
from edge.llrp.settings import LlrpSettings
from edge.model import HealthKind
from edge.options import LlrpVersion
from tests.support.llrp_conversation import (
    CAPABILITIES,
    HANDSHAKE,
    OK,
    SETTINGS,
    Conversation,
    asked,
    connection,
    frames,
    keepalive,
    refusal,
)

FORCED_1_1 = LlrpSettings(version=LlrpVersion.V1_1, rospec_id=77)
FORCED_1_0_1 = LlrpSettings(version=LlrpVersion.V1_0_1, rospec_id=77)


def supports(newest: int, current: int = 1) -> Message:
    return m.GetSupportedVersionResponse(
        current_version=current, supported_version=newest, llrp_status=OK
    )


def spoken_versions(conversation: Conversation) -> list[int]:
    """Run it, and give the versions of all headers sent."""
    versions: list[int] = []
    to_send = conversation.hear(connection()).to_send
    while to_send:
        versions += [frame.version for frame in frames(to_send)]
        to_send = conversation.hear(conversation.answer(to_send)).to_send
    return versions


SET = {"SetProtocolVersion": m.SetProtocolVersionResponse(llrp_status=OK)}
OLD_STYLE = [2] + [1] * 7
AGREED: dict[str, tuple[LlrpSettings, dict[str, Message], list[int]]] = {
    "one that knows 1.0.1 only, and says so by error 110": (SETTINGS, {}, OLD_STYLE),
    "one that says that 1.0.1 is its newest": (
        SETTINGS,
        {"GetSupportedVersion": supports(1)},
        OLD_STYLE,
    ),
    "one that knows 1.1": (
        SETTINGS,
        {"GetSupportedVersion": supports(2), **SET},
        [2, 2] + [2] * 7,
    ),
    "one that speaks 1.1 already is not told again": (
        SETTINGS,
        {"GetSupportedVersion": supports(2, current=2)},
        [2] + [2] * 7,
    ),
    "one that knows 2.0 is spoken to in 1.1": (
        SETTINGS,
        {"GetSupportedVersion": supports(3), **SET},
        [2, 2] + [2] * 7,
    ),
    "one that is not asked, for the configuration says 1.0.1": (FORCED_1_0_1, {}, [1] * 7),
    "1.1, as the configuration says": (
        FORCED_1_1,
        {"GetSupportedVersion": supports(2), **SET},
        [2, 2] + [2] * 7,
    ),
}


@pytest.mark.parametrize(("settings", "answers", "versions"), AGREED.values(), ids=AGREED)
def test_both_speak_the_newest_version_that_both_know(
    settings: LlrpSettings, answers: dict[str, Message], versions: list[int]
) -> None:
    conversation = Conversation(settings, None, **answers)
    assert spoken_versions(conversation) == versions
    assert conversation.kinds() == [HealthKind.CONNECTED]


def test_keepalives_are_acknowledged_in_the_version_agreed_on() -> None:
    answers = {"GetSupportedVersion": supports(2), **SET}
    conversation = Conversation(None, None, **answers).run()
    [ack] = frames(conversation.hear(keepalive(9)).to_send)
    assert (ack.version, ack.message_id) == (2, 9)


def test_a_reader_that_refuses_the_newer_version_is_spoken_to_in_the_older() -> None:
    refused = m.SetProtocolVersionResponse(llrp_status=refusal(StatusCode.M_UNSUPPORTED_VERSION))
    conversation = Conversation(
        None, None, GetSupportedVersion=supports(2), SetProtocolVersion=refused
    )
    assert spoken_versions(conversation) == [2, 2] + [1] * 7
    assert conversation.kinds() == [HealthKind.WARNING, HealthKind.CONNECTED]


def test_a_version_that_is_insisted_on_and_cannot_be_had_is_refused() -> None:
    with pytest.raises(ReaderRefused, match=r"knows LLRP 1\.0\.1 only"):
        Conversation(FORCED_1_1).run()


def test_a_reader_that_hangs_up_on_the_question_is_not_asked_again() -> None:
    memory = LinkMemory()
    first = Conversation(None, memory)
    first.hear(connection())  # and here the link breaks
    assert asked(Conversation(None, memory).run()) == HANDSHAKE[1:]


def test_a_reader_that_does_not_answer_the_question_is_asked_on_and_never_again() -> None:
    memory = LinkMemory()
    first = Conversation(None, memory, GetSupportedVersion=None).run()
    first.clock.advance(5.1)
    first.run(b"")
    assert asked(first) == HANDSHAKE
    assert asked(Conversation(None, memory).run()) == HANDSHAKE[1:]


def of_impinj(holds: bool = False) -> Message:  # noqa: FBT001, FBT002 - of a test's reader
    limits = LLRPCapabilities(
        supports_event_and_report_holding=holds,
        max_num_priority_levels_supported=1,
        client_request_op_spec_timeout=0,
        max_num_rospecs=1,
        max_num_specs_per_rospec=32,
        max_num_inventory_parameter_specs_per_aispec=1,
        max_num_access_specs=1508,
        max_num_op_specs_per_access_spec=8,
    )
    device = msgspec.structs.replace(CAPABILITIES, device_manufacturer_name=25882)
    return m.GetReaderCapabilitiesResponse(
        llrp_status=OK, general_device_capabilities=device, llrp_capabilities=limits
    )


def extensions(status: StatusCode = StatusCode.M_SUCCESS) -> Message:
    return ImpinjEnableExtensionsResponse(llrp_status=refusal(status))


def test_impinjs_extensions_are_enabled_on_impinjs_readers() -> None:
    conversation = Conversation(
        None, None, GetReaderCapabilities=of_impinj(), ImpinjEnableExtensions=extensions()
    ).run()
    assert asked(conversation) == [*HANDSHAKE[:2], ImpinjEnableExtensions, *HANDSHAKE[2:]]
    [config] = [a for a in conversation.asked if isinstance(a, m.SetReaderConfig)]
    assert len(config.custom) == 2
    assert conversation.health[-1].detail.startswith("manufacturer Impinj (25882)")


def test_where_impinjs_extensions_are_refused_none_are_used() -> None:
    conversation = Conversation(
        None,
        None,
        GetReaderCapabilities=of_impinj(),
        ImpinjEnableExtensions=extensions(StatusCode.M_UNSUPPORTED_MESSAGE),
    ).run()
    [config] = [a for a in conversation.asked if isinstance(a, m.SetReaderConfig)]
    assert config.custom == ()
    assert conversation.kinds() == [HealthKind.WARNING, HealthKind.CONNECTED]


def test_held_reports_are_released_when_all_is_set_up() -> None:
    conversation = Conversation(
        None, None, GetReaderCapabilities=of_impinj(holds=True), ImpinjEnableExtensions=extensions()
    )
    conversation.answers["EnableEventsAndReports"] = None
    conversation.run()
    assert asked(conversation)[-2:] == [m.StartROSpec, m.EnableEventsAndReports]


def by_stop_trigger(request: Message) -> Message:
    """Refuse AISpecs that never end, as some readers do."""
    assert isinstance(request, m.AddROSpec)
    trigger = request.rospec.specs[0].stop_trigger  # type: ignore[union-attr]  # it is an AISpec
    good = trigger.aispec_stop_trigger_type == 1  # type: ignore[union-attr]
    status = OK if good else refusal(StatusCode.M_PARAMETER_ERROR, "unsupported StopTrigger 0")
    return m.AddROSpecResponse(llrp_status=status)


def without_gen2(request: Message) -> Message:
    """Refuse C1G2InventoryCommand, as some readers do."""
    assert isinstance(request, m.AddROSpec)
    inventory = request.rospec.specs[0].inventory_parameter_specs[0]  # type: ignore[union-attr]
    good = not inventory.antenna_configurations
    status = OK if good else refusal(StatusCode.M_PARAMETER_ERROR, "TagPopulation")
    return m.AddROSpecResponse(llrp_status=status)


PICKY: dict[str, tuple[Callable[[Message], Message], str]] = {
    "the stop trigger": (by_stop_trigger, "without AISpecs that never end: M_PARAMETER_ERROR"),
    "Gen2's settings": (without_gen2, "without session, population and RF mode: M_PARAMETER"),
}


@pytest.mark.parametrize(("answer", "told"), PICKY.values(), ids=PICKY)
def test_a_reader_that_refuses_a_part_of_the_rospec_is_used_without_it(
    answer: Callable[[Message], Message], told: str
) -> None:
    conversation = Conversation(None, None, AddROSpec=answer).run()
    assert conversation.kinds() == [HealthKind.WARNING, HealthKind.CONNECTED]
    assert told in conversation.health[0].detail


def test_an_error_in_the_setup_ends_the_session_with_a_goodbye() -> None:
    conversation = Conversation(
        None,
        None,
        StartROSpec=m.StartROSpecResponse(llrp_status=refusal(StatusCode.R_DEVICE_ERROR)),
    )
    with pytest.raises(ReaderError, match="START_ROSPEC: R_DEVICE_ERROR"):
        conversation.run()
    assert conversation.session.stop(conversation.now)
