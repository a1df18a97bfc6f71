"""Which version of LLRP is spoken: 1.0.1 until the client sets another (LLRP 1.1 §9.1).

A reader of 1.0.1 alone answers the messages about versions with ERROR_MESSAGE and
M_UnsupportedVersion, as the R420 and the FX9600 do.
"""

from edge.llrp import Frame
from edge.llrp.constants import MessageType, StatusCode
from edge.llrp.messages import GetSupportedVersionResponse
from simulators.faults import Faults
from simulators.profile import LLRP_1_0_1, LLRP_1_1, Profile
from simulators.refusal import SUCCESS, wrong_message

_UNEXPECTED_MESSAGE = 112  # M_UnexpectedMessage, of 1.1
_NEGOTIATION = frozenset({MessageType.GET_SUPPORTED_VERSION, MessageType.SET_PROTOCOL_VERSION})


class Versions:
    def __init__(self, profile: Profile, faults: Faults) -> None:
        self._profile, self._faults = profile, faults
        self.current = LLRP_1_0_1
        self._is_set = False

    @property
    def highest(self) -> int:
        return LLRP_1_0_1 if self._faults.get("version-110") else self._profile.version

    def reset(self) -> None:
        """Begin a connection."""
        self.current = LLRP_1_0_1
        self._is_set = False

    def check(self, frame: Frame) -> None:
        """Raise Refused for a message in another version than is spoken."""
        if frame.message_type in _NEGOTIATION and self.highest >= LLRP_1_1:
            if frame.version == LLRP_1_1:
                return
        elif frame.version == self.current and frame.message_type not in _NEGOTIATION:
            return
        why = f"version {frame.version}, the reader speaks {self.current} now, up to {self.highest}"
        raise wrong_message(StatusCode.M_UNSUPPORTED_VERSION, why)

    def supported(self) -> GetSupportedVersionResponse:
        return GetSupportedVersionResponse(
            llrp_status=SUCCESS, current_version=self.current, supported_version=self.highest
        )

    def set(self, version: int) -> None:
        """Speak this version from now on; raise Refused for an unknown one, or a second time."""
        if self._is_set:
            why = "the version was set before on this connection"
            raise wrong_message(_UNEXPECTED_MESSAGE, why)
        if not LLRP_1_0_1 <= version <= self.highest:
            why = f"version {version}, allowed are 1 to {self.highest}"
            raise wrong_message(StatusCode.M_UNSUPPORTED_VERSION, why)
        self.current = version
        self._is_set = True
