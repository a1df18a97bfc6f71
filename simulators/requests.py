"""What a client asks of a simulated reader, and what it is answered (LLRP 1.1 §17.1).

Every request is answered once: by its response, by RO_ACCESS_REPORT, or by ERROR_MESSAGE where
the standard knows no response.  What cannot be done changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from edge.llrp import Frame, decode_message, impinj
from edge.llrp import messages as m
from edge.llrp.constants import MessageType, StatusCode
from edge.llrp.fields import Message
from edge.model import Now
from simulators.agreed import Agreed
from simulators.body import Body
from simulators.catalogue import Catalogue
from simulators.inventory import Inventory, Told
from simulators.refusal import SUCCESS, Refused, wrong_bytes, wrong_message
from simulators.reports import TagReport
from simulators.rospec_check import check_rospec
from simulators.rospec_reject import check_not_rejected
from simulators.settings import Settings

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
    MessageType.ADD_ACCESSSPEC: m.AddAccessSpecResponse,
    MessageType.DELETE_ACCESSSPEC: m.DeleteAccessSpecResponse,
    MessageType.ENABLE_ACCESSSPEC: m.EnableAccessSpecResponse,
    MessageType.DISABLE_ACCESSSPEC: m.DisableAccessSpecResponse,
    MessageType.GET_ACCESSSPECS: m.GetAccessSpecsResponse,
    MessageType.SET_PROTOCOL_VERSION: m.SetProtocolVersionResponse,
}
_STATUS_ONLY: dict[type[Message], Callable[..., Message]] = {
    m.AddROSpec: m.AddROSpecResponse,
    m.EnableROSpec: m.EnableROSpecResponse,
    m.StartROSpec: m.StartROSpecResponse,
    m.StopROSpec: m.StopROSpecResponse,
    m.DisableROSpec: m.DisableROSpecResponse,
    m.DeleteROSpec: m.DeleteROSpecResponse,
    m.AddAccessSpec: m.AddAccessSpecResponse,
    m.EnableAccessSpec: m.EnableAccessSpecResponse,
    m.DisableAccessSpec: m.DisableAccessSpecResponse,
    m.DeleteAccessSpec: m.DeleteAccessSpecResponse,
    m.SetReaderConfig: m.SetReaderConfigResponse,
    m.SetProtocolVersion: m.SetProtocolVersionResponse,
    impinj.ImpinjEnableExtensions: impinj.ImpinjEnableExtensionsResponse,
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


Act = Callable[
    [Any, int], Sequence[Told] | None
]  # a request of the class it stands beside, and the time
Handler = Callable[[Any], Answer]


class Requests:
    def __init__(
        self,
        body: Body,
        settings: Settings,
        inventory: Inventory,
        catalogue: Catalogue,
        agreed: Agreed,
    ) -> None:
        self._profile, self._faults = body.profile, body.faults
        self._settings, self._inventory = settings, inventory
        self._versions, self._extensions = agreed.versions, agreed.extensions
        self._handlers: dict[type[Message], Handler] = {
            m.GetReaderCapabilities: lambda asked: Answer(catalogue.capabilities(asked)),
            m.GetReaderConfig: lambda asked: Answer(catalogue.configuration(asked, settings)),
            m.GetSupportedVersion: lambda _: Answer(self._versions.supported()),
            m.GetROSpecs: self._get_rospecs,
            m.GetAccessSpecs: self._get_access_specs,
            m.GetReport: self._get_report,
            m.EnableEventsAndReports: self._enable_reports,
            m.KeepaliveAck: lambda _: Answer(),
            m.ErrorMessage: lambda _: Answer(),
            m.CloseConnection: self._close,
        }
        self._acts = self._act_table()

    def answer(self, frame: Frame, now: Now) -> Answer:
        try:
            self._versions.check(frame)
            decoded = decode_message(frame)
            for fault in decoded.faults:
                raise wrong_bytes(fault)
            return self._answer(decoded.message, now)
        except Refused as refused:
            response = _RESPONSES.get(frame.message_type, m.ErrorMessage)
            if refused.status.status_code == StatusCode.M_UNSUPPORTED_VERSION:
                response = m.ErrorMessage
            return Answer(response(llrp_status=refused.status))

    def _answer(self, request: Message, now: Now) -> Answer:
        kind = type(request)
        if kind in self._handlers:
            return self._handlers[kind](request)
        if kind in self._acts:
            told = self._acts[kind](request, now.utc_us) or ()
            return Answer(_STATUS_ONLY[kind](llrp_status=SUCCESS), told)
        why = f"{kind.__name__} is not supported"
        raise wrong_message(StatusCode.M_UNSUPPORTED_MESSAGE, why)

    def _act_table(self) -> dict[type[Message], Act]:
        inventory = self._inventory
        rospecs, access_specs = inventory.rospecs, inventory.access_specs
        acts: dict[type[Message], Act] = {
            m.SetReaderConfig: self._set_config,
            m.AddROSpec: self._add_rospec,
            m.EnableROSpec: lambda one, at_us: rospecs.enable(one.rospec_id, at_us),
            m.StartROSpec: lambda one, at_us: inventory.tell(rospecs.start(one.rospec_id, at_us)),
            m.StopROSpec: lambda one, at_us: inventory.tell(rospecs.stop(one.rospec_id, at_us)),
            m.DisableROSpec: lambda one, at_us: inventory.tell(
                rospecs.disable(one.rospec_id, at_us)
            ),
            m.DeleteROSpec: lambda one, at_us: inventory.tell(rospecs.delete(one.rospec_id, at_us)),
            m.AddAccessSpec: self._add_access_spec,
            m.EnableAccessSpec: lambda one, _: access_specs.enable(one.access_spec_id),
            m.DisableAccessSpec: lambda one, _: access_specs.disable(one.access_spec_id),
            m.DeleteAccessSpec: lambda one, _: access_specs.delete(one.access_spec_id),
            m.SetProtocolVersion: lambda one, _: self._versions.set(one.protocol_version),
        }
        if self._profile.vendor == impinj.VENDOR:
            acts[impinj.ImpinjEnableExtensions] = self._enable_extensions
        return acts

    def _enable_extensions(self, _: impinj.ImpinjEnableExtensions, __: int) -> None:
        self._extensions.is_enabled = True

    def _set_config(self, request: m.SetReaderConfig, _: int) -> None:
        self._extensions.check(request)
        self._settings.change(request)

    def _add_rospec(self, request: m.AddROSpec, _: int) -> None:
        check_not_rejected(request.rospec, self._faults)
        check_rospec(request.rospec, self._profile, self._extensions)
        self._inventory.rospecs.add(request.rospec)

    def _add_access_spec(self, request: m.AddAccessSpec, _: int) -> None:
        self._extensions.check(request)
        self._inventory.access_specs.add(request.access_spec)

    def _get_rospecs(self, _: m.GetROSpecs) -> Answer:
        rospecs = self._inventory.rospecs.all()
        return Answer(m.GetROSpecsResponse(llrp_status=SUCCESS, rospecs=rospecs))

    def _get_access_specs(self, _: m.GetAccessSpecs) -> Answer:
        specs = self._inventory.access_specs.all()
        return Answer(m.GetAccessSpecsResponse(llrp_status=SUCCESS, access_specs=specs))

    def _get_report(self, _: m.GetReport) -> Answer:
        reports = self._inventory.take_all() or [TagReport(b"", 0)]
        return Answer(told=reports, is_report=True)

    def _enable_reports(self, _: m.EnableEventsAndReports) -> Answer:
        self._inventory.holds_reports = False
        return Answer(told=self._inventory.take_all())

    def _close(self, _: m.CloseConnection) -> Answer:
        return Answer(m.CloseConnectionResponse(llrp_status=SUCCESS), closes=True)
