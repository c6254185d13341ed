"""Signing a tax invoice's XML (XML-DSig, enveloped, RSA with SHA-256), and checking a signature.

PKCS #1 v1.5, as it has no random part: the same document and key give the same bytes.
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidInput, SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from metering.errors import JeongsanError
from metering.secret import flaw_of_file, of_variable
from reports.layout.write_files import write_file
from reports.tax.kec_structure import SIGNATURE

TEST_NAME = "JEONGSAN TEST KEY - NOT FOR FILING"
TEST_KEY, TEST_CERTIFICATE = "tax-test-key.pem", "tax-test-certificate.pem"
KEY_BITS = 2048
# A certificate that says no more than that it is a test: its term is no statement about anything.
FROM, UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and its certificate, both PEM."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def is_test(self) -> bool:
        """Whether it is a key that this program made for tests."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return [name.value for name in names] == [TEST_NAME]


def read_signer(
    key: Path, certificate: Path, password_env: str, environment: Mapping[str, str] | None = None
) -> Signer:
    """The key and certificate of two files; JeongsanError where they cannot be used together. A
    password comes from an environment variable."""
    secrets = os.environ if environment is None else environment
    held = of_variable(password_env, secrets) if password_env else None
    if password_env and held is None:
        raise JeongsanError(f"the environment has no {password_env} with the key's password")
    password = held.reveal().encode() if held is not None else None
    if flaw := flaw_of_file(key):
        raise JeongsanError(f"{key} {flaw}")
    try:
        private = load_pem_private_key(key.read_bytes(), password)
    except (ValueError, TypeError) as error:
        raise JeongsanError(
            f"{key}: is no private key in PEM that can be opened: {error}"
        ) from error
    try:
        public = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError as error:
        raise JeongsanError(f"{certificate}: is no certificate in PEM: {error}") from error
    if not isinstance(private, rsa.RSAPrivateKey):
        raise JeongsanError(f"{key}: is no RSA key")
    if private.public_key() != public.public_key():
        raise JeongsanError(f"{certificate}: is not the certificate of {key}")
    return Signer(private, public)


def own_test_signer(folder: Path) -> Signer:
    """The test key of a site, made once and kept, so that signing again gives the same bytes."""
    key, certificate = folder / TEST_KEY, folder / TEST_CERTIFICATE
    if not (key.is_file() and certificate.is_file()):
        new_key = rsa.generate_private_key(65537, KEY_BITS)
        private = new_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(key, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(private)
        write_file(certificate, _certificate(new_key).public_bytes(Encoding.PEM))
    return read_signer(key, certificate, "")


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, TEST_NAME)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, FROM, UNTIL)
    return builder.sign(key, hashes.SHA256())


def sign(content: bytes, signer: Signer) -> bytes:
    """The document with its signature."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    signing = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    document = etree.fromstring(content, parser)
    return _written(signing.sign(document, key=signer.key, cert=[signer.certificate]))


def check_signature(content: bytes, certificate: x509.Certificate) -> bytes:
    """What was signed, as canonical XML; JeongsanError where it is not what its key signed."""
    config = SignatureConfiguration(signature_methods=frozenset({SignatureMethod.RSA_SHA256}))
    try:
        result = XMLVerifier().verify(
            content, x509_cert=certificate, expect_config=config, id_attribute="Id"
        )
    except (SignXMLException, InvalidInput, etree.LxmlError) as error:
        raise JeongsanError(f"the signature does not hold: {error}") from error
    verified = result[0] if isinstance(result, list) else result
    return bytes(verified.signed_data)


def without_signature(content: bytes) -> bytes | None:
    """What was signed with the certificate that lies in the signature, as it was before; None where
    no signature holds, or any byte of the file is another."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(content, parser)
        (signature,) = root.iterfind(f"{{{SIGNATURE}}}Signature")
        (named,) = signature.iterfind(f".//{{{SIGNATURE}}}X509Certificate")
        certificate = x509.load_der_x509_certificate(
            base64.b64decode(named.text or "", validate=False)
        )
        if certificate.issuer == certificate.subject:
            certificate.verify_directly_issued_by(certificate)
    except (etree.LxmlError, ValueError, TypeError, InvalidSignature):
        return None
    try:
        check_signature(content, certificate)
    except JeongsanError:
        return None
    if _written(root) != content:
        return None
    root.remove(signature)
    return _written(root)


def _written(root: etree._Element) -> bytes:
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content + b"\n"
