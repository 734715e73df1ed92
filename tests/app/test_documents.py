"""What the documents say of the program is what the program says of itself."""

import re
from dataclasses import fields

import pytest
from tests.house.source import ROOT

from renkei import audit, exchange, federation
from renkei.app import settings
from renkei.app.keeping.keeper import REQUEST_DAYS
from renkei.app.membership import kept_list
from renkei.app.units.task_door import LONGEST_LIFE, USUAL_LIFE

PROTOCOL = (ROOT / "docs/protocol/README.md").read_text(encoding="utf-8")
MESSAGES = (ROOT / "docs/protocol/messages.md").read_text(encoding="utf-8")
STAFF = (ROOT / "docs/protocol/staff.md").read_text(encoding="utf-8")
LETTERS = (ROOT / "docs/protocol/letters.md").read_text(encoding="utf-8")
PROCEDURE = (ROOT / "docs/procedures/lawful-question.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
CODES = {
    line.partition("\t")[0]
    for line in (ROOT / "src/renkei/kit/texts.tsv").read_text(encoding="utf-8").splitlines()
}
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
NO_CODE = {"content-digest", "content-type", "x-road-client", "x-road-id", "pf-to"}


def clause(number: str, page: str = PROTOCOL) -> str:
    """Return the text of one clause, up to the next one."""
    found = re.search(rf"\*\*RK-{re.escape(number)}\*\*(.*?)(?=\*\*RK-|\n## )", page, re.S)
    assert found is not None, number
    return found[1]


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def first_column(text: str) -> list[str]:
    """Return the names in the first column of a table."""
    return [name for row in re.findall(r"^\|([^|]*)\|", text, re.M) for name in quoted(row)]


@pytest.mark.parametrize("text", [PROTOCOL, PROCEDURE], ids=["protocol", "procedure"])
def test_every_code_named_exists(text):
    named = {word for word in quoted(text) if re.fullmatch(r"[a-z]+(-[a-z]+)+", word)} - NO_CODE
    known = {re.sub("^(refusal|outcome|kind)-", "", code) for code in CODES}
    assert named - known == set()


@pytest.mark.clause("RK-6.2", "RK-52.8")
def test_every_reason_to_refuse_stands_in_the_protocol():
    reasons = {code.removeprefix("refusal-") for code in CODES if code.startswith("refusal-")}
    stated = clause("6.2"), clause("17.6", MESSAGES), clause("50.5", STAFF), clause("52.8", LETTERS)
    assert reasons <= set().union(*map(quoted, stated))


@pytest.mark.clause("RK-3.2")
def test_the_inquiry_has_the_members_the_protocol_lists():
    assert set(first_column(clause("3.2"))) == set(federation.Inquiry.__struct_fields__)


@pytest.mark.clause("RK-1.10")
def test_a_fact_has_the_members_the_protocol_lists():
    assert {field.name for field in fields(federation.Fact)} <= quoted(clause("1.10"))


@pytest.mark.clause("RK-8.2")
def test_a_member_has_the_members_the_protocol_lists():
    assert set(federation.Member.__struct_fields__) <= quoted(clause("8.2"))


@pytest.mark.clause("RK-1.5")
def test_the_headers_of_a_unit_are_the_closed_list():
    assert {name.lower() for name in first_column(clause("1.5"))} == exchange.EDGE_FIELDS


@pytest.mark.parametrize(
    "path",
    [
        *(federation.CONVERT, federation.RECEIPT, federation.ANSWER),
        *(federation.ISSUE, federation.CONVERT_ISSUANCE, federation.ENROL),
    ],
)
def test_every_path_of_the_members_door_is_in_the_protocol(path):
    assert f"`POST {path}`" in PROTOCOL


@pytest.mark.clause("RK-1.4", "RK-1.15")
def test_ids_and_tasks_are_kept_as_long_as_the_protocol_says():
    assert f"in the last {REQUEST_DAYS}\n  days" in clause("1.4")
    assert f"at most {LONGEST_LIFE.days} days on; without it a day" in clause("1.15")
    assert USUAL_LIFE.days == 1


@pytest.mark.clause("RK-2.7", "RK-10.1")
def test_the_window_and_the_limits_are_those_of_the_program():
    limits = exchange.Limits()
    assert f"more than {exchange.WINDOW_SECONDS} seconds" in clause("2.7")
    assert f"{limits.count} fields, {limits.headers >> 10} KiB, {limits.seconds:.0f} s" in PROTOCOL
    assert f"units' door | {limits.body >> 20} MiB" in PROTOCOL
    assert f"answer of a member | {federation.ISSUE_LIMITS.body >> 20} MiB" in PROTOCOL


@pytest.mark.clause("RK-8.8", "RK-8.9")
def test_the_times_of_the_members_list_are_those_of_the_program():
    """Others rely on how soon a list is read, and how late a new key is used."""
    assert f"at least every {settings.LOOK_SECONDS} seconds" in clause("8.8")
    assert f"for {settings.SETTLE_SECONDS} seconds" in clause("8.8")
    assert f"at most {kept_list.MOST_NAMED} of each" in clause("8.9")
    assert f"members list | {federation.LARGEST_LIST >> 20} MiB" in PROTOCOL


def test_every_kind_of_entry_stands_in_the_protocol():
    """RK-9.1."""
    assert {kind.value for kind in audit.Kind} <= quoted(clause("9.1"))


def test_every_test_named_in_the_procedure_exists():
    named = set(re.findall(r"`(test_\w+)", PROCEDURE))
    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in TESTS} == set()
    files = set(re.findall(r"`((?:tests|bench)/[\w/]+\.py)`", PROCEDURE))
    assert {name for name in files if not (ROOT / name).exists()} == set()


def test_every_extension_belongs_to_a_step():
    steps = set(re.findall(r"^(\d+)\. ", PROCEDURE, re.M))
    extensions = re.findall(r"^\| (\d+)[a-z] \|", PROCEDURE, re.M)
    assert extensions
    assert set(extensions) <= steps
    assert extensions == sorted(extensions, key=int)


def test_every_setting_is_described():
    template = (ROOT / "src/renkei/app/settings.py").read_text(encoding="utf-8")
    file = re.search(r"class _File\(.*?\n\n\n", template, re.S)
    assert file is not None
    names = set(re.findall(r"^    (\w+): ", file[0], re.M)) - {"doors", "units"}
    described = {name.partition(".")[0] for name in first_column(SETTINGS)}
    assert names <= described
