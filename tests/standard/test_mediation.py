"""A record goes from one release to another whole, or what it lost is named; and back again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standard.folder import write

from renkei.standard import Catalogue, compile_catalogue, read_compiled
from renkei.standard.characters import Charset
from renkei.standard.errors import DefinitionUnknown, ItemNotInRelease, ServiceNotInRelease
from renkei.standard.mediation import Character, Loss, Mediated, Why, mediation, written_in

ITEMS, UNIT, VALUES, PAIRS = (
    *("items/01.tsv", "units/01.yaml"),
    *("code_lists/common.tsv", "code_mappings.tsv"),
)
GRANTED = ("provisions.tsv", "01-1-002 01-1-004", "01-1-002 01-1-004 01-1-006")
CARRIED = ((UNIT, "items: [year, sex]", "items: [year, sex, alias]"), GRANTED)


def row(name: str, kind: str, digits: str = "", external: str = "no") -> str:
    """Return a line of the items file: one more item of a person, under the number 01-1-006."""
    said = f"person\t01-1-006\t{name}\t通称\tAlias\t{kind}\t{digits}\tno\t\tpersonal\t{external}"
    return f"{said}\t\t\t\tverified\t本\n"


def small(folder: Path, *changes: tuple[str, str, str], line: str = "") -> Catalogue:
    write(folder)
    for file, old, new in changes:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, old
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    if line:
        with (folder / ITEMS).open("a", encoding="utf-8") as opened:
            opened.write(line)
    return read_compiled(compile_catalogue(folder))


def told(old: Catalogue, new: Catalogue, **record: str | int | None) -> Mediated:
    return mediation(old, new, "01", "person").record(record)


@pytest.fixture
def retyped(tmp_path):
    """Return two releases in which one item is written in two ways."""

    def releases(before: str, after: str) -> tuple[Catalogue, Catalogue]:
        made = (
            small(tmp_path / name, *CARRIED, line=row("alias", *written.split()))
            for name, written in (("old", before), ("new", after))
        )
        old, new = made
        return old, new

    return releases


def test_a_release_and_itself_differ_in_nothing(tmp_path):
    same = small(tmp_path)
    assert told(same, same, year="2025", sex="2") == Mediated({"year": "2025", "sex": "2"})


def test_an_item_that_was_renamed_is_the_same_by_its_number(tmp_path):
    old = small(tmp_path / "old")
    new = small(
        tmp_path / "new",
        (ITEMS, "sex\t性別\tSex", "sex_kind\t性の別\tSex"),
        (UNIT, "[year, sex]", "[year, sex_kind]"),
    )
    assert told(old, new, sex="1") == Mediated({"sex_kind": "1"})
    assert told(new, old, sex_kind="1") == Mediated({"sex": "1"})


@pytest.mark.clause("RK-19.5")
def test_a_question_for_an_item_the_other_release_does_not_carry_is_refused(tmp_path):
    old, new = small(tmp_path / "old"), small(tmp_path / "new", line=row("alias", "text", "10"))
    onwards = mediation(new, old, "01", "person")
    onwards.check(["01-1-002", "01-1-004"])
    with pytest.raises(ItemNotInRelease, match="alias") as refused:
        onwards.check(["01-1-006"])
    assert "通称" not in str(refused.value)
    assert "版「1」" in refused.value.text("ja")
    assert onwards.record({"alias": "x"}) == Mediated({}, (Loss("alias", Why.item_gone),))


@pytest.mark.parametrize(
    "change",
    [
        (UNIT, "between_organisations: true", "between_organisations: false"),
        (UNIT, 'path: "{year}"', 'path: "of/{year}"'),
    ],
)
def test_a_service_that_is_gone_or_asked_otherwise_is_refused(tmp_path, change):
    old, new = small(tmp_path / "old"), small(tmp_path / "new", change)
    with pytest.raises(ServiceNotInRelease, match="01/person"):
        mediation(old, new, "01", "person")


def test_a_name_neither_release_has_is_an_error(tmp_path):
    with pytest.raises(DefinitionUnknown):
        told(small(tmp_path), small(tmp_path), colour="red")


@pytest.mark.parametrize(
    ("before", "after", "value", "there", "why"),
    [
        ("text 10", "text 20", "漢字", "漢字", None),
        ("text 20", "text 10", "短い", "短い", None),
        ("text 20", "text 3", "長すぎる", None, Why.form_differs),
        ("text 9 yes", "text 9 no", "\ue000", None, Why.form_differs),
        ("text 9", "kana 9", "カナ", "カナ", None),
        ("text 9", "kana 9", "漢字", None, Why.form_differs),
        ("digits 4", "number", "0012", None, Why.form_differs),
        ("digits 4", "number", "1012", 1012, None),
        ("number", "text 9", 12, "12", None),
        ("number", "decimal 2.3", 12, "12", None),
        ("decimal 2.3", "number", "12.5", None, Why.form_differs),
        ("date", "uncertain_date", "1935-03-10", "1935-03-10", None),
        ("uncertain_date", "date", "1935-03-10", "1935-03-10", None),
        ("uncertain_date", "date", "1935-03-00", None, Why.form_differs),
        ("date", "month", "2025-04-01", "2025-04", Why.less_precise),
        ("date", "year", "2025-04-01", "2025", Why.less_precise),
        ("datetime", "date", "2025-04-01T10:00:00", "2025-04-01", Why.less_precise),
        ("date", "datetime", "2025-04-01", None, Why.form_differs),
        ("flag", "number", "1", None, Why.type_differs),
        ("number", "flag", 1, None, Why.type_differs),
    ],
)
def test_a_value_of_another_type_is_carried_if_it_says_the_same(
    retyped, before, after, value, there, why
):
    old, new = retyped(before, after)
    losses = () if why is None else (Loss("alias", why),)
    assert told(old, new, alias=value) == Mediated({"alias": there}, losses)
    assert why is None or why.is_carried is (there is not None)


def test_a_value_the_other_release_wants_and_nobody_has_is_named(tmp_path):
    old = small(tmp_path / "old")
    new = small(tmp_path / "new", (ITEMS, "code\t\tno\tsex", "code\t\tyes\tsex"))
    assert told(old, new, sex=None) == Mediated({"sex": None}, (Loss("sex", Why.value_missing),))
    assert told(new, old, sex=None) == Mediated({"sex": None})


LETTERED = (ITEMS, "no\tsex\t", "no\tsex_letter\t")


@pytest.mark.parametrize(
    ("value", "there", "why"),
    [("1", "M", None), ("2", "F", Why.code_merged), ("9", None, Why.code_unmapped)],
)
def test_a_code_goes_by_the_mapping_of_the_standard(tmp_path, value, there, why):
    old, new = small(tmp_path / "old"), small(tmp_path / "new", LETTERED)
    losses = () if why is None else (Loss("sex", why),)
    assert told(old, new, sex=value) == Mediated({"sex": there}, losses)


@pytest.mark.parametrize(
    ("value", "there", "why"),
    [("M", "1", None), ("F", None, Why.code_ambiguous), ("X", None, Why.code_unmapped)],
)
def test_against_the_mapping_a_code_comes_back_only_if_one_can_be_meant(
    tmp_path, value, there, why
):
    """女 was 2 and is 3: F does not say which, and nobody chooses for the holder."""
    old, new = small(tmp_path / "old", LETTERED), small(tmp_path / "new")
    losses = () if why is None else (Loss("sex", why),)
    assert told(old, new, sex=value) == Mediated({"sex": there}, losses)


RETIRED = "sex\t2\t女\tfemale\t2012-04-01\t2020-03-31\t3\tverified\t本\n"


def test_a_value_that_is_gone_goes_to_its_successor_and_is_named(tmp_path):
    changes = ((VALUES, RETIRED, ""), (PAIRS, "sex_to_letter\t2\tF\tproposed\t本\n", ""))
    old, new = small(tmp_path / "old"), small(tmp_path / "new", *changes)
    assert told(old, new, sex="2") == Mediated({"sex": "3"}, (Loss("sex", Why.code_merged),))
    assert told(new, old, sex="3") == Mediated({"sex": "3"})


def test_a_value_that_means_something_else_is_not_carried(tmp_path):
    old, new = small(tmp_path / "old"), small(tmp_path / "new", (VALUES, "1\t男\t", "1\t男性\t"))
    assert told(old, new, sex="1") == Mediated({"sex": None}, (Loss("sex", Why.code_unmapped),))


YEARS = st.integers(1000, 9999).map(str)
SEXES = st.sampled_from(["1", "2", "3", None])
NAMES = st.text("亜髙𠮷アー0", min_size=1, max_size=10) | st.none()


@pytest.fixture(scope="module")
def reversible(tmp_path_factory) -> tuple[Catalogue, Catalogue]:
    """Return two releases that differ, and in nothing that loses a value."""
    folder = tmp_path_factory.mktemp("reversible")
    line = row("alias", "text", "10")
    old = small(folder / "old", *CARRIED, line=line)
    new = small(
        folder / "new",
        (ITEMS, "sex\t性別\tSex", "sex_kind\t性の別\tSex"),
        (UNIT, "items: [year, sex]", "items: [year, sex_kind, other_name]"),
        GRANTED,
        (UNIT, "name: person\n", "name: inhabitant\n"),
        (UNIT, "entity: person", "entity: inhabitant"),
        (UNIT, "entities: [person]", "entities: [inhabitant]"),
        ("units/02.yaml", "to: person", "to: inhabitant"),
        (ITEMS, "person\t01", "inhabitant\t01"),
        ("vocabulary.tsv", "person.", "inhabitant."),
        line=row("other_name", "text", "20").replace("person\t", "inhabitant\t"),
    )
    return old, new


@pytest.mark.clause("RK-19.6")
@given(year=YEARS, sex=SEXES, alias=NAMES)
def test_there_and_back_over_a_difference_that_loses_nothing_is_the_same(
    reversible, year, sex, alias
):
    old, new = reversible
    record = {"year": year, "sex": sex, "alias": alias}
    there = told(old, new, **record)
    assert set(there.record) == {"year", "sex_kind", "other_name"}
    assert told(new, old, **there.record) == Mediated(record)
    assert there.losses == ()


@pytest.mark.clause("RK-19.7")
@given(
    value=st.text(st.characters(blacklist_categories=["Cs"]), max_size=12),
    into=st.sampled_from(["text 20", "text 3", "kana 9", "number", "date", "flag", "digits 4"]),
)
def test_whatever_does_not_come_back_as_it_was_is_named(tmp_path_factory, value, into):
    folder = tmp_path_factory.getbasetemp() / "named"
    old = _kept(folder / "old", "text 12")
    new = _kept(folder / into.replace(" ", "-"), into)
    there = told(old, new, alias=value or None)
    back = told(new, old, **there.record)
    assert back.record == {"alias": value or None} or there.losses or back.losses


def _kept(folder: Path, written: str) -> Catalogue:
    if not folder.exists():
        return small(folder, *CARRIED, line=row("alias", *written.split()))
    return read_compiled(compile_catalogue(folder))


@pytest.mark.clause("RK-19.9")
def test_characters_the_receiver_lacks_are_replaced_and_each_is_named():
    found = written_in({"name": "髙橋𩸽", "year": 2025, "kana": None}, Charset.jis_x_0208)
    assert found.record == {"name": "高橋〓", "year": 2025, "kana": None}
    assert found.losses == (
        Loss("name", Why.characters_replaced, (Character(1, "髙", "高"),)),
        Loss("name", Why.characters_missing, (Character(3, "𩸽", "〓"),)),
    )


@pytest.mark.clause("RK-19.9")
@given(value=st.text(st.characters(blacklist_categories=["Cs"]), max_size=20))
def test_in_utf_8_nothing_is_replaced(value):
    assert written_in({"name": value}, Charset.utf_8) == Mediated({"name": value})


@given(
    value=st.text("亜髙𠮷﨑〜～葛\U000e0100アｱ\\0", max_size=20), charset=st.sampled_from(Charset)
)
def test_a_text_that_is_not_as_it_was_is_named_and_what_came_out_stays(value, charset):
    found = written_in({"name": value}, charset)
    assert (found.record == {"name": value}) == (not found.losses)
    again = written_in(found.record, charset)
    assert again == Mediated(found.record)


@pytest.mark.parametrize("why", Why)
def test_every_loss_has_a_sentence_in_both_languages(why):
    loss = Loss("alias", why)
    assert "alias" in loss.text("ja")
    assert "alias" in loss.text("en")
