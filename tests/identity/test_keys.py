"""Keys survive their texts, and a directory holds no key that its owner could not use."""

import msgspec
import pytest
from tests.identity.world import FIRST, LOG, REGISTRAR, SECOND, A, B

from renkei.identity import (
    SUITE,
    BatchSizeWrong,
    ConverterKeys,
    DecryptionKey,
    Directory,
    KeyReused,
    KeyVersionUnknown,
    KnowledgeProofWrong,
    MessageMalformed,
    PublicKeys,
    ScalarRefused,
    converter_keys,
    decryption_key,
    parse,
    render,
    secret_text,
)
from renkei.identity.conversion import check_size
from renkei.identity.group import Scalar


def directory(published):
    return Directory.checked(
        published, converters=(FIRST, SECOND), registrar=REGISTRAR, log_operator=LOG
    )


def test_a_private_key_file_gives_the_same_key_again():
    mine, theirs = DecryptionKey.draw(A, dv=3), ConverterKeys.draw(FIRST, (A, B))
    assert decryption_key(secret_text(mine)) == mine
    assert converter_keys(secret_text(theirs)) == theirs
    assert '"kind":"decryption"' in secret_text(mine)


def test_a_key_file_of_the_other_kind_or_of_zero_is_refused():
    with pytest.raises(MessageMalformed):
        decryption_key(secret_text(ConverterKeys.draw(FIRST, (A,))))
    zero = Scalar(bytes(32))
    with pytest.raises(ScalarRefused):
        decryption_key(secret_text(DecryptionKey(SUITE, A, 1, zero)))
    with pytest.raises(ScalarRefused):
        converter_keys(secret_text(ConverterKeys(SUITE, FIRST, {A: {1: zero}})))


def test_a_key_never_shows_its_secret():
    key = DecryptionKey.draw(A)
    assert "Scalar(…)" in repr(key)
    assert key.secret.encoded.hex() not in repr(key)


def test_public_keys_travel_and_arrive_equal(world):
    published = world.directory.organisations[A]
    assert parse(render(published), PublicKeys) == published


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"suite":"PFC1-V01-CS-ristretto255-SHA512"', b'"suite":"P256-SHA256"'),
        (b'"organisation":"131016"', b'"organisation":131016'),
        (b'"receivers"', b'"strangers"'),
        (b'"public":"', b'"public":"="'),
        (b'"public":"', b'"public":"AA'),
        (b'"public":"', b'"public":7,"x":"'),
    ],
)
def test_a_text_with_one_fault_is_refused_and_the_fault_named(world, old, new):
    text = render(world.directory.organisations[A])
    assert old in text
    with pytest.raises(MessageMalformed, match="PublicKeys"):
        parse(text.replace(old, new), PublicKeys)


@pytest.mark.clause("RK-8.3")
def test_a_key_without_its_owners_proof_is_not_listed(world):
    keys = world.directory.organisations
    stolen = msgspec.structs.replace(keys[A], receivers=keys[B].receivers)
    with pytest.raises(KnowledgeProofWrong) as caught:
        directory([stolen])
    assert caught.value.facts == {"organisation": A, "version": "dv 1"}


@pytest.mark.clause("RK-8.3")
def test_no_two_organisations_share_a_key(world):
    keys = world.directory.organisations
    same = msgspec.structs.replace(keys[A], factors=keys[B].factors)
    with pytest.raises(KeyReused):
        directory([keys[B], same])
    one = ConverterKeys(SUITE, FIRST, {A: {1: Scalar.parse(b"\1" + bytes(31))}})
    with pytest.raises(KeyReused):
        directory([msgspec.structs.replace(keys[A], factors={FIRST: one.public(A)})])


def test_an_unknown_version_is_named(world):
    newest = world.directory.address(A)
    for ask in (
        lambda: world.directory.receiver(msgspec.structs.replace(newest, dv=9)),
        lambda: world.directory.factor(FIRST, A, 9),
        lambda: world.directory.factor(REGISTRAR, A, 1),
        lambda: world.directory.address(REGISTRAR),
        lambda: directory([msgspec.structs.replace(newest_keys(world), factors={})]).address(A),
        lambda: world.first.scalar(A, 9),
    ):
        with pytest.raises(KeyVersionUnknown):
            ask()


def newest_keys(world):
    return world.directory.organisations[A]


@pytest.mark.clause("RK-24.9")
@pytest.mark.parametrize(
    ("stated", "both_hold", "addressed"),
    [(0, (1, 2), 1), (2, (1, 2), 2), (2, (1,), 1), (1, (1, 2), 1), (3, (1, 2), 1), (1, (2,), 2)],
)
def test_an_organisation_is_addressed_by_the_version_it_names_if_all_converters_hold_it(
    stated, both_hold, addressed
):
    first, second = (ConverterKeys.draw(each, (A,)) for each in (FIRST, SECOND))
    first, second = first.admit(A, kv=2), second.admit(A, kv=2)
    factors = {
        FIRST: first.public(A),
        SECOND: {kv: x for kv, x in second.public(A).items() if kv in both_hold},
    }
    key = DecryptionKey.draw(A, dv=4)
    address = directory([PublicKeys(SUITE, A, factors, {4: key.public()}, stated)]).address(A)
    assert (address.kv, address.dv) == (addressed, 4)
    with pytest.raises(KeyReused):
        first.admit(A, kv=2)


def test_a_new_organisation_is_admitted_without_touching_the_others():
    keys = ConverterKeys.draw(FIRST, (A,))
    more = keys.admit(B)
    assert more.scalar(A, 1) == keys.scalar(A, 1)
    assert set(more.factors) == {A, B}


@pytest.mark.clause("RK-10.1")
@pytest.mark.parametrize("size", [0, 65_536])
def test_a_batch_has_1_to_65535_items(size):
    check_size(65_535)
    with pytest.raises(BatchSizeWrong):
        check_size(size)
