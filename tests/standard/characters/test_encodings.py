"""What leaves in an older charset comes back as it was, or the report says what did not."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from renkei.standard.characters import (
    Charset,
    CharsetUnknown,
    Kind,
    can_write,
    charset,
    decode,
    encode,
    external_characters,
    forms,
    from_windows_code,
)

W, J8, J13 = Charset.windows_31j, Charset.jis_x_0208, Charset.jis_x_0213
each_charset = pytest.mark.parametrize("where", Charset)
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=40)  # surrogates too
JAPANESE = st.text(st.sampled_from("あア亜漢髙﨑①～〜－−ｱﾞか゚\ue000𠮷葛\U000e0100\x80\uf8f0A\\¥~‾"))

# Character, Shift_JIS, Windows-31J, Shift_JIS-2004; "-" where it has no code there.
CODES = [
    ("亜", "889f", "889f", "889f"),
    ("ｱ", "b1", "b1", "b1"),
    ("①", "-", "8740", "8740"),
    ("Ⅰ", "-", "8754", "8754"),
    ("ⅰ", "-", "fa40", "86b3"),
    ("㈱", "-", "878a", "878a"),
    ("∵", "81e6", "81e6", "81e6"),
    ("髙", "-", "fbfc", "-"),
    ("﨑", "-", "fab1", "9892"),
    ("德", "-", "faba", "eac3"),
    ("黑", "-", "fc4b", "eff0"),
    ("𠮟", "-", "-", "9873"),
    ("か゚", "-", "-", "82f5"),
    ("〜", "8160", "-", "8160"),
    ("～", "-", "8160", "-"),
    ("−", "817c", "-", "817c"),
    ("－", "-", "817c", "81af"),
    ("‖", "8161", "-", "8161"),
    ("∥", "-", "8161", "81d2"),
    ("¢", "8191", "-", "8191"),
    ("￠", "-", "8191", "-"),
    ("¬", "81ca", "-", "81ca"),
    ("￢", "-", "81ca", "-"),
    ("\\", "5c", "5c", "815f"),
    ("¥", "-", "-", "5c"),
    ("￥", "818f", "818f", "818f"),
    ("\ue000", "-", "f040", "-"),
    ("\ue757", "-", "f9fc", "-"),
]


@pytest.mark.parametrize(("character", "jis", "windows", "jis_2004"), CODES)
def test_each_charset_has_its_own_code_for_a_character(character, jis, windows, jis_2004):
    for where, code in ((J8, jis), (W, windows), (J13, jis_2004)):
        assert can_write(character, where) is (code != "-")
        if code != "-":
            assert encode(character, where).data.hex() == code
            assert decode(bytes.fromhex(code), where).text == character


@pytest.mark.parametrize(
    ("where", "before", "after"),
    [
        (W, "〜−‖¢£¬—¥‾¦", "～－∥￠￡￢―￥￣￤"),
        (J8, "～－∥￠￡￢—¥‾", "〜−‖¢£¬―￥￣"),
        (J13, "～￠￡￢—＼", "〜¢£¬―\\"),
    ],
)
def test_a_cell_is_written_under_its_other_name_and_that_is_reported(where, before, after):
    encoded = encode(before, where)
    assert decode(encoded.data, where).text == after
    assert [(r.before, r.after, r.kind) for r in encoded.replacements] == [
        (b, a, Kind.twin) for b, a in zip(before, after, strict=True)
    ]
    assert encoded.is_whole


@pytest.mark.parametrize(("nec", "ibm"), [("eee0", "fbfc"), ("ed95", "fab1"), ("eeef", "fa40")])
def test_windows_writes_the_ibm_code_of_a_character_that_stands_twice(nec, ibm):
    character = decode(bytes.fromhex(nec), W).text
    assert encode(f"あ{character}あ", W).data.hex() == f"82a0{ibm}82a0"
    assert decode(bytes.fromhex(ibm), W).text == character


def test_every_double_byte_code_of_windows_comes_back_or_has_one_that_windows_prefers():
    others = 0
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xFD)):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD)):
            code = bytes((lead, trail))
            decoded = decode(code, W)
            if decoded.is_whole:
                back = encode(decoded.text, W)
                assert back.is_whole
                assert decode(back.data, W).text == decoded.text
                others += back.data != code
    assert others == 398  # Microsoft's list of codes that do not come back


def test_external_characters_keep_their_1880_places_on_windows():
    private = [chr(c) for c in range(0xE000, 0xE758)]
    data = encode("".join(private), W).data
    codes = [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]
    assert (codes[0], codes[-1]) == (0xF040, 0xF9FC)
    assert [c.windows_code for c in external_characters("".join(private))] == codes
    assert [from_windows_code(code) for code in codes] == private
    assert not encode("\ue758", W).is_whole
    assert [from_windows_code(code) for code in (0xF07F, 0xF0FD, 0xFA40, 0x8140)] == [None] * 4
    assert external_characters("\uf8ff\U00100000")[0].windows_code is None


def test_the_same_bytes_are_external_characters_or_kanji_by_the_name_of_the_charset():
    assert decode(b"\xf0\x40", W).text == "\ue000"
    assert decode(b"\xf0\x40", J13).text == "\U00020089"


def test_what_a_charset_lacks_is_reported_and_never_replaced_silently():
    encoded = encode("髙橋", J8)
    assert encoded.data.decode("shift_jis") == "〓橋"
    (missing,) = encoded.missing
    assert (missing.position, missing.character) == (0, "髙")
    assert "髙 (U+9AD9)" in missing.text("ja")
    assert "Shift_JIS" in missing.text("en")


def test_a_mapping_is_followed_no_further_than_needed_and_recorded():
    encoded = encode("髙\uf914葛\U000e0100", J8, mapping=forms())
    assert encoded.data.decode("shift_jis") == "高樂葛"
    assert [(r.position, r.after, r.kind) for r in encoded.replacements] == [
        (0, "高", Kind.variant),
        (1, "樂", Kind.compatibility),
        (3, "", Kind.selector),
    ]


def test_a_town_brings_the_table_of_its_external_characters():
    encoded = encode("\ue000\ue001", J8, mapping={"\ue000": "(株)", "\ue001": "\ue001"})
    assert encoded.data.decode("shift_jis") == "(株)〓"
    assert encoded.replacements[0].kind is Kind.given
    assert encoded.missing[0].position == 1


def test_kana_with_a_joined_mark_are_one_character_of_jis_x_0213_only():
    assert encode("か゚", J13).data == b"\x82\xf5"
    assert [m.position for m in encode("か゚あ゚", J8).missing] == [1, 3]
    assert [m.position for m in encode("か゚あ゚", J13).missing] == [3]


@pytest.mark.parametrize(
    ("where", "data", "text", "damage"),
    [
        (W, b"\x82", "\ufffd", [(0, b"\x82")]),
        (W, b"\x82\xa0\x82", "あ\ufffd", [(2, b"\x82")]),
        (W, b"\x80A\xa0\xfd", "\ufffdA\ufffd", [(0, b"\x80"), (2, b"\xa0\xfd")]),
        (W, b"a\x85\x40b", "a\ufffd@b", [(1, b"\x85")]),
        (J8, b"\x87\x40", "\ufffd@", [(0, b"\x87")]),
        (J8, b"\xf0\x40", "\ufffd@", [(0, b"\xf0")]),
        (J13, b"\x82\xf5\xff", "か゚\ufffd", [(2, b"\xff")]),
        (Charset.utf_8, b"\xe9\xab", "\ufffd", [(0, b"\xe9\xab")]),
        (Charset.utf_8, b"\xc0\x80a", "\ufffda", [(0, b"\xc0\x80")]),
        (Charset.utf_8, b"\xed\xa0\x80", "\ufffd", [(0, b"\xed\xa0\x80")]),
        (Charset.utf_8, b"\xf4\x90\x80\x80", "\ufffd", [(0, b"\xf4\x90\x80\x80")]),
    ],
)
def test_bytes_without_meaning_are_found_where_they_stand(where, data, text, damage):
    decoded = decode(data, where)
    assert decoded.text == text
    assert [(d.offset, d.data) for d in decoded.damages] == damage
    assert not decoded.is_whole
    assert data[damage[0][0] :][:1].hex().upper() in decoded.damages[0].text("ja")


def test_a_byte_order_mark_is_taken_off_and_told():
    decoded = decode(b"\xef\xbb\xbfA", Charset.utf_8)
    assert (decoded.text, decoded.replacements[0].kind) == ("A", Kind.byte_order_mark)
    assert decoded.is_whole
    assert decode("あ\ufeff".encode(), Charset.utf_8).text == "あ\ufeff"


@each_charset
@given(text=ANY_TEXT | JAPANESE)
@example(text="æ\0か\0")
def test_a_whole_text_comes_back_as_the_report_says(where, text):
    encoded = encode(text, where)
    changes = {r.position: r.after for r in encoded.replacements}
    changes |= {m.position: "〓" for m in encoded.missing}
    told = "".join(changes.get(at, c) for at, c in enumerate(text))
    decoded = decode(encoded.data, where)
    assert decoded.is_whole
    assert decoded.text == told.removeprefix("\ufeff" if where is Charset.utf_8 else "")


@each_charset
@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_and_their_damages_lie_in_order_and_apart(where, data):
    decoded = decode(data, where)
    end = -1
    for damage in decoded.damages:
        assert damage.offset > end
        assert data[damage.offset : damage.offset + len(damage.data)] == damage.data
        end = damage.offset + len(damage.data)
    assert not any("\udc80" <= c <= "\udcff" for c in decoded.text)


@each_charset
@given(text=JAPANESE)
def test_offsets_count_the_bytes_before(where, text):
    before = encode(text, where).data
    (damage,) = decode(before + b"\xff\xff", where).damages
    assert damage.offset == len(before)


@each_charset
@given(text=JAPANESE)
def test_a_mapping_touches_nothing_the_charset_can_write(where, text):
    mapped = encode(text, where, mapping=forms())
    plain = encode(text, where)
    assert {r.position for r in plain.replacements} <= {r.position for r in mapped.replacements}
    changed = {r.position for r in mapped.replacements} - {r.position for r in plain.replacements}
    assert changed <= {m.position for m in plain.missing}


def test_ten_megabytes_take_a_second_or_two():
    text = "髙橋" * 1_700_000
    began = time.process_time()
    assert decode(encode(text, W).data, W).text == text
    assert time.process_time() - began < 10


@each_charset
def test_damage_takes_no_more_than_its_length(where):
    began = time.process_time()
    assert len(decode(b"\xffA" * 100_000, where).damages) == 100_000
    assert len(decode(b"\xff" * 1_000_000, where).damages) == 1
    assert len(encode("\ud800あ" * 100_000, where).missing) == 100_000
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("name", "where"), [("utf8", Charset.utf_8), ("MS932", W), ("shift_jis", J8)]
)
def test_a_charset_is_known_by_its_names(name, where):
    assert charset(name) is where


def test_an_unknown_charset_is_refused_with_the_names_of_the_known_ones():
    with pytest.raises(CharsetUnknown, match=r"UTF-16.*Windows-31J"):
        charset("UTF-16")
