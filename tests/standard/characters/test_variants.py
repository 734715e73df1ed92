"""A variant folds to the common form with a record; a selector is kept until somebody asks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ja_itaiji import Itaiji

from renkei.kit.texts import table as texts
from renkei.standard.characters import (
    Charset,
    Kind,
    Replacement,
    VariantsDamaged,
    can_write,
    fold_forms,
    fold_to_compare,
    forms,
    sequences,
    without_selectors,
)
from renkei.standard.characters.variants import COLUMNS, read_table, table

ONE_NAME = [
    ("髙橋", "高橋"),
    ("山﨑", "山嵜", "山崎", "山碕"),
    ("𠮷田", "吉田"),
    ("渡邊", "渡邉", "渡辺", "渡邉\U000e0101"),
    ("齋藤", "齊藤", "斎藤", "斉藤"),
    ("濱田", "濵田", "浜田"),
    ("德永", "徳永"),
    ("廣澤", "広沢", "廣沢"),
    ("中嶋", "中嶌", "中島"),
    ("\ufa19谷", "神谷"),
    ("桒原", "桑原"),
    ("葛\U000e0100城", "葛城"),
    ("龍", "竜"),
]
TWO_NAMES = [("大田", "太田"), ("河井", "川井"), ("阿部", "安部"), ("伊藤", "伊東")]
ANY = st.text(st.sampled_from([*forms(), *"あ高崎辺斉島葛"]), max_size=20)


@pytest.mark.parametrize("spellings", ONE_NAME)
def test_the_spellings_of_one_name_are_found_together(spellings):
    assert len({fold_to_compare(name).text for name in spellings}) == 1


@pytest.mark.parametrize("names", TWO_NAMES)
def test_two_names_stay_two(names):
    assert len({fold_to_compare(name).text for name in names}) == 2


def test_a_fold_says_what_it_changed_and_where():
    assert fold_forms("山﨑葛\U000e0100").replacements == (
        Replacement(1, "﨑", "崎", Kind.variant),
        Replacement(3, "\U000e0100", "", Kind.selector),
    )
    assert not fold_forms("斉藤").is_changed
    assert fold_to_compare("斉藤").replacements[0].kind is Kind.confusable


def test_selectors_are_told_with_their_numbers():
    told = sequences("葛\U000e0100城辻\U000e0101神\ufe00")
    assert [(s.position, s.base, s.number) for s in told] == [
        (0, "葛", 17),
        (3, "辻", 18),
        (5, "神", 1),
    ]
    bare = without_selectors("葛\U000e0100城")
    assert (bare.text, bare.replacements[0].position) == ("葛城", 1)
    assert [s.base for s in sequences("\U000e0100\U000e0100")] == ["\U000e0100"]


def test_every_line_of_the_table_is_known_elsewhere_as_a_pair_of_variants():
    strange = {
        v.character
        for v in table()
        if not Itaiji.is_family(v.character, v.folds_to)
        and not Itaiji.is_family(v.folds_to, v.character)
    }
    # Characters the other table lacks (four outside the BMP), 斉/斎, which are two characters.
    assert strange == set("𠮷𡈽𣘺𠮟內靍斉")


def test_the_old_forms_are_those_of_the_table_of_common_kanji():
    verified = [v for v in table() if v.provenance == "verified"]
    assert len(verified) + 62 == 364  # 62 are compatibility ideographs: Unicode knows them
    assert all(v.kind is Kind.variant and "常用漢字表" in v.source for v in verified)


def test_a_common_form_can_be_written_in_jis_x_0208():
    ends = {fold_forms(v.character).text for v in table() if v.kind is Kind.variant}
    assert [end for end in ends if not can_write(end, Charset.jis_x_0208)] == []


def test_a_compatibility_ideograph_becomes_what_unicode_equates_it_with():
    for character in ("\ufa19", "\ufa10", "\uf914", "\U0002f81a"):
        assert forms()[character] == unicodedata.normalize("NFC", character)
    assert "﨑" in forms()  # U+FA11 is a character of its own: NFC does not know 崎
    assert unicodedata.normalize("NFKC", "﨑") == "﨑"


@given(ANY)
def test_a_fold_of_a_fold_changes_nothing(text):
    for fold in (fold_forms, fold_to_compare, without_selectors):
        assert not fold(fold(text).text).is_changed


@given(ANY)
def test_the_record_is_the_whole_difference(text):
    for fold in (fold_forms, fold_to_compare, without_selectors):
        folded = fold(text)
        changes = {r.position: r.after for r in folded.replacements}
        assert folded.text == "".join(changes.get(at, c) for at, c in enumerate(text))
        assert all(text[r.position] == r.before for r in folded.replacements)


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["髙\t高\tform\tverified\t本"], 2),
        (["髙\t高\tvariant\tverified"], 2),
        (["髙髙\t高\tvariant\tverified\t本"], 2),
        (["髙\t高\tvariant\tverified\t本"] * 2, 3),
        (["髙\t高\tvariant\tverified\t本", "高\t髙\tvariant\tverified\t本"], 3),
        (["髙\t髙\tvariant\tverified\t本"], 2),
    ],
)
def test_a_table_in_which_a_fold_would_not_end_is_refused(lines, line):
    with pytest.raises(VariantsDamaged, match=f"Line {line} "):
        read_table("\n".join(["\t".join(COLUMNS), *lines]))


def test_a_table_with_other_columns_is_refused():
    with pytest.raises(VariantsDamaged, match="Line 1 "):
        read_table("character\tfolds_to\n")


@pytest.mark.parametrize("kind", Kind)
def test_every_reason_reads_in_both_languages(kind):
    change = Replacement(0, "﨑", "崎", kind)
    reason = texts()[f"character-kind-{kind.replace('_', '-')}"]
    assert reason["ja"] in change.text("ja")
    assert f"1, 﨑 (U+FA11), became 崎 (U+5D0E). Reason: {reason['en']}" in change.text("en")
