"""What becomes of codes when a person's pid is another: told to whoever holds one, in order."""

from dataclasses import replace

import msgspec
import pytest
from tests.federation.desks import AT, H1, H2, A, B, L, R, as_tenant, make_desks
from tests.federation.registry import SECRETS, Hub, wanted

from renkei import audit, identity, kit
from renkei.federation.errors import CallerNotEntitled, InquiryMalformed, ReplyUnexpected
from renkei.federation.following import (
    NOTHING,
    Following,
    FollowingAsked,
    open_following,
    parse_following_asked,
    take_following,
    tell_following,
)
from renkei.identity import StepKind, numbers

NUMBERS = ["983205673214", "123456789018", "111111111118"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_desks(tmp_path_factory.mktemp("desks"))


@pytest.fixture
def hub(conn, keys) -> Hub:
    made = Hub(conn, keys)
    made.listed(*NUMBERS)
    return made


def step(hub: Hub, verb: str, *given: str) -> None:
    as_tenant(hub.conn, R)
    order = identity.Order(f"o-{verb}-{given}", R, "1001", "訂正", AT, audit.Mode.TEST)
    getattr(numbers, verb)(hub.conn, R, *given, order, secrets=SECRETS)


def told(hub: Hub, *, after: int = 0, caller: kit.Tenant = A) -> Following:
    as_tenant(hub.conn, R)
    asked, desk = FollowingAsked("JP-f", after), hub.desks.desk[R]
    found = take_following(hub.conn, desk, SECRETS, hub.caller(caller), asked, at=AT)
    said = tell_following(desk, found, id_="JP-f", organisation=caller, call=hub.call, at=AT)
    return kit.read_json(msgspec.json.encode(said), Following)


def opened(hub: Hub, said: Following, of: kit.Tenant = A):
    return open_following(hub.desks.desk[of], hub.desks.node[of], said)


@pytest.mark.clause("RK-7.8")
def test_an_organisation_sees_which_of_its_codes_takes_the_place_of_which(hub: Hub):
    (_, old), (_, gone), (_, stays) = hub.issue(wanted(*NUMBERS))
    step(hub, "reissue", NUMBERS[0])
    step(hub, "merge", NUMBERS[2], NUMBERS[1])
    first, second = opened(hub, told(hub))
    assert (first.kind, first.old) == (StepKind.reissued, old)
    assert (second.kind, second.old, second.new) == (StepKind.merged, gone, stays)
    (_, new), *_ = hub.issue(wanted(NUMBERS[0], id_="JP-b"))
    assert first.new == new != old
    assert second.position > first.position


@pytest.mark.clause("RK-7.8")
def test_who_takes_a_place_is_enrolled_and_who_leaves_it_closed_before_any_code_goes_out(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    step(hub, "reissue", NUMBERS[0])
    hub.sent.clear()
    said = told(hub)
    assert [peer for peer, _, _ in hub.sent] == [H1, H2, L] * 2 + [H1, H2] * 2
    assert said.new != NOTHING
    as_tenant(hub.conn, L)
    closed = hub.conn.execute("SELECT closed_at FROM identity_handle").fetchall()
    assert len(closed) == len(NUMBERS) + 1
    assert [at for (at,) in closed if at is not None] == [AT]


@pytest.mark.clause("RK-7.8")
def test_a_code_that_ends_has_no_follower(hub: Hub):
    (_, one), (_, other), _ = hub.issue(wanted(*NUMBERS))
    step(hub, "close", NUMBERS[0])
    step(hub, "separate", NUMBERS[1])
    said = told(hub)
    assert said.new == NOTHING
    ends = [(one.kind, one.old, one.new) for one in opened(hub, said)]
    assert ends == [(StepKind.died, one, None), (StepKind.separated, other, None)]


@pytest.mark.clause("RK-7.8")
def test_what_was_kept_is_dropped_and_nothing_needs_no_conversion(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    step(hub, "reissue", NUMBERS[0])
    (one,) = opened(hub, told(hub))
    assert opened(hub, told(hub)), "until it is confirmed it is told again"
    hub.sent.clear()
    assert opened(hub, told(hub, after=one.position)) == []
    assert hub.sent == []
    assert opened(hub, told(hub)) == []


@pytest.mark.clause("RK-7.8")
def test_others_are_told_nothing_and_parties_of_the_hub_may_not_ask(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    step(hub, "reissue", NUMBERS[0])
    assert opened(hub, told(hub, caller=B), B) == []
    for party in (H1, H2, R, L):
        with pytest.raises(CallerNotEntitled):
            told(hub, caller=party)


@pytest.mark.clause("RK-7.8")
def test_each_telling_is_entered_with_how_many_it_was(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    step(hub, "reissue", NUMBERS[0])
    told(hub)
    as_tenant(hub.conn, R)
    signer = audit.Signer.from_seed(f"test.example/{R}", bytes(32))
    audit.sequence(hub.conn, R, signer, at=AT)
    (entry,) = [one.entry for one in audit.entries_for_request(hub.conn, R, "JP-f")]
    assert (entry.outcome, entry.asker, entry.details) == ("followed", A, {"persons": "1"})


def test_an_answer_whose_parts_do_not_fit_is_refused(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    step(hub, "reissue", NUMBERS[0])
    step(hub, "close", NUMBERS[1])
    said = told(hub)
    wrong = [
        msgspec.structs.replace(said, followed=said.followed[:1]),
        msgspec.structs.replace(said, new=NOTHING),
        msgspec.structs.replace(said, old=said.new),
        msgspec.structs.replace(
            said, followed=tuple(msgspec.structs.replace(one, kind="died") for one in said.followed)
        ),
    ]
    for one in wrong:
        with pytest.raises(ReplyUnexpected):
            opened(hub, one)
    other = replace(hub.desks.node[A], decryption=hub.desks.node[B].decryption)
    with pytest.raises(kit.NodeError):
        open_following(hub.desks.desk[A], other, said)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"id":"a","after":-1}', b'{"id":"a","after":1,"x":1}']
)
def test_a_question_of_another_form_is_refused(body):
    with pytest.raises(InquiryMalformed):
        parse_following_asked(body)


@pytest.mark.clause("RK-7.7")
def test_a_closed_number_gets_no_code_and_a_batch_of_them_is_refused(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    step(hub, "close", NUMBERS[0])
    people = hub.registered(wanted(*NUMBERS, id_="JP-c"))
    assert len(people) == 2
    with pytest.raises(identity.NumbersNotInUse):
        hub.registered(wanted(NUMBERS[0], id_="JP-d"))
