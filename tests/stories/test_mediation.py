"""B市's system speaks the release after A市's: they ask each other all the same, over the wire."""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from tests.standard.next_release import NEXT
from tests.stories.speaking import Answered, Speaking, two_releases

from renkei import audit, standard
from renkei.app.demo.ecosystem import A, B
from renkei.app.units.soap_questions import MEDIATION
from renkei.app.units.try_question import TryQuestion
from renkei.standard.characters import Charset

pytestmark = pytest.mark.xdist_group("two-releases")

OURS = standard.catalogue().edition.edition
ITEMS, THEIR_ITEMS = (
    f"{name},dependants,taxation,tax_year" for name in ("total_income", "sum_of_income")
)
LOST = [{"item": "taxation", "why": "code-unmapped"}]


@pytest.fixture(scope="module")
def speaking() -> Iterator[Speaking]:
    with tempfile.TemporaryDirectory(prefix="renkei-releases-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        with two_releases(folder) as found:
            found.list_rows(b={"releases": (NEXT, OURS)})
            yield found


def income(speaking: Speaking, items: str, subject: str = "", **more: str) -> Answered:
    """Let A ask B for an income."""
    path = f"06/income/{speaking.stage.year}?items={items}"
    return speaking.ask(A, B, path, subject or speaking.stage.cast.held[0], **more)


@pytest.fixture(scope="module")
def taxed(speaking) -> tuple[str, dict[str, object]]:
    """Return somebody, and the income as B keeps it: A can ask in B's release, too."""
    subject = speaking.stage.cast.held[0]
    told = income(speaking, THEIR_ITEMS, subject, PF_Release=NEXT)
    assert told.status == 200, told.body
    assert (told.headers["pf-release"], told.body["release"]) == (NEXT, NEXT)
    assert told.body["losses"] == []
    assert told.record["taxation"]
    return subject, told.record


@pytest.mark.clause("RK-19.3", "RK-19.6", "RK-19.7", "RK-19.8")
def test_a_question_in_our_release_is_answered_in_it_by_who_speaks_another(speaking, taxed):
    subject, theirs = taxed
    told = income(speaking, ITEMS, subject)
    assert told.status == 200, told.body
    assert told.record == {
        "total_income": theirs["sum_of_income"],
        "dependants": theirs["dependants"],
        "taxation": None,
        "tax_year": theirs["tax_year"],
    }
    assert (told.headers["pf-release"], told.body["losses"]) == (OURS, LOST)
    holder = speaking.entries(B, told.body["inquiry"])[-1]
    assert holder.kind is audit.Kind.PROVISION
    assert (holder.details["mediated_from"], holder.details["mediated_to"]) == (NEXT, OURS)
    assert holder.details["lost"] == "taxation:code-unmapped"
    asker = speaking.entries(A, told.body["inquiry"])[-1]
    assert asker.details["lost"] == "taxation:code-unmapped"
    assert "mediated_from" not in asker.details
    assert (asker.table, asker.items) == (holder.table, holder.items)


@pytest.mark.clause("RK-19.10")
def test_in_soap_the_losses_stand_in_a_header_block(speaking, taxed):
    known = standard.catalogue()
    asked = TryQuestion(
        known.interface("06", "income"),
        "test",
        f"JP/MUN/{A.tenant}",
        unit="15",
        holder=f"JP/MUN/{B.tenant}",
        parameters=(str(speaking.stage.year),),
        procedure="JT99000000001501",
        subject=taxed[0],
        purpose="児童手当の認定",
        items=tuple(ITEMS.split(",")),
    )
    text = asked.soap(known, tenant=A.tenant, at=datetime.now(UTC))
    token = speaking.stage.ecosystem.tokens["a"]["15"]
    said = {"Content-Type": "text/xml; charset=utf-8"}
    path = f"/soap/JP/MUN/{B.tenant}/06"
    told = speaking.send(A, "POST", path, said, text.replace("$TOKEN", token))
    assert told.status == 200, told.body
    assert told.headers["pf-release"] == OURS
    envelope = etree.fromstring(str(told.body["text"]).encode())
    (loss,) = envelope.iter(f"{{{MEDIATION}}}loss")
    assert (loss.get("item"), loss.get("why")) == ("taxation", "code-unmapped")
    income_element = next(iter(envelope.iter("{*}合計所得金額")))
    assert int(income_element.text or "") == taxed[1]["sum_of_income"]


@pytest.mark.clause("RK-1.15", "RK-19.3", "RK-19.6")
def test_a_question_handed_over_is_mediated_as_one_that_is_waited_for(speaking, taxed):
    subject = taxed[0]
    given = income(speaking, ITEMS, subject, Prefer="respond-async")
    assert (given.status, given.body["state"]) == (202, "accepted")
    said = {
        "Authorization": f"Bearer {speaking.stage.ecosystem.tokens['a']['15']}",
        "X-Road-Client": f"JP/MUN/{A.tenant}/15",
        "PF-Mode": "test",
    }
    while (told := speaking.send(A, "GET", given.headers["location"], said)).status == 202:
        time.sleep(0.1)
    at_once = income(speaking, ITEMS, subject)
    assert told.status == 200, told.body
    assert (told.record, told.losses) == (at_once.record, LOST)
    assert told.headers["pf-release"] == OURS


@pytest.mark.clause("RK-19.5")
def test_what_our_release_lacks_nobody_can_ask_of_us(speaking):
    """B knows of A that it speaks the older release alone, and sends nothing."""
    path = f"06/income/{speaking.stage.year}?items=regional_tax"
    told = speaking.ask(B, A, path, speaking.stage.cast.of_b[0])
    assert (told.status, told.body["code"]) == (400, "item-not-in-release")
    assert "regional_tax" in str(told.body["message"])
    assert f"「{OURS}」" in str(told.body["message_ja"])


@pytest.mark.clause("RK-19.2")
def test_a_release_nobody_has_is_refused_with_those_there_are(speaking):
    told = income(speaking, ITEMS, PF_Release="1999.1")
    assert (told.status, told.body["code"]) == (400, "release-unknown")
    assert NEXT in str(told.body["message"])


@pytest.mark.clause("RK-19.9")
def test_a_name_comes_in_the_characters_we_have_and_says_what_it_was(speaking):
    subject = speaking.stage.cast.held[0]
    told = speaking.ask(A, B, "01/resident?items=name", subject, PF_Release=NEXT)
    name = str(told.record["name"])
    assert "髙" in name
    assert told.losses == []
    speaking.list_rows(a={"characters": Charset.jis_x_0208})
    told = speaking.ask(A, B, "01/resident?items=name", subject, PF_Release=NEXT)
    assert told.record == {"name": name.replace("髙", "高").replace("﨑", "崎")}
    (loss,) = told.losses
    assert (loss["item"], loss["why"]) == ("name", "characters-replaced")
    changed = {"position": name.index("髙") + 1, "before": "髙", "after": "高"}
    assert changed in loss["characters"]
    (entry,) = speaking.entries(B, told.body["inquiry"])
    assert entry.details["characters"] == "Shift_JIS"
    assert entry.details["lost"] == "name:characters-replaced"
    assert "髙" not in str(entry)


@pytest.mark.clause("RK-19.3", "RK-19.4", "RK-19.8")
def test_where_the_holder_takes_our_release_no_longer_our_own_node_mediates(speaking, taxed):
    subject, theirs = taxed
    speaking.list_rows(b={"releases": (NEXT,)})
    told = income(speaking, ITEMS, subject)
    assert told.status == 200, told.body
    assert told.record["total_income"] == theirs["sum_of_income"]
    assert (told.record["taxation"], told.body["losses"]) == (None, LOST)
    (holder,) = speaking.entries(B, told.body["inquiry"])
    assert "lost" not in holder.details
    asker = speaking.entries(A, told.body["inquiry"])[-1]
    assert (asker.details["mediated_from"], asker.details["mediated_to"]) == (NEXT, OURS)
    assert asker.details["lost"] == "taxation:code-unmapped"
    assert asker.table == holder.table
