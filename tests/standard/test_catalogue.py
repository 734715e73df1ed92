"""The shipped catalogue: one folder, one version, one meaning for every name."""

import os
import subprocess
import sys
from datetime import date
from importlib.resources import files

import msgspec
import pytest

from renkei.standard import (
    CompiledDamaged,
    DefinitionUnknown,
    Item,
    Level,
    Provenance,
    catalogue,
    compile_catalogue,
    compiled,
    read_compiled,
)
from renkei.standard.rules import is_valid
from renkei.standard.synthetic import example_row

FOLDER = files("renkei.standard") / "catalogue"
STANDARD = catalogue()


def items_of(unit: str) -> list[Item]:
    return [item for entity in STANDARD.entities_of(unit) for item in entity.items]


def names_of(unit: str) -> set[str]:
    return {item.name for item in items_of(unit)}


def test_all_units_of_the_seed_and_the_five_since_are_there():
    assert [unit.id for unit in STANDARD.units] == [f"{n:02d}" for n in range(1, 33)]
    later = [unit.ja for unit in STANDARD.units[27:]]
    assert later == [
        *("児童扶養手当", "子ども・子育て支援", "戸籍の附票", "防災情報共有", "団体内統合宛名"),
    ]


@pytest.mark.parametrize(
    ("number", "until", "successor"),
    [("03", date(2012, 7, 8), "01"), ("27", date(2012, 3, 31), "15")],
)
def test_an_abolished_unit_has_its_last_day_and_its_successor(number, until, successor):
    unit = STANDARD.unit(number)
    assert (unit.until, unit.successors) == (until, (successor,))
    assert items_of(number)


CENTRAL = ["02", "04", "05", "06", "09", "10", "12", "14", "15", "16", "17", "19", "20", "21", "22"]


@pytest.mark.parametrize("unit", STANDARD.units, ids=lambda unit: unit.id)
def test_a_unit_has_functions_in_two_levels_and_items_enough(unit):
    assert {function.id.count(".") for function in unit.functions} >= {0, 1}
    least = 100 if unit.id == "01" else 25 if unit.id in CENTRAL else 12
    assert len(names_of(unit.id)) >= least
    assert any(procedure.unit == unit.id for procedure in STANDARD.procedures)


def test_every_data_flow_is_an_interface_with_request_answer_faults_timing_and_example():
    """The checker holds each cell of a flow to an interface; here each interface is complete."""
    assert [flow.number for flow in STANDARD.content.flows] == list(range(1, 46))
    served = {number for interface in STANDARD.interfaces for number in interface.flows}
    assert served == set(range(1, 46))
    for interface in STANDARD.interfaces:
        entity = STANDARD.entity(interface.entity)
        row = example_row(entity, STANDARD)
        carried = [item for item in entity.items if item.name in interface.items]
        assert len(carried) == len(interface.items)
        assert all(is_valid(item, row[item.name]) for item in carried)
        assert STANDARD.faults(interface)
        assert STANDARD.consumers(interface)


def test_the_resident_register_holds_what_its_specification_lists():
    wanted = """
        氏名 旧氏 生年月日 性別 続柄 本籍 筆頭者 住民となった年月日 住所 方書 住所を定めた年月日
        届出年月日 転入前住所 個人番号 住民票コード 通称 在留資格 在留カード番号 消除事由
        転入通知年月日 宛名番号 世帯番号 世帯員の並び順 住民状態 住民種別 備考 メモ フリガナ
        住所コード 郵便番号 最終登録住所地 成年被後見人の該当有無 異動事由 異動日 処理日
        基礎年金番号 申出日 通知日 請求日 入力場所 入力端末 留意事項
    """
    assert set(wanted.split()) - {item.ja for item in items_of("01")} == set()


@pytest.mark.parametrize(
    "clause",
    ["§1.1.6", "§1.2.1", "§1.1.11", "§1.1.8", "§1.1.13", "§4.0.8", "§1.1.16", "§4.1.1.2"],
)
def test_each_rule_of_the_resident_register_is_a_rule_with_its_clause(clause):
    rules = [rule for rule in STANDARD.content.rules if rule.id.startswith("01-")]
    assert any(clause in rule.clause for rule in rules)
    assert {rule.level for rule in rules} == set(Level)


def test_the_evacuation_vocabularies_coexist_by_date():
    orders = STANDARD.code_list("evacuation_order")
    before, after = date(2021, 5, 19), date(2021, 5, 20)
    assert {value.ja for value in orders.on(before)} & {
        value.ja for value in orders.on(after)
    } == set()
    assert "避難指示" in {value.ja for value in orders.on(after)}


