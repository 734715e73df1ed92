"""What was signed is what was meant; anything else is refused by its name."""

import hashlib
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict

import http_sf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
    algorithms,
)
from hypothesis import given
from hypothesis import strategies as st

from renkei.exchange import (
    Answer,
    DigestWrong,
    Fields,
    HeaderMalformed,
    HeaderMissing,
    HeaderTwice,
    KeyMalformed,
    PublicKey,
    Question,
    SignatureExpired,
    SignatureIncomplete,
    SignatureKeyUnknown,
    SignatureMalformed,
    SignatureMissing,
    SignatureWrong,
    SigningKey,
    content_digest,
    public_key,
    public_text,
    sign_answer,
    sign_question,
    verify_answer,
    verify_question,
)
from renkei.kit import NodeError

KEY, STRANGER = SigningKey.generate(), SigningKey.generate()
NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
QUESTION = Question(
    "POST",
    "/r1/JP/MUN/131024/06/income",
    "year=2025",
    (
        ("content-type", "application/json"),
        ("x-road-client", "JP/MUN/131016/15"),
        ("x-road-id", "m-1"),
        ("pf-to", "131024"),
        ("pf-purpose", "%E5%85%90"),
        ("accept", "application/json"),
    ),
    b'{"a":1}',
)
ANSWER = Answer(200, (("content-type", "application/json"), ("x-road-id", "m-1")), b'{"b":2}')
SIGNED, OF_QUESTION = sign_question(QUESTION, KEY, at=NOW)
SIGNED_ANSWER, _ = sign_answer(ANSWER, KEY, question=OF_QUESTION.header, at=NOW)


def keys(name: str) -> PublicKey | None:
    return KEY.public if name == KEY.name else None


def without(fields: Fields, *names: str) -> Fields:
    return tuple(pair for pair in fields if pair[0] not in names)


def changed(fields: Fields, name: str, value: str) -> Fields:
    return tuple((n, value if n == name else v) for n, v in fields)


def rewritten(question: Question, old: str, new: str) -> Question:
    """Return the question with a piece of its Signature-Input replaced."""
    text = question.field("signature-input") or ""
    assert old in text
    return replace(
        question, fields=changed(question.fields, "signature-input", text.replace(old, new, 1))
    )


def refusal(question: Question, at: datetime = NOW) -> NodeError:
    with pytest.raises(NodeError) as caught:
        verify_question(question, keys, at=at)
    return caught.value


def test_a_signed_question_verifies_and_keeps_what_a_record_needs() -> None:
    signature = verify_question(SIGNED, keys, at=NOW)
    assert signature == OF_QUESTION
    assert signature.base.startswith(b'"@method": POST\n"@path": /r1/JP/MUN/131024/06/income\n')
    assert b'"pf-purpose": %E5%85%90\n' in signature.base


@pytest.mark.clause("RK-2.10")
def test_the_signature_survives_a_proxy_that_adds_headers_and_rewrites_the_host() -> None:
    more = (("host", "inside:8443"), ("via", "1.1 proxy"), ("accept-encoding", "gzip"))
    verify_question(SIGNED.with_fields(*more), keys, at=NOW)


@pytest.mark.clause("RK-2.5")
def test_a_signed_answer_verifies_for_its_question_alone() -> None:
    verify_answer(SIGNED_ANSWER, keys, question=OF_QUESTION.header, at=NOW)
    other = sign_question(QUESTION, KEY, at=NOW)[1].header
    with pytest.raises(SignatureWrong):
        verify_answer(SIGNED_ANSWER, keys, question=other, at=NOW)


@pytest.mark.clause("RK-2.5")
def test_an_answer_bound_to_no_question_is_refused() -> None:
    loose, _ = sign_answer(ANSWER, KEY, question=None, at=NOW)
    with pytest.raises(SignatureIncomplete) as caught:
        verify_answer(loose, keys, question=OF_QUESTION.header, at=NOW)
    assert caught.value.facts == {"component": "signature;req"}


@pytest.mark.clause("RK-2.4")
@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("method", "PUT"),
        ("path", "/r1/JP/MUN/131024/06/other"),
        ("query", "year=2024"),
        ("query", ""),
    ],
)
def test_a_changed_request_line_is_noticed(part: str, value: str) -> None:
    assert isinstance(refusal(replace(SIGNED, **{part: value})), SignatureWrong)  # type: ignore[arg-type]  # one text field


