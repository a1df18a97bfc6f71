"""TLS to a reader: who it must be, and which of the old ways it may still use.

A reader proves itself by a certificate of an authority that is named, or by being the very one
whose fingerprint is known.  Many readers sign for themselves and know old ciphers only, so both the
least version and the ciphers can be chosen (LLRP 1.1 §20.2 asks for TLS 1.0 or newer).
"""

import hashlib
import socket
import ssl
import warnings
from collections.abc import Callable

import msgspec

from edge.errors import ConfigError, ReaderError


class TlsSettings(msgspec.Struct, frozen=True):
    """`fingerprint`: the SHA-256 of the reader's certificate, 64 hexadecimal digits."""

    ca_file: str | None = None
    fingerprint: str | None = None
    server_name: str | None = None
    certificate: str | None = None
    key: str | None = None
    minimum_version: str = "1.2"
    ciphers: str | None = None


def securing(settings: TlsSettings, host: str) -> Callable[[socket.socket], socket.socket]:
    """Give what secures a connection to this host.  Raises ConfigError as client_context does."""
    context = client_context(settings)

    def secure(connected: socket.socket) -> socket.socket:
        name = settings.server_name or host
        return _checked(context.wrap_socket(connected, server_hostname=name), settings)

    return secure


def answering(settings: TlsSettings) -> Callable[[socket.socket], socket.socket]:
    """Give what secures a connection that the reader has opened: it is the one that is answered.

    We show our certificate, and want one of the reader if `ca_file` names its authority, or is that
    very certificate; with a fingerprint beside it, it must be that one among those it vouches for.
    """
    context = server_context(settings)
    return lambda connected: _checked(context.wrap_socket(connected, server_side=True), settings)


def _checked(secured: ssl.SSLSocket, settings: TlsSettings) -> ssl.SSLSocket:
    try:
        if settings.fingerprint is not None:
            check_fingerprint(secured, settings.fingerprint)
    except ReaderError:
        secured.close()
        raise
    return secured


_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


def client_context(settings: TlsSettings) -> ssl.SSLContext:
    """Make the context; raise ConfigError for a file or a list of ciphers that is of no use."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{settings.ca_file}: no certificates: {_cause(error)}") from error
    if settings.fingerprint is not None and settings.ca_file is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the fingerprint is looked at instead
    return _as_chosen(context, settings)


def server_context(settings: TlsSettings) -> ssl.SSLContext:
    """Make the context to answer with; raise ConfigError as client_context does."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if settings.ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it may be the reader's own
        try:
            context.load_verify_locations(settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"{settings.ca_file}: no certificates: {_cause(error)}") from error
    return _as_chosen(context, settings)


def _as_chosen(context: ssl.SSLContext, settings: TlsSettings) -> ssl.SSLContext:
    """Set the version, the ciphers and our certificate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # an old reader has nothing better
        context.minimum_version = _VERSIONS[settings.minimum_version]
    if settings.ciphers is not None:
        try:
            context.set_ciphers(settings.ciphers)
        except ssl.SSLError as error:
            raise ConfigError(f"ciphers {settings.ciphers!r}: {_cause(error)}") from error
    if settings.certificate is not None:
        try:
            context.load_cert_chain(settings.certificate, settings.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"{settings.certificate}: {_cause(error)}") from error
    return context


def check_fingerprint(connected: ssl.SSLSocket, wanted: str) -> None:
    """Raise ReaderError, with the fingerprint that is there, if it is not the one wanted."""
    found = hashlib.sha256(connected.getpeercert(binary_form=True) or b"").hexdigest()
    if found != wanted.replace(":", "").lower():
        raise ReaderError(f"TLS: the reader's certificate is another one: its SHA-256 is {found}")


def _cause(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return strerror or str(error) or type(error).__name__
