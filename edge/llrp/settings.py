"""What a store wants of an LLRP reader, in a person's units.

Which of the reader's own numbers they become depends on the reader (`edge.llrp.wishes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.options import ClockPolicy, LlrpVersion, ROSpecPolicy, SearchMode


@dataclass(frozen=True, slots=True)
class LowDutyCycle:
    """While no tag is seen for `empty_field_ms`, look only every `ping_ms`."""

    empty_field_ms: int
    ping_ms: int


@dataclass(frozen=True, slots=True)
class ImpinjSettings:
    """What only Impinj's readers know; of no effect on others."""

    search_mode: SearchMode | None = None  # none: the reader's own
    low_latency: bool = True  # reports go out at once, not when a buffer is full
    low_duty_cycle: LowDutyCycle | None = None
    phase: bool = False
    serialized_tid: bool = False


@dataclass(frozen=True, slots=True)
class LlrpSettings:
    """How one LLRP reader is used.

    A reader reports whenever it has `report_tags` tags, or with `report_period_ms` what it has seen
    in each such period.  `rospec_id` is ours alone: a ROSpec of that number is ours to replace;
    what becomes of others' is the policy's matter.
    """

    antenna_ports: tuple[int, ...] = ()  # none: all that the reader has
    power_dbm: float | None = None  # none: what the reader is set to
    antenna_power_dbm: Mapping[int, float] = field(default_factory=dict)  # by port, before the rest
    gen2_session: int = 1  # some readers see little in session 2 and 3
    tag_population: int = 32  # how many tags a round should reckon with at first
    rf_mode: int | None = None  # none: the reader's own choice
    report_tags: int = 1
    report_period_ms: int | None = None
    pc_bits: bool = False  # reports carry each tag's protocol control word
    rospec_id: int = 0x7A6
    rospecs: ROSpecPolicy = ROSpecPolicy.PRESERVE
    factory_reset: bool = False  # at each connect; wipes what others have set
    version: LlrpVersion = LlrpVersion.AUTO
    clock: ClockPolicy = ClockPolicy.CORRECT
    impinj: ImpinjSettings = ImpinjSettings()
    keepalive_s: float = 10.0  # shorter ones trouble Impinj readers
    antenna_silence_s: float = 600.0  # see edge.llrp.hearing; 0: nothing is told
    connect_timeout_s: float = 10.0  # for the reader's first word
    version_timeout_s: float = 5.0  # for its word about versions, which old ones may not know
    request_timeout_s: float = 15.0  # some answers take an Impinj reader 10 s