@pytest.mark.clause("RK-2.4")
@pytest.mark.parametrize(
    "name", ["content-type", "x-road-client", "x-road-id", "pf-to", "pf-purpose", "content-digest"]
)
def test_a_changed_or_dropped_header_is_noticed_by_its_name(name: str) -> None:
    old = SIGNED.field(name) or ""
    error = refusal(replace(SIGNED, fields=changed(SIGNED.fields, name, f"{old}0")))
    assert isinstance(error, DigestWrong if name == "content-digest" else SignatureWrong)
    error = refusal(replace(SIGNED, fields=without(SIGNED.fields, name)))
    assert isinstance(error, HeaderMissing)
    assert error.facts == {"name": name}


@pytest.mark.clause("RK-2.4")
@pytest.mark.parametrize("name", ["pf-consent", "x-road-userid"])
def test_an_added_header_that_means_something_is_noticed(name: str) -> None:
    error = refusal(SIGNED.with_fields((name, "x")))
    assert isinstance(error, SignatureIncomplete)
    assert error.facts == {"component": name}


@pytest.mark.clause("RK-2.5")
@pytest.mark.parametrize("name", ["pf-outcome", "x-road-service"])
def test_an_answer_to_which_a_header_was_added_is_dropped(name: str) -> None:
    added = SIGNED_ANSWER.with_fields((name, "x"))
    with pytest.raises(SignatureIncomplete) as caught:
        verify_answer(added, keys, question=OF_QUESTION.header, at=NOW)
    assert caught.value.facts == {"component": name}


@pytest.mark.clause("RK-2.4")
@pytest.mark.parametrize(
    "name",
    ["x-road-client", "pf-to", "content-type", "content-digest", "signature", "signature-input"],
)
def test_a_second_value_is_refused(name: str) -> None:
    again = SIGNED.with_fields((name, SIGNED.field(name) or ""))
    assert isinstance(refusal(again), HeaderTwice)


@pytest.mark.clause("RK-2.3")
def test_a_changed_body_is_noticed() -> None:
    assert isinstance(refusal(replace(SIGNED, body=b'{"a":2}')), DigestWrong)
    assert isinstance(refusal(replace(SIGNED, body=b"")), DigestWrong)
    changed_answer = replace(SIGNED_ANSWER, body=b"{}")
    with pytest.raises(DigestWrong):
        verify_answer(changed_answer, keys, question=OF_QUESTION.header, at=NOW)


@pytest.mark.clause("RK-2.5")
def test_a_changed_status_is_noticed() -> None:
    with pytest.raises(SignatureWrong):
        verify_answer(replace(SIGNED_ANSWER, status=404), keys, question=OF_QUESTION.header, at=NOW)


@pytest.mark.clause("RK-2.7")
@pytest.mark.parametrize(
    ("seconds", "fits"), [(300, True), (-300, True), (301, False), (-301, False)]
)
def test_a_signature_is_good_for_five_minutes_around_its_time(seconds: int, fits: bool) -> None:
    at = NOW + timedelta(seconds=seconds)
    if fits:
        verify_question(SIGNED, keys, at=at)
    else:
        assert isinstance(refusal(SIGNED, at), SignatureExpired)


@pytest.mark.clause("RK-2.7")
def test_a_signature_that_names_its_end_is_not_good_after_it() -> None:
    created = int(NOW.timestamp())
    ended = rewritten(SIGNED, f"created={created}", f"created={created};expires={created - 1}")
    assert isinstance(refusal(ended), SignatureExpired)


def test_a_key_nobody_registered_is_refused() -> None:
    assert isinstance(refusal(sign_question(QUESTION, STRANGER, at=NOW)[0]), SignatureKeyUnknown)


def test_a_signature_forged_with_another_key_is_refused() -> None:
    forged = sign_question(QUESTION, replace(STRANGER, name=KEY.name), at=NOW)[0]
    assert isinstance(refusal(forged), SignatureWrong)


@pytest.mark.clause("RK-2.3")
def test_a_message_without_a_signature_is_refused() -> None:
    assert isinstance(refusal(QUESTION), SignatureMissing)
    assert isinstance(
        refusal(replace(SIGNED, fields=without(SIGNED.fields, "signature"))), SignatureMissing
    )


