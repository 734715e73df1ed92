"""The books balance when every party entered its part of every answer; else each gap is named."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.app.conftest import AT, plan

from renkei import audit, exchange, federation
from renkei.app.demo.ecosystem import H1, H2, PARTS, A, B, C, L, Part
from renkei.app.membership.initiation import authority_signer, found_site, write_members
from renkei.app.membership.keys import Keys
from renkei.app.proofs.books import Claim, Log, balance, passed_defects
from renkei.audit import Kind

PARTIES = {
    A: (Kind.REQUEST, Kind.ANSWER),
    B: (Kind.PROVISION,),
    H1: (Kind.CONVERSION,),
    H2: (Kind.CONVERSION,),
    L: (Kind.REQUEST,),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give the members list of six founded sites, and the log operator's signer."""
    folder = tmp_path_factory.mktemp("six")
    authority = authority_signer(folder / "authority.key")
    rows = []
    for part in PARTS:
        converting = (A.tenant, B.tenant, L.tenant) if part.role == "converter" else ()
        planned = plan(
            tenant=part.tenant,
            role=part.role,
            member_class=part.member_class,
            authority=str(authority.verifier),
            organisations=converting,
        )
        rows.append(found_site(folder / part.name, planned, at=AT).public)
    write_members(rows, folder / "members.json", authority, version=1, at=AT)
    members = federation.read_members((folder / "members.json").read_bytes(), authority.verifier)
    return members, Keys(folder / L.name / "keys", L.tenant).signer()


def entry(kind: Kind, outcome: str) -> audit.Entry:
    return audit.Entry(
        kind=kind,
        request="i-1",
        at=AT,
        asker=A.tenant,
        holder=B.tenant,
        procedure="JT99000000001501",
        outcome=outcome,
        mode=audit.Mode.TEST,
    )


def log(tenant: str, *entries: audit.Entry, defects: tuple[str, ...] = ()) -> Log:
    hashes = frozenset(sha256(one.core()).digest() for one in entries)
    return Log(tenant, len(entries), {"i-1": list(entries)}, hashes, defects)


@pytest.fixture
def logs() -> dict[str, Log]:
    """Give every party's log with all it must hold about one answer."""
    return {
        part.tenant: log(part.tenant, *(entry(kind, "answered") for kind in PARTIES.get(part, ())))
        for part in PARTS
    }


@pytest.fixture
def claim(world, logs) -> Claim:
    """Give what the unit was told: an answer, with the receipt for the log operator's entry."""
    _, signer = world
    (promised,) = logs[L.tenant].core_hashes
    (kept,) = logs[B.tenant].core_hashes
    receipt = audit.Receipt(signer.name, promised, AT, 60, bytes(32)).sign(signer)
    return Claim("i-1", A.tenant, B.tenant, "answered", receipt, exchange.encode(kept))


def test_books_with_every_entry_balance(world, logs, claim):
    verdict = balance(world[0], logs.values(), [claim, replace(claim, outcome="not-held")])
    assert verdict.balance
    assert (verdict.logs, verdict.entries, verdict.answered) == (6, 6, 2)


@pytest.mark.parametrize(
    ("part", "kind"), [(part, kind) for part, kinds in PARTIES.items() for kind in kinds]
)
def test_an_entry_that_lacks_is_named_with_its_party(world, logs, claim, part, kind):
    left = [one for one in logs[part.tenant].entries["i-1"] if one.kind != kind]
    logs[part.tenant] = replace(logs[part.tenant], entries={"i-1": left})
    (defect,) = balance(world[0], logs.values(), [claim]).defects
    assert kind.value in defect
    assert part.tenant in defect


def test_an_answer_without_a_receipt_is_named(world, logs, claim):
    (defect,) = balance(world[0], logs.values(), [replace(claim, receipt="")]).defects
    assert "receipt" in defect


def test_a_receipt_that_was_not_kept_is_named(world, logs, claim):
    logs[L.tenant] = log(L.tenant, entry(Kind.REQUEST, "receipted"))
    (defect,) = balance(world[0], logs.values(), [claim]).defects
    assert "did not keep" in defect


