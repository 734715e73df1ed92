"""Two towns in one database that write each other letters, without the doors between them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.federation.desks import AT, HELD, YEAR, A, B, Desks, as_tenant, fill, make_desks
from tests.process.signing import SIGNER, library
from tests.store.rows import register_number

from renkei import audit, exchange, federation, kit
from renkei.federation import Caller, Reply
from renkei.process import bpmn, cases, partners
from renkei.process.bpmn.elements.send_task import LETTER
from renkei.process.bpmn.elements.service_task import INQUIRY
from renkei.process.cases import inbox, waiting

EXAMPLES = Path(__file__).parents[2] / "docs" / "processes" / "examples"
NEW, OLD = "child-allowance-new-town", "child-allowance-old-town"
PROCEDURE, QUESTION = "JT99000000001501", "06/income"
ITEMS = ("06-1-013", "06-1-014")
LEASE = timedelta(minutes=1)
HANDED = {"支給の引継ぎ": {"消滅年月": "2026-04", "月額合計": Decimal(10000)}}


@dataclass
class Towns:
    """A and B with their models, and the letters between them."""

    conn: kit.Connection
    desks: Desks
    at: datetime = AT
    known: partners.Collaborations = field(default_factory=partners.Collaborations.shipped)
    library: cases.Library = field(default_factory=library)
    nonces: int = 0

    def house(self, tenant: kit.Tenant) -> partners.House:
        """Return what a town judges by; its rows are in view from then on."""
        as_tenant(self.conn, tenant)
        seal = self.desks.node[tenant].seal
        return partners.House(self.desks.desk[tenant], self.known, self.library, seal)

    def deploy(self, tenant: kit.Tenant, model: str | bpmn.Definition) -> str:
        """Put a model of the manual's, or another one, in force in a town."""
        self.house(tenant)
        if isinstance(model, str):
            model = bpmn.read((EXAMPLES / f"{model}.bpmn").read_bytes(), model)
        held = cases.deploy(
            self.conn,
            tenant,
            model,
            valid_from=self.at.date(),
            by="t",
            signer=SIGNER,
            at=self.at,
        )
        return held.process

    def begin(self, tenant: kit.Tenant, process: str, **variables: object) -> UUID:
        """Begin a case."""
        self.house(tenant)
        held = self.library.in_force(self.conn, tenant, process, on=self.at.date())
        id_, start = uuid4(), bpmn.Start(self.at, variables)  # type: ignore[arg-type]
        begun = cases.Begun(id_, held, self.at.date(), start, "staff:1002")
        cases.begin(self.conn, tenant, [begun], self.library, at=self.at)
        return id_

    def moved(self, person: int = HELD) -> UUID:
        """Begin A's case of somebody who came from B; it waits for B's answer about the income."""
        self.deploy(A, NEW)
        number = register_number(person)
        return self.begin(A, "認定-転入", 宛名番号=number, 転出元=str(B), 所得年=Decimal(YEAR))

    def asked(self, case: UUID, number: str = "", *, is_known: bool = True) -> str:
        """Let the question be answered; B knows whom it is about, unless it does not."""
        number, subject = number or str(uuid4()), register_number(HELD)
        house = self.house(A)
        [job] = waiting.claim_jobs(self.conn, A, [INQUIRY], at=self.at, lease=LEASE, most=1)
        self.procedure(number, case)
        told: bpmn.Variables = {"手続番号": f"{B}/{number}", "所得": {}}
        waiting.bring_done(
            self.conn, A, [waiting.Done(job, told)], house.library, actor="t", at=self.at
        )
        if is_known:
            self.house(B)
            of_us = partners.Procedure.asked_of_us(self.inquiry(number), subject, at=self.at)
            partners.procedures.keep(self.conn, B, of_us)
        return number

    def procedure(self, number: str, case: UUID) -> None:
        """Keep a procedure that A's case began by its question."""
        kept = partners.Procedure(
            partner=str(B),
            id=number,
            role="new_town",
            partner_role="old_town",
            subject=register_number(HELD),
            procedure=PROCEDURE,
            question=QUESTION,
            items=ITEMS,
            year=YEAR,
            is_asker=True,
            case=case,
            opened_at=self.at,
        )
        partners.procedures.keep(self.conn, A, kept)

    def inquiry(self, number: str) -> federation.Inquiry:
        """Return the question as B had it."""
        return federation.Inquiry(
            number,
            audit.Mode.TEST,
            str(A),
            "15",
            str(B),
            "06",
            "income",
            PROCEDURE,
            "TM00000000000002",
            ITEMS,
            YEAR,
            "",
            "applicant",
            "NA-074",
            "",
            self.at,
        )

    def do(self, tenant: kit.Tenant, case: UUID, element: str, **told: object) -> None:
        """Say that a task is done."""
        house = self.house(tenant)
        row = cases.case_of(self.conn, tenant, case)
        [wait] = [one for one in row.case.waits.values() if one.handler == element]
        command = bpmn.Bring(self.at, wait.key, told)  # type: ignore[arg-type]
        given = cases.Given(case, command, "staff:1002")
        cases.take(self.conn, tenant, given, house.library, at=self.at)

    def case(self, tenant: kit.Tenant, process: str = "") -> UUID:
        """Return the newest case of a town."""
        self.house(tenant)
        return cases.find(self.conn, tenant, process=process)[0].id

    def at_element(self, tenant: kit.Tenant, case: UUID) -> set[str]:
        """Return where a case waits."""
        self.house(tenant)
        row = cases.case_of(self.conn, tenant, case)
        return {one.handler for one in row.case.waits.values()}

    # Letters --------------------------------------------------------------------------------------

    def written(self, tenant: kit.Tenant) -> list[partners.Ready]:
        """Write what a town's cases want sent."""
        house = self.house(tenant)
        jobs = waiting.claim_jobs(self.conn, tenant, [LETTER], at=self.at, lease=LEASE, most=9)
        return [partners.write(self.conn, house, job, at=self.at) for job in jobs]

    def caller(self, tenant: kit.Tenant, to: kit.Tenant, body: bytes) -> Caller:
        """Return a letter at a door, really signed."""
        question, signature = self.desks.signed(tenant, to, partners.PATH, body)
        caller = self.desks.caller(tenant)
        self.nonces += 1
        signature = replace(signature, nonce=f"nonce-{self.nonces}".ljust(22, "n"))
        return replace(caller, question=question, signature=signature)

    def receive(self, tenant: kit.Tenant, sender: kit.Tenant, body: bytes) -> partners.Receipt:
        """Let a letter come in."""
        caller = self.caller(sender, tenant, body)
        return partners.receive(self.conn, self.house(tenant), caller, at=self.at)

    def heard(
        self, tenant: kit.Tenant, ready: partners.Ready, receipt: partners.Receipt
    ) -> cases.Taken:
        """Let a town hear what its partner answered, and its case go on."""
        caller = self.caller(tenant, ready.partner, ready.body)
        said = exchange.Answer(200, (), partners.render(receipt))
        key = self.desks.credentials[ready.partner].signing
        answer, answered = exchange.sign_answer(
            said, key, question=caller.signature.header, at=self.at
        )
        member = self.desks.desk[A].members.by_id(ready.partner)
        reply = Reply(member, caller.question, answer, caller.signature, answered)
        return partners.hear(self.conn, self.house(tenant), ready, receipt, reply, at=self.at)

    def exchange(self, sender: kit.Tenant, receiver: kit.Tenant) -> list[partners.Receipt]:
        """Let everything one town wants sent reach the other, and be heard."""
        receipts = []
        for ready in self.written(sender):
            receipts.append(self.receive(receiver, sender, ready.body))
            self.heard(sender, ready, receipts[-1])
        return receipts

    def deliver(self, tenant: kit.Tenant) -> None:
        """Let a town's keeper deliver what waits."""
        house = self.house(tenant)
        inbox.deliver_waiting(self.conn, tenant, house.library, at=self.at, most=50)

    def entries(self, tenant: kit.Tenant, letter: str) -> list[audit.Entry]:
        """Return what a town entered about a letter."""
        as_tenant(self.conn, tenant)
        signer = audit.Signer.from_seed(f"test.example/{tenant}", tenant.encode().ljust(32, b"\0"))
        audit.sequence(self.conn, tenant, signer, at=self.at)
        return [one.entry for one in audit.entries_for_request(self.conn, tenant, letter)]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_desks(tmp_path_factory.mktemp("desks"))


@pytest.fixture
def towns(conn, keys):
    fill(conn, keys)
    return Towns(conn, keys)
