"""Staff of B市 sign in by a provider of others, and by nothing false that it says."""

import time

import pytest
from joserfc.jwk import RSAKey
from tests.app.consoles import Consoles, Window, begin, onward
from tests.app.seat import Answer
from tests.exchange.test_id_tokens import LIES, lie

from renkei.app.demo.ecosystem import B

pytestmark = pytest.mark.xdist_group("consoles")

CLERK = {"sub": "u-17", "employee": "5001", "name": "県庁　見本", "groups": ["tax", "chess"]}


def tried(consoles: Consoles, at_b: Window, issuer: str = "prefecture", **user: object) -> Answer:
    """Let somebody sign in at the provider, and come back."""
    consoles.provider.user = CLERK | user
    sent = begin(at_b, issuer)
    there = Window(int(consoles.provider.url.rpartition(":")[2]))
    back = there.get(sent.removeprefix(consoles.provider.url))
    assert back.status == 302, back.text
    return at_b.get(back.headers["location"].removeprefix(consoles.address(B)))


@pytest.mark.clause("RK-30.2", "RK-30.9")
def test_a_group_there_gives_a_role_here(consoles: Consoles):
    at_b = consoles.window(B)
    page = tried(consoles, at_b)
    assert onward(page) == "/console/", page.plain
    assert "県庁 見本 業務担当" in at_b.get("/console/").plain
    entry = consoles.entries(B)[-1]
    assert (entry.outcome, entry.details["staff"]) == ("signed-in", "prefecture/5001")
    assert entry.details["issuer"] == consoles.provider.url


@pytest.mark.parametrize(
    "user", [{"groups": ["chess"]}, {"groups": []}, {"employee": ""}, {"employee": "1\n2"}]
)
def test_without_a_group_or_a_number_nobody_comes_in(consoles: Consoles, user):
    at_b = consoles.window(B)
    assert tried(consoles, at_b, **user).status == 403
    assert at_b.get("/console/").status == 303


def test_a_provider_may_name_an_account_of_ours_and_our_key_proves_us(consoles: Consoles):
    at_b = consoles.window(B)
    assert tried(consoles, at_b, "accounts", sub="1003").status == 200
    assert "承認 見本 承認者" in at_b.get("/console/").plain
    assert tried(consoles, consoles.window(B), "accounts", sub="9999").status == 403


@pytest.mark.clause("RK-30.9")
@pytest.mark.parametrize("name", LIES)
def test_a_token_that_does_not_hold_brings_nobody_in(consoles: Consoles, name):
    provider = consoles.provider
    provider.tamper = lambda claims: lie(name, claims, provider.key)
    at_b = consoles.window(B)
    page = tried(consoles, at_b)
    assert (page.status, "id-token-wrong" in page.text) == (401, True)
    assert at_b.get("/console/").status == 303
    assert consoles.entries(B)[-1].details["error"] == "id-token-wrong"


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_another_is_not_gone_to(consoles: Consoles, described):
    consoles.provider.described = described
    page = consoles.window(B).get("/console/sign-in/with/prefecture")
    assert (page.status, "issuer-answer-wrong" in page.text) == (502, True)


def test_a_key_the_provider_changed_is_read_anew(consoles: Consoles):
    before, provider = consoles.provider.key, consoles.provider
    provider.key = RSAKey.generate_key(2048, {"kid": str(time.time()), "use": "sig"})
    try:
        assert tried(consoles, consoles.window(B)).status == 200
    finally:
        provider.key = before
