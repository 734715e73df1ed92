"""Signatures on messages: RFC 9421 with RFC 9530 digests, ecdsa-p256-sha256, written by hand.

One signature a message, under the label `renkei`, with the tag `renkei`.

A question covers `@method`, `@path`, `@query`, `content-digest`, `content-type` if there is one,
and every field that begins with `x-road-` or `pf-`, at least `x-road-client`, `x-road-id` and
`pf-to`. It does not cover `@authority` or `@target-uri`: scheme and host are names of machines,
which a reverse proxy rewrites. What has to be bound is the organisation that is asked, and that
stands in `pf-to`, so a question to one organisation is worth nothing at another.

An answer covers `@status`, `content-digest`, `content-type` if there is one, every field that
begins with `x-road-` or `pf-`, and the question's own signature (`"signature";req`): an answer
to one question is worth nothing as an answer to another.

Of a message that is passed on for others (`carried`) every field is covered but those of one hop,
and its body is read and hashed beside it: the signature can be judged before the body has come.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256

from renkei.exchange.errors import (
    DigestWrong,
    HeaderMalformed,
    HeaderMissing,
    HeaderTwice,
    SignatureExpired,
    SignatureIncomplete,
    SignatureKeyUnknown,
    SignatureMalformed,
    SignatureMissing,
    SignatureWrong,
)
from renkei.exchange.keys import Keys, SigningKey, encode
from renkei.exchange.messages import ONE_HOP, Answer, Fields, Question, only
from renkei.kit import metered, random_bytes

LABEL = TAG = "renkei"
ALGORITHM = "ecdsa-p256-sha256"
WINDOW_SECONDS = 300
LONGEST_INPUT = 4096

_OF_QUESTION = ("content-digest", "x-road-client", "x-road-id", "pf-to")
_OF_ANSWER = ("content-digest",)
_REQUEST_SIGNATURE = '"signature";req'

_ECDSA = ec.ECDSA(SHA256())
_ITEM = r'"@?[a-z0-9][a-z0-9\-]*"(?:;req)?'
_PARAMETER = r';([a-z]+)=(?:([0-9]{1,15})|"([\x20\x21\x23-\x5b\x5d-\x7e]{1,128})")'
_INPUT = re.compile(rf"{LABEL}=(\(([^)]*)\)((?:{_PARAMETER})+))", re.ASCII)
_ITEMS = re.compile(rf"{_ITEM}(?: {_ITEM})*", re.ASCII)
_PARAMETERS = re.compile(_PARAMETER, re.ASCII)
_SIGNATURE = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):", re.ASCII)
_OF_ONE_HOP = frozenset(f'"{name}"' for name in (*ONE_HOP, "date", "signature", "signature-input"))
_PRINTABLE = re.compile(r"[\t\x20-\x7e]*", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_\-]{16,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature with all that is needed to verify it again: what a record keeps of a message.

    `header` is the field `signature` as sent; `base` are the signed bytes. An answer has no nonce.
    """

    keyid: str
    nonce: str
    created: int
    base: bytes
    header: str

    def facts(self, of: str) -> dict[str, str]:
        """Return what an entry keeps of the signature of a question or an answer.

        The digest of the signed bytes suffices to verify it, since ECDSA signs a digest; the bytes
        themselves may name a person in a path.
        """
        return {
            of: encode(hashlib.sha256(self.base).digest()),
            f"{of}_key": self.keyid,
            f"{of}_signature": self.header[len(LABEL) + 2 : -1],
        }


def content_digest(body: bytes) -> str:
    """Return the value of Content-Digest.

    >>> content_digest(b"")
    'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
    """
    return digest_field(hashlib.sha256(body).digest())


def digest_field(sha256: bytes) -> str:
    """Return the value of Content-Digest for a body whose SHA-256 is known."""
    return f"sha-256=:{b64encode(sha256).decode()}:"


def check_digest(fields: Fields, sha256: bytes) -> None:
    """Hold a body that came beside its message against what the signed fields say of it."""
    if only(fields, "content-digest") != digest_field(sha256):
        raise DigestWrong


