"""Signatures in entries, verified as a stranger would: from the digest beside them."""

from base64 import b64decode
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from renkei import exchange


def fits(details: Mapping[str, str], of: str, key: exchange.PublicKey) -> bool:
    """Tell whether a signature in an entry names this key and is its own over the digest."""
    raw = b64decode(details[f"{of}_signature"])
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    digest = exchange.decode(details[of])
    try:
        key.verify(utils.encode_dss_signature(r, s), digest, ec.ECDSA(utils.Prehashed(SHA256())))
    except InvalidSignature:
        return False
    return details[f"{of}_key"] == exchange.key_name(key)
