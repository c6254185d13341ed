"""Certificates of a house's own authority, as RFC 5280 and Python 3.13 want them, or less."""

import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
BASIC = "basicConstraints"
KEY_USAGE = "keyUsage"
AUTHORITY_KEY = "authorityKeyIdentifier"
SUBJECT_KEY = "subjectKeyIdentifier"


@dataclass(frozen=True)
class Identity:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, certificate: Path, key: Path | None = None) -> None:
        """Both as PEM."""
        certificate.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        if key is not None:
            key.touch(0o600)
            key.write_bytes(
                self.key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )


def identity(
    name: str, authority: Identity | None = None, without: Collection[str] = ()
) -> Identity:
    """One of 127.0.0.1 that an authority signed, or an authority where there is none to sign it.

    `without` names the extensions that it lacks; an authority's BASIC is only not critical then,
    for without it nothing is an authority.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    signer = authority.key if authority else key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
    )
    is_authority = authority is None
    extensions: dict[str, tuple[x509.ExtensionType, bool]] = {
        BASIC: (x509.BasicConstraints(is_authority, None), BASIC not in without),
        KEY_USAGE: (
            x509.KeyUsage(
                True, False, False, False, False, is_authority, is_authority, False, False
            ),
            True,
        ),
        SUBJECT_KEY: (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        AUTHORITY_KEY: (
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            False,
        ),
    }
    for extension, (value, critical) in extensions.items():
        if extension not in without or (extension == BASIC and is_authority):
            builder = builder.add_extension(value, critical)
    return Identity(builder.sign(signer, hashes.SHA256()), key)


def server_context(
    folder: Path, authority_without: Collection[str] = (), server_without: Collection[str] = ()
) -> ssl.SSLContext:
    """A server's side, whose certificate only those trust who are given folder/ca.pem."""
    authority = identity("authority", without=authority_without)
    authority.write(folder / "ca.pem")
    server = identity(HOST, authority, server_without)
    server.write(folder / "server.pem", folder / "server.key")
    client = identity("client", authority)
    client.write(folder / "client.pem", folder / "client.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


def asking_for_client(context: ssl.SSLContext, folder: Path) -> ssl.SSLContext:
    """The same side, which answers only those who show folder/client.pem."""
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context
