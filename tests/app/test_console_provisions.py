"""A drafted change of the table is checked and tried on the log at the console."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import Answer, Clock, Seat, staffed_site
from tests.app.test_console_record import ENTRY, looks
from tests.exchange.serving import serving

from renkei import audit, law
from renkei.app.console import console
from renkei.app.site import Site
from renkei.standard import shipped_folder

LINES = (shipped_folder() / "provisions.tsv").read_text(encoding="utf-8").splitlines()
ROW = next(line for line in LINES if line.startswith("NA-074\t"))
DETAILS = {**ENTRY.details, "year": "2025", "relation": "applicant"}
ASKED = replace(ENTRY, table=law.provision_table().version, details=DETAILS)


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        with database.transaction(found.desk.tenant) as conn:
            asked = [replace(ASKED, request=f"r-{n}") for n in range(7)]
            old = replace(ASKED, request="old", details=dict(ENTRY.details))
            audit.append_many(conn, found.desk.tenant, [*asked, old])
            audit.sequence(conn, found.desk.tenant, found.signer, at=ENTRY.at)
        yield found


@pytest.fixture
def seat(site) -> Iterator[Seat]:
    app = Starlette(routes=[console(site, Clock())])
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
    with serving(config) as port:
        yield Seat(port)


def tried(seat: Seat, draft: str, **more: str) -> Answer:
    token = seat.get("/console/provisions").form_token
    return seat.post("/console/provisions/trial", form_token=token, draft=draft, **more)


@pytest.mark.parametrize("number", ["1001", "1002", "1003"])
def test_who_may_not_read_the_record_tries_nothing(seat, number):
    assert seat.signed_in(number).get("/console/provisions").status == 403


def test_a_draft_is_compared_and_tried_and_the_trial_is_entered(site, seat):
    before = len(looks(site))
    page = tried(seat.signed_in("1004"), ROW.replace("applicant household", "household"))
    assert page.status == 200
    assert "applicant household → household" in page.plain
    assert "新たに拒否 7" in page.plain
    assert "年度 1" in page.plain  # the entry that does not tell its year
    assert page.text.count("show?request=r-") == law.simulation.MOST_EXAMPLES
    (look,) = looks(site)[before:]
    assert look.details["as"] == "law-simulation"
    assert (look.details["staff"], look.details["decisions"]) == ("1004", "7")


def test_a_draft_that_is_wrong_is_not_tried(site, seat):
    before = len(looks(site))
    page = tried(seat.signed_in("1004"), ROW.replace("0-1", "1-0"))
    assert "NA-074" in page.text
    assert "満たせません" in page.plain
    assert "試算していません" in page.plain
    assert len(looks(site)) == before


def test_the_page_speaks_english(seat):
    page = seat.signed_in("1004").get("/console/provisions?lang=en")
    assert "Check and try" in page.text
    assert law.provision_table().version in page.text
