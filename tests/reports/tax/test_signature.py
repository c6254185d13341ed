"""Signed tax invoices: a signature holds for its document alone, and for its key."""

from pathlib import Path

import pytest

from metering.errors import JeongsanError
from reports.tax.invoice_xml import tax_xml
from reports.tax.kec_structure import check_structure
from reports.tax.signature import (
    TEST_CERTIFICATE,
    TEST_KEY,
    Signer,
    check_signature,
    own_test_signer,
    read_signer,
    sign,
)
from tests.reports.tax.tax_documents import taxed


def test_a_signature_holds_for_its_document_and_gives_the_same_bytes(signer: Signer) -> None:
    content = tax_xml(taxed())
    signed = sign(content, signer)
    assert sign(content, signer) == signed
    assert b"74580" in check_signature(signed, signer.certificate)
    check_structure(signed, "signed")


@pytest.mark.parametrize(
    ("old", "new"), [(b"74580", b"74581"), (b"<PurposeCode>02", b"<PurposeCode>01")]
)
def test_a_changed_byte_breaks_the_signature(signer: Signer, old: bytes, new: bytes) -> None:
    signed = sign(tax_xml(taxed()), signer).replace(old, new)
    with pytest.raises(JeongsanError, match="the signature does not hold"):
        check_signature(signed, signer.certificate)


def test_another_key_does_not_hold_and_no_signature_is_none(
    signer: Signer, other_folder: Path
) -> None:
    signed = sign(tax_xml(taxed()), own_test_signer(other_folder))
    with pytest.raises(JeongsanError, match="the signature does not hold"):
        check_signature(signed, signer.certificate)
    with pytest.raises(JeongsanError, match="the signature does not hold"):
        check_signature(tax_xml(taxed()), signer.certificate)


def test_keys_that_do_not_belong_together_or_do_not_open_are_named(
    folder: Path, other_folder: Path
) -> None:
    key, certificate = folder / TEST_KEY, folder / TEST_CERTIFICATE
    assert key.stat().st_mode & 0o077 == 0
    assert read_signer(key, certificate, "").is_test
    with pytest.raises(JeongsanError, match="has no TAX_PASSWORD"):
        read_signer(key, certificate, "TAX_PASSWORD", {})
    with pytest.raises(JeongsanError, match="is no private key in PEM that can be opened"):
        read_signer(key, certificate, "TAX_PASSWORD", {"TAX_PASSWORD": "x"})
    with pytest.raises(JeongsanError, match=f"mode 06.*; type: chmod 600 {certificate}"):
        read_signer(certificate, certificate, "")
    with pytest.raises(JeongsanError, match="is no certificate in PEM"):
        read_signer(key, key, "")
    with pytest.raises(JeongsanError, match="is not the certificate of"):
        read_signer(key, other_folder / TEST_CERTIFICATE, "")
