"""Single sign-on in the settings: what could be believed by mistake is refused with its place."""

from pathlib import Path

import msgspec
import pytest

from renkei.app.sign_in.plan import SignInEntry, SignInPlan, sign_in_plan

ISSUER = """
[issuers.prefecture]
address = "https://id.example/realms/staff"
client = "renkei"
secret = "a secret"
ja = "県"
en = "Prefecture"
roles = { tax = ["officer"] }
"""
CLIENT = """
[clients.intra]
ja = "庁内"
en = "Intranet"
redirects = ["https://intra.example/back?x=y"]
alg = "HS256"
secrets = ["0123456789abcdef0123456789abcdef"]
"""
TWICE = ISSUER + ISSUER.replace("prefecture", "other")


def plan(text: str) -> SignInPlan:
    entry = msgspec.toml.decode(text, type=SignInEntry)
    return sign_in_plan(entry, Path(), "http://127.0.0.1:1")


def test_a_plan_in_order_is_taken():
    found = plan(f'provide = ["130001"]\n{CLIENT}{ISSUER}')
    assert found.issuers["prefecture"].number == "sub"
    assert found.clients["intra"].redirects == ("https://intra.example/back?x=y",)
    assert found.vouches
    assert [found.vouches_to(one) for one in ("130001", "140007")] == [True, False]
    assert found.console == "http://127.0.0.1:1"


def test_a_site_without_the_table_believes_nobody_and_vouches_to_nobody():
    found = plan("")
    assert (found.issuers, found.members, found.vouches) == ({}, {}, False)


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ('console = "http://console.example"', "sign_in.console"),
        ('console = "https://console.example/x"', "sign_in.console"),
        (ISSUER.replace("https", "http"), "prefecture.address"),
        (ISSUER.replace("id.example", "id.example?x"), "prefecture.address"),
        (ISSUER.replace("prefecture", "131016"), "sign_in.issuers.131016"),
        (ISSUER.replace('"renkei"', '""'), "prefecture.client"),
        (ISSUER.replace("secret = ", 'key = "k.pem"\nsecret = '), "a secret or a key"),
        (ISSUER.replace('secret = "a secret"', ""), "a secret or a key"),
        (ISSUER.replace("roles = ", "accounts = true\nroles = "), "accounts = true or roles"),
        (ISSUER.replace('roles = { tax = ["officer"] }', ""), "accounts = true or roles"),
        (TWICE, "a secret or key of its own"),
        ('[members."131016"]\nroles = {}', "at least one group"),
        (CLIENT.replace("https:", "http:"), "intra.redirects"),
        (CLIENT.replace("?x=y", "#x"), "intra.redirects"),
        (CLIENT.replace("[clients.intra]", '[clients."JP/MUN/131024"]'), "sign_in.clients"),
        (CLIENT.replace("HS256", "ES256"), "secrets for HS256"),
        (CLIENT.replace("0123456789abcdef0123456789abcdef", "short"), "sign_in.clients.intra"),
    ],
)
def test_a_plan_that_nothing_could_be_done_with_is_refused(text, defect):
    with pytest.raises(ValueError, match=defect):
        plan(text)


@pytest.mark.parametrize("alg", ["none", "HS256", "ES512"])
def test_an_issuer_signs_by_a_key_of_its_own(alg):
    with pytest.raises(msgspec.ValidationError):
        plan(ISSUER + f'alg = "{alg}"')
