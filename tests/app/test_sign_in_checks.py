"""The doctor says whether staff can be sent where the settings say, and what to do if not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec
import pytest
from tests.app.consoles import Consoles

from renkei import kit
from renkei.app.demo.ecosystem import A, B, Part
from renkei.app.operations.checks import Check
from renkei.app.operations.sign_in_checks import sign_in_checks
from renkei.app.settings import Settings
from renkei.app.sign_in.plan import SignInPlan
from renkei.federation import Desk

pytestmark = pytest.mark.xdist_group("consoles")


def checked(settings: Settings, desk: Desk) -> dict[str, Check]:
    """Return what was found, by code and whom it is about; each in words of both languages."""
    found = asyncio.run(sign_in_checks(settings, desk))
    for one in found:
        assert one.text("ja") != one.text("en")
        assert "{" not in one.text("ja") + one.text("en")
    return {
        f"{one.code} {one.facts.get('issuer') or one.facts.get('peer', '')}".strip(): one
        for one in found
    }


def verdicts(found: dict[str, Check]) -> dict[str, str]:
    return {code.removeprefix("sign-in-"): one.verdict for code, one in found.items()}


@pytest.fixture
def plan(consoles: Consoles) -> SignInPlan:
    return consoles.sites[B.name].settings.sign_in


@pytest.fixture
def desk(consoles: Consoles) -> Desk:
    return consoles.sites[B.name].desk


def changed(consoles: Consoles, plan: SignInPlan, **changes: object) -> Settings:
    return replace(consoles.sites[B.name].settings, sign_in=replace(plan, **changes))  # type: ignore[arg-type]


def test_where_everybody_can_sign_in_all_is_good(consoles: Consoles, plan, desk):
    assert verdicts(checked(changed(consoles, plan), desk)) == {
        "issuer-good prefecture": "good",
        "issuer-good accounts": "good",
        f"member-good {A.tenant}": "good",
    }


def test_a_provider_that_describes_another_or_is_away_is_named(consoles: Consoles, plan, desk):
    consoles.provider.described = {"issuer": "https://evil.example"}
    found = checked(changed(consoles, plan), desk)["sign-in-issuer-bad prefecture"]
    assert (found.verdict, isinstance(found.error, kit.NodeError)) == ("bad", True)
    away = msgspec.structs.replace(plan.issuers["accounts"], address="http://127.0.0.1:9")
    found = checked(changed(consoles, plan, issuers={"accounts": away}), desk)[
        "sign-in-issuer-bad accounts"
    ]
    assert "127.0.0.1:9" in found.text("ja")


def test_a_key_for_a_provider_that_is_not_there_is_named(consoles: Consoles, plan, desk):
    lost = msgspec.structs.replace(plan.issuers["accounts"], key="nowhere.pem")
    found = checked(changed(consoles, plan, issuers={"accounts": lost}), desk)
    assert "nowhere.pem" in found["sign-in-issuer-bad accounts"].text("ja")


def test_members_without_a_row_or_a_console_are_named(consoles: Consoles, plan):
    members = {"999999": {"*": ("auditor",)}, A.tenant: {"*": ("auditor",)}}
    with without_console(consoles, A) as bare:
        found = checked(changed(consoles, plan, issuers={}, members=members), bare)
    assert verdicts(found) == {
        "member-missing 999999": "warning",
        f"member-lacks-console {A.tenant}": "warning",
    }


def test_our_own_console_is_compared_with_the_list(consoles: Consoles, plan, desk):
    settings = changed(consoles, plan, issuers={}, members={}, console="https://elsewhere.example")
    assert verdicts(checked(settings, desk)) == {"console-differs": "warning"}
    alone = replace(settings, sign_in=SignInPlan("http://127.0.0.1:1"))
    with without_console(consoles, B) as bare:
        assert verdicts(checked(settings, bare)) == {"console-missing": "bad"}
        assert checked(alone, bare) == {}


@contextmanager
def without_console(consoles: Consoles, part: Part) -> Iterator[Desk]:
    """Give B's desk by a list that does not say where the console of a part is."""
    before = consoles.address(part)
    consoles.relist(part, console="")
    yield consoles.sites[B.name].desk
    consoles.relist(part, console=before)
