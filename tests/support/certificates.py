"""Certificates made for a test: an authority, and PEM files of key and certificate that it vouches for."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LOOPBACK = ip_address("127.0.0.1")


class Authority:
    """``ca`` is what those are given who trust it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._key = folder, name, generate_private_key(SECP256R1())
        self.ca = folder / f"{name}.pem"
        self.ca.write_bytes(self._certificate(name, self._key, x509.BasicConstraints(ca=True, path_length=0)))

    def issue(self, name: str, address: IPv4Address | IPv6Address = LOOPBACK) -> Path:
        """One file with the key and its certificate, good for the address."""
        key, path = generate_private_key(SECP256R1()), self._folder / f"{self._name}-{name}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(private + self._certificate(name, key, x509.SubjectAlternativeName([x509.IPAddress(address)])))
        return path

    def _certificate(self, name: str, key: EllipticCurvePrivateKey, extension: x509.ExtensionType) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        )
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
