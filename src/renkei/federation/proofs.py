"""What an entry keeps of the messages it is about: signatures, digests of bodies (RK-9.8).

An ECDSA signature is made over a digest, so it can be verified from the digest alone. The signed
bytes and the bodies stay out of the log: they name persons and values, and may be deleted.
"""

from renkei.exchange import Body
from renkei.federation.channel import Reply
from renkei.federation.door import Caller
from renkei.federation.passing import message_facts


def of_caller(caller: Caller) -> dict[str, str]:
    """Return what the one who was asked keeps of the question."""
    return message_facts("question", Body.of(caller.question.body), caller.signature)


def of_reply(reply: Reply) -> dict[str, str]:
    """Return what the one who asked keeps of its question and of the answer."""
    return {
        **message_facts("question", Body.of(reply.question.body), reply.asked),
        **message_facts("answer", Body.of(reply.answer.body), reply.answered),
        **reply.peer.named(reply.node),
    }
