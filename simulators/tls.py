"""TLS of a simulated reader (LLRP 1.1 §20.2): its certificate, and whether clients need one.

With files of the user's own it shows those; else it makes an authority of its own, in a folder.
The faults `tls-certificate` and `tls-client-required` hold for the connections that come next.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ConfigError
from simulators.certificates import Authority, Flaw, KeyPair
from simulators.faults import Faults


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate in PEM, with those of its authorities if it needs them, and its key."""

    certificate: Path
    key: Path


class ReaderTls:
    """Raises ConfigError where a file cannot be used, when it is made.

    With `client_ca` clients must show a certificate that it has signed.
    """

    def __init__(
        self, folder: Path, files: TlsFiles | None = None, client_ca: Path | None = None
    ) -> None:
        self.folder, self._client_ca = folder, client_ca
        self._authority = Authority(folder)
        self._authority.client()
        self._own = (
            self._authority.reader() if files is None else KeyPair(files.certificate, files.key)
        )
        self._context(self._own, client_ca)

    def server_context(self, faults: Faults) -> ssl.SSLContext:
        """Give what the next client is met with."""
        flawed, needs = faults.get("tls-certificate"), faults.get("tls-client-required")
        pair = self._own
        if flawed is not None:
            pair = self._authority.reader(Flaw(flawed.text("kind")))
        client_ca = self._client_ca or (self._authority.ca if needs else None)
        return self._context(pair, client_ca)

    def client_context(self) -> ssl.SSLContext:
        """Give what a reader that dials out itself comes with: it trusts whom it reaches."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(self._own.certificate, self._own.key)
        return context

    def _context(self, pair: KeyPair, client_ca: Path | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(pair.certificate, pair.key)
        except (OSError, ssl.SSLError) as error:
            where = f"{pair.certificate} and {pair.key}"
            raise ConfigError(f"{where}: no certificate with its key: {error}") from error
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            try:
                context.load_verify_locations(client_ca)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(f"{client_ca}: no certificates: {error}") from error
        return context
