"""How a question ended lawfully: a closed union to match on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from renkei_client.errors import NodeFault, ReplyMalformed
from renkei_client.messages import Question
from renkei_client.record import Record, Value
from renkei_client.wire import Received

R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)


@dataclass(frozen=True, slots=True)
class Proof:
    """Under which number and provision it happened, and what proves it afterwards."""

    inquiry: str
    by: str
    provision: str
    table: str
    receipt: str
    entry: str


@dataclass(frozen=True, slots=True)
class Loss:
    """欠落: an item that did not come through whole, and why (docs/protocol/mediation.md)."""

    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer(Generic[R_co]):
    """回答: the record, as its type and as it came, in which release of the standard.

    `losses` are the items the holder could not say in this release, or in our characters.
    """

    record: R_co
    values: Mapping[str, Value]
    proof: Proof
    release: str = ""
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class NotHeld:
    """該当なし: the question is lawful, and the holder has no such record."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class SubjectUnknown:
    """対象者不明: the own store knows nobody under this number."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class CodeNotIssued:
    """符号未取得: the registrar issued no linkage code for the person yet."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class Refused:
    """拒否: a lawful no, entered by whoever said it. `code` is the reason."""

    code: str
    message: str
    message_ja: str
    by: str
    provision: str
    inquiry: str


Reply: TypeAlias = Answer[R] | NotHeld | SubjectUnknown | CodeNotIssued | Refused


def read_reply(received: Received, question: Question[R]) -> Reply[R]:
    """Return how a question ended, or raise the fault that came instead."""
    body = received.object()
    outcome = received.headers.get("pf-outcome", "")
    if outcome == "refused":
        return Refused(
            code=_text(body, "code"),
            message=_text(body, "message"),
            message_ja=_text(body, "message_ja"),
            by=received.headers.get("pf-refused-by", ""),
            provision=received.headers.get("pf-provision", ""),
            inquiry=_text(body, "detail"),
        )
    proof = Proof(
        *(_text(body, name) for name in ("inquiry", "by", "provision", "table", "receipt", "entry"))
    )
    match outcome:
        case "answered":
            record = body.get("record")
            if not isinstance(record, dict):
                raise ReplyMalformed("answered, and no record")
            told = question.record.read(record)
            return Answer(told, record, proof, _text(body, "release"), tuple(_losses(body)))
        case "not-held":
            return NotHeld(proof)
        case "subject-unknown":
            return SubjectUnknown(proof)
        case "code-not-issued":
            return CodeNotIssued(proof)
        case _:
            raise fault_of(received)


def fault_of(received: Received) -> NodeFault:
    """Return the fault an answer is."""
    body = received.object()
    return NodeFault(
        status=received.status,
        kind=_text(body, "type"),
        code=_text(body, "code"),
        message=_text(body, "message"),
        message_ja=_text(body, "message_ja"),
        detail=_text(body, "detail"),
    )


def _losses(body: Mapping[str, object]) -> Iterator[Loss]:
    listed = body.get("losses", [])
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, dict):
            raise ReplyMalformed("losses that are none")
        yield Loss(_text(one, "item"), _text(one, "why"))


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""
