"""`renkei linkage show` gives a display code or its person, to whoever has the right."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.app.conftest import A
from tests.app.seat import AT, staffed_site
from tests.store.rows import register_number

from renkei import federation, identity
from renkei.app.deliveries.intake import site_database
from renkei.app.keeping.following import FollowingKeeper
from renkei.app.membership.keys import Keys
from renkei.app.operations.code_checks import code_checks
from renkei.app.site import Site

NYM = identity.Nym(A, 1, identity.group.hash_to_group(b"somebody"))
STAFF = """
[staff."1002"]
name = "業務　見本"
roles = ["officer"]
token = "{0}"

[staff."1001"]
name = "運用　見本"
roles = ["operator"]
token = "{1}"
"""


@pytest.fixture(scope="module")
def town(founded, settings, running):
    """Give the settings file of a site with one code and two members of staff."""
    text = founded.settings.read_text("utf-8")
    founded.settings.write_text(text + STAFF.format("a" * 64, "b" * 64), "utf-8")
    named = [(register_number(1), NYM)]
    seal = Keys(settings.keys, settings.tenant).seal()
    with site_database(settings) as database, database.transaction(A) as conn:
        identity.keep_codes(conn, A, named, seal=seal)
    return founded.settings


@pytest.fixture
def shown(run, town):
    def told(*words: str, by: str = "1002", reason: str = "窓口での確認"):
        named = ("--by", by, "--reason", reason, "--settings", town, "--json")
        said = run("linkage", "show", *words, *named)
        return json.loads(said.out) if said.code == 0 else said.err.partition(":")[0]

    return told


def test_a_code_is_shown_with_its_person_either_way(shown):
    wanted = {"person": register_number(1), "codes": [f"kv 1: {NYM.code}"]}
    assert shown(NYM.code) == shown("--person", register_number(1)) == wanted
    assert shown("--person", register_number(2)) == {"person": None, "codes": []}


def test_a_mistyped_code_and_whoever_has_no_right_are_refused_by_name(shown):
    wrong = ("A" if NYM.code[0] != "A" else "B") + NYM.code[1:]
    assert shown(wrong) == "linkage-code-mistyped"
    assert shown("ABC") == "linkage-code-malformed"
    assert shown(NYM.code, by="1001") == "staff-right-missing"
    assert shown(NYM.code, by="9999") == "staff-right-missing"
    assert shown(NYM.code, reason=" ") == "staff-right-missing"
    assert shown() == shown(NYM.code, "--person", register_number(1)) != {}


# The keeper -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(folder, database):
    with staffed_site(folder / "sites", database) as found:
        yield found


def at(site: Site, **later: float):
    """Return what a keeper does so long after the codes were followed."""
    return FollowingKeeper(site, clock=lambda: AT + timedelta(**later)).turn


def test_codes_are_followed_once_a_day_or_as_often_as_the_settings_say(site):
    with pytest.raises(federation.PeerUnreachable):  # it asks; the registrar of this test is away
        at(site)()
    with site.database.transaction(A) as conn:
        identity.note_follow_up(conn, A, at=AT)
    assert at(site, hours=23)() is None
    with pytest.raises(federation.PeerUnreachable):
        at(site, hours=24)()
    often = replace(site, settings=replace(site.settings, follow_every=timedelta(hours=1)))
    with pytest.raises(federation.PeerUnreachable):
        at(often, hours=1)()


def test_the_doctor_says_when_codes_were_not_followed(site):
    with site.database.transaction(A) as conn:
        identity.note_follow_up(conn, A, at=AT)

        def said(**later: float) -> list[str]:
            found = code_checks(conn, site.settings, at=AT + timedelta(**later))
            return [f"{one.code} {one.verdict}" for one in found]

        assert said(hours=47) == ["codes-followed good"]
        assert said(hours=48) == ["codes-unfollowed warning"]
