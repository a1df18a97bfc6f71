"""From the reader's first word to reports: the conversation at the beginning of a connection.

    version ─▶ capabilities ─▶ (vendor's extensions) ─▶ configuration ─▶ antennas
        ─▶ ROSpecs that are there ─▶ ours added, enabled, started ─▶ held reports released

What a reader may lack is done without, and told.  Others' ROSpecs are left alone unless the policy
says otherwise; ours, where an earlier connection has left it just as it is wanted, goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from edge.errors import ReaderRefused
from edge.llrp import messages as m
from edge.llrp.capabilities import Capabilities, capabilities_of
from edge.llrp.constants import GetReaderCapabilitiesRequestedData as Asked
from edge.llrp.constants import GetReaderConfigRequestedData as Config
from edge.llrp.constants import ROSpecState
from edge.llrp.conversation import (
    Ask,
    Conversation,
    Say,
    Speak,
    ask,
    insist,
    is_good,
    reason_of,
    refusal,
)
from edge.llrp.fields import Message
from edge.llrp.impinj import ImpinjEnableExtensions
from edge.llrp.parameters_common import LLRPStatus
from edge.llrp.parameters_config import AntennaProperties
from edge.llrp.parameters_rospec import RFTransmitter, ROSpec
from edge.llrp.rospec import ENDLESS, reader_configs, rospecs
from edge.llrp.settings import LlrpSettings
from edge.llrp.talking import V1_0_1, V1_1
from edge.llrp.wishes import Granted, grant
from edge.options import LlrpVersion, ROSpecPolicy


@dataclass(slots=True)
class VersionMemory:
    """What an earlier connection has found out about the reader's versions.

    `is_asking` while the question is out: a reader that hangs up then is not asked again.
    """

    is_asking: bool = False
    is_old: bool = False


@dataclass(slots=True)
class Found:
    """What the setup has learned."""

    version: int = V1_0_1
    newest_version: int | None = None  # that the reader knows, if it has said so
    capabilities: Capabilities = field(default_factory=Capabilities)
    antennas: tuple[AntennaProperties, ...] = ()
    foreign_rospecs: tuple[int, ...] = ()
    rospec_ends: bool = False  # and must be started again, by the reader's wish
    without: tuple[str, ...] = ()


class Setup:
    """One connection's setup: lead `conversation()`, then look at `found`.

    `warn` is told what a person should know.
    """

    def __init__(
        self, settings: LlrpSettings, memory: VersionMemory, warn: Callable[[str], None]
    ) -> None:
        self._settings, self._memory, self._warn = settings, memory, warn
        self.found = Found()
        if memory.is_asking:
            memory.is_asking, memory.is_old = False, True

    def conversation(self) -> Conversation[None]:
        yield from self._introduce()
        yield from self._configure()
        self.found.antennas = yield from _antennas()
        granted = grant(self._settings, self.found.capabilities, (yield from self._transmitters()))
        for warning in granted.warnings:
            self._warn(warning)
        yield from self._bring_rospec(granted)

    def look(self) -> Conversation[None]:
        """Learn what the reader is and what is in it, and change nothing."""
        yield from self._introduce()
        self.found.antennas = yield from _antennas()
        _, others, _ = yield from self._look_at_rospecs()
        self.found.foreign_rospecs = tuple(spec.rospec_id for spec in others)

    def _introduce(self) -> Conversation[None]:
        """Agree on a version, and learn what the reader is."""
        yield from self._agree_on_version()
        request = m.GetReaderCapabilities(requested_data=Asked.ALL)
        answer, status = yield from ask(Ask(request))
        if isinstance(answer, m.GetReaderCapabilitiesResponse) and is_good(status):
            self.found.capabilities = capabilities_of(answer)
        else:
            self._warn(f"it does not tell what it can: {reason_of(status)}")
        if self.found.capabilities.is_impinj:
            answer, status = yield from ask(Ask(ImpinjEnableExtensions()))
            if not is_good(status):
                self._warn(f"it is used without Impinj's extensions: {reason_of(status)}")
                plain = msgspec.structs.replace(self.found.capabilities, vendor=0)
                self.found.capabilities = plain

    def _agree_on_version(self) -> Conversation[None]:
        wanted = self._settings.version
        if wanted is LlrpVersion.V1_0_1 or (self._memory.is_old and wanted is LlrpVersion.AUTO):
            return
        self._memory.is_asking = True
        timeout_s = self._settings.version_timeout_s
        answer, status = yield from ask(
            Ask(m.GetSupportedVersion(), timeout_s, may_be_silent=True, version=V1_1)
        )
        self._memory.is_asking = False
        if answer is None:
            self._memory.is_old = True
        if isinstance(answer, m.GetSupportedVersionResponse) and is_good(status):
            self.found.newest_version = answer.supported_version
            if answer.supported_version >= V1_1:
                yield from self._take_version(answer.current_version)
        if wanted is LlrpVersion.V1_1 and self.found.version != V1_1:
            reason = "it knows LLRP 1.0.1 only, and the configuration insists on 1.1"
            raise ReaderRefused("the version", int(status.status_code), reason)

    def _take_version(self, current: int) -> Conversation[None]:
        """Have both speak LLRP 1.1; a reader takes this order once in a connection (1.1 §9.1)."""
        if current != V1_1:
            request = m.SetProtocolVersion(protocol_version=V1_1)
            _, status = yield from ask(Ask(request, version=V1_1))
            if not is_good(status):
                self._warn(f"it is spoken to in LLRP 1.0.1: {reason_of(status)}")
                return
        self.found.version = V1_1
        yield Speak(V1_1)

    def _configure(self) -> Conversation[None]:
        status, without = yield from _try_each(
            (without, config)
            for without, config in reader_configs(self._settings, self.found.capabilities)
        )
        if status is not None and not without:
            raise refusal("SET_READER_CONFIG", status)
        self._note_without(without, status)

    def _note_without(self, without: str, status: LLRPStatus | None) -> None:
        if without and status is not None:
            self.found.without += (without,)
            self._warn(f"reader is used without {without}: {reason_of(status)}")

    def _transmitters(self) -> Conversation[dict[int, RFTransmitter]]:
        """Learn where the antennas send now, if their power is to be set."""
        if self._settings.power_dbm is None and not self._settings.antenna_power_dbm:
            return {}
        answer, _ = yield from ask(Ask(_get_config(Config.ANTENNA_CONFIGURATION)))
        if not isinstance(answer, m.GetReaderConfigResponse):
            return {}
        return {
            one.antenna_id: one.rf_transmitter
            for one in answer.antenna_configurations
            if one.rf_transmitter
        }

    # The ROSpec.

    def _bring_rospec(self, granted: Granted) -> Conversation[None]:
        ours, others, is_known = yield from self._look_at_rospecs()
        if others and self._settings.rospecs is ROSpecPolicy.REPLACE:
            for spec in others:
                yield from insist(m.DeleteROSpec(rospec_id=spec.rospec_id))
            self._warn(f"ROSpecs of others were deleted: {_ids(others)}")
            others = ()
        self.found.foreign_rospecs = tuple(spec.rospec_id for spec in others)
        capabilities = self.found.capabilities
        wanted = [*rospecs(self._settings, capabilities, granted)]
        if ours is not None and any(_is_same(ours, spec) for _, spec in wanted):
            yield from self._wake_rospec(ours.current_state, others)
        else:
            if ours is not None or not is_known:
                if capabilities.holds_reports:  # what it holds might go with the ROSpec
                    yield Say(m.EnableEventsAndReports())
                yield Ask(m.DeleteROSpec(rospec_id=self._settings.rospec_id))
            yield from self._add_rospec(wanted, others)
            yield from self._wake_rospec(ROSpecState.DISABLED, others)
        if capabilities.holds_reports:
            yield Say(m.EnableEventsAndReports())

    def _look_at_rospecs(self) -> Conversation[tuple[ROSpec | None, Sequence[ROSpec], bool]]:
        """Give our ROSpec, those of others, and whether the reader has told of them at all."""
        answer, status = yield from ask(Ask(m.GetROSpecs()))
        if not isinstance(answer, m.GetROSpecsResponse) or not is_good(status):
            self._warn(f"it does not tell which ROSpecs it has: {reason_of(status)}")
            return None, (), False
        ours = [spec for spec in answer.rospecs if spec.rospec_id == self._settings.rospec_id]
        others = [spec for spec in answer.rospecs if spec.rospec_id != self._settings.rospec_id]
        return ours[0] if ours else None, others, True

    def _add_rospec(
        self, wanted: Sequence[tuple[str, ROSpec]], others: Sequence[ROSpec]
    ) -> Conversation[None]:
        status, without = yield from _try_each(
            (without, m.AddROSpec(rospec=spec)) for without, spec in wanted
        )
        if status is not None and not without:
            raise refusal("ADD_ROSPEC", status, self._in_the_way(others))
        self.found.rospec_ends = ENDLESS in without
        self._note_without(without, status)

    def _wake_rospec(
        self, state: ROSpecState | int, others: Sequence[ROSpec]
    ) -> Conversation[None]:
        rospec_id, why = self._settings.rospec_id, self._in_the_way(others)
        if state == ROSpecState.DISABLED:
            yield from insist(m.EnableROSpec(rospec_id=rospec_id), why)
        if state != ROSpecState.ACTIVE and self._settings.report_period_ms is None:
            yield from insist(m.StartROSpec(rospec_id=rospec_id), why)

    def _in_the_way(self, others: Sequence[ROSpec]) -> str:
        """Name what others have left, where a ROSpec cannot be had."""
        if not others:
            return ""
        room = self.found.capabilities.max_rospecs
        has_room = f" and has room for {room} in all" if room else ""
        remedy = 'with rospecs = "replace" in its configuration they are deleted'
        return f"it has ROSpecs of others: {_ids(others)}{has_room}; {remedy}"


def _try_each(
    variants: Iterator[tuple[str, Message]],
) -> Conversation[tuple[LLRPStatus | None, str]]:
    """Send one after another until one is accepted.

    Gives the reader's reason against the first one, None if that was accepted, and what the
    accepted one does without; "" together with a reason says that all were refused.
    """
    first: LLRPStatus | None = None
    for without, message in variants:
        _, status = yield from ask(Ask(message))
        if is_good(status):
            return first, without
        first = first or status
    return first, ""


def _antennas() -> Conversation[tuple[AntennaProperties, ...]]:
    """Learn which antennas are connected: a reader tells of changes only."""
    answer, _ = yield from ask(Ask(_get_config(Config.ANTENNA_PROPERTIES)))
    return answer.antenna_properties if isinstance(answer, m.GetReaderConfigResponse) else ()


def _get_config(what: Config) -> m.GetReaderConfig:
    return m.GetReaderConfig(antenna_id=0, requested_data=what, gpi_port_num=0, gpo_port_num=0)


def _is_same(there: ROSpec, wanted: ROSpec) -> bool:
    return _bare(there) == _bare(wanted)


def _bare(spec: ROSpec) -> ROSpec:
    return msgspec.structs.replace(spec, current_state=ROSpecState.DISABLED, wire=b"")


def _ids(specs: Sequence[ROSpec]) -> str:
    return ", ".join(f"{spec.rospec_id} ({_state(spec)})" for spec in specs)


def _state(spec: ROSpec) -> str:
    state = spec.current_state
    return state.name.lower() if isinstance(state, ROSpecState) else str(state)
