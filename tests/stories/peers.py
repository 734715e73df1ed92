"""A party's own words to another party's door: signed with its keys, sent over its line."""

import http.client
from dataclasses import dataclass

from renkei import exchange, federation
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.ecosystem import MODE, Part
from renkei.app.site import now
from renkei.federation.tls import Credentials, client_context


@dataclass
class Peers:
    """The parties of the stage, as the list in force has them."""

    stage: Stage
    members: federation.Members

    def credentials(self, part: Part) -> Credentials:
        """Return what a party proves itself with: the test has its key files at hand."""
        return Credentials.read(self.stage.ecosystem.settings[part.name].keys, part.tenant)

    def question(
        self,
        part: Part,
        to: Part,
        target: str,
        body: bytes,
        *more: tuple[str, str],
        content_type: str = "application/octet-stream",
    ) -> exchange.Question:
        """Return a question of a party to another one, signed."""
        said = (
            ("content-type", content_type),
            ("x-road-client", self.members.address(part.tenant).render()),
            ("x-road-id", exchange.new_id("JP")),
            ("pf-to", to.tenant),
            ("pf-mode", MODE),
            *more,
        )
        plain = exchange.Question("POST", target, "", said, body)
        return exchange.sign_question(plain, self.credentials(part).signing, at=now())[0]

    def send(self, part: Part, to: Part, question: exchange.Question) -> exchange.Answer:
        """Send it over a party's line and return the answer, its signature verified."""
        member = self.members.by_id(to.tenant)
        host, port = member.url.removeprefix("https://").split(":")
        context = client_context(self.credentials(part), member)
        line = http.client.HTTPSConnection(host, int(port), context=context, timeout=20)
        try:
            line.request("POST", question.target, question.body, dict(question.fields))
            response = line.getresponse()
            fields = tuple((name.lower(), value) for name, value in response.getheaders())
            answer = exchange.Answer(response.status, fields, response.read())
        finally:
            line.close()
        signature = question.field("signature") or ""
        exchange.verify_answer(answer, self.members.key, question=signature, at=now())
        return answer

    def code(self, part: Part, to: Part, question: exchange.Question) -> tuple[int, str]:
        """Send what is refused; return status and code."""
        answer = self.send(part, to, question)
        fault = exchange.read_fault(answer)
        assert fault is not None
        return answer.status, fault.code
