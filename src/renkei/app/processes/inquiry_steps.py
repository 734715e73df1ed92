"""Questions to other organisations as steps of a case: asked as a unit's question, entered alike.

The case's unit, procedure and subject are the model's; in whose name, the last member of staff who
led the case on. What comes is known under the name the model gives it, by the items' Japanese
names; a refusal is an error of its reason, which the model may catch.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from renkei import audit, exchange, federation, kit, standard
from renkei.process import bpmn, cases, feel, partners
from renkei.process.bpmn.expressions import as_text
from renkei.process.cases.waiting import Done, Job

RESULT, NUMBER, OUTCOME = "照会", "照会番号", "結果"
PROCEDURE = "手続番号"
"""What a case knows of a procedure that began by its question."""


@dataclass(frozen=True, slots=True)
class Step:
    """A question as the model says it, its values known."""

    job: Job
    said: dict[str, str]
    purpose: str
    staff: str

    @classmethod
    def of(cls, conn: kit.Connection, house: partners.House, job: Job) -> "Step":
        """Read the step a case waits for."""
        tenant = house.desk.tenant
        row = cases.case_of(conn, tenant, job.case)
        definition = house.library.get(conn, tenant, row.definition)
        said = {name: as_text(value) for name, value in job.about.items()}
        staff = cases.last_staff(conn, tenant, job.case)
        return cls(job, said, said.get("purpose") or definition.main.title, staff)

    def get(self, name: str) -> str:
        """Return what the model says; nothing where it says nothing."""
        return self.said.get(name, "")

    def envelope(self, desk: federation.Desk) -> exchange.Envelope:
        """Return what the question says of itself; each try is a message of its own."""
        said: list[tuple[str, str]] = [
            ("x-road-client", f"{desk.members.address(desk.tenant).render()}/{self.get('unit')}"),
            ("x-road-id", f"case-{self.job.case}-{self.job.wait}-{self.job.tries}"),
            ("pf-procedure", self.get("procedure")),
            ("pf-subject", self.get("subject")),
            ("pf-purpose", quote(self.purpose[:200], safe="")),
            ("pf-mode", audit.Mode(desk.mode).value),
        ]
        more = {
            "x-road-userid": self.staff,
            "pf-consent": self.get("consent"),
            "pf-relation": self.get("relation"),
        }
        said += [(name, value) for name, value in more.items() if value]
        return exchange.envelope(tuple(said), instance=desk.members.instance)

    def call(self, desk: federation.Desk) -> exchange.ServiceCall:
        """Return which service of whom is called."""
        holder = desk.members.address(self.get("organisation")).render()
        year = self.get("year")
        path = f"/r1/{holder}/{self.get('service')}{'/' + year if year else ''}"
        items = self.get("items").replace(" ", "")
        return exchange.service_call(path, f"items={items}" if items else "")

    def interface(self, known: standard.Catalogue) -> standard.Interface:
        """Return the service that is asked."""
        unit, _, service = self.get("service").partition("/")
        return known.shared_interface(unit, service)


def ended(
    conn: kit.Connection, house: partners.House, step: Step, fact: federation.Fact, *, at: datetime
) -> Done:
    """Return what a question's end means to its case; a procedure begins."""
    told = _told(house.desk.releases.own, step, fact)
    is_heard = fact.outcome in ("answered", "not-held") or fact.by == step.get("organisation")
    if step.get("to") and is_heard:
        told[PROCEDURE] = _begin(conn, house, step, fact, at=at).key
    basis = " ".join(filter(None, (fact.provision, fact.inquiry)))
    if fact.outcome in ("answered", "not-held"):
        return Done(step.job, told, basis=basis)
    code = fact.reason or fact.outcome
    row = cases.case_of(conn, house.desk.tenant, step.job.case)
    definition = house.library.get(conn, house.desk.tenant, row.definition)
    if bpmn.catches(definition, row.case, step.job.wait, code):
        return Done(step.job, told, error=code, basis=basis)
    words = kit.say(f"outcome-{fact.outcome}", "ja")
    if fact.reason:
        words = partners.reason_in_words(fact.reason, "ja")
    return Done(step.job, {}, trouble=words, code="inquiry-refused", basis=basis)


def _told(known: standard.Catalogue, step: Step, fact: federation.Fact) -> bpmn.Variables:
    entity = known.entity(step.interface(known).entity)
    names = {item.name: item.ja for item in entity.items}
    values = {names.get(name, name): feel.load(one) for name, one in (fact.record or {}).items()}
    result = {**values, NUMBER: fact.inquiry, OUTCOME: fact.outcome}
    return {step.get("result") or RESULT: result}


def _begin(
    conn: kit.Connection, house: partners.House, step: Step, fact: federation.Fact, *, at: datetime
) -> partners.Procedure:
    tenant, known = house.desk.tenant, house.desk.releases.own
    row = cases.case_of(conn, tenant, step.job.case)
    plays = partners.plays_of(house.library.get(conn, tenant, row.definition))
    interface = step.interface(known)
    entity = known.entity(interface.entity)
    ids = {item.name: item.id for item in entity.items}
    named = step.get("items").replace(" ", "").split(",") if step.get("items") else interface.items
    year = step.get("year")
    procedure = partners.Procedure(
        partner=step.get("organisation"),
        id=fact.inquiry,
        role="" if plays is None else plays.role,
        partner_role=step.get("to"),
        subject=step.get("subject"),
        procedure=step.get("procedure"),
        question=step.get("service"),
        items=tuple(ids[name] for name in named),
        year=int(year) if year else None,
        consent="given" if step.get("consent") else "",
        relation=step.get("relation") or "applicant",
        is_asker=True,
        case=step.job.case,
        opened_at=at,
    )
    partners.procedures.keep(conn, tenant, procedure)
    return procedure
