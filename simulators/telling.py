"""How a simulated reader fills its reports: by its profile, and by the faults that are on."""

from edge.llrp import encode_parameter
from edge.llrp.fields import CustomParameter, UnknownParameter
from edge.llrp.parameters_rospec import ROReportSpec
from simulators.body import Body
from simulators.reports import Origin, Style, TagLayout, Tail
from simulators.vendor_fields import vendor_tail
from simulators.versions import Versions

_NOBODY = 4_000_000_000  # no vendor's enterprise number
_UNKNOWN_TLV, _UNKNOWN_TV = 900, 127

_Key = tuple[Origin, ROReportSpec, int, bool, bool, str]


class Telling:
    """Gives layouts, and keeps the one in use."""

    def __init__(self, body: Body, versions: Versions) -> None:
        self._versions = versions
        self._profile, self._faults = body.profile, body.faults
        self._stamps, self._tags = body.stamps, body.tags
        self._key: _Key | None = None
        self._layout: TagLayout | None = None

    def begin(self) -> None:
        """Begin a connection: nothing was told yet."""
        self._key = None

    @property
    def version(self) -> int:
        """Give the version that is spoken, as the header has it."""
        return self._versions.current

    def is_deaf(self, port: int) -> bool:
        values = self._faults.get("antenna-deaf")
        return values is not None and values.whole("port") in {0, port}

    def layout(self, origin: Origin, spec: ROReportSpec, at_us: int) -> TagLayout:
        shift_us, has_utc = self._stamps.shift_us(at_us), self._stamps.has_utc
        omits = self._faults.get("omit-unchanged") is not None
        unknown = self._faults.get("unknown-in-reports")
        kind = unknown.text("kind") if unknown is not None else ""
        key = (origin, spec, shift_us, has_utc, omits, kind)
        if self._layout is None or key != self._key:
            tail = vendor_tail(self._profile, spec, self._tags)
            style = Style(
                channels=len(self._profile.channels_khz),
                shift_us=shift_us,
                has_utc=has_utc,
                omits_unchanged=omits,
                lead=_UNKNOWN["tv"] if kind == "tv-first" else b"",
                tail=_with_unknown(tail, _UNKNOWN.get(kind, b"")),
            )
            self._key = key
            self._layout = TagLayout(spec.tag_report_content_selector, origin, style)
        return self._layout


def _with_unknown(tail: Tail | None, extra: bytes) -> Tail | None:
    if not extra:
        return tail
    return lambda read: (tail(read) if tail is not None else b"") + extra


_UNKNOWN = {
    "tlv": encode_parameter(UnknownParameter(parameter_type=_UNKNOWN_TLV, data=b"\x01\x02\x03")),
    "tv": bytes([0x80 | _UNKNOWN_TV, 1, 2]),
    "custom": encode_parameter(
        CustomParameter(vendor_identifier=_NOBODY, parameter_subtype=1, data=b"\x01\x02")
    ),
}
