"""From a reader's configuration to drivers of it, one for each connection."""

from edge.clock import Clock
from edge.config import AnyReaderConfig, ReaderConfig, SerialReaderConfig
from edge.config_readers import ImpinjConfig, TlsConfig
from edge.llrp.session import LinkMemory, LlrpSession
from edge.llrp.settings import ImpinjSettings, LlrpSettings, LowDutyCycle
from edge.options import Dial
from edge.readers.accept import AcceptedLink, Receptions
from edge.readers.desk import Desk
from edge.readers.driver import LlrpDriver
from edge.readers.links import Link, TcpLink
from edge.readers.serial_factory import SerialDriverFactory
from edge.readers.tap import Tap, TappedLink
from edge.readers.tls import TlsSettings, answering, securing


def driver_factory(
    config: AnyReaderConfig, clock: Clock, receptions: Receptions
) -> "DriverFactory | SerialDriverFactory":
    if isinstance(config, SerialReaderConfig):
        return SerialDriverFactory(config, clock)
    return DriverFactory(config, clock, receptions)


class DriverFactory:
    """Makes fresh drivers of one reader, which know what the last one has learned.

    `only_looks`: they ask the reader what it is, and have it do nothing.  `tap` is shown all that
    the reader says.  Raises ConfigError where a file for TLS is of no use.
    """

    def __init__(
        self,
        config: ReaderConfig,
        clock: Clock,
        receptions: Receptions,
        *,
        only_looks: bool = False,
        tap: Tap | None = None,
    ) -> None:
        self._config, self._clock, self._only_looks = config, clock, only_looks
        self._tap = tap
        self._settings = llrp_settings(config)
        self._receptions = receptions
        self._memory = LinkMemory()
        self.desk = Desk()
        self._link()  # whatever is wrong with it is told now

    def build(self) -> LlrpDriver:
        """Make a driver, which opens nothing before its start()."""
        session = LlrpSession(self._settings, self._memory, only_looks=self._only_looks)
        link = self._link()
        link = link if self._tap is None else TappedLink(link, self._tap)
        return LlrpDriver(link, session, self._clock, self.desk)

    def _link(self) -> Link:
        config = self._config
        tls = tls_settings(config.tls) if config.tls else None
        if config.mode is Dial.ACCEPT:
            reception = self._receptions.at(config.bind, config.port)
            return AcceptedLink(
                config.host, config.port, reception, answering(tls) if tls else None
            )
        return TcpLink(config.host, config.port, securing(tls, config.host) if tls else None)


def llrp_settings(config: ReaderConfig) -> LlrpSettings:
    powers = {antenna.port: antenna.power_dbm for antenna in config.antennas}
    return LlrpSettings(
        antenna_ports=tuple(antenna.port for antenna in config.antennas),
        power_dbm=config.power_dbm,
        antenna_power_dbm={port: dbm for port, dbm in powers.items() if dbm is not None},
        gen2_session=config.gen2_session,
        tag_population=config.tag_population,
        rf_mode=config.rf_mode,
        report_tags=config.report_tags,
        report_period_ms=config.report_period_ms,
        pc_bits=config.pc_bits,
        rospecs=config.rospecs,
        factory_reset=config.factory_reset,
        version=config.version,
        clock=config.clock,
        impinj=_impinj_settings(config.impinj),
        keepalive_s=config.keepalive_s,
        antenna_silence_s=config.antenna_silence_s,
    )


def tls_settings(config: TlsConfig) -> TlsSettings:
    return TlsSettings(
        ca_file=config.ca_file,
        fingerprint=config.fingerprint,
        server_name=config.server_name,
        certificate=config.certificate,
        key=config.key,
        minimum_version=config.minimum_version.value,
        ciphers=config.ciphers,
    )


def _impinj_settings(config: ImpinjConfig) -> ImpinjSettings:
    cycle = config.low_duty_cycle
    return ImpinjSettings(
        search_mode=config.search_mode,
        low_latency=config.low_latency,
        low_duty_cycle=LowDutyCycle(cycle.empty_field_ms, cycle.ping_ms) if cycle else None,
        phase=config.phase,
        serialized_tid=config.serialized_tid,
    )