@pytest.mark.clause("RK-2.3", "RK-2.6")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("renkei=", "other="),
        ('"@method" ', '"@method"  '),
        ('"@method" ', '"@method" "@method" '),
        ('"@method" ', '"@method" "@authority" '),
        ('"@method" ', '"@method" "signature";req '),
        (";tag=", ";Tag="),
        (';tag="renkei"', ""),
        (';tag="renkei"', ';tag="other"'),
        (';tag="renkei"', ';tag="renkei";tag="renkei"'),
        (';tag="renkei"', ';tag="renkei";alg="ed25519"'),
        (';tag="renkei"', ';tag="renkei";why="x"'),
        (";nonce=", ";other="),
        ("created=", 'created="'),
        ("created=", "created=-"),
        ("created=", "created=9999999999999999"),
        (";keyid=", ";expires="),
        ("renkei=", "two=();created=1, renkei="),
    ],
)
def test_a_signature_input_in_another_form_is_refused(old: str, new: str) -> None:
    assert isinstance(refusal(rewritten(SIGNED, old, new)), SignatureMalformed)


@pytest.mark.clause("RK-2.6")
@pytest.mark.parametrize("nonce", ["", "n" * 15, "n" * 65, "n" * 15 + "."])
def test_a_nonce_of_another_length_or_alphabet_is_refused(nonce: str) -> None:
    assert isinstance(refusal(rewritten(SIGNED, OF_QUESTION.nonce, nonce)), SignatureMalformed)
    bare = rewritten(SIGNED, f';nonce="{OF_QUESTION.nonce}"', "")
    assert isinstance(refusal(bare), SignatureMalformed)


@pytest.mark.clause("RK-2.4")
def test_a_signature_that_leaves_out_a_component_is_refused_by_its_name() -> None:
    for name in ("@method", "@path", "@query", "content-type", "pf-purpose", "x-road-client"):
        error = refusal(rewritten(SIGNED, f'"{name}" ', ""))
        assert isinstance(error, SignatureIncomplete)
        assert error.facts == {"component": name}


@pytest.mark.clause("RK-2.3")
@pytest.mark.parametrize(
    "value",
    [
        "",
        "renkei=::",
        f"renkei=:{b64encode(b'x' * 63).decode()}:",
        f"renkei=:{b64encode(b'x' * 65).decode()}:",
        f"{OF_QUESTION.header}, two=:AAAA:",
        OF_QUESTION.header.replace("renkei", "other"),
        OF_QUESTION.header + ";x",
    ],
    ids=["empty", "none", "63-bytes", "65-bytes", "two", "other-label", "parameter"],
)
def test_a_signature_in_another_form_is_refused(value: str) -> None:
    error = refusal(replace(SIGNED, fields=changed(SIGNED.fields, "signature", value)))
    assert isinstance(error, SignatureMalformed)


@pytest.mark.clause("RK-10.1")
def test_an_oversized_signature_input_is_refused_unread() -> None:
    assert isinstance(
        refusal(rewritten(SIGNED, '"@method" ', '"@method" ' * 500)), SignatureMalformed
    )


def test_a_signature_of_zeros_is_refused() -> None:
    zeros = f"renkei=:{b64encode(bytes(64)).decode()}:"
    error = refusal(replace(SIGNED, fields=changed(SIGNED.fields, "signature", zeros)))
    assert isinstance(error, SignatureWrong)


def test_what_is_not_ascii_cannot_be_signed() -> None:
    with pytest.raises(HeaderMalformed) as caught:
        sign_question(QUESTION.with_fields(("pf-consent", "é")), KEY, at=NOW)
    assert caught.value.facts == {"name": "pf-consent"}


@given(st.sampled_from(["signature", "signature-input"]), st.text(max_size=200))
def test_no_text_in_place_of_a_signature_breaks_the_check(name: str, text: str) -> None:
    refusal(replace(SIGNED, fields=changed(SIGNED.fields, name, text)))


@given(st.binary(max_size=200), st.text("abc/%20", max_size=20))
def test_whatever_is_signed_verifies(body: bytes, path: str) -> None:
    question = replace(QUESTION, path=f"/{path}", body=body)
    verify_question(sign_question(question, KEY, at=NOW)[0], keys, at=NOW)


