"""A unit asks where to send and pay: by law, with an entry, and nobody protected is betrayed."""

import pytest
from tests.app.conftest import AT
from tests.app.test_viewing import CLAIM, FILED, HIDDEN, SEEN, Town, town
from tests.store.rows import DAY, TOWN, file, register_number
from tests.store.test_sending import bank, mailing

from renkei import store
from renkei.standard import catalogue

__all__ = ["town"]  # the fixture

PAYING = "JT99000000001505"
SEND, PAY = "/own/22/mailing/send-to", "/own/22/account/pay-to"
ITEMS = {
    SEND: ["mailing_name", "postal_code", "address", "building"],
    PAY: ["bank_code", "branch_code", "deposit_kind", "account_number", "account_holder"],
}


@pytest.fixture(scope="module")
def registered(town: Town) -> Town:
    """Give the town with mailing addresses and accounts of two persons, one of them protected."""
    numbers = [register_number(n) for n in (SEEN, HIDDEN)]
    rows = {
        "mailing_address": [mailing(n, "15", f"送付先{k}") for k, n in enumerate(numbers)],
        "registered_account": [bank(n, "15", f"000000{k}") for k, n in enumerate(numbers)],
    }
    with town.site.database.transaction(TOWN) as conn:
        for name, held in rows.items():
            entity = catalogue().entity(name)
            report = store.load(conn, TOWN, entity, file(entity, held), on=DAY, at=AT)
            assert report.outcome is store.Outcome.loaded, report.findings.kept
    return town


def ask(town: Town, path: str, number: int, procedure: str = PAYING, **more: object):
    use = {"use": "1"} if path == PAY else {}
    body = {"value": register_number(number), "items": ITEMS[path], **use, **more}
    return town.ask(path, body, PF_Procedure=procedure)


@pytest.mark.parametrize(
    ("path", "part", "name", "value"),
    [
        (SEND, "destination", "address", "送付先0"),
        (PAY, "account", "account_number", "0000000"),
    ],
)
def test_what_is_registered_for_the_unit_is_told_and_entered(
    registered: Town, path: str, part: str, name: str, value: str
) -> None:
    told = ask(registered, path, SEEN)
    assert (told.status, told.body["outcome"]) == (200, "answered")
    found = told.body[part]
    assert isinstance(found, dict)
    assert (found[name], found["source"]) == (value, "unit")
    (entry,) = registered.entries(str(told.body["inquiry"]))
    assert entry.label == registered.chain(SEEN).label(entry.at.year)


@pytest.mark.parametrize("path", [SEND, PAY])
def test_of_a_protected_person_an_official_must_look(registered: Town, path: str) -> None:
    told = ask(registered, path, HIDDEN)
    assert told.body["outcome"] == "withheld"
    assert "送付先1" not in str(told.body)
    assert "0000001" not in str(told.body)
    (entry,) = registered.entries(str(told.body["inquiry"]))
    assert entry.label == registered.chain(HIDDEN).sealed_label(entry.at.year)
    right = {"token": "right", "reason": "本人の来庁"}
    looked = ask(registered, path, HIDDEN, unlock=right)
    assert looked.body["outcome"] == "answered"


def test_without_a_registration_the_register_says_where(registered: Town) -> None:
    told = ask(registered, SEND, FILED, unlock={"token": "right", "reason": "本人の来庁"})
    found = told.body["destination"]
    assert isinstance(found, dict)
    assert found["source"] == "register"
    assert ask(registered, PAY, FILED).body["outcome"] == "withheld"


@pytest.mark.parametrize("path", [SEND, PAY])
def test_of_nobody_known_nothing_is_told(registered: Town, path: str) -> None:
    assert ask(registered, path, 7).body["outcome"] == "not-held"


@pytest.mark.parametrize("path", [SEND, PAY])
def test_what_the_law_does_not_name_is_refused(registered: Town, path: str) -> None:
    told = ask(registered, path, SEEN, procedure=CLAIM)
    assert (told.status, told.body["code"]) == (403, "information-not-named")


def test_another_service_sends_nothing(registered: Town) -> None:
    told = registered.ask("/own/22/account/send-to", {"value": register_number(SEEN)})
    assert told.body["code"] == "service-unknown"
