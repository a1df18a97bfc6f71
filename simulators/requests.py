"""What a client asks of a simulated reader, and what it is answered (LLRP 1.0.1 §16.1).

Every request is answered once: by its response, by RO_ACCESS_REPORT, or by ERROR_MESSAGE where
the standard knows no response.  What cannot be done changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from edge.llrp import Frame, decode_message
from edge.llrp import messages as m
from edge.llrp.constants import GetReaderCapabilitiesRequestedData as Asked
from edge.llrp.constants import MessageType, StatusCode
from edge.llrp.fields import Message
from edge.model import Now
from simulators.inventory import Inventory, Told
from simulators.profile import Profile
from simulators.refusal import SUCCESS, Refused, wrong_bytes, wrong_field, wrong_message
from simulators.reports import TagReport
from simulators.settings import Settings

VERSION = 1  # LLRP 1.0.1, as the header has it

_RESPONSES: dict[int, Callable[..., Message]] = {
    MessageType.GET_READER_CAPABILITIES: m.GetReaderCapabilitiesResponse,
    MessageType.GET_READER_CONFIG: m.GetReaderConfigResponse,
    MessageType.SET_READER_CONFIG: m.SetReaderConfigResponse,
    MessageType.CLOSE_CONNECTION: m.CloseConnectionResponse,
    MessageType.ADD_ROSPEC: m.AddROSpecResponse,
    MessageType.DELETE_ROSPEC: m.DeleteROSpecResponse,
    MessageType.START_ROSPEC: m.StartROSpecResponse,
    MessageType.STOP_ROSPEC: m.StopROSpecResponse,
    MessageType.ENABLE_ROSPEC: m.EnableROSpecResponse,
    MessageType.DISABLE_ROSPEC: m.DisableROSpecResponse,
    MessageType.GET_ROSPECS: m.GetROSpecsResponse,
    MessageType.DELETE_ACCESSSPEC: m.DeleteAccessSpecResponse,
    MessageType.GET_ACCESSSPECS: m.GetAccessSpecsResponse,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was brought about is told first, then comes the message.

    `is_report`: the reports are the answer.  `closes`: the connection is to end after it.
    """

    message: Message | None = None
    told: Sequence[Told] = ()
    is_report: bool = False
    closes: bool = False


Handler = Callable[[Any, Now], Answer]  # its request is of the class it stands beside


