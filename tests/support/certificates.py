"""Certificates as a store's reader or agent has them, made by the machine's openssl."""

import hashlib
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Certificate:
    path: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        der = ssl.PEM_cert_to_DER_cert(self.path.read_text("ascii"))
        return hashlib.sha256(der).hexdigest()


def self_signed(folder: Path, name: str, days: int = 2) -> Certificate:
    """Make a certificate for 127.0.0.1 that is its own authority; skip where openssl is absent."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on this machine")
    one = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    command = [
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days)),
        *("-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:reader.example"),
        *("-keyout", str(one.key), "-out", str(one.path)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return one
