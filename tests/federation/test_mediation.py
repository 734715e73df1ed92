"""A asks in its own release, the one after B's: B answers in it, and says what it could not say.

The hub and B have the next release on their shelves; A has no other than its own.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest
from tests.federation.desks import (
    AT,
    AUTHORITY,
    H1,
    H2,
    HELD,
    NOT_HELD,
    PROTECTED,
    UNCODED,
    A,
    B,
    Desks,
    L,
    as_tenant,
    entries,
    fill,
)
from tests.standard.next_release import NEXT, next_release
from tests.store.rows import RESIDENT, file, register_number, resident

from renkei import federation, law, standard, store
from renkei.federation.asking import told_of
from renkei.federation.errors import (
    InquiryMalformed,
    ReleaseDiffers,
    ReleaseNotShared,
    ReleaseUnknown,
)
from renkei.federation.inquiry import Carried, Provided, Refused, parse_response
from renkei.federation.question import Opened
from renkei.federation.releases import Releases
from renkei.federation.way import Way
from renkei.standard import Catalogue
from renkei.standard.characters import Charset
from renkei.standard.errors import ItemNotInRelease, ServiceNotInRelease
from renkei.standard.mediation import Character, Loss, Why
from renkei.standard.releases import Shelf

SHIPPED = standard.catalogue()
OURS = SHIPPED.edition.edition
ITEMS = "sum_of_income,dependants,taxation"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory) -> Catalogue:
    return next_release(tmp_path_factory.mktemp("next") / "catalogue")


def listed(desks: Desks, theirs: Catalogue, **rows: dict[str, object]) -> None:
    """Give everybody a list in which some rows say more, and the releases of this module."""
    changes = {str(A): rows.get("a", {}), str(B): rows.get("b", {})}
    listed = desks.desk[A].members.all
    members = [msgspec.structs.replace(one, **changes.get(one.id, {})) for one in listed]
    text = federation.sign_members(members, AUTHORITY, instance="JP", version=2, at=AT)
    read = federation.read_members(text, AUTHORITY.verifier)
    mine, shelf = law.table_of(theirs), Shelf.of([theirs])
    for tenant in (A, B, H1, H2, L):
        table, releases = law.table_of(SHIPPED), Releases(SHIPPED, shelf)
        if tenant == A:
            table, releases = mine, Releases(theirs)
        desks.desk[tenant] = federation.Desk.of(tenant, "test", read, table, releases)


@pytest.fixture
def desks(conn, keys, theirs) -> Iterator[Desks]:
    fill(conn, keys)
    as_tenant(conn, A)
    before = dict(keys.desk)
    listed(keys, theirs, b={"releases": (OURS, NEXT)})
    yield keys
    keys.desk.update(before)


def written(desks: Desks, conn, query: str = f"items={ITEMS}", **changes: str) -> Opened:
    """Open a question of A that may travel."""
    as_tenant(conn, A)
    opened = desks.opened(conn, HELD, query=query, **changes)
    assert isinstance(opened, Opened)
    return opened


def told(desks: Desks, conn, carried: Carried, release: str | None = NEXT) -> Provided | Refused:
    """Let B answer a question that says its release."""
    caller = desks.caller(A)
    caller = replace(caller, envelope=replace(caller.envelope, release=release))
    return desks.heard(conn, carried, caller)


def travelled(desks: Desks, conn, opened: Opened) -> Carried:
    return desks.receipted(conn, desks.converted(conn, desks.blinded(opened)))


@pytest.mark.clause("RK-19.4", "RK-19.6", "RK-19.7")
def test_the_holder_answers_in_the_release_it_was_asked_in_and_names_what_it_could_not(conn, desks):
    opened = written(desks, conn)
    assert opened.written.travels_in.edition.edition == NEXT
    provided = told(desks, conn, travelled(desks, conn, opened))
    assert isinstance(provided, Provided)
    # 課税 of the one release is something else in the other, under the same value 3.
    assert provided.record == {"sum_of_income": 4321000, "dependants": 0, "taxation": None}
    assert provided.losses == (Loss("taxation", Why.code_unmapped),)


@pytest.mark.clause("RK-19.8")
def test_the_holders_entry_says_from_where_to_where_and_which_items_lost_what(conn, desks):
    carried = travelled(desks, conn, written(desks, conn))
    told(desks, conn, carried)
    (entry,) = entries(conn, B, carried.inquiry)
    kept = {name: entry.details[name] for name in ("mediated_from", "mediated_to", "lost")}
    assert kept == {
        "mediated_from": OURS,
        "mediated_to": NEXT,
        "lost": "taxation:code-unmapped",
    }
    assert entry.table == law.table_of(desks.desk[A].releases.own).version
    assert "4321000" not in str(entry)


@pytest.mark.clause("RK-19.4")
def test_every_party_decides_by_the_table_of_the_release_it_has_in_force(conn, desks, theirs):
    """Nobody who lacks the release, or has it no longer, decides by its table."""
    carried = desks.blinded(written(desks, conn))
    assert carried.inquiry.table == law.table_of(theirs).version
    edition = msgspec.structs.replace(theirs.edition, until=date(2026, 3, 31))
    content = msgspec.structs.replace(theirs.content, edition=edition)
    ended = Shelf.of([Catalogue("ended", content)])
    for shelf in (Shelf(()), ended):
        desks.desk[H1] = replace(desks.desk[H1], releases=Releases(SHIPPED, shelf))
        as_tenant(conn, H1)
        caller = desks.caller(A, "o" * 22 if shelf is ended else "p" * 22)
        keys = desks.converter[H1]
        said = federation.convert(conn, desks.desk[H1], keys, caller, carried, at=AT)
        assert isinstance(said, Refused)
        assert said.reason == "table-differs"
        assert said.table == law.table_of(SHIPPED).version


@pytest.mark.clause("RK-19.4")
def test_the_holder_refuses_a_table_of_another_release_than_the_header_says(conn, desks):
    said = told(desks, conn, travelled(desks, conn, written(desks, conn)), release=None)
    assert isinstance(said, Refused)
    assert said.reason == "table-differs"


@pytest.mark.clause("RK-19.5")
def test_an_item_the_holder_does_not_have_is_refused_by_name_and_nothing_is_entered(conn, desks):
    opened = written(desks, conn, query="items=regional_tax")  # its own table permits it
    carried = travelled(desks, conn, opened)
    with pytest.raises(ItemNotInRelease, match="regional_tax") as refused:
        told(desks, conn, carried)
    assert refused.value.facts["release"] == OURS
    assert entries(conn, B, carried.inquiry) == []


@pytest.mark.clause("RK-19.2")
def test_a_question_in_a_release_the_node_does_not_have_is_refused(conn, desks):
    with pytest.raises(ReleaseUnknown, match=NEXT):
        written(desks, conn, release="1999.1")
    opened = written(desks, conn, release=NEXT, message="m-2")
    with pytest.raises(ReleaseUnknown, match=OURS):
        told(desks, conn, travelled(desks, conn, opened), release="1999.1")


@pytest.mark.clause("RK-19.3")
def test_where_no_release_is_shared_nothing_is_sent(conn, desks, theirs):
    listed(desks, theirs, b={"releases": (OURS,)})
    with pytest.raises(ReleaseNotShared, match=OURS):
        written(desks, conn)


@pytest.mark.clause("RK-19.1")
def test_who_says_nothing_of_releases_is_taken_to_speak_ours(conn, desks, theirs):
    listed(desks, theirs)
    assert written(desks, conn).written.travels_in == theirs


@pytest.fixture
def asker(desks, theirs):
    """Give A the newer release too, and let B accept no other."""
    listed(desks, theirs, b={"releases": (OURS,)})
    releases = Releases(theirs, Shelf.of([SHIPPED]))
    desks.desk[A] = replace(desks.desk[A], releases=releases)
    return desks


@pytest.mark.clause("RK-19.3", "RK-19.6", "RK-19.8")
def test_the_asker_turns_question_and_answer_where_the_holder_cannot(conn, asker):
    opened = written(asker, conn)
    assert opened.written.travels_in == SHIPPED
    assert opened.inquiry.table == law.table_of(SHIPPED).version
    carried = travelled(asker, conn, opened)
    caller = asker.caller(A)
    provided = asker.heard(conn, carried, caller)
    assert isinstance(provided, Provided)
    assert provided.record == {"total_income": 4321000, "dependants": 0, "taxation": "3"}
    way = Way(SHIPPED, opened.written.asked_in, "06", "income")
    ended = way.told(provided.record, before=(Loss("total_income", Why.characters_missing),))
    assert ended.record == {"sum_of_income": 4321000, "dependants": 0, "taxation": None}
    assert [loss.item for loss in ended.losses] == ["sum_of_income", "taxation"]
    assert ended.facts() == {
        "mediated_from": OURS,
        "mediated_to": NEXT,
        "lost": "sum_of_income:characters-missing taxation:code-unmapped",
    }


@pytest.mark.clause("RK-19.5")
def test_the_asker_sends_no_question_the_holders_release_cannot_hold(conn, asker):
    with pytest.raises(ItemNotInRelease, match="regional_tax"):
        written(asker, conn, query="items=regional_tax")
    away = msgspec.structs.replace(SHIPPED.content, interfaces=())
    releases = Releases(asker.desk[A].releases.own, Shelf.of([Catalogue("without", away)]))
    asker.desk[A] = replace(asker.desk[A], releases=releases)
    with pytest.raises(ServiceNotInRelease, match="06/income"):
        written(asker, conn, message="m-2")


@pytest.mark.clause("RK-19.3")
def test_an_answer_in_another_release_than_asked_is_not_taken(conn, desks):
    opened = written(desks, conn)
    provided, reply = desks.exchanged(conn, travelled(desks, conn, opened))
    assert isinstance(provided, Refused)  # it was asked without the header
    with pytest.raises(ReleaseDiffers, match=NEXT):
        told_of(opened.written, {}, (), reply)


@pytest.mark.clause("RK-19.7")
def test_losses_travel_and_stay_away_where_there_are_none():
    loss = Loss("name", Why.characters_replaced, (Character(1, "髙", "高"),))
    lossy = Provided({"name": "高"}, "e", (loss, Loss("sex", Why.code_merged)))
    assert parse_response(federation.render(lossy)) == lossy
    assert b"losses" not in federation.render(Provided(None, "e"))
    assert b'"characters":[]' not in federation.render(lossy)


@pytest.mark.parametrize(
    "losses",
    [
        [{"item": 'a"><b', "why": "code-merged"}],
        [{"item": "name", "why": "because"}],
        [{"item": "name", "why": "code-merged", "value": "x"}],
        [{"item": "name", "why": "code-merged", "characters": [{"position": 0}]}],
        [
            {
                "item": "name",
                "why": "characters-replaced",
                "characters": [{"position": 1, "before": "\0", "after": "x"}],
            }
        ],
        [{"item": "name", "why": "code-merged"}] * 301,
    ],
)
def test_losses_of_another_form_are_no_answer(losses):
    """They are told on in every binding, and stand in an entry: no peer writes there at will."""
    said = {"type": "provided", "record": None, "entry": "e", "losses": losses}
    with pytest.raises(InquiryMalformed):
        parse_response(json.dumps(said).encode())


@pytest.mark.clause("RK-19.9")
def test_the_holder_writes_in_the_characters_the_asker_has_and_keeps_its_own(conn, desks, theirs):
    """Both speak the next release, in which a name may be asked for."""
    listed(desks, theirs, a={"characters": Charset.jis_x_0208})
    own = {"provisions": law.table_of(theirs), "releases": Releases(theirs)}
    desks.desk[B] = replace(desks.desk[B], **own)
    as_tenant(conn, B)
    rows = [resident(n, name="髙橋𩸽") for n in (HELD, PROTECTED, NOT_HELD, UNCODED)]
    source, at = file(RESIDENT, rows), AT + timedelta(seconds=1)
    report = store.load(conn, B, RESIDENT, source, on=AT.date(), at=at)
    assert report.outcome is store.Outcome.loaded, report.findings
    path = f"/r1/JP/MUN/{B}/01/resident"
    carried = travelled(desks, conn, written(desks, conn, query="items=name", path=path))
    provided = told(desks, conn, carried)
    assert isinstance(provided, Provided)
    assert provided.record == {"name": "高橋〓"}
    assert provided.losses == (
        Loss("name", Why.characters_replaced, (Character(1, "髙", "高"),)),
        Loss("name", Why.characters_missing, (Character(3, "𩸽", "〓"),)),
    )
    (entry,) = entries(conn, B, carried.inquiry)
    assert entry.details["characters"] == "Shift_JIS"
    assert entry.details["lost"] == "name:characters-replaced name:characters-missing"
    key = {"register_number": register_number(HELD)}
    kept = store.read(conn, B, RESIDENT, key, ("name",), on=AT.date())
    assert kept is not None
    assert kept.values == {"name": "髙橋𩸽"}
