"""A card proves who signs where every step holds, and nobody where one of them does not."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.identity.cards import ITEMS, POINT, YEAR, Authority, der

from renkei.identity import CertificateVerifier, Proven, Unproven, VerifierFilesWrong

AT = datetime(2026, 11, 24, 1, tzinfo=UTC)
ASKED = b"what is asked to be signed"
HANAKO = Proven("見本　花子", "1980-02-29", "2", "見本町一丁目1番1号")


@pytest.fixture(scope="module")
def authority():
    return Authority(AT)


@pytest.fixture(scope="module")
def card(authority):
    return authority.card()


def verify(authority, card, *, lists=None, signature=None, at=AT, certificates=None):
    known = [authority.revoked()] if lists is None else lists
    verifier = CertificateVerifier.read(authority.root, known)
    given = [der(card.certificate)] if certificates is None else certificates
    return verifier.verify(given, ASKED, signature or card.sign(ASKED), at=at)


def test_a_card_with_its_signature_proves_its_four_items(authority, card):
    assert verify(authority, card) == HANAKO


def test_keys_on_a_curve_and_an_authority_between_are_believed_too(authority):
    between = Authority(AT, name="下位認証局", above=authority)
    card = between.card(key=ec.generate_private_key(ec.SECP256R1()))
    chain = [der(card.certificate), der(between.certificate)]
    both = [authority.revoked(), between.revoked()]
    assert verify(authority, card, lists=both, certificates=chain) == HANAKO
    assert (
        verify(authority, card, lists=both[:1], certificates=chain) is Unproven.revocation_unknown
    )
    assert verify(authority, card, lists=both, certificates=chain[:1]) is Unproven.chain


def test_another_text_or_another_key_signs_nothing(authority, card):
    assert verify(authority, card, signature=card.sign(b"else")) is Unproven.signature
    other = authority.card()
    assert verify(authority, card, signature=other.sign(ASKED)) is Unproven.signature
    assert verify(authority, card, signature=b"x") is Unproven.signature


def test_a_revoked_card_proves_nobody(authority, card):
    assert verify(authority, card, lists=[authority.revoked(card)]) is Unproven.revoked
    lists = [authority.revoked(), authority.revoked(card)]
    assert verify(authority, card, lists=lists) is Unproven.revoked


@pytest.mark.parametrize("case", ["none", "past", "future", "another's", "forged", "elsewhere"])
def test_without_a_list_that_speaks_of_it_nothing_is_known(authority, card, case):
    day = timedelta(days=1)
    lists = {
        "none": [],
        "past": [authority.revoked(since=-3 * day, until=-day)],
        "future": [authority.revoked(since=day, until=2 * day)],
        "another's": [Authority(AT, name="別の認証局").revoked()],
        "forged": [authority.revoked(by=ec.generate_private_key(ec.SECP256R1()))],
        "elsewhere": [authority.revoked(point=POINT)],
    }
    assert verify(authority, card, lists=lists[case]) is Unproven.revocation_unknown


def test_a_list_of_one_distribution_point_speaks_of_its_own_certificates(authority):
    card = authority.card(points=(POINT,))
    assert verify(authority, card, lists=[authority.revoked(point=POINT)]) == HANAKO
    lists = [authority.revoked(card, point=POINT)]
    assert verify(authority, card, lists=lists) is Unproven.revoked
    other = [authority.revoked(point="http://crl.example/two.crl")]
    assert verify(authority, card, lists=other) is Unproven.revocation_unknown


def test_a_card_of_an_authority_that_is_not_believed_proves_nobody(authority):
    stranger = Authority(AT)  # of the same name
    card = stranger.card()
    assert verify(authority, card) is Unproven.chain
    chain = [der(card.certificate), der(stranger.certificate)]
    assert verify(authority, card, certificates=chain) is Unproven.chain


def test_a_card_before_and_after_its_time_proves_nobody(authority, card):
    for at in (AT - 2 * YEAR, AT + 2 * YEAR):
        assert verify(authority, card, at=at) is Unproven.chain
    assert verify(authority, authority.card(until=-timedelta(days=1))) is Unproven.chain


def test_a_key_that_is_not_for_signing_proves_nobody(authority):
    assert verify(authority, authority.card(signs=False)) is Unproven.chain


@pytest.mark.parametrize("certificates", [[], [b""], [b"x" * 20_000], [b"\x30\x03\x02\x01\x01"]])
def test_what_is_no_certificate_is_malformed(authority, card, certificates):
    assert verify(authority, card, certificates=certificates) is Unproven.malformed


@pytest.mark.parametrize("change", [{1: ""}, {4: "31980022"}, {4: "x"}, {5: ""}, {3: ""}])
def test_a_card_that_lacks_an_item_proves_nobody(authority, change):
    items = {n: text for n, text in (ITEMS | change).items() if text}
    assert verify(authority, authority.card(items)) is Unproven.items


def test_a_card_that_says_an_item_twice_or_none_proves_nobody(authority):
    assert verify(authority, authority.card(twice=True)) is Unproven.items
    assert verify(authority, authority.card({})) is Unproven.items


@pytest.mark.parametrize(("roots", "lists"), [(b"", []), (b"x", []), (None, [b"x"])])
def test_files_that_cannot_be_read_are_an_error(authority, roots, lists):
    with pytest.raises(VerifierFilesWrong):
        CertificateVerifier.read(authority.root if roots is None else roots, lists)