@pytest.mark.parametrize("seed", ["0", "1"])
def test_another_process_compiles_the_same_folder_to_the_same_version(seed):
    program = "from renkei.standard import catalogue; print(catalogue().version)"
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stdout.strip() == STANDARD.version


def test_a_compiled_catalogue_reads_back_equal():
    data = compile_catalogue(FOLDER)
    assert compile_catalogue(FOLDER) == data
    assert read_compiled(data) == STANDARD


@pytest.mark.parametrize("position", [0, 30, 200, -1])
def test_a_compiled_catalogue_with_one_byte_changed_is_refused(position):
    data = bytearray(compile_catalogue(FOLDER))
    data[position] ^= 1
    with pytest.raises(CompiledDamaged):
        read_compiled(bytes(data))


def test_another_format_is_refused():
    data = msgspec.msgpack.encode({"format": "other", "version": "", "content": {}})
    with pytest.raises(CompiledDamaged, match="format"):
        read_compiled(data)


def test_what_is_not_defined_is_refused_by_kind_and_name():
    calls = [
        lambda: STANDARD.unit("99"),
        lambda: STANDARD.entity("cat"),
        lambda: STANDARD.item("99-1-001"),
        lambda: STANDARD.code_list("cat"),
        lambda: STANDARD.interface("06", "cat"),
        lambda: STANDARD.procedure("JT0"),
    ]
    for call in calls:
        with pytest.raises(DefinitionUnknown):
            call()
    with pytest.raises(DefinitionUnknown) as caught:
        STANDARD.code_list("cat")
    assert "コード辞書「cat」" in caught.value.text("ja")
    assert "no code list named cat" in caught.value.text("en")


def test_a_definition_is_found_by_its_name():
    assert STANDARD.unit("06").ja == "個人住民税"
    assert STANDARD.item("06-1-013").name == "total_income"
    assert "06/income" in STANDARD.procedure("JT99000000001701").asks
    assert STANDARD.interface("06", "income").information.code == "TM00000000000002"


def test_what_other_organisations_may_ask_carries_nothing_that_may_not_leave():
    shared = [one for one in STANDARD.interfaces if one.between_organisations]
    assert {one.name for one in shared} >= {"01/resident", "06/income", "19/health_history"}
    for interface in shared:
        entity = STANDARD.entity(interface.entity)
        carried = [item for item in entity.items if item.name in interface.items]
        assert all(item.handling.may_travel for item in carried)
        assert entity.subject not in interface.items
        assert STANDARD.shared_interface(interface.unit, interface.service) == interface


def test_an_interface_of_the_house_is_unknown_to_other_organisations():
    assert not STANDARD.interface("01", "person_search").between_organisations
    with pytest.raises(DefinitionUnknown):
        STANDARD.shared_interface("01", "person_search")


def test_a_code_value_has_days_and_keeps_its_meaning_after_them():
    classes = STANDARD.code_list("allowance_class")
    assert "3" in [value.value for value in classes.on(date(2024, 9, 30))]
    assert "3" not in [value.value for value in classes.on(date(2024, 10, 1))]
    assert classes.label("3") == "特例給付"
    assert classes.label("3", "en") == "special payment above the income limit"
    assert classes.label("9") is None


def test_only_what_was_read_in_a_source_is_called_verified():
    """Codes of ours begin with 99; what the facts call background is proposed."""
    for procedure in STANDARD.procedures:
        assert procedure.provenance is Provenance.proposed
        assert procedure.code.startswith("JT99")
        assert procedure.affair.startswith("JM99")
    for interface in STANDARD.interfaces:
        ours = interface.information.code.startswith("TM99")
        assert ours is (interface.information.provenance is Provenance.proposed)
    for codes in STANDARD.code_lists:
        for value in codes.values:
            if value.provenance is Provenance.verified:
                assert "参照モデル" not in value.source.partition("、")[0]


def test_the_standard_loads_without_the_web_and_the_database():
    program = "import sys, renkei.standard as s; s.catalogue(); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in told.stdout.split()}
    heavy = {
        "starlette",
        "aiohttp",
        "uvicorn",
        "psycopg",
        "psycopg_pool",
        "polars",
        "jinja2",
        "lxml",
    }
    assert loaded & heavy == set()


def test_the_compiled_form_is_kept_beside_the_sources_and_made_anew_when_they_change():
    kept = compiled._kept_file()
    catalogue.cache_clear()
    assert catalogue().version == STANDARD.version
    assert kept is None or read_compiled(kept.read_bytes()).version == STANDARD.version
