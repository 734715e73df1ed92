"""The verifier reads hostile files unharmed, and its own arithmetic agrees with others'."""

import ast
import hashlib
import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path

import pymerkle
import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.app.parties import KEY, Parties, exchanged, unzipped, verified, zipped
from tests.audit.changes import changes
from tests.federation.desks import A, log_signer

from renkei import audit, kit
from renkei.app.proofs import offline_verifier
from renkei.app.proofs.offline_verifier import (
    Report,
    Unreadable,
    ed25519_fits,
    p256_fits,
    p256_point,
)
from renkei.audit import tree

LANGUAGES: tuple[kit.Language, ...] = ("ja", "en")
SOURCE = Path(offline_verifier.__file__).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parties(tmp_path_factory, database) -> Parties:
    return exchanged(tmp_path_factory.mktemp("parties"), database)


@pytest.fixture(scope="module")
def ours(parties: Parties) -> bytes:
    return parties.pack(A)


def unreadable(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        verified(data)
    for language in ("ja", "en"):
        assert "0.zip" in caught.value.said.text(language)
    return caught.value


def with_info(ours: bytes, name: str, data: bytes, **changed: object) -> bytes:
    """Return the bundle with one more file in the zip."""
    out = io.BytesIO(ours)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        for part, value in changed.items():
            setattr(info, part, value)
        archive.writestr(info, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "name", ["../verify.py", "/etc/passwd", "more.txt", "a\\b", "bundle.json/"]
)
def test_a_zip_with_a_file_that_is_none_of_ours_is_refused(ours, name):
    assert unreadable(with_info(ours, name, b"x")).said.code == "not-a-bundle"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_file_twice_is_refused(ours):
    assert unreadable(with_info(ours, "bundle.json", b"{}")).said.code == "not-a-bundle"


def test_a_zip_bomb_is_refused_unpacked(ours):
    contents = unzipped(ours) | {"bundle.json": bytes(33 << 20)}
    said = unreadable(zipped(contents)).said
    assert (said.code, said.facts["part"]) == ("file-too-large", "bundle.json")
    assert "33554432" in said.text("ja")


def test_a_zip_that_lies_about_a_size_is_refused(ours):
    """The directory says a small size; what is unpacked is never more than that."""
    contents = unzipped(ours) | {"bundle.json": bytes(33 << 20)}
    data = zipped(contents)
    big, small = (33 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert unreadable(data.replace(big, small)).said.code == "not-a-bundle"


def test_a_zip_with_a_directory_of_a_million_files_is_refused_unread(ours):
    data = bytearray(ours)
    data[-10:-6] = (1 << 27).to_bytes(4, "little")
    said = unreadable(bytes(data)).said
    assert (said.code, said.facts["part"]) == ("not-a-bundle", "zip directory")


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_another_compression_is_refused(ours, kind):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in unzipped(ours).items():
            archive.writestr(name, data)
    assert unreadable(out.getvalue()).said.code == "not-a-bundle"


def test_an_encrypted_zip_is_refused(ours):
    data = bytearray(ours)
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert unreadable(bytes(data)).said.code == "not-a-bundle"


@pytest.mark.parametrize("data", [b"", b"PK", b"{}", bytes(10_000), b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_refused(data):
    assert unreadable(data).said.code == "not-a-bundle"


def test_what_is_before_or_behind_the_zip_is_refused(ours):
    assert unreadable(ours + b"more").said.code == "not-a-bundle"


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000,
        b'{"a":1,"a":2}',
        b'{"a":1.5}',
        b'{"a":NaN}',
        b'{"a":9007199254740993}',
        b'{"a":' + b"9" * 100_000 + b"}",
        b'["' + b'\\"' * 2_000_000,
        b'"' * 9_000_000,
        b"[" + b"0," * 4_100_000 + b"0]",
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b'{"a":"\\ud800"}',
        b"null",
        b"{}",
        b"",
    ],
)
@pytest.mark.parametrize("file", ["bundle.json", "members.json"])
def test_json_made_to_harm_is_refused(ours, text, file):
    said = unreadable(zipped(unzipped(ours) | {file: text})).said
    assert (said.code, said.facts["part"]) == ("part-malformed", file)


PLACES = st.integers(0, 2**30)
OTHERS = st.integers(1, 255)


@settings(max_examples=60)
@given(st.sampled_from(["bundle.json", "members.json", "authority.txt"]), PLACES, OTHERS)
def test_no_byte_of_a_bundle_can_be_changed_unnoticed(ours, file, place, other):
    """Whatever byte of what is verified changes, the bundle is broken or cannot be read."""
    contents = unzipped(ours)
    text = bytearray(contents[file].rstrip())
    text[place % len(text)] ^= other
    try:
        report = verified(zipped(contents | {file: bytes(text)}))
    except Unreadable as error:
        named, verdict = error.said.text("en"), "broken"
    else:
        named, verdict = file, report.verdict
    assert (file in named, verdict) == (True, "broken")


@settings(max_examples=50)
@given(st.lists(st.tuples(PLACES, OTHERS), min_size=1, max_size=4), PLACES)
def test_no_byte_of_the_zip_makes_the_reader_fall(ours, changed, cut):
    text = bytearray(ours)
    for place, other in changed:
        text[place % len(text)] ^= other
    with suppress(Unreadable):
        verified(bytes(text))
    with suppress(Unreadable):
        verified(bytes(text[: cut % len(text)]))


def refused_by_us(data: bytes) -> bool:
    try:
        return not audit.verify_bundle(data, [log_signer(A).verifier]).whole
    except kit.NodeError:
        return True


def refused_by_the_verifier(data: bytes) -> bool:
    report = Report()
    try:
        offline_verifier.open_view("0.zip", data, None, report)
    except Unreadable:
        return True
    return bool(report.broken)


def test_the_program_and_the_verifier_judge_every_changed_bundle_alike(ours):
    """Two implementations that share no line; every place of the bundle has its turn."""
    data = unzipped(ours)["bundle.json"]
    assert not refused_by_us(data)
    assert not refused_by_the_verifier(data)
    tried = 0
    for value in changes(json.loads(data)):
        try:
            other = kit.canonical(value)
        except kit.NotCanonical:
            continue
        tried += 1
        assert (refused_by_us(other), refused_by_the_verifier(other)) == (True, True), value
    assert tried > 400


def test_it_is_written_for_python_3_8_and_needs_nothing_but_its_library():
    found = ast.parse(SOURCE, feature_version=(3, 8))
    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(found)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert names == {
        *("__future__", "argparse", "base64", "datetime", "hashlib", "io", "json", "os", "re"),
        *("sys", "typing", "zipfile", "zlib"),
    }


def test_every_text_stands_in_both_languages_with_the_same_facts():
    from tests.house.source import placeholders

    for code, (ja, en) in offline_verifier.TEXTS.items():
        assert placeholders(ja) == placeholders(en), code


def test_the_statement_is_that_of_the_program():
    facts = {"origin": "o", "size": 9, "count": 2, "request": "r", "chains": 0}
    texts = offline_verifier.TEXTS["statement"]
    for said, language in zip(texts, LANGUAGES, strict=True):
        assert said.format(**facts) == kit.say("audit-bundle-v1-request", language, **facts)


# RFC 8032 7.1, TEST 1 to 3: seed, public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032(public, message, signature):
    parts = [bytes.fromhex(text) for text in (public, message, signature)]
    assert ed25519_fits(*parts)
    assert not ed25519_fits(parts[0], parts[1] + b"\0", parts[2])


def ed25519_elsewhere(public: bytes, data: bytes, signature: bytes) -> bool:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.data())
def test_ed25519_is_judged_as_by_cryptography(seed, message, data):
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    public = bytearray(key.public_key().public_bytes_raw())
    signature = bytearray(key.sign(message))
    where = data.draw(st.sampled_from([None, public, signature]))
    if where is not None:
        where[data.draw(st.integers(0, len(where) - 1))] ^= data.draw(st.integers(1, 255))
    found = ed25519_fits(bytes(public), message, bytes(signature))
    assert found == ed25519_elsewhere(bytes(public), message, bytes(signature))
    assert found is (where is None)


def test_a_signature_with_its_scalar_grown_by_the_order_is_refused():
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = key.sign(b"text")
    grown = int.from_bytes(signature[32:], "little") + offline_verifier.L25519
    other = signature[:32] + grown.to_bytes(32, "little")
    assert not ed25519_fits(key.public_key().public_bytes_raw(), b"text", other)


SCALARS = st.integers(1, offline_verifier.N256 - 1)


@settings(max_examples=60)
@given(SCALARS, st.binary(min_size=32, max_size=32), st.data())
def test_p256_is_judged_as_by_cryptography(secret, digest, data):
    key = ec.derive_private_key(secret, ec.SECP256R1())
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    prehashed = ec.ECDSA(utils.Prehashed(SHA256()))
    r, s = utils.decode_dss_signature(key.sign(digest, prehashed))
    signature, shown = bytearray(r.to_bytes(32) + s.to_bytes(32)), bytearray(digest)
    where = data.draw(st.sampled_from([None, signature, shown]))
    if where is not None:
        where[data.draw(st.integers(0, len(where) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        pair = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        key.public_key().verify(utils.encode_dss_signature(*pair), bytes(shown), prehashed)
    except InvalidSignature:
        elsewhere = False
    else:
        elsewhere = True
    point = p256_point(der)
    assert p256_fits(point, bytes(shown), bytes(signature)) == elsewhere == (where is None)


@pytest.mark.parametrize("secret", [1, 2, 3, offline_verifier.N256 - 1])
def test_p256_with_points_that_meet_on_the_way(secret):
    """The key is the base point, or its opposite: additions that double or end at infinity."""
    key = ec.derive_private_key(secret, ec.SECP256R1())
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for n in range(8):
        digest = hashlib.sha256(bytes([n])).digest()
        r, s = utils.decode_dss_signature(key.sign(digest, ec.ECDSA(utils.Prehashed(SHA256()))))
        assert p256_fits(p256_point(der), digest, r.to_bytes(32) + s.to_bytes(32))


def test_p256_refuses_numbers_out_of_range_and_keys_off_the_curve():
    key = ec.derive_private_key(7, ec.SECP256R1())
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    point = p256_point(der)
    for r, s in ((0, 1), (1, 0), (offline_verifier.N256, 1), (1, offline_verifier.N256)):
        assert not p256_fits(point, bytes(32), r.to_bytes(32) + s.to_bytes(32))
    assert p256_point(der[:-1] + bytes([der[-1] ^ 1])) is None
    other = ec.derive_private_key(7, ec.SECP384R1()).public_key()
    assert p256_point(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(VALUES)
def test_the_canonical_form_is_that_of_others(value):
    try:
        data = kit.canonical(value)
    except kit.NotCanonical:
        assume(False)
    assert offline_verifier.canonical(value) == data == rfc8785.dumps(value)
    assert offline_verifier.canonical(offline_verifier.parse_json(data)) == data


@settings(max_examples=60)
@given(st.integers(1, 70), st.data())
def test_a_root_is_that_of_others(size, data):
    leaves = [bytes([n]) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    whole = tree.Edge()
    whole.extend(map(tree.leaf_hash, leaves))
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        other.append_entry(leaf)
    proof = other.prove_inclusion(index + 1, size)
    path = list(reversed(_siblings([tree.leaf_hash(leaf) for leaf in leaves], index)))
    assert set(path) <= set(proof.path)
    found = offline_verifier.tree_root(tree.leaf_hash(leaves[index]), index, size, path[::-1])
    assert found == whole.root() == other.get_root()
    with pytest.raises(ValueError, match="path"):
        offline_verifier.tree_root(tree.leaf_hash(b""), index, size, [*path, bytes(32)])


def _siblings(row: list[bytes], index: int) -> list[bytes]:
    """Return the audit path by folding whole rows, as neither implementation does."""
    path = []
    while len(row) > 1:
        if index ^ 1 < len(row):
            path.append(row[index ^ 1])
        pairs = [
            tree.node_hash(*row[at : at + 2]) if at + 1 < len(row) else row[at]
            for at in range(0, len(row), 2)
        ]
        row, index = pairs, index // 2
    return path


def test_a_key_that_is_none_is_said(ours):
    for key in ("", "x", "a+b+c", KEY[:-4] + "AAA="):
        with pytest.raises(Unreadable) as caught:
            verified(ours, authority=key or "nothing")
        assert caught.value.said.code == "key-malformed"