@metered("signatures")
def sign_question(
    question: Question, key: SigningKey, *, at: datetime, carried: bytes | None = None
) -> tuple[Question, Signature]:
    """Return the question with its digest and signature fields, and the signature.

    `carried` is the SHA-256 of a body that travels beside the question.
    """
    ready = question.with_fields(("content-digest", _digest_of(question.body, carried)))
    values = _of_question(ready)
    items = [item for item in values if _must_be_covered(item, whole=carried is not None)]
    nonce = encode(random_bytes(16))
    fields, signature = _sign(items, values, key, nonce=nonce, at=at)
    return ready.with_fields(*fields), signature


@metered("signatures")
def verify_question(
    question: Question, keys: Keys, *, at: datetime, carried: bool = False
) -> Signature:
    """Return the signature of a question, or raise what is wrong with it.

    The body of a `carried` one is still to come: see `check_digest`.
    """
    claim = _Claim.read(question.fields)
    if not _NONCE.fullmatch(claim.nonce):
        raise SignatureMalformed(name="signature-input")
    body = None if carried else question.body
    return claim.verify(_of_question(question), _OF_QUESTION, body, keys, at=at)


@metered("signatures")
def sign_answer(
    answer: Answer,
    key: SigningKey,
    *,
    question: str | None,
    at: datetime,
    carried: bytes | None = None,
) -> tuple[Answer, Signature]:
    """Return the answer with its digest and signature fields, and the signature.

    `question` is the question's field `signature`; None only where the question has none, and
    then the asker will not take the answer for one to its question. `carried` as of a question.
    """
    ready = answer.with_fields(("content-digest", _digest_of(answer.body, carried)))
    values = _of_answer(ready, question)
    items = [item for item in values if _must_be_covered(item, whole=carried is not None)]
    fields, signature = _sign(items, values, key, nonce="", at=at)
    return ready.with_fields(*fields), signature


@metered("signatures")
def verify_answer(
    answer: Answer, keys: Keys, *, question: str, at: datetime, carried: bool = False
) -> Signature:
    """Return the signature of an answer to this very question, or raise what is wrong with it."""
    claim = _Claim.read(answer.fields)
    body = None if carried else answer.body
    return claim.verify(_of_answer(answer, question), _OF_ANSWER, body, keys, at=at)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What the fields Signature and Signature-Input say, not yet believed."""

    items: tuple[str, ...]
    parameters: str
    keyid: str
    nonce: str
    created: int
    expires: int | None
    header: str

    @classmethod
    def read(cls, fields: Fields) -> "_Claim":
        """Parse the one signature of a message; any other form of the fields is refused."""
        header, text = only(fields, "signature"), only(fields, "signature-input")
        if header is None or text is None:
            raise SignatureMissing
        found = _INPUT.fullmatch(text) if len(text) <= LONGEST_INPUT else None
        if found is None:
            raise SignatureMalformed(name="signature-input")
        if not _SIGNATURE.fullmatch(header):
            raise SignatureMalformed(name="signature")
        items = _items(found[2])
        numbers: dict[str, int] = {}
        texts: dict[str, str] = {}
        for name, number, string in _PARAMETERS.findall(found[3]):
            if name in numbers or name in texts:
                raise SignatureMalformed(name="signature-input")
            if number:
                numbers[name] = int(number)
            else:
                texts[name] = string
        if (
            not {"created"} <= numbers.keys() <= {"created", "expires"}
            or not {"keyid", "tag"} <= texts.keys() <= {"keyid", "tag", "nonce", "alg"}
            or texts["tag"] != TAG
            or texts.get("alg", ALGORITHM) != ALGORITHM
        ):
            raise SignatureMalformed(name="signature-input")
        return cls(
            items=items,
            parameters=found[1],
            keyid=texts["keyid"],
            nonce=texts.get("nonce", ""),
            created=numbers["created"],
            expires=numbers.get("expires"),
            header=header,
        )

    def verify(
        self,
        values: dict[str, str],
        needed: Iterable[str],
        body: bytes | None,
        keys: Keys,
        *,
        at: datetime,
    ) -> Signature:
        """Hold the claim against the message; without a body, all but its digest."""
        self._complete(values, needed, body)
        now = at.timestamp()
        if abs(now - self.created) > WINDOW_SECONDS or now > (self.expires or now):
            raise SignatureExpired(seconds=WINDOW_SECONDS)
        key = keys(self.keyid)
        if key is None:
            raise SignatureKeyUnknown
        if body is not None and values['"content-digest"'] != content_digest(body):
            raise DigestWrong
        base = _base(self.items, values, self.parameters)
        raw = b64decode(self.header[len(LABEL) + 2 : -1])
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        try:
            key.verify(encode_dss_signature(r, s), base, _ECDSA)
        except InvalidSignature:
            raise SignatureWrong from None
        return Signature(self.keyid, self.nonce, self.created, base, self.header)

    def _complete(self, values: dict[str, str], needed: Iterable[str], body: bytes | None) -> None:
        for name in (*needed, *(("content-type",) if body else ())):
            if f'"{name}"' not in values:
                raise HeaderMissing(name=name)
        for item in values:
            if _must_be_covered(item, whole=body is None) and item not in self.items:
                raise SignatureIncomplete(component=item.replace('"', ""))
        for item in self.items:
            if item not in values:
                if item[1] == "@" or item.endswith(";req"):
                    raise SignatureMalformed(name="signature-input")
                raise HeaderMissing(name=item.strip('"'))


@lru_cache(1024)
def _items(text: str) -> tuple[str, ...]:
    """Return the components a signature covers, each once; a peer names the same ones each time."""
    items = tuple(text.split(" "))
    if not _ITEMS.fullmatch(text) or len(set(items)) < len(items):
        raise SignatureMalformed(name="signature-input")
    return items


def _of_question(question: Question) -> dict[str, str]:
    """Return item → value of all that a question's signature may cover."""
    return {
        '"@method"': question.method,
        '"@path"': question.path,
        '"@query"': f"?{question.query}",
    } | _of_fields(question.fields)


