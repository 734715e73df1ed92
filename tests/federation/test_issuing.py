"""A person gets a code and a handle in one breath; the number goes to the registrar alone."""

import json
from base64 import urlsafe_b64decode
from hashlib import sha256

import msgspec
import pytest
import rfc8785
from tests.federation.desks import AT, H1, H2, A, L, R, as_tenant, make_desks
from tests.federation.registry import SECRETS, Hub, text, wanted

from renkei import audit, federation, identity, kit
from renkei.federation.errors import CallerNotEntitled, InquiryMalformed, ReplyUnexpected
from renkei.federation.issuing import parse_issued

NUMBERS = ["983205673214", "123456789018"]
PARTIES = [H1, H2, R, L]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_desks(tmp_path_factory.mktemp("desks"))


@pytest.fixture
def hub(conn, keys) -> Hub:
    made = Hub(conn, keys)
    made.listed(*NUMBERS)
    return made


def element(hub: Hub, pid: identity.Pid, tenant: kit.Tenant) -> identity.group.Element:
    """Return what RK-7.3 and RK-7.4 make of a person: H(pid) times both factors."""
    first, second = (hub.desks.converter[one].scalar(tenant, 1) for one in (H1, H2))
    return second * (first * identity.group.hash_to_group(pid.encoded))


@pytest.mark.clause("RK-7.1")
@pytest.mark.parametrize("caller", PARTIES)
def test_only_an_organisation_asks_for_codes(hub: Hub, caller):
    with pytest.raises(CallerNotEntitled):
        hub.registered(wanted(*NUMBERS), caller)


@pytest.mark.clause("RK-7.1")
@pytest.mark.parametrize(
    "said",
    [
        wanted(NUMBERS[0], acquisition=text(bytes(15))),
        wanted(NUMBERS[0], acquisition=text(bytes(17))),
        wanted(NUMBERS[0], acquisition=text(bytes(16)) + "=="),
        wanted(NUMBERS[0]) | {"more": 1},
        {"id": "JP-a", "people": [{"acquisition": text(bytes(16))}]},
    ],
)
def test_an_acquisition_of_another_form_is_refused(hub: Hub, said):
    with pytest.raises((InquiryMalformed, identity.LengthWrong)):
        hub.registered(said)


@pytest.mark.clause("RK-7.1")
def test_the_number_goes_to_the_registrar_and_to_nobody_further(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    assert len(hub.sent) == 5
    for _, _, body in hub.sent:
        assert not any(number.encode() in body for number in NUMBERS)


@pytest.mark.clause("RK-7.2")
def test_a_batch_with_a_wrong_check_digit_is_refused_and_the_others_are_entered(hub: Hub):
    with pytest.raises(identity.NumberMalformed):
        hub.registered(wanted(NUMBERS[0], "983205673215"))
    people = hub.registered(wanted(*NUMBERS))
    assert {len(pid.encoded) for _, pid in people} == {16}
    assert len({pid for _, pid in people}) == 2
    (entry,) = hub.entries(R)
    assert (entry.kind, entry.asker, entry.details["persons"]) == (audit.Kind.ISSUANCE, A, "2")


@pytest.mark.clause("RK-7.7")
def test_a_number_nobody_was_issued_gets_no_code_and_is_nobody_afterwards(hub: Hub):
    strange = "111111111118"
    with pytest.raises(identity.NumberUnknown):
        hub.registered(wanted(strange, id_="JP-b"))
    assert len(hub.registered(wanted(*NUMBERS, strange))) == 2
    assert identity.pids_of(hub.conn, R, [strange], secrets=SECRETS) == [None]


@pytest.mark.clause("RK-7.2", "RK-7.3")
def test_a_code_is_the_pids_element_times_both_factors_whenever_it_is_issued(hub: Hub):
    for pid, nym in (first := hub.issue(wanted(*NUMBERS))):
        assert nym.element == element(hub, pid, A)
    assert hub.issue(wanted(*NUMBERS, id_="JP-b")) == first


@pytest.mark.clause("RK-7.3")
def test_an_issuance_says_of_itself_what_its_proofs_are_bound_to(hub: Hub):
    hub.issue(wanted(*NUMBERS))
    bodies = [body for _, path, body in hub.sent if path == federation.CONVERT_ISSUANCE]
    asked = [peer for peer, path, _ in hub.sent if path == federation.CONVERT_ISSUANCE]
    assert asked == [H1, H2] * 2
    for n, body in enumerate(bodies):
        said = json.loads(body)
        header, issuance = said["header"], said["issuance"]
        assert set(said) == {"header", "issuance"}
        assert set(header) == {"id", "registrar", "organisation", "at"}
        assert (header["id"], header["registrar"]) == ("JP-a", R)
        assert header["organisation"] == (L, A)[n // 2]
        assert set(issuance["encrypted"]) == {"suite", "receiver", "numbers", "legs"}
        assert [step["converter"] for step in issuance["conversions"]] == [H1][: n % 2]
        assert parse_issued(body).header.context == sha256(rfc8785.dumps(header)).digest()


@pytest.mark.clause("RK-7.3")
def test_a_converter_converts_for_the_registrar_alone_and_leaves_the_header_as_it_is(hub: Hub):
    people = hub.registered(wanted(*NUMBERS))
    desk = hub.desks.desk[R]

    for another in (A, H2, L):
        hub.sent.clear()

        def by_another(
            peer: kit.Tenant, path: str, body: bytes, caller: kit.Tenant = another
        ) -> bytes:
            return hub.call(peer, path, body, caller=caller)

        with pytest.raises(CallerNotEntitled):
            federation.issue(desk, people, id_="JP-a", organisation=A, call=by_another, at=AT)
        assert [path for _, path, _ in hub.sent] == [federation.CONVERT_ISSUANCE]
    hub.change = lambda done: msgspec.structs.replace(
        done, header=msgspec.structs.replace(done.header, id="another")
    )
    with pytest.raises(ReplyUnexpected):
        federation.issue(desk, people, id_="JP-a", organisation=A, call=hub.call, at=AT)


@pytest.mark.clause("RK-7.5")
def test_whoever_has_a_code_has_a_handle_and_neither_acquisition_shows_the_other(hub: Hub):
    issued = hub.issue(wanted(*NUMBERS))
    as_tenant(hub.conn, L)
    for pid, _ in issued:
        assert identity.known(hub.conn, L, identity.Nym(L, 1, element(hub, pid, L)))
    enrolled, converted = (
        set(json.loads(hub.sent[n][2])["issuance"]["encrypted"]["numbers"]) for n in (2, 4)
    )
    assert hub.sent[2][:2] == (L, federation.ENROL)
    assert len(enrolled) == len(converted) == 2
    assert not enrolled & converted
    assert {len(urlsafe_b64decode(one + "==")) for one in enrolled | converted} == {16}


@pytest.mark.clause("RK-7.5")
def test_where_nobody_is_enrolled_no_code_is_issued(hub: Hub):
    people = hub.registered(wanted(*NUMBERS))

    def refusing(peer: kit.Tenant, path: str, body: bytes) -> bytes:
        return hub.call(peer, path, body, caller=A if path == federation.ENROL else R)

    with pytest.raises(CallerNotEntitled):
        federation.issue(
            hub.desks.desk[R], people, id_="JP-a", organisation=A, call=refusing, at=AT
        )
    issued_to = [json.loads(body)["header"]["organisation"] for _, _, body in hub.sent]
    assert set(issued_to) == {L}
