"""A simulated reader in a thread of this process misbehaves as it is told, over real sockets."""

import socket

import pytest

from edge.llrp import messages as m
from edge.llrp.constants import KeepaliveTriggerType
from edge.llrp.fields import Message
from edge.llrp.parameters_config import KeepaliveSpec
from simulators.running import SimulatedReader
from tests.support.orders import rospec
from tests.support.sim_process import LlrpPeer
from tests.support.simulated import connection_status, run
from tests.support.waiting import wait_until

SECONDS = 20.0


def is_close_event(message: Message) -> bool:
    return (
        isinstance(message, m.ReaderEventNotification)
        and message.reader_event_notification_data.connection_close_event is not None
    )


def keepalives(peer: LlrpPeer, period_ms: int = 100) -> None:
    spec = KeepaliveSpec(
        keepalive_trigger_type=KeepaliveTriggerType.PERIODIC, periodic_trigger_value=period_ms
    )
    peer.ask(m.SetReaderConfig(keepalive_spec=spec), m.SetReaderConfigResponse)


# ------------------------------------------------------------------------------- the connection


def test_a_half_open_reader_is_silent_and_its_place_is_free(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    keepalives(peer)
    reader.fault("half-open")
    peer.say(m.GetROSpecs())
    with LlrpPeer(reader.port) as next_one:
        assert connection_status(next(next_one.messages())) == 0
        next_one.ask(m.GetROSpecs(), m.GetROSpecsResponse)
        wait_until(lambda: peer.is_silent_for(0.3) or not next(peer.messages()))


def test_a_half_open_reader_holds_the_place_until_it_is_cleared(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("half-open", taken_s=3600)
    assert greeting(reader) == 2
    reader.clear("half-open")
    assert greeting(reader) == 0
    assert peer.is_silent_for(0.0)


def test_a_half_open_reader_holds_the_place_no_longer_than_it_is_told(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("half-open", taken_s=0.2)
    wait_until(lambda: greeting(reader) == 0)
    assert peer.is_silent_for(0.0)


def greeting(reader: SimulatedReader) -> int:
    with LlrpPeer(reader.port) as next_one:
        return connection_status(next(next_one.messages()))


def test_a_reset_breaks_the_connection(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("rst")
    with pytest.raises(ConnectionResetError):
        peer.receive()


def test_a_reader_that_closes_without_a_word_sends_fin(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("fin")
    assert list(peer.messages()) == []


def test_a_reader_that_closes_politely_says_so_first(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("close")
    (event,) = peer.messages()
    assert is_close_event(event)


@pytest.mark.parametrize(("specs", "left"), [("lost", []), ("kept", [1])])
def test_a_reboot_closes_the_port_for_a_while(
    reader: SimulatedReader, peer: LlrpPeer, specs: str, left: list[int]
) -> None:
    peer.ask(m.AddROSpec(rospec=rospec()), m.AddROSpecResponse)
    reader.fault("reboot", down_s=600, specs=specs)
    with pytest.raises(ConnectionResetError):
        peer.receive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((reader.host, reader.port), SECONDS)
    reader.clear("reboot")
    with LlrpPeer(reader.port) as again:
        answer = again.ask(m.GetROSpecs(), m.GetROSpecsResponse)
    assert [spec.rospec_id for spec in answer.rospecs] == left


def test_a_reader_comes_up_by_itself_after_a_reboot(reader: SimulatedReader) -> None:
    reader.fault("reboot", down_s=0.2)
    wait_until(lambda: is_open(reader))


def is_open(reader: SimulatedReader) -> bool:
    try:
        socket.create_connection((reader.host, reader.port), SECONDS).close()
    except ConnectionRefusedError:
        return False
    wait_until(lambda: reader.state()["client"] is None)
    return True


@pytest.mark.parametrize("status", [1, 2, 3])
def test_clients_are_refused_with_the_status_ordered_and_as_often(
    reader: SimulatedReader, status: int
) -> None:
    reader.fault("refuse", status=status, times=2)
    statuses: list[int] = []
    for _ in range(3):
        with LlrpPeer(reader.port) as refused:
            statuses.append(connection_status(next(refused.messages())))
    assert statuses == [status, status, 0]
    assert reader.state()["turned_away"] == 2


def test_the_client_hears_of_another_one(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("second-client")
    assert connection_status(next(peer.messages())) == 4


def test_a_reader_may_say_nothing_until_it_is_asked(reader: SimulatedReader) -> None:
    reader.fault("no-connect-event")
    with LlrpPeer(reader.port) as peer:
        peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)
        assert peer.unasked == []


def test_keepalives_stop_and_come_back(reader: SimulatedReader, peer: LlrpPeer) -> None:
    keepalives(peer)
    next(peer.messages())
    reader.fault("keepalives-stop")
    sent = reader.state()["keepalives_sent"]
    peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)
    wait_until(lambda: peer.is_silent_for(0.4) or not next(peer.messages()))
    assert reader.state()["keepalives_sent"] == sent
    reader.clear("keepalives-stop")
    assert isinstance(next(peer.messages()), m.Keepalive)


# ------------------------------------------------------------------------------------ responses


def test_a_late_response_lets_others_pass(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("response-late", message="GET_ROSPECS", delay_s=1, times=1)
    peer.say(m.GetROSpecs())
    peer.say(m.GetAccessSpecs())
    kinds = [type(message) for _, message in zip(range(2), peer.messages(), strict=False)]
    assert kinds == [m.GetAccessSpecsResponse, m.GetROSpecsResponse]


def test_a_missing_response_never_comes_though_the_request_was_done(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("response-missing", message="ADD_ROSPEC")
    peer.say(m.AddROSpec(rospec=rospec()))
    answer = peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)
    assert len(answer.rospecs) == 1
    assert peer.unasked == []


def test_a_wrong_id_is_one_that_nobody_used(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("response-wrong-id")
    message_id = peer.say(m.GetROSpecs())
    frame = next(peer.frames())
    assert frame.message_type == m.GetROSpecsResponse.number
    assert frame.message_id != message_id


def test_an_error_message_comes_in_the_place_of_the_response(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("response-error", status=401, message="GET_ROSPECS")
    answer = peer.ask(m.GetROSpecs(), m.ErrorMessage)
    assert answer.llrp_status.status_code == 401
    peer.ask(m.GetAccessSpecs(), m.GetAccessSpecsResponse)


def test_a_report_may_come_between_request_and_response(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("report-first", tags=3)
    peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)
    (report,) = peer.unasked
    assert isinstance(report, m.ROAccessReport)
    assert len(report.tag_report_datas) == 3


# ------------------------------------------------------------------------------------ the stream


def test_a_split_stream_says_the_same(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("split")
    answer = peer.ask(m.GetReaderCapabilities(requested_data=0), m.GetReaderCapabilitiesResponse)
    assert answer.regulatory_capabilities is not None


def test_messages_are_held_back_and_come_at_once(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("coalesce", messages=4, hold_s=SECONDS)
    for _ in range(3):
        peer.say(m.GetROSpecs())
    wait_until(lambda: reader.state()["heard"] == {"GET_ROSPECS": 3})
    assert peer.is_silent_for(0.1)
    peer.say(m.GetROSpecs())
    assert len([message for _, message in zip(range(4), peer.messages(), strict=False)]) == 4


def test_messages_are_held_back_no_longer_than_ordered(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("coalesce", hold_s=0.2)
    peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)


# ------------------------------------------------------------------------------------- the truth


def test_a_tag_that_is_put_before_an_antenna_is_read(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    epc = "e28011700000020f1a2b3c4d"
    reader.add_tags("back", epc)
    run(peer)
    reports = (message for message in peer.messages() if isinstance(message, m.ROAccessReport))
    tags = (tag for report in reports for tag in report.tag_report_datas)
    found = next(tag for tag in tags if getattr(tag.epc.epc, "hex", str)() == epc)
    assert found.antenna_id is not None
    assert found.antenna_id.antenna_id == 2
    reader.remove_tags(epc)
    assert epc not in str(reader.tags())


def test_the_state_tells_of_client_requests_and_rospecs(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    run(peer)
    state = reader.state()
    assert str(state["client"]).startswith("127.0.0.1:")
    assert state["heard"] == {"ADD_ROSPEC": 1, "ENABLE_ROSPEC": 1, "START_ROSPEC": 1}
    assert state["rospecs"] == [{"id": 1, "state": 2}]
    wait_until(lambda: reader.state()["delivered_reads"] != 0)


def test_the_truth_is_quiet_when_nothing_moves_of_itself(reader: SimulatedReader) -> None:
    wait_until(lambda: reader.truth()["quiet"] is True)
    assert reader.truth()["present"] == 260


def test_a_client_that_takes_nothing_and_goes_is_noticed(reader: SimulatedReader) -> None:
    with LlrpPeer(reader.port, receive_buffer=4096) as stuck:
        reader.fault("big-report")  # more than the reader holds for one client
        stuck.say(m.GetROSpecs())
        stuck.say_no_more()
        wait_until(lambda: reader.state()["client"] is None)
    with LlrpPeer(reader.port) as next_one:
        next_one.ask(m.GetROSpecs(), m.GetROSpecsResponse)
