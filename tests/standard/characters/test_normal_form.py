"""A name enters as it was notified; numbers and dates enter in one form; every change is told."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.standard.characters import Kind, Policy, normal_form, policy
from renkei.standard.model import ItemType

each_type = pytest.mark.parametrize("item_type", ItemType)
IDEOGRAPHS = st.characters(min_codepoint=0xF900, max_codepoint=0xFAFF) | st.characters(
    min_codepoint=0x2F800, max_codepoint=0x2FA1D
)
TEXT = st.text(
    IDEOGRAPHS
    | st.sampled_from("髙か゛ｶﾞﾊﾟ\u3099\u309a\u212b\u00c5A\u030ae\u0301㍻①１－−　ｱﾞ\ufe00\u212aア")
) | st.text(st.characters(exclude_categories=[]))

TAKEN = [
    ("text", "髙﨑　\ufa19ﾔﾏ㈱Ⅱ～〜", "髙﨑　\ufa19ﾔﾏ㈱Ⅱ～〜", None),
    ("text", "葛\U000e0100飾", "葛\U000e0100飾", None),
    ("text", "か\u3099き", "がき", Kind.composition),
    ("text", "Ame\u0301lie", "Amélie", Kind.composition),
    ("text", "\u212b\u0301", "\u212b\u0301", None),
    ("kana", "ﾔﾏﾀﾞ ﾊﾟｰﾄ･ｳﾞ", "ヤマダ パート・ヴ", Kind.width),
    ("kana", "カ\u3099", "ガ", Kind.composition),
    ("kana", "やまだ ヤマダ　ヴ", "やまだ ヤマダ　ヴ", None),
    ("kana", "ﾞ", "゛", Kind.width),
    ("latin", "ＳＭＩＴＨ　Ｊ．", "SMITH J.", Kind.width),
    ("latin", "O'NEIL", "O'NEIL", None),
    ("date", "２０２６-０４-０１", "2026-04-01", Kind.width),
    ("uncertain_date", "１９３５-００-００頃", "1935-00-00頃", Kind.width),
    ("number", "−５", "-5", Kind.compatibility),
    ("number", "①", "1", Kind.compatibility),
    ("postal_code", "１０００００１", "1000001", Kind.width),
    ("relationship", "夫（未届）", "夫(未届)", Kind.width),
]


@pytest.mark.parametrize(("item_type", "before", "after", "kind"), TAKEN)
def test_a_value_enters_in_the_form_of_its_type(item_type, before, after, kind):
    changed = normal_form(before, ItemType(item_type))
    assert changed.text == after
    assert {kind} - {None} <= {r.kind for r in changed.replacements}
    assert changed.is_changed is (before != after)


@each_type
def test_every_type_has_a_policy_and_only_text_is_kept_as_notified(item_type):
    assert (policy(item_type) is Policy.as_notified) is (item_type is ItemType.text)


@each_type
@given(text=TEXT)
def test_what_has_entered_does_not_change_again(item_type, text):
    assert not normal_form(normal_form(text, item_type).text, item_type).is_changed


@each_type
@given(text=TEXT)
def test_the_record_is_the_whole_difference(item_type, text):
    changed = normal_form(text, item_type)
    pieces, end = [], 0
    for change in changed.replacements:
        assert text.startswith(change.before, change.position)
        pieces += [text[end : change.position], change.after]
        end = change.position + len(change.before)
    assert "".join([*pieces, text[end:]]) == changed.text


@given(TEXT)
def test_a_name_loses_no_character(text):
    kept = normal_form(text, ItemType.text).text
    assert unicodedata.normalize("NFD", kept) == unicodedata.normalize("NFD", text)
    same = [c for c in text if unicodedata.normalize("NFC", c) != c]
    assert [c for c in kept if unicodedata.normalize("NFC", c) != c] == same


def test_a_pile_of_marks_takes_no_more_than_its_length():
    pile = "a" + "\u0301\u0323" * 200_000
    for item_type in (ItemType.text, ItemType.date):
        assert normal_form(pile, item_type).text == pile