def _of_answer(answer: Answer, question: str | None) -> dict[str, str]:
    """Return item → value of all that an answer's signature may cover."""
    values = {'"@status"': str(answer.status)} | _of_fields(answer.fields)
    return values if question is None else values | {_REQUEST_SIGNATURE: question}


def _of_fields(fields: Fields) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in fields:
        item = f'"{name}"'
        if item not in values:
            values[item] = value
        elif _must_be_covered(item):
            raise HeaderTwice(name=name)
        else:
            values[item] += f", {value}"
    return values


def _digest_of(body: bytes, carried: bytes | None) -> str:
    return content_digest(body) if carried is None else digest_field(carried)


def _must_be_covered(item: str, *, whole: bool = False) -> bool:
    """Tell the derived components and the fields that carry meaning from the other fields."""
    if whole:
        return item not in _OF_ONE_HOP
    return item.startswith(('"@', '"x-road-', '"pf-', '"content-digest"', '"content-type"')) or (
        item == _REQUEST_SIGNATURE
    )


def _base(items: Iterable[str], values: dict[str, str], parameters: str) -> bytes:
    lines = [f"{item}: {values[item]}" for item in items]
    if not _PRINTABLE.fullmatch("".join(lines)):
        bad = next(line for line in lines if not _PRINTABLE.fullmatch(line))
        raise HeaderMalformed(name=bad.split('"')[1])
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode("ascii")


def _sign(
    items: list[str], values: dict[str, str], key: SigningKey, *, nonce: str, at: datetime
) -> tuple[Fields, Signature]:
    created = int(at.timestamp())
    unique = f';nonce="{nonce}"' if nonce else ""
    parameters = f'({" ".join(items)});created={created};keyid="{key.name}"{unique};tag="{TAG}"'
    base = _base(items, values, parameters)
    r, s = decode_dss_signature(key.private.sign(base, _ECDSA))
    header = f"{LABEL}=:{b64encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big')).decode()}:"
    fields = (("signature-input", f"{LABEL}={parameters}"), ("signature", header))
    return fields, Signature(key.name, nonce, created, base, header)
