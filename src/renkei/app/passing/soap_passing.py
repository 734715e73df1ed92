"""SOAP messages on their way to systems behind nodes, and what is told of their answers.

Between the nodes such a message is one of REST: `POST` without a path, body as it came. Here, at
the node of the unit that asks, the header it begins with is judged, and that the answer repeats it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from renkei import exchange
from renkei.app.errors import PasswordWouldTravel
from renkei.app.operations.oversight import check_unit
from renkei.app.passing.message_door import MessageDoor
from renkei.app.passing.provider_door import fields_of
from renkei.app.site import Site
from renkei.app.units.access import use_of
from renkei.app.units.questions import Questions
from renkei.app.units.soap_questions import prove
from renkei.app.units.xroad_header import (
    REQUEST_HASH,
    check_repeated,
    check_wrapper,
    hash_block,
    opened,
)
from renkei.exchange import Answer, Package, Passed, SoapMessage
from renkei.federation import Message

TRAVELLING = ("content-type", "soapaction")
METHOD = "POST"


@dataclass(frozen=True, slots=True)
class Asked:
    """A message in SOAP as far as it was read: the envelope, and what it says."""

    package: Package
    soap: SoapMessage
    fields: exchange.Fields
    said: exchange.Fields

    def given(self) -> exchange.Fields:
        """Return the fields that travel: what the header says, and two of HTTP."""
        return (*self.said, *(field for field in self.fields if field[0] in TRAVELLING))


class SoapPassing:
    """The way of one site's messages in SOAP."""

    def __init__(self, site: Site, messages: MessageDoor, questions: Questions) -> None:
        """Take the site, the way of any message, and who says how many may come."""
        self._site = site
        self._messages = messages
        self._questions = questions

    async def pass_on(
        self,
        asked: Asked,
        rest: AsyncIterator[bytes],
        envelope: exchange.Envelope,
        service: exchange.Service,
        number: str,
    ) -> Passed | exchange.Fault:
        """Pass a message on; its attachments are still to be received."""
        # 1. Who asks, proven before more is read.
        self._prove(asked, envelope, use_of(service))
        check_wrapper(asked.soap, service)
        message = Message(number, METHOD, envelope, exchange.ServiceCall(service))
        self._messages.check(message)
        self._questions.admit(envelope.client, message.call)
        # 2. All of it, as it comes; nothing of it goes on before that.
        with await self._messages.receive(asked.package.whole(rest)) as body:

            async def finish(passed: Passed) -> Passed:
                return await self._told(asked, message, passed)

            return await self._messages.carry(message, asked.given(), body, finish)

    def _prove(self, asked: Asked, envelope: exchange.Envelope, use: str) -> None:
        """Refuse who is not the unit it says; what stands in the envelope goes on to the system.

        So a password may not stand there. With the header Authorization, a Security block is the
        system's affair.
        """
        authorization = exchange.Question(METHOD, "/", "", asked.fields).field("authorization")
        security = asked.soap.headers.get(exchange.SECURITY)
        if authorization is not None or security is None:
            check_unit(self._site, envelope.client, authorization, use)
            return
        if not exchange.read_username_token(security).is_digest:
            raise PasswordWouldTravel
        prove(self._site, asked.soap, envelope, authorization, use)

    async def _told(self, asked: Asked, message: Message, passed: Passed) -> Passed:
        """Return an answer as its unit is told it; a fault of the system stays as it is."""
        service = f"{message.call.service.provider.code}/{message.call.service.code}"
        answer, kind = passed.answer, passed.answer.field("content-type") or ""
        try:
            pieces = passed.body.pieces()
            package = await exchange.open_package(pieces, kind)
            async for _ in package.whole(pieces):  # to its last mark, or it was cut off
                pass
            told = opened(package)
        except (
            exchange.PackageMalformed,
            exchange.SoapMalformed,
            exchange.SoapTypeWrong,
            exchange.SoapVersionDiffers,
        ) as error:
            if answer.status != 200:
                raise exchange.ProviderStatusWrong(service=service, status=answer.status) from error
            raise exchange.ProviderNotSoap(service=service, reason=error.code()) from error
        body = passed.body
        if not told.is_fault:
            check_repeated(asked.soap, told, service)
            tied = hash_block(asked.package.envelope)
            envelope = exchange.with_block(package.envelope, package.kind, REQUEST_HASH, tied)
            body = package.replaced(envelope, body)
        fields = (("content-type", kind), *fields_of(message))
        return replace(passed, answer=Answer(200, fields), body=body)
