"""A receipt fits one log, one entry, one transcript and one time."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.samples import AT, SEED

from renkei import audit, kit

SIGNER = audit.Signer.from_seed("renkei.example/8000012010038/access-log/2026", SEED)
RECEIPT = audit.Receipt(SIGNER.name, b"\x01" * 32, AT, 60, b"\x02" * 32)
LINE = RECEIPT.sign(SIGNER)


def opened(line: str) -> audit.Receipt:
    return audit.Receipt.open(
        line, [SIGNER.verifier], transcript=RECEIPT.transcript, core_hash=RECEIPT.core_hash
    )


def test_a_receipt_is_read_back_and_says_when_it_is_due() -> None:
    assert opened(LINE) == RECEIPT == audit.Receipt.read(LINE, [SIGNER.verifier])
    assert opened(LINE).due == AT + timedelta(seconds=60)
    assert LINE.isascii()
    assert len(LINE) < 300


@pytest.mark.clause("RK-5.1")
def test_a_receipt_is_one_line_of_seven_parts_signed_up_to_the_last_space() -> None:
    form, origin, core, at, delay, transcript, signature = LINE.split(" ")
    assert (form, origin, at, delay) == (
        "renkei-receipt/v1",
        SIGNER.name,
        "2026-11-23T01:02:03.456Z",
        "60",
    )
    decoded = [urlsafe_b64decode(f"{part}==") for part in (core, transcript, signature)]
    assert decoded[:2] == [RECEIPT.core_hash, RECEIPT.transcript]
    assert decoded[2][:4] == SIGNER.verifier.id
    key = Ed25519PublicKey.from_public_bytes(SIGNER.verifier.public)
    key.verify(decoded[2][4:], LINE.rpartition(" ")[0].encode())


@pytest.mark.clause("RK-5.1")
@pytest.mark.parametrize("days", [31, 32])
def test_a_promise_is_kept_within_31_days(days: int) -> None:
    line = replace(RECEIPT, delay=days * 24 * 3600).sign(SIGNER)
    if days == 31:
        assert opened(line)
        return
    with pytest.raises(audit.ReceiptInvalid):
        opened(line)


@pytest.mark.clause("RK-5.1")
def test_a_receipt_with_any_character_changed_is_refused() -> None:
    for at, character in enumerate(LINE):
        other = "A" if character != "A" else "B"
        with pytest.raises((audit.ReceiptInvalid, audit.KeyUnknown)):
            opened(LINE[:at] + other + LINE[at + 1 :])


@pytest.mark.clause("RK-5.3")
@pytest.mark.parametrize(
    ("part", "transcript", "core_hash"),
    [("transcript", bytes(32), b"\x01" * 32), ("core_hash", b"\x02" * 32, bytes(32))],
)
def test_a_receipt_for_something_else_is_refused(
    part: str, transcript: bytes, core_hash: bytes
) -> None:
    with pytest.raises(audit.ReceiptInvalid) as caught:
        audit.Receipt.open(LINE, [SIGNER.verifier], transcript=transcript, core_hash=core_hash)
    assert caught.value.facts == {"part": part}


@pytest.mark.clause("RK-5.3")
def test_a_receipt_of_a_log_not_trusted_is_refused() -> None:
    with pytest.raises(audit.KeyUnknown):
        audit.Receipt.read(LINE, [])


@pytest.mark.clause("RK-5.3")
def test_a_key_signs_receipts_of_its_own_log_only() -> None:
    with pytest.raises(audit.ReceiptInvalid):
        RECEIPT.sign(audit.Signer.from_seed("renkei.example/other", SEED))


def test_a_receipt_is_no_checkpoint_and_a_checkpoint_no_receipt() -> None:
    with pytest.raises(audit.NoteMalformed):
        audit.Checkpoint.open(LINE, [SIGNER.verifier])
    with pytest.raises(audit.ReceiptInvalid):
        opened(audit.Checkpoint.sign(SIGNER, 1, bytes(32)).note)


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_fall(text: str) -> None:
    for line in (text, LINE + text, text + " " + LINE, LINE[:40] + text + LINE[40:]):
        if line != LINE:
            with pytest.raises(kit.NodeError):
                opened(line)