@pytest.mark.clause("RK-2.6")
def test_a_key_is_named_by_the_hash_of_its_der_form_and_a_nonce_is_128_bits_drawn_anew() -> None:
    der = KEY.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    named = urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert f';keyid="{named}"' in (SIGNED.field("signature-input") or "")
    nonces = {sign_question(QUESTION, KEY, at=NOW)[1].nonce for _ in range(20)}
    assert len(nonces) == 20
    assert {len(urlsafe_b64decode(f"{nonce}==")) for nonce in nonces} == {16}


def test_a_key_travels_as_text_and_as_pem() -> None:
    assert SigningKey.from_pem(KEY.pem()).name == KEY.name
    assert public_text(public_key(public_text(KEY.public))) == public_text(KEY.public)


@pytest.mark.parametrize(
    "text", ["", "AAAA", "é", public_text(KEY.public) + "=", public_text(KEY.public)[:-2]]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyMalformed):
        public_key(text)
    with pytest.raises(KeyMalformed):
        SigningKey.from_pem(text.encode())


# An independent implementation of RFC 9421 and of structured fields as oracle.

ORACLE_KEYS = MappingKeyResolver(
    public_keys={KEY.name: KEY.public}, private_keys={KEY.name: KEY.private}
)
ECDSA = algorithms.ECDSA_P256_SHA256


@dataclass
class Request:
    """A request as the oracle wants it."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass
class Response:
    """A response as the oracle wants it."""

    status_code: int
    headers: dict[str, str]
    request: Request


class About(TypedDict):
    """What every signature says about itself."""

    key_id: str
    label: str
    tag: str
    created: datetime


def as_request(question: Question) -> Request:
    return Request(question.method, f"https://peer{question.target}", dict(question.fields))


@pytest.mark.clause("RK-2.3")
def test_the_oracle_verifies_our_signatures() -> None:
    now = datetime.now(UTC)
    question, asked = sign_question(QUESTION, KEY, at=now)
    answer, _ = sign_answer(ANSWER, KEY, question=asked.header, at=now)
    verifier = HTTPMessageVerifier(signature_algorithm=ECDSA, key_resolver=ORACLE_KEYS)
    (request,) = verifier.verify(as_request(question), expect_tag="renkei", body=question.body)
    response = Response(answer.status, dict(answer.fields), as_request(question))
    verifier.verify(response, expect_tag="renkei", body=answer.body)
    assert request.nonce == asked.nonce


@pytest.mark.clause("RK-2.3", "RK-2.6")
@pytest.mark.parametrize("query", ["", "year=2025"])
@pytest.mark.parametrize("names_algorithm", [True, False])
def test_we_verify_the_oracles_signatures(query: str, names_algorithm: bool) -> None:
    now = datetime.now(UTC)
    request = as_request(replace(QUESTION, query=query))
    signer = HTTPMessageSigner(signature_algorithm=ECDSA, key_resolver=ORACLE_KEYS)
    about: About = {"key_id": KEY.name, "label": "renkei", "tag": "renkei", "created": now}
    covered = ["@method", "@path", "@query", *(n for n, _ in QUESTION.fields if n != "accept")]
    signer.sign(
        request,
        nonce="0123456789abcdef",
        covered_component_ids=covered,
        body=QUESTION.body,
        include_alg=names_algorithm,
        **about,
    )
    fields = tuple((name.lower(), value) for name, value in request.headers.items())
    theirs = verify_question(replace(QUESTION, query=query, fields=fields), keys, at=now)

    response = Response(200, dict(ANSWER.fields), request)
    covered = ["@status", "content-type", "x-road-id", '"signature";req']
    signer.sign(response, covered_component_ids=covered, body=ANSWER.body, **about)
    fields = tuple((name.lower(), value) for name, value in response.headers.items())
    verify_answer(replace(ANSWER, fields=fields), keys, question=theirs.header, at=now)


def test_our_fields_are_structured_fields_in_canonical_form() -> None:
    for name in ("signature", "signature-input", "content-digest"):
        text = SIGNED.field(name) or ""
        assert http_sf.ser(http_sf.parse(text.encode(), tltype="dictionary")) == text


@pytest.mark.clause("RK-2.3")
def test_the_digest_is_that_of_rfc_9530() -> None:
    # RFC 9530, appendix B.1: the representation {"hello": "world"} with its line feed.
    assert content_digest(b'{"hello": "world"}\n') == (
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    )