class Requests:
    def __init__(self, profile: Profile, settings: Settings, inventory: Inventory) -> None:
        self._profile, self._settings, self._inventory = profile, settings, inventory
        self._handlers: dict[type[Message], Handler] = {
            m.GetReaderCapabilities: self._get_capabilities,
            m.GetReaderConfig: lambda asked, _: Answer(settings.tell(asked)),
            m.SetReaderConfig: self._set_config,
            m.AddROSpec: self._add_rospec,
            m.EnableROSpec: self._enable_rospec,
            m.StartROSpec: self._start_rospec,
            m.StopROSpec: self._stop_rospec,
            m.DisableROSpec: self._disable_rospec,
            m.DeleteROSpec: self._delete_rospec,
            m.GetROSpecs: self._get_rospecs,
            m.GetAccessSpecs: lambda *_: Answer(m.GetAccessSpecsResponse(llrp_status=SUCCESS)),
            m.DeleteAccessSpec: self._delete_access_spec,
            m.GetReport: self._get_report,
            m.EnableEventsAndReports: self._enable_reports,
            m.KeepaliveAck: lambda *_: Answer(),
            m.CloseConnection: self._close,
        }

    def answer(self, frame: Frame, now: Now) -> Answer:
        if frame.version != VERSION:
            why = f"version {frame.version}, this reader speaks {VERSION}, LLRP 1.0.1"
            refused = wrong_message(StatusCode.M_UNSUPPORTED_VERSION, why)
            return Answer(m.ErrorMessage(llrp_status=refused.status))
        try:
            decoded = decode_message(frame)
            for fault in decoded.faults:
                raise wrong_bytes(fault)
            handler = self._handlers.get(type(decoded.message))
            if handler is None:
                why = f"{type(decoded.message).__name__} is not supported"
                raise wrong_message(StatusCode.M_UNSUPPORTED_MESSAGE, why)
            return handler(decoded.message, now)
        except Refused as refused:
            response = _RESPONSES.get(frame.message_type, m.ErrorMessage)
            return Answer(response(llrp_status=refused.status))

    def _set_config(self, request: m.SetReaderConfig, _: Now) -> Answer:
        self._settings.change(request)
        return Answer(m.SetReaderConfigResponse(llrp_status=SUCCESS))

    def _add_rospec(self, request: m.AddROSpec, _: Now) -> Answer:
        self._inventory.rospecs.add(request.rospec)
        return Answer(m.AddROSpecResponse(llrp_status=SUCCESS))

    def _enable_rospec(self, request: m.EnableROSpec, now: Now) -> Answer:
        self._inventory.rospecs.enable(request.rospec_id, now.utc_us)
        return Answer(m.EnableROSpecResponse(llrp_status=SUCCESS))

    def _start_rospec(self, request: m.StartROSpec, now: Now) -> Answer:
        happenings = self._inventory.rospecs.start(request.rospec_id, now.utc_us)
        told = self._inventory.tell(happenings)
        return Answer(m.StartROSpecResponse(llrp_status=SUCCESS), told)

    def _stop_rospec(self, request: m.StopROSpec, now: Now) -> Answer:
        happenings = self._inventory.rospecs.stop(request.rospec_id, now.utc_us)
        told = self._inventory.tell(happenings)
        return Answer(m.StopROSpecResponse(llrp_status=SUCCESS), told)

    def _disable_rospec(self, request: m.DisableROSpec, now: Now) -> Answer:
        happenings = self._inventory.rospecs.disable(request.rospec_id, now.utc_us)
        told = self._inventory.tell(happenings)
        return Answer(m.DisableROSpecResponse(llrp_status=SUCCESS), told)

    def _delete_rospec(self, request: m.DeleteROSpec, now: Now) -> Answer:
        happenings = self._inventory.rospecs.delete(request.rospec_id, now.utc_us)
        told = self._inventory.tell(happenings)
        return Answer(m.DeleteROSpecResponse(llrp_status=SUCCESS), told)

    def _get_rospecs(self, _: m.GetROSpecs, __: Now) -> Answer:
        rospecs = self._inventory.rospecs.all()
        return Answer(m.GetROSpecsResponse(llrp_status=SUCCESS, rospecs=rospecs))

    def _delete_access_spec(self, request: m.DeleteAccessSpec, _: Now) -> Answer:
        if request.access_spec_id:  # 0 deletes all that are there, of which there are none
            raise wrong_field(f"AccessSpec {request.access_spec_id} is not there")
        return Answer(m.DeleteAccessSpecResponse(llrp_status=SUCCESS))

    def _get_report(self, _: m.GetReport, __: Now) -> Answer:
        reports = self._inventory.take_all() or [TagReport(b"", 0)]
        return Answer(told=reports, is_report=True)

    def _enable_reports(self, _: m.EnableEventsAndReports, __: Now) -> Answer:
        self._inventory.holds_reports = False
        return Answer(told=self._inventory.take_all())

    def _close(self, _: m.CloseConnection, __: Now) -> Answer:
        return Answer(m.CloseConnectionResponse(llrp_status=SUCCESS), closes=True)

    def _get_capabilities(self, request: m.GetReaderCapabilities, _: Now) -> Answer:
        asked, profile = request.requested_data, self._profile
        if asked not in Asked.__members__.values():
            raise wrong_field(f"RequestedData {asked}, allowed are 0 to 4")

        def is_asked(what: Asked) -> bool:
            return asked in {Asked.ALL, what}

        general = profile.general() if is_asked(Asked.GENERAL_DEVICE_CAPABILITIES) else None
        llrp = profile.llrp() if is_asked(Asked.LLRP_CAPABILITIES) else None
        regulatory = profile.regulatory() if is_asked(Asked.REGULATORY_CAPABILITIES) else None
        air = profile.air_protocol() if is_asked(Asked.LLRP_AIR_PROTOCOL_CAPABILITIES) else None
        response = m.GetReaderCapabilitiesResponse(
            llrp_status=SUCCESS,
            general_device_capabilities=general,
            llrp_capabilities=llrp,
            regulatory_capabilities=regulatory,
            air_protocol_capabilities=air,
        )
        return Answer(response)
