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
    Handling,
    Provenance,
    catalogue,
    compile_catalogue,
    read_compiled,
)

FOLDER = files("renkei.standard") / "catalogue"
STANDARD = catalogue()


def test_the_entities_have_as_many_items_as_agreed():
    counts = {entity.name: len(entity.items) for entity in STANDARD.entities}
    assert counts == {
        "resident": 30,
        "income": 31,
        "child_allowance": 8,
        "child_medical": 9,
        "unregistered_person": 16,
    }


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
    assert STANDARD.procedure("JT99000000001701").asks == ("06/income",)
    assert STANDARD.interface("06", "income").information.code == "TM00000000000002"


def test_an_interface_carries_nothing_that_may_not_leave_its_organisation():
    for interface in STANDARD.interfaces:
        entity = STANDARD.entity(interface.entity)
        carried = [item for item in entity.items if item.name in interface.items]
        assert {item.handling for item in carried} <= {Handling.personal, Handling.tax}
        assert entity.subject not in interface.items


def test_a_code_value_has_days_and_keeps_its_meaning_after_them():
    classes = STANDARD.code_list("allowance_class")
    assert "3" in [value.value for value in classes.on(date(2024, 9, 30))]
    assert "3" not in [value.value for value in classes.on(date(2024, 10, 1))]
    assert classes.label("3") == "特例給付"
    assert classes.label("3", "en") == "special payment above the income limit"
    assert classes.label("9") is None


def test_only_what_was_read_in_a_source_is_called_verified():
    """The two code lists whose values stand in a source; codes of ours begin with 99."""
    lists = {codes.id for codes in STANDARD.code_lists if codes.provenance is Provenance.verified}
    assert lists == {"sex", "taxation"}
    for procedure in STANDARD.procedures:
        assert procedure.provenance is Provenance.proposed
        assert procedure.code.startswith("JT99")
        assert procedure.affair.startswith("JM99")
    for interface in STANDARD.interfaces:
        ours = interface.information.code.startswith("TM99")
        assert ours is (interface.information.provenance is Provenance.proposed)
