"""Certificates for a test, made by openssl when it runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.mqtt import Tls


class Authority:
    """One that vouches for whom a test names; its files are in `folder`."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        self._folder, self._name = folder, name
        self.ca = folder / f"{name}.pem"
        _openssl(
            *(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                f"/CN={name}",
            ),
            *("-keyout", self._key, "-out", self.ca),
        )

    @property
    def _key(self) -> Path:
        return self._folder / f"{self._name}.key"

    def issue(self, name: str, *, address: str | None = None, days: int = 2) -> Tls:
        """Give a certificate with the common name `name`, for a server with its address."""
        key, request, cert = (self._folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        _openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", key, "-out", request),
        )
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=IP:{address}\n" if address else "", "utf-8")
        _openssl(
            *("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._key),
            *("-days", str(days), "-extfile", extensions, "-out", cert),
        )
        return Tls(str(self.ca), str(cert), str(key))


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)  # noqa: S607
