"""What a case wants of partners is done outside its transaction; it is told what cannot be."""

import asyncio
import time
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from tests.app.seat import staffed_site
from tests.process.towns import ITEMS, PROCEDURE, QUESTION

from renkei import federation, kit
from renkei.app.demo.ecosystem import A, B
from renkei.app.operations.running import Running
from renkei.app.processes.partner_post import PartnerPost
from renkei.app.site import Site, now
from renkei.app.units.journal import Journal
from renkei.app.units.questions import Questions
from renkei.app.units.throttle import Throttle
from renkei.process import bpmn, cases, partners

SECONDS = 20
NOBODY = "999999999999990"
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:p="urn:renkei:partners"><message id="m" name="転入の知らせ"/><error id="x" errorCode='
    '"{code}"/><process id="p" isExecutable="true"><extensionElements><p:plays collaboration='
    '"child-allowance-move" participant="new_town"/></extensionElements><startEvent id="s"/>'
)
ASKING = (
    '<serviceTask id="t"><extensionElements><p:inquiry service="06/income" organisation="{b}" '
    'subject="= 宛名番号" procedure="{procedure}" unit="15" year="2025" items="{items}" '
    'to="old_town"/></extensionElements></serviceTask>'
)
SENDING = (
    '<sendTask id="t" messageRef="m"><extensionElements><p:letter to="old_town"/>'
    "</extensionElements></sendTask>"
)
TAIL = (
    '<boundaryEvent id="c" attachedToRef="t"><errorEventDefinition errorRef="x"/></boundaryEvent>'
    '<userTask id="caught"/><endEvent id="e"/><sequenceFlow id="1" sourceRef="s" targetRef="t"/>'
    '<sequenceFlow id="2" sourceRef="t" targetRef="e"/>'
    '<sequenceFlow id="3" sourceRef="c" targetRef="caught"/></process></definitions>'
)


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        yield found


def begin(site: Site, step: str, code: str = "another", items: str = "total_income") -> UUID:
    """Begin a case that goes through one step; it catches an error of one code."""
    said = step.format(b=B.tenant, procedure=PROCEDURE, items=items)
    definition = bpmn.read((HEAD.replace("{code}", code) + said + TAIL).encode())
    tenant, at, id_ = A.tenant, now(), uuid4()
    with site.database.transaction(tenant) as conn:
        day = kit.day_of(at)
        signer = site.signer
        held = cases.deploy(conn, tenant, definition, valid_from=day, by="t", signer=signer, at=at)
        start = bpmn.Start(at, {"宛名番号": NOBODY})
        begun = cases.Begun(id_, held, day, start, "staff:1002")
        cases.begin(conn, tenant, [begun], cases.Library([signer.verifier]), at=at)
    return id_


def until(site: Site, case: UUID, what: Callable[[bpmn.Wait], bool]) -> bpmn.Wait:
    """Let the post work until the case waits for something, and return it."""

    def waits() -> list[bpmn.Wait]:
        with site.database.transaction(A.tenant) as conn:
            row = cases.case_of(conn, A.tenant, case)
        return [one for one in row.case.waits.values() if what(one)]

    async def work() -> None:
        channel = federation.Channel(site.membership)
        running = Running.of(site.settings, channel)
        keys = site.keys.node()
        counter = federation.Counter(site.membership, keys, site.database, channel, now)
        throttle = Throttle(site.settings.rates, time.monotonic)
        questions = Questions(counter, Journal(), throttle, running)
        async with channel, PartnerPost(site, channel, questions).running():
            deadline = time.monotonic() + SECONDS
            while not waits():
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)

    asyncio.run(work())
    return waits()[0]


def is_stuck(wait: bpmn.Wait) -> bool:
    return wait.kind is bpmn.Kind.INCIDENT


def test_a_question_about_nobody_known_is_an_incident_that_says_so(site):
    stuck = until(site, begin(site, ASKING), is_stuck)
    assert (stuck.handler, stuck.name) == ("t", "inquiry-refused")
    assert stuck.about["reason"] == "対象者不明"


def test_a_question_that_cannot_be_put_is_an_incident_at_once(site):
    stuck = until(site, begin(site, ASKING, items="shoe_size"), is_stuck)
    assert stuck.name == "inquiry-failed"
    assert "shoe_size" in str(stuck.about["reason"])


def test_what_the_model_catches_is_no_incident(site):
    case = begin(site, ASKING, "subject-unknown")
    assert until(site, case, lambda one: one.handler == "caught")
    with site.database.transaction(A.tenant) as conn:
        past = cases.history(conn, A.tenant, case)
        known = cases.case_of(conn, A.tenant, case).case.places[1].variables
        assert partners.procedures.of_case(conn, A.tenant, case) == []  # B was never asked
    assert known["照会"]["結果"] == "subject-unknown"  # type: ignore[call-overload, index]
    assert past[-1].actor == "inquiry"


def test_a_letter_without_a_question_before_it_is_an_incident_and_nothing_leaves(site):
    case = begin(site, SENDING)
    stuck = until(site, case, is_stuck)
    assert stuck.name == "letter-unwritten"
    assert "先に照会で" in str(stuck.about["reason"])
    with site.database.transaction(A.tenant) as conn:
        assert partners.register.letters(conn, A.tenant) == []


def test_a_partner_that_is_away_is_tried_again_with_the_same_letter(site):
    case = begin(site, SENDING)
    with site.database.transaction(A.tenant) as conn:
        kept = partners.Procedure(
            partner=B.tenant,
            id=str(uuid4()),
            role="new_town",
            partner_role="old_town",
            subject=NOBODY,
            procedure=PROCEDURE,
            question=QUESTION,
            items=ITEMS,
            year=kit.day_of(now()).year,
            is_asker=True,
            case=case,
            opened_at=now(),
        )
        partners.procedures.keep(conn, A.tenant, kept)
    asked = "SELECT tries, trouble FROM process_wait WHERE case_id = %s AND kind = 'job'"

    def tried(_: bpmn.Wait) -> bool:
        with site.database.transaction(A.tenant) as conn:
            row = conn.execute(asked, [case]).fetchone()
        return row is not None and row[0] >= 2 and "131024" in (row[1] or "")

    assert until(site, case, tried).name == "renkei:letter"
    with site.database.transaction(A.tenant) as conn:
        [letter] = partners.register.of_case(conn, A.tenant, case)
    assert (letter.answer, letter.fate) == ("", "")
