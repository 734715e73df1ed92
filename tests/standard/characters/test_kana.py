"""Kana change script and width without loss, and readings that sound alike are found together."""

import jaconv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.standard.characters import (
    Romanisation,
    fold_to_find,
    full_width,
    half_width,
    hiragana,
    katakana,
    romaji,
)

KATAKANA = "".join(map(chr, range(0x30A1, 0x30F7)))  # ァ to ヶ
HALF = "".join(map(chr, range(0xFF61, 0xFFA0)))

FOUND_TOGETHER = [
    ("オオノ", "オーノ", "オノ", "おおの", "ｵｵﾉ"),
    ("コウノ", "コーノ", "コオノ"),
    ("ヤマザキ", "ヤマサキ"),
    ("ナカジマ", "ナカシマ"),
    ("ミヅホ", "ミズホ"),
    ("ヂョウ", "ジョウ", "ジヨウ"),
    ("ヴァイオレット", "バイオレット", "バイオレツト"),
    ("サヽキ", "ササキ"),
    ("カヲル", "カオル"),
    ("ヱミ", "エミ"),
    ("ハットリ", "ハツトリ"),
    ("ヤマダ　タロウ", "ヤマダタロー", "ﾔﾏﾀﾞ･ﾀﾛｳ"),
    ("ユウキ", "ユーキ", "ユキ"),
]
KEPT_APART = [("サトウ", "カトウ"), ("エイジ", "エジ"), ("スズキ", "ススム"), ("アアイ", "アイ")]

# Kana, passport, modified Hepburn. The passport column: examples of the prefectures' offices.
SPELT = [
    ("ホンダ", "HONDA", "honda"),
    ("シンヤ", "SHINYA", "shin'ya"),
    ("ナンバ", "NAMBA", "nanba"),
    ("ホンマ", "HOMMA", "honma"),
    ("サンペイ", "SAMPEI", "sanpei"),
    ("ハットリ", "HATTORI", "hattori"),
    ("キッカワ", "KIKKAWA", "kikkawa"),
    ("ホッチ", "HOTCHI", "hotchi"),
    ("ハッチョウ", "HATCHO", "hatchō"),
    ("オオタニ", "OTANI", "ōtani"),
    ("サイトウ", "SAITO", "saitō"),
    ("ヨウコ", "YOKO", "yōko"),
    ("ユウカ", "YUKA", "yūka"),
    ("ショウイチ", "SHOICHI", "shōichi"),
    ("リョウタロウ", "RYOTARO", "ryōtarō"),
    ("セノオ", "SENOO", "senō"),
    ("タカトオ", "TAKATOO", "takatō"),
    ("ニーナ", "NINA", "nīna"),
    ("サリー", "SARI", "sarī"),
    ("マツ|ウラ", "MATSUURA", "matsuura"),
    ("コ|ウチワ", "KOUCHIWA", "kouchiwa"),
    ("シン|バシ", "SHIMBASHI", "shinbashi"),
    ("ジェ チェ ティ", "JIE CHIE TEI", "je che ti"),
    ("ディ デュ ファ フィ", "DEI DEYU FUA FUI", "di dyu fa fi"),
    ("ヴァ", "BUA", "va"),
    ("ヂヅヲヰヱ", "JIZUOIE", "jizuoie"),
    ("ｼﾞｭﾝ", "JUN", "jun"),
    ("ふじつ・A1", "FUJITSU・A1", "fujitsu・A1"),
    ("Nooh Quu 神", "Nooh Quu 神", "Nooh Quu 神"),
]


@pytest.mark.parametrize("spellings", FOUND_TOGETHER)
def test_readings_that_sound_alike_are_found_together(spellings):
    assert len({fold_to_find(reading) for reading in spellings}) == 1


@pytest.mark.parametrize("readings", KEPT_APART)
def test_other_readings_stay_apart(readings):
    assert len({fold_to_find(reading) for reading in readings}) == 2


@given(st.text(st.sampled_from(KATAKANA + HALF + "ーヽヾ゛\u3099\u309aあゔ・ 漢")))
def test_a_fold_of_a_fold_changes_nothing(text):
    assert fold_to_find(fold_to_find(text)) == fold_to_find(text)


@given(st.text(st.sampled_from(KATAKANA + "ー・、。「」")))
def test_width_and_script_change_and_change_back(text):
    plain = text.translate(str.maketrans("ヮヰヱヵヶ", "ワイエカケ"))  # no half-width form
    assert full_width(half_width(plain)) == full_width(plain)
    assert katakana(hiragana(text)) == text


@pytest.mark.parametrize("kana", [*KATAKANA, *HALF[:-2], "ﾊﾟ", "ｳﾞ", "が", "ﾔﾏﾀﾞ"])
def test_another_library_agrees(kana):
    assert full_width(kana) == jaconv.h2z(kana)
    assert katakana(hiragana(kana)) == jaconv.hira2kata(jaconv.kata2hira(kana))
    assert hiragana(kana) == jaconv.kata2hira(kana)
    if kana in KATAKANA and kana not in "ヮヰヱヵヶヴ":
        assert half_width(kana) == jaconv.z2h(kana)


@pytest.mark.parametrize(("kana", "passport", "modified"), SPELT)
def test_a_reading_is_spelt_by_the_rules_asked_for(kana, passport, modified):
    assert romaji(kana) == passport
    assert romaji(kana, Romanisation.modified) == modified


@pytest.mark.parametrize(
    "kana", "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほらりるれろ"
)
def test_single_kana_are_spelt_as_another_library_spells_them(kana):
    assert romaji(kana).lower() == jaconv.kana2alphabet(kana)


@given(st.text(st.sampled_from(KATAKANA + "ー|")))
def test_a_reading_becomes_plain_capitals(text):
    assert set(romaji(text)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@given(st.text(st.characters(exclude_characters="|", max_codepoint=0x3040)))
def test_what_is_no_kana_stays(text):
    assert romaji(text) == text
