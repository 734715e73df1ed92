"""The door: what other organisations ask us arrives here, proven by line and signature.

Every answer is signed and bound to its question, a refusal and a fault too.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from renkei import exchange
from renkei.exchange import Answer, Limits, Question, Signature
from renkei.federation.errors import CallerUnclear, NotForUs
from renkei.federation.member import Member
from renkei.federation.members import Members
from renkei.federation.membership import Membership
from renkei.federation.tls import Credentials, caller_fingerprint
from renkei.kit import NodeError, Tenant

ECHOED = ("x-road-id", "x-road-client", "x-road-request-id")

NONE_WIDE: Mapping[str, Limits] = MappingProxyType({})

log = logging.getLogger("renkei.federation")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as line and signature prove it, and what is asked.

    Not whether it was asked before: the handler calls `exchange.first_time` in the transaction of
    its own work.
    """

    member: Member
    envelope: exchange.Envelope
    question: Question
    signature: Signature


Handle = Callable[[Caller, datetime], Answer]
"""What a node does with a question: synchronous, one transaction, an answer or a `NodeError`."""


def receive(
    question: Question,
    fingerprint: str,
    *,
    members: Members,
    here: Tenant,
    at: datetime,
    carried: bool = False,
) -> Caller:
    """Return the caller, or raise why this is nobody's question to us.

    The certificate on the line, the key of the signature and X-Road-Client must be of one member.
    The body of a `carried` question is still to come.
    """
    members.check(at)
    member = members.by_fingerprint(fingerprint)
    members.check_of(member.id, at)
    signature = exchange.verify_question(question, members.key, at=at, carried=carried)
    if members.by_key(signature.keyid) is not member:
        raise CallerUnclear(certificate=member.id, part="signature")
    envelope = exchange.envelope(
        question.fields,
        instance=members.list_of(member.id).instance,
        known=exchange.NODE_FIELDS,
    )
    if envelope.client.organisation != members.address(member.id):
        raise CallerUnclear(certificate=member.id, part="x-road-client")
    meant = question.field("pf-to") or ""
    if meant != here:
        raise NotForUs(meant=meant[:20], here=here)
    return Caller(member, envelope, question, signature)


def sign(
    answer: Answer,
    question: Question | None,
    credentials: Credentials,
    *,
    at: datetime,
    carried: bytes | None = None,
) -> tuple[Answer, Signature]:
    """Return the answer to a question, signed, and the signature for the record.

    Without a question, where what came was none, the answer is bound to nothing. `carried` is the
    SHA-256 of a body that travels beside the answer.
    """
    known = dict(question.fields) if question else {}
    present = {name for name, _ in answer.fields}
    echoed = ((n, known[n]) for n in ECHOED if n in known and n not in present)
    return exchange.sign_answer(
        answer.with_fields(*echoed),
        credentials.signing,
        question=known.get("signature"),
        at=at,
        carried=carried,
    )


def door(
    handle: Handle,
    *,
    membership: Membership,
    clock: Callable[[], datetime],
    limits: Limits | None = None,
    passing: ASGIApp | None = None,
    wide: Mapping[str, Limits] = NONE_WIDE,
) -> ASGIApp:
    """Return the web application other nodes ask: every answer is signed, a refusal too.

    A caller is held against the list in force when the question comes, however old the line is.
    What is asked under a path of `wide` has limits of its own.

    The handler runs in a thread of its own. It may sign its answer itself (with `sign`, to keep
    the signature); an unsigned one is signed here. What is `passing`, below `/r1/`, has a door of
    its own, which signs.
    """
    bounds = limits or Limits()

    def answered(scope: exchange.Scope, body: bytes, error: NodeError | None) -> Answer:
        at = clock()
        question = None
        try:
            question = Question.received(scope, body, wide.get(scope["path"], bounds))
            answer = fault(error) if error else heard(question, scope, at)
        except NodeError as other:
            answer = fault(other)
        except Exception:
            log.exception("a question could not be answered")
            answer = fault(NodeError())
        if answer.field("signature") is None:
            answer, _ = sign(answer, question, membership.credentials, at=at)
        return answer

    def heard(question: Question, scope: exchange.Scope, at: datetime) -> Answer:
        fingerprint, members = caller_fingerprint(scope), membership.members
        here = membership.desk.tenant
        caller = receive(question, fingerprint, members=members, here=here, at=at)
        return handle(caller, at)

    async def application(
        scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        if scope["type"] != "http":
            return  # uvicorn asks about start and end too; a door has nothing to do there
        if passing is not None and scope["path"].startswith("/r1/"):
            await passing(scope, receive, send)
            return
        body, error = b"", None
        try:
            body = await exchange.read_body(scope, receive, wide.get(scope["path"], bounds))
        except NodeError as refused:
            error = refused
        answer = await run_in_threadpool(answered, scope, body, error)
        await answer(scope, receive, send)

    return application


def fault(error: NodeError) -> Answer:
    """Say an error to a node: with its own status, and a number to find it by in this log."""
    detail = str(uuid.uuid4())
    log.warning("%s %s", error.code(), detail)
    fault = exchange.Fault.of(error, detail=detail, side="serverproxy")
    return fault.answer(status=error.status)
