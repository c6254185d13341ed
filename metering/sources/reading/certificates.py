"""What is wrong with a server's certificate, in words that say what to do."""

import ssl
from collections.abc import Mapping

# OpenSSL's X509_V_ERR_* of VERIFY_X509_STRICT: what RFC 5280 asks for, and what mends it. Python
# checks it from 3.13 on; an authority that somebody made by hand often does not know of it.
STRICT: Mapping[int, str] = {
    80: "basicConstraints = critical, CA:FALSE without a path length",
    81: "keyUsage = critical, keyCertSign, cRLSign beside its path length",
    82: "keyUsage without keyCertSign, which is for an authority alone",
    83: "the authority's name as its issuer",
    84: "a name of its own as its subject",
    85: "authorityKeyIdentifier = keyid",
    86: "subjectKeyIdentifier = hash",
    87: "a subjectAltName that is not empty",
    88: "subjectAltName = critical, since its subject is empty",
    89: "basicConstraints = critical, CA:TRUE for the authority",
    90: "an authorityKeyIdentifier that is not critical",
    91: "a subjectKeyIdentifier that is not critical",
    92: "keyUsage = critical, keyCertSign, cRLSign for the authority",
    93: "version 3, which its extensions need",
}
UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})  # no way from it to an authority that is trusted


def certificate_error(error: BaseException) -> str | None:
    """Why a certificate is not trusted and what to do, where that is what went wrong; else None.

    `error` is what a client raised; the reason may lie in what it came from.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return None
    reason = cause.verify_message.rstrip(".")
    needed = STRICT.get(cause.verify_code)
    if cause.verify_code in UNKNOWN_AUTHORITY:
        return f"its certificate is refused: {reason}; name its authority's as `ca` in site.toml"
    if needed is None:
        return f"its certificate is refused: {reason}; let whoever runs the server mend it"
    return (
        f"its certificate, or one of its authority, breaks RFC 5280: {reason}; let the authority "
        f"issue it anew with {needed} (its keys may stay). Python 3.13 and newer check this, "
        "older ones do not"
    )