@pytest.mark.parametrize("named", ["", "no base64url!", exchange.encode(bytes(32))])
def test_a_holders_entry_that_was_not_kept_is_named(world, logs, claim, named):
    (defect,) = balance(world[0], logs.values(), [replace(claim, holder_entry=named)]).defects
    assert "holder" in defect


def test_a_receipt_of_somebody_else_is_refused(world, logs, claim):
    false = audit.Signer.from_seed(world[1].name, bytes(32))
    (promised,) = logs[L.tenant].core_hashes
    receipt = audit.Receipt(false.name, promised, AT, 60, bytes(32)).sign(false)
    with pytest.raises(audit.KeyUnknown):
        balance(world[0], logs.values(), [replace(claim, receipt=receipt)])


def test_a_refusal_stands_in_the_askers_log(world, logs, claim):
    refused = replace(claim, outcome="refused", receipt="")
    (defect,) = balance(world[0], logs.values(), [refused]).defects
    assert A.tenant in defect
    logs[A.tenant] = log(A.tenant, entry(Kind.REFUSAL, "refused"))
    assert balance(world[0], logs.values(), [refused]).balance


def test_a_defect_of_any_log_unbalances_the_books(world, logs, claim):
    logs[H1.tenant] = replace(logs[H1.tenant], defects=("the entry 0 was altered",))
    assert balance(world[0], logs.values(), [claim]).defects == ("the entry 0 was altered",)


def passed(kind: Kind, outcome: str, **details: str) -> audit.Entry:
    return replace(entry(kind, outcome), details={"message": "m-1", **details})


SIDES: dict[Part, tuple[audit.Entry, ...]] = {
    A: (
        passed(Kind.REQUEST, "asked", question="q"),
        passed(Kind.ANSWER, "answered", answer="a"),
    ),
    B: (
        passed(Kind.REQUEST, "received", question="q"),
        passed(Kind.PROVISION, "answered", answer="a"),
    ),
}


def of_passed(
    sides: Mapping[Part, tuple[audit.Entry, ...]], told: bool = True, given: int = 1
) -> list[str]:
    asker, provider = (log(part.tenant, *sides[part]) for part in (A, B))
    counts = {"m-1": given} if given else {}
    return passed_defects(asker, provider, ["i-1"] if told else [], counts)


def test_a_message_both_sides_entered_balances():
    assert of_passed(SIDES) == []


@pytest.mark.parametrize(
    ("side", "kept", "says"),
    [(A, 0, "told, and not entered"), (A, 1, "told, and not entered"), (B, 0, "not answered as")],
)
def test_what_was_told_and_one_side_did_not_enter_is_named(side, kept, says):
    defects = of_passed(SIDES | {side: SIDES[side][:kept]})
    assert any(says in defect for defect in defects)


def test_what_the_unit_was_not_told_may_lack_its_end_but_never_its_beginning():
    assert of_passed({A: SIDES[A][:1], B: SIDES[B]}, told=False) == []
    assert of_passed({A: SIDES[A][:1], B: SIDES[B][:1]}, told=False) == []
    assert of_passed({A: (), B: SIDES[B][:1]}, told=False) == ["i-1: not received as it was asked"]


def test_a_message_given_twice_or_without_an_entry_is_named():
    assert of_passed(SIDES, given=2) == ["m-1: reached the system 2 times"]
    without = {A: SIDES[A][:1], B: ()}
    assert "m-1: reached the system without an entry" in of_passed(without, told=False)


def test_digests_that_differ_are_named():
    other = (SIDES[B][0], passed(Kind.PROVISION, "answered", answer="other"))
    assert of_passed({A: SIDES[A], B: other}) == ["i-1: not answered as it was told"]


def test_messages_of_others_in_the_same_logs_are_left_alone():
    others = tuple(replace(one, asker=C.tenant) for one in SIDES[B])
    assert of_passed({A: (), B: others}, told=False, given=0) == []
    assert of_passed({A: SIDES[A], B: others}, told=False) == [
        "i-1: not received as it was asked",
        "i-1: not answered as it was told",
        "m-1: reached the system without an entry",
    ]
