"""The passage of a question through a relay: sealed by the asker, opened by the holder, and back.

The answer is sealed to a key that the asker made for this one question and forgets after it: who
gets hold of the holder's key later opens no answer of before.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from renkei import exchange, kit
from renkei.exchange import Answer, Fields, Question
from renkei.federation.errors import RelayTooLarge, SealedMalformed, SealedUnreadable
from renkei.federation.sealing import SealingKey, seal

RELAY, RELAYED = "/relay/", "/relayed/"
MOST_SEALED = 4 << 20
SEALED = ("content-type", "application/octet-stream")

_METHOD = re.compile(r"[A-Z]{1,16}", re.ASCII)
_PART = re.compile(r"[\x21\x24-\x7e]{0,8192}", re.ASCII)
_STATUS = range(200, 600)


class _SealedQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed question as it is sealed; `reply` is the raw public key its answer is sealed to."""

    method: str
    path: str
    query: str
    fields: Fields
    body: bytes
    reply: bytes


class _SealedAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed answer as it is sealed."""

    status: int
    fields: Fields
    body: bytes


_S = TypeVar("_S", _SealedQuestion, _SealedAnswer)


@dataclass(frozen=True, slots=True)
class Passage:
    """Who asks whom, and who carries it. What is sealed for one passage opens in no other."""

    asker: str
    relay: str
    holder: str

    def seal_question(self, question: Question, key: str) -> tuple[bytes, SealingKey]:
        """Seal a signed question to the holder's listed key; return it and the key of its answer.

        What is larger than a relay takes is refused before anything is sent.
        """
        reply = SealingKey.generate()
        said = _SealedQuestion(
            question.method,
            question.path,
            question.query,
            question.fields,
            question.body,
            reply.public,
        )
        sealed = seal(msgspec.msgpack.encode(said), exchange.decode(key), self._info("question"))
        return _bounded(sealed), reply

    def open_question(self, sealed: bytes, keys: Iterable[SealingKey]) -> tuple[Question, bytes]:
        """Open a question with one of our keys; return it and the key its answer is sealed to.

        Nothing is proven yet but that it was sealed for this passage.
        """
        said = _parsed(_opened(sealed, keys, self._info("question")), _SealedQuestion)
        if not (
            _METHOD.fullmatch(said.method)
            and said.path.startswith("/")
            and "?" not in said.path
            and _PART.fullmatch(said.path)
            and _PART.fullmatch(said.query)
        ):
            raise SealedMalformed(part="target")
        fields = _checked(said.fields)
        return Question(said.method, said.path, said.query, fields, said.body), said.reply

    def seal_answer(self, answer: Answer, reply: bytes, sealed: bytes) -> bytes:
        """Seal a signed answer to the key that came with the question."""
        said = _SealedAnswer(answer.status, answer.fields, answer.body)
        return _bounded(seal(msgspec.msgpack.encode(said), reply, self._info("answer", sealed)))

    def open_answer(self, told: bytes, reply: SealingKey, sealed: bytes) -> Answer:
        """Open the answer to the question that was sealed so."""
        said = _parsed(reply.open(told, self._info("answer", sealed)), _SealedAnswer)
        if said.status not in _STATUS:
            raise SealedMalformed(part="status")
        return Answer(said.status, _checked(said.fields), said.body)

    def _info(self, kind: str, sealed: bytes = b"") -> bytes:
        """Return what binds sealed bytes to their use; an answer, to the very question."""
        tie = exchange.encode(hashlib.sha256(sealed).digest()) if sealed else ""
        return f"renkei-relay/1 {kind} {self.asker} {self.relay} {self.holder} {tie}".encode()


def _bounded(sealed: bytes) -> bytes:
    if len(sealed) > MOST_SEALED:
        raise RelayTooLarge(limit=MOST_SEALED)
    return sealed


def _opened(sealed: bytes, keys: Iterable[SealingKey], info: bytes) -> bytes:
    """Open with whichever key fits: while keys rotate, askers go by the old or the new list."""
    for key in keys:
        try:
            return key.open(sealed, info)
        except SealedUnreadable:
            continue
    raise SealedUnreadable


def _parsed(content: bytes, kind: type[_S]) -> _S:
    try:
        return kit.read_msgpack(content, kind)
    except msgspec.DecodeError:
        raise SealedMalformed(part="form") from None


def _checked(fields: Fields) -> Fields:
    """Return header fields held to what a line would have let through."""
    try:
        return exchange.fields((n.encode("latin-1"), v.encode("latin-1")) for n, v in fields)
    except (kit.NodeError, UnicodeEncodeError):
        raise SealedMalformed(part="fields") from None
