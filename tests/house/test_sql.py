"""A room's SQL names its own tables, and every statement fits the schema and its rights."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from tests.house.source import PACKAGE, order

from renkei.kit import queries

FILES = sorted(PACKAGE.rglob("*.sql"))
TABLE = re.compile(rf"\b({'|'.join(order())})_\w+")
VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sbt]")
WITH_QUERIES = [
    room
    for room in ("audit", "law", "identity", "store", "exchange", "federation")
    if (PACKAGE / room / "sql" / "queries.sql").exists()
    and (PACKAGE / room / "sql" / "schema.sql").exists()
]


def strange_tables(text: str, room: str) -> list[str]:
    """Return the tables of other rooms a text reads or writes; a foreign key may point down."""
    bare = re.sub(r"--[^\n]*|'[^']*'", "", text)
    bare = re.sub(r"\bREFERENCES\s+\w+", "", bare, flags=re.IGNORECASE)
    return [found[0] for found in TABLE.finditer(bare) if found[1] != room]


def test_the_rule_finds_the_table_of_another_room() -> None:
    text = "SELECT 1 FROM store_value, audit_entry -- kit_migration\n WHERE x = 'law_book'"
    assert strange_tables(text, "store") == ["audit_entry"]
    assert strange_tables("tenant text REFERENCES audit_entry (tenant)", "store") == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_sql_names_only_tables_of_its_own_room(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    assert strange_tables(path.read_text(encoding="utf-8"), room) == []


@pytest.fixture(scope="module")
def application(dsn: str) -> Iterator[psycopg.Connection]:
    options = "-c role=renkei_application"
    with psycopg.connect(dsn, options=options, autocommit=True, prepare_threshold=None) as conn:
        yield conn


def statements() -> Iterator[tuple[str, str, str]]:
    """Yield the name, role and text of every plain statement on tables that last.

    A statement that is not the application's says whose: `-- as renkei_retention`.

    A room says `pg_temp.` somewhere of a table that lives for one transaction only.
    """
    for room in WITH_QUERIES:
        found = queries(f"renkei.{room}")
        texts = {name: getattr(found, name).decode() for name in found.names()}
        passing = set(re.findall(r"pg_temp\.(\w+)", " ".join(texts.values())))
        for name, whole in texts.items():
            text = re.sub(r"--[^\n]*", "", whole).strip()
            plain = text.split(maxsplit=1)[0].upper() in VERBS and "{" not in text
            role = re.search(r"-- as (\w+)", whole)
            if plain and passing.isdisjoint(re.findall(r"\w+", text)):
                yield f"{room}.{name}", role[1] if role else "renkei_application", text


@pytest.mark.parametrize(
    ("name", "role", "text"), [pytest.param(*s, id=s[0]) for s in statements()]
)
def test_the_application_may_run_the_statement(
    application: psycopg.Connection, name: str, role: str, text: str
) -> None:
    """Explaining a statement checks its tables, its columns and the rights, and runs nothing."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    numbered = PLACEHOLDER.sub(lambda found: f"${names.index(found[1]) + 1}", text)
    numbered = numbered.replace("%%", "%").rstrip(";")
    application.execute("DEALLOCATE ALL")
    application.execute(f"SET ROLE {role}".encode())
    try:
        application.execute(f"PREPARE checked AS {numbered}".encode())
    except errors.IndeterminateDatatype:
        pytest.skip("a parameter gets its type only from the driver")
    nulls = f"({', '.join(['NULL'] * len(names))})" if names else ""
    application.execute(f"EXPLAIN EXECUTE checked{nulls}".encode())
