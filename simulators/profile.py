"""What a simulated reader is and can do: a reader of no known maker, and two that exist.

The figures of `R420` and `FX9600` are what readers of that kind told of themselves: an Impinj
Speedway R420 with firmware 5.14.0 and a Zebra FX9600 with firmware 2.7.19, both set for the USA.
"""

import msgspec

from edge.errors import ConfigError
from edge.llrp import impinj, zebra
from edge.llrp.constants import CommunicationsStandard, NotificationEventType, ROReportTriggerType
from edge.llrp.parameters_rospec import TagReportContentSelector
from simulators.frequencies import ETSI_KHZ, FX9600_HOPS_KHZ, R420_HOPS_KHZ
from simulators.modes import FX9600_MODES, GENERIC_MODES, R420_MODES, Mode

LLRP_1_0_1, LLRP_1_1 = 1, 2  # as the header has it
EXAMPLES = 32473  # the enterprise number that RFC 5612 keeps for examples


class PowerTable(msgspec.Struct, frozen=True):
    """Transmit power by index, in hundredths of dBm."""

    first_index: int
    levels: int
    lowest: int
    step: int

    @property
    def indices(self) -> range:
        return range(self.first_index, self.first_index + self.levels)

    def value(self, index: int) -> int:
        return self.lowest + self.step * (index - self.first_index)


class Limits(msgspec.Struct, frozen=True):
    """How much of each a reader takes; 0 specs per ROSpec is without limit."""

    rospecs: int = 4
    specs_per_rospec: int = 0
    access_specs: int = 8
    op_specs: int = 8
    filters: int = 4
    lowest_priority: int = 7
    request_bytes: int = 1 << 20


class Quirks(msgspec.Struct, frozen=True):
    """What the standard leaves open, or what a reader does otherwise."""

    probes_client_s: float | None = None  # a new client makes it drop a dead one, so much later
    needs_extensions: bool = False  # vendor's parameters only after IMPINJ_ENABLE_EXTENSIONS
    events_are_lost: bool = False  # not held with the reports
    keeps_old_reads: int = 0  # reads made while nobody is connected, sent to the next client
    reports_zebra: bool = False  # MotoTagPhase and BrandIDCheckStatus with every tag, unasked
    silent_sessions: tuple[int, ...] = ()  # in which a tag answers once, then reports are empty


class Defaults(msgspec.Struct, frozen=True):
    """The factory's settings."""

    mode: int = 2
    session: int = 1
    population: int = 32
    channel: int = 1
    keepalive_ms: int = 0
    report_trigger: int = ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC
    selector: TagReportContentSelector = TagReportContentSelector(
        enable_antenna_id=True,
        enable_peak_rssi=True,
        enable_first_seen_timestamp=True,
        enable_last_seen_timestamp=True,
        enable_tag_seen_count=True,
    )
    events: tuple[int, ...] = ()  # that are told without having been asked for
    access_report_trigger: int = 0
    gpis_enabled: bool = False


class Profile(msgspec.Struct, frozen=True):
    antennas: int = 4
    name: str = "generic"
    version: int = LLRP_1_1  # the highest that it speaks
    vendor: int = EXAMPLES
    model: int = 1
    firmware: str = "1.1.0"
    reader_id: bytes = bytes.fromhex("02005efffe100000")  # an EUI-64 of local administration
    gpis: int = 4
    gpos: int = 4
    country: int = 276
    standard: int = CommunicationsStandard.ETSI_302_208
    antenna_gain: int = 600  # hundredths of dBi
    sensitivities: tuple[int, ...] = (0,)  # dB above the best
    first_sensitivity: int = 1
    power: PowerTable = PowerTable(first_index=1, levels=81, lowest=1000, step=25)
    channels_khz: tuple[int, ...] = ETSI_KHZ
    hops: bool = False
    modes: tuple[Mode, ...] = GENERIC_MODES
    limits: Limits = Limits()
    quirks: Quirks = Quirks()
    defaults: Defaults = Defaults()
    state_aware: bool = True
    does_rf_survey: bool = False
    block_write: bool = True
    block_erase: bool = True
    block_permalock: bool = True  # of LLRP 1.1

    @property
    def antenna_ports(self) -> range:
        return range(1, self.antennas + 1)

    @property
    def mode_ids(self) -> tuple[int, ...]:
        return tuple(mode.identifier for mode in self.modes)

    @property
    def sensitivity_indices(self) -> range:
        return range(self.first_sensitivity, self.first_sensitivity + len(self.sensitivities))


GENERIC = Profile(does_rf_survey=True)

R420 = Profile(
    name="r420",
    version=LLRP_1_0_1,
    vendor=impinj.VENDOR,
    model=2_001_002,
    firmware="5.14.0.240",
    reader_id=bytes.fromhex("001625ffff100000"),
    country=840,
    standard=CommunicationsStandard.US_FCC_PART_15,
    antenna_gain=0,
    sensitivities=(0, *range(10, 51)),
    channels_khz=R420_HOPS_KHZ,
    hops=True,
    modes=R420_MODES,
    limits=Limits(
        rospecs=1,
        specs_per_rospec=32,
        access_specs=1508,
        op_specs=8,
        filters=2,
        lowest_priority=0,
        request_bytes=64 << 10,
    ),
    quirks=Quirks(probes_client_s=3.5, needs_extensions=True, events_are_lost=True),
    defaults=Defaults(
        mode=1000,
        channel=0,
        selector=TagReportContentSelector(
            enable_antenna_id=True, enable_peak_rssi=True, enable_first_seen_timestamp=True
        ),
        events=(NotificationEventType.READER_EXCEPTION_EVENT, NotificationEventType.ANTENNA_EVENT),
        access_report_trigger=1,
    ),
    state_aware=False,
    block_erase=False,
    block_permalock=False,
)

FX9600 = Profile(
    name="fx9600",
    version=LLRP_1_0_1,
    vendor=zebra.VENDOR,
    model=96_004,
    firmware="2.7.19.0",
    reader_id=bytes.fromhex("84248dffff100000"),
    country=0,
    standard=CommunicationsStandard.US_FCC_PART_15,
    antenna_gain=0,
    first_sensitivity=0,
    power=PowerTable(first_index=0, levels=201, lowest=1000, step=10),
    channels_khz=FX9600_HOPS_KHZ,
    hops=True,
    modes=FX9600_MODES,
    limits=Limits(rospecs=64, specs_per_rospec=16, access_specs=4, op_specs=8, filters=0),
    quirks=Quirks(keeps_old_reads=66_000, reports_zebra=True, silent_sessions=(2, 3)),
    defaults=Defaults(
        mode=0,
        session=0,
        population=100,
        keepalive_ms=30_000,
        report_trigger=ROReportTriggerType.UPON_N_TAGS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC,
        selector=TagReportContentSelector(
            enable_antenna_id=True, enable_peak_rssi=True, enable_last_seen_timestamp=True
        ),
        gpis_enabled=True,
    ),
    does_rf_survey=True,
    block_write=False,
    block_erase=False,
    block_permalock=False,
)

PROFILES = {profile.name: profile for profile in (GENERIC, R420, FX9600)}


def profile_of(name: str, antennas: int) -> Profile:
    """Give a profile by name, with so many antennas at least.

    Raises ConfigError where there is none of that name.
    """
    profile = PROFILES.get(name)
    if profile is None:
        raise ConfigError(f"unknown profile {name!r}, allowed are {', '.join(PROFILES)}")
    return msgspec.structs.replace(profile, antennas=max(profile.antennas, antennas))
