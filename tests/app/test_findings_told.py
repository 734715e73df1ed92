"""What others found against us is kept as their word, and nothing of our own rests on it."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import msgspec
import pytest
from tests.app.seat import staffed_site
from tests.audit.samples import AT

from renkei import audit, exchange, federation, kit
from renkei.app.demo.ecosystem import A, B, L
from renkei.app.errors import FindingsWrong
from renkei.app.keeping.findings_told import MOST, Findings, Found, hear, lacks_of, of_day, render
from renkei.app.operations.doctor import _reconciled, _told_of
from renkei.app.proofs.three_ways import Lack
from renkei.app.site import Site

DAY = kit.day_of(AT)
ONE = Found("r-1", "provision", "lacks")


@pytest.fixture(scope="module")
def site(folder: Path, database: kit.Database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        yield found


numbers = count()


def say(site, who, body, nonce=None):
    """Bring a notice as a member, as line and signature would prove it."""
    members = site.desk.members
    caller = federation.Caller(
        members.by_id(who),
        exchange.Envelope(members.address(who), f"m-{who}"),
        exchange.Question("POST", "/exchanges/findings", "", (), body),
        exchange.Signature(f"key-{who}", nonce or f"{next(numbers):022}", 0, b"", ""),
    )
    return hear(site, caller, AT)


def notice(*found: Found, day: date = DAY) -> bytes:
    return msgspec.json.encode(Findings(day, found))


def kept(site) -> audit.Reconciliation:
    with site.database.transaction(site.desk.tenant) as conn:
        found = of_day(conn, site.desk.tenant, DAY)
        assert found is not None
        return found


@pytest.mark.clause("RK-48.7")
def test_a_later_notice_takes_the_place_of_that_members_own_alone(site):
    say(site, B.tenant, notice(ONE))
    say(site, L.tenant, notice(Found("r-2", "receipt", "unproven")))
    assert {(one.request, one.by) for one in lacks_of(kept(site))} == {
        ("r-1", B.tenant),
        ("r-2", L.tenant),
    }
    say(site, B.tenant, notice())
    (left,) = lacks_of(kept(site))
    assert left == Lack("r-2", A.tenant, "receipt", "unproven", L.tenant)
    assert L.tenant in left.text("ja")
    assert [one.code for one in _told_of([kept(site)])] == ["told-of-lacks"]


@pytest.mark.clause("RK-48.7")
def test_a_day_of_which_we_were_told_only_is_still_to_be_compared(site):
    say(site, B.tenant, notice(ONE))
    assert kept(site).unreached == (A.tenant,)
    assert "reconciled-lacks" not in {one.code for one in _reconciled([kept(site)])}


@pytest.mark.clause("RK-48.4", "RK-48.5")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("receipt-broken", "receipt-broken"),
        ("receipt-late", "receipt-late"),
        ("unproven", "reconciled-lacks"),
        ("unreceived", "reconciled-lacks"),
    ],
)
def test_the_doctor_calls_every_fault_bad_by_its_name(fault, code):
    found = audit.Reconciliation(DAY, AT, 1, (), render([Lack("r-9", L.tenant, "receipt", fault)]))
    (check,) = _reconciled([found])
    assert (check.code, check.verdict) == (code, "bad")
    assert all("r-9" in check.text(language) for language in ("ja", "en"))


def test_a_notice_is_kept_once(site):
    say(site, B.tenant, notice(ONE), "e" * 22)
    with pytest.raises(exchange.Replayed):
        say(site, B.tenant, notice(), "e" * 22)


@pytest.mark.clause("RK-48.7")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        notice(ONE, day=DAY + timedelta(days=1)),
        notice(ONE, day=DAY - timedelta(days=32)),
        notice(*[ONE] * (MOST + 1)),
        notice(ONE).replace(b"r-1", b"r" * 201),
        notice(ONE).replace(b"provision", b"everything"),
        notice(ONE).replace(b"lacks", b"is bad"),
        notice(ONE)[:-1] + b',"more":1}',
    ],
)
def test_what_is_no_notice_is_refused_and_not_kept(site, body):
    say(site, B.tenant, notice())
    before = kept(site)
    with pytest.raises(FindingsWrong):
        say(site, B.tenant, body)
    assert kept(site) == before
