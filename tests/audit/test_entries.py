"""An entry has one byte string, and what is read back equals what was written."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.samples import AT, ENTRY, HANAKO

from renkei import audit, kit
from renkei.audit.encoding import from_base64std, from_base64url

PROTOCOL = Path(__file__).parents[2] / "docs/protocol/README.md"

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(
    text, st.tuples(text, text), st.dictionaries(text, text), st.binary(min_size=16, max_size=16)
)
def test_an_entry_is_read_back(
    purpose: str, items: tuple[str, str], details: dict[str, str], salt: bytes
) -> None:
    entry = replace(ENTRY, purpose=purpose, items=items, details=details, salt=salt)
    assert audit.Leaf(entry.core(), HANAKO, 1).entry() == entry


@pytest.mark.clause("RK-9.1")
@pytest.mark.parametrize("kind", audit.Kind)
@pytest.mark.parametrize("mode", audit.Mode)
def test_every_kind_and_mode_is_read_back(kind: audit.Kind, mode: audit.Mode) -> None:
    entry = replace(ENTRY, kind=kind, mode=mode, label=None, withheld=True)
    assert audit.Leaf(entry.core()).entry() == entry


@pytest.mark.clause("RK-9.2")
@pytest.mark.parametrize(
    "leaf",
    [
        audit.Leaf(ENTRY.core()),
        audit.Leaf(ENTRY.core(), HANAKO, 1),
        audit.Leaf(ENTRY.core(), HANAKO, 12, bytes(32)),
    ],
)
def test_a_leaf_is_canonical_and_read_back(leaf: audit.Leaf) -> None:
    data = leaf.render()
    assert data == kit.canonical(msgspec.json.decode(data))
    assert audit.Leaf.parse(data) == leaf


def test_a_time_is_kept_to_the_millisecond() -> None:
    fine = datetime(2026, 11, 23, 1, 2, 3, 456789, UTC)
    assert replace(ENTRY, at=fine) == replace(ENTRY, at=AT)


@pytest.mark.clause("RK-10.1")
@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("at", lambda: replace(ENTRY, at=datetime(2026, 1, 1))),  # noqa: DTZ001
        ("request", lambda: replace(ENTRY, request="")),
        ("request", lambda: replace(ENTRY, request="a\x00b")),
        ("request", lambda: replace(ENTRY, request="a" * 201)),
        ("label", lambda: replace(ENTRY, label=b"short")),
        ("salt", lambda: replace(ENTRY, salt=b"")),
        ("length", lambda: replace(ENTRY, purpose="長" * 20_000).core()),
        ("core", lambda: replace(ENTRY, purpose="\ud800").core()),
    ],
)
def test_a_malformed_entry_is_refused_with_the_part_named(
    part: str, change: Callable[[], object]
) -> None:
    with pytest.raises(audit.EntryMalformed) as caught:
        change()
    assert caught.value.facts == {"part": part}


@pytest.mark.clause("RK-9.1")
@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"kind": "other"},
        {"withheld": 1},
        {"at": "2026-11-23T01:02:03Z"},
        {"at": "2026-13-23T01:02:03.456Z"},
        {"salt": "A"},
        {"extra": ""},
    ],
)
def test_a_core_of_another_form_is_refused(change: dict[str, Any]) -> None:
    core = msgspec.json.decode(ENTRY.core(), type=dict[str, Any])
    with pytest.raises(audit.EntryMalformed):
        audit.Leaf(kit.canonical(core | change)).entry()


@pytest.mark.clause("RK-9.2")
def test_a_leaf_in_another_spelling_is_refused() -> None:
    data = audit.Leaf(ENTRY.core(), HANAKO, 1).render()
    for other in (b"", b"[]", data + b" ", data.replace(b'"seq":1', b'"seq":1.0'), data[:-1]):
        with pytest.raises(audit.EntryMalformed):
            audit.Leaf.parse(other)


@pytest.mark.clause("RK-9.1", "RK-9.2")
def test_a_leaf_has_the_members_the_protocol_lists_and_its_core_as_written() -> None:
    leaf = audit.Leaf(ENTRY.core(), HANAKO, 2, bytes(32))
    said = json.loads(leaf.render())
    clause = re.search(r"RK-9\.1\*\*(.*?)\n- \*\*", PROTOCOL.read_text(encoding="utf-8"), re.S)
    assert clause is not None
    named = set(re.findall(r"`([a-z-]+)`", clause[1].partition("It MUST")[0]))
    assert named == set(said["core"]) | {kind.value for kind in audit.Kind} | {"canonical"}
    assert rfc8785.dumps(said["core"]) == ENTRY.core()
    assert set(said) == {"core", "label", "prev", "seq"}
    assert leaf.render() == rfc8785.dumps(said)
    assert leaf.core_hash == sha256(ENTRY.core()).digest()


def test_two_entries_alike_but_for_the_salt_have_unlike_hashes() -> None:
    parts = {name: getattr(ENTRY, name) for name in ENTRY.__slots__ if name != "salt"}
    one, two = audit.Entry(**parts), audit.Entry(**parts)
    assert audit.Leaf(one.core()).core_hash != audit.Leaf(two.core()).core_hash


@pytest.mark.parametrize("spelling", ["AB==", "AA=", "A A", "QR", "é", "Q\n=="])
def test_base64_has_one_spelling(spelling: str) -> None:
    for read in (from_base64std, from_base64url):
        with pytest.raises(ValueError, match=r"."):
            read(spelling)
