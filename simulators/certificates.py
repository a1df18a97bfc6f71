"""Certificates for simulated readers and their clients, made on the spot; for tests only.

folder/ca.pem            whom clients of the reader are to trust
folder/reader.pem, .key  the reader's own, for localhost and 127.0.0.1
folder/client.pem, .key  a client's, for readers that ask for one
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = dt.timedelta(days=1)
_VALID_DAYS = 30


class Flaw(StrEnum):
    """What is wrong with a certificate."""

    NONE = "none"
    EXPIRED = "expired"
    UNKNOWN_CA = "unknown-ca"
    WRONG_NAME = "wrong-name"


@dataclass(frozen=True, slots=True)
class KeyPair:
    certificate: Path
    key: Path


class Authority:
    """A certificate authority of its own; `folder` is made if it is not there."""

    def __init__(self, folder: Path, name: str = "Simulated readers") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        now = dt.datetime.now(dt.UTC)
        builder = _builder(self._name, self._name, self._key, now - _DAY, now + _VALID_DAYS * _DAY)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self._certificate = builder.sign(self._key, hashes.SHA256())
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def reader(self, flaw: Flaw = Flaw.NONE) -> KeyPair:
        """Make a certificate for a reader on this machine."""
        if flaw == Flaw.UNKNOWN_CA:
            return Authority(self._folder / "unknown", "Nobody knows").reader()
        now = dt.datetime.now(dt.UTC)
        until = now - _DAY if flaw == Flaw.EXPIRED else now + _VALID_DAYS * _DAY
        names: list[x509.GeneralName] = [x509.DNSName("another-reader.example")]
        if flaw != Flaw.WRONG_NAME:
            address = x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))
            names = [x509.DNSName("localhost"), address]
        stem = "reader" if flaw == Flaw.NONE else f"reader-{flaw}"
        return self._make(stem, names, ExtendedKeyUsageOID.SERVER_AUTH, until)

    def client(self) -> KeyPair:
        """Make a certificate for a client of readers."""
        until = dt.datetime.now(dt.UTC) + _VALID_DAYS * _DAY
        return self._make("client", [], ExtendedKeyUsageOID.CLIENT_AUTH, until)

    def _make(
        self,
        stem: str,
        names: list[x509.GeneralName],
        usage: x509.ObjectIdentifier,
        until: dt.datetime,
    ) -> KeyPair:
        key = ec.generate_private_key(ec.SECP256R1())
        begin = until - (_VALID_DAYS + 1) * _DAY
        builder = _builder(_named(stem), self._name, key, begin, until)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        pair = KeyPair(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        pair.key.touch(mode=0o600)
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return pair


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begin: dt.datetime,
    until: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(until)
    )
