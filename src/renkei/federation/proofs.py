"""What an entry keeps of the messages it is about: signatures, digests of bodies (RK-9.8).

An ECDSA signature is made over a digest, so it can be verified from the digest alone. The signed
bytes and the bodies stay out of the log: they name persons and values, and may be deleted.
"""

from hashlib import sha256

from renkei import exchange
from renkei.federation.channel import Reply
from renkei.federation.door import Caller


def of_caller(caller: Caller) -> dict[str, str]:
    """Return what the one who was asked keeps of the question."""
    return _facts("question", caller.signature, caller.question.body)


def of_reply(reply: Reply) -> dict[str, str]:
    """Return what the one who asked keeps of its question and of the answer."""
    return {
        **_facts("question", reply.asked, reply.question.body),
        **_facts("answer", reply.answered, reply.answer.body),
        **reply.peer.named(reply.node),
    }


def _facts(of: str, signature: exchange.Signature, body: bytes) -> dict[str, str]:
    return {**signature.facts(of), f"{of}_body": exchange.encode(sha256(body).digest())}
