"""An extract of many rows takes no more memory than one of few."""

import json
import subprocess
import sys

import psycopg
import pytest
from tests.store.rows import TOWN, resident

from renkei.standard import catalogue
from renkei.standard.generate.tables import column_type
from renkei.store.extracts import Form

ROWS = 100_000
SLACK = 60 * 2**20  # bytes more for fifty times the rows

RUN = """
import json, pathlib, sys, time
from datetime import date, datetime, timezone
from renkei import kit
from renkei.standard import catalogue
from renkei.store import extracts
dsn, town, folder, form, limit = sys.argv[1:]
items = ("register_number", "name", "kana", "birth_date", "sex", "address", "processed_on")
query = extracts.Query(
    leading=extracts.Source(entity="resident"),
    columns=tuple(extracts.Column(item=f"resident.{item}") for item in items),
    limit=int(limit),
)
at = datetime(2026, 4, 11, tzinfo=timezone.utc)
heading = extracts.Heading("見本", "A市", "1002", at, at.date(), "検証", "ja")
form = extracts.Form(form)
path = pathlib.Path(folder) / f"a{form.suffix}"
with kit.Database(dsn, size=1, settings=extracts.SETTINGS) as pool:
    with pool.transaction(kit.tenant(town)) as conn:
        output = extracts.write(
            conn, kit.tenant(town), extracts.plan(query, catalogue()), path,
            form=form, heading=heading, moment=extracts.Moment(at.date(), None, at.date()),
            limits=extracts.Limits(), clock=time.monotonic, progress=lambda _: None,
        )
persons = len(output.persons.of(("resident",)))
# Not getrusage: its peak is that of the process that started this one, if higher.
status = pathlib.Path("/proc/self/status").read_text()
peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
print(json.dumps({"rows": output.rows, "peak": peak, "persons": persons}))
"""


@pytest.fixture(scope="module")
def many(dsn: str) -> str:
    """Give a town of many residents, made by the database from one."""
    entity = catalogue().entity("resident")
    row = resident(1)
    names = [item.name for item in entity.items]
    values = [
        "lpad(n::text, 15, '0')"
        if item.name == "register_number"
        else f"%({item.name})s::{column_type(item)}"
        for item in entity.items
    ]
    with psycopg.connect(dsn) as conn:
        statement = (
            f"INSERT INTO store_resident (tenant, {', '.join(names)}, valid_from, known_from)"  # noqa: S608
            f" SELECT %(tenant)s, {', '.join(values)}, '2026-04-01', '2026-04-01'"
            f" FROM generate_series(1, {ROWS}) AS n"
        )
        facts = {name: row.get(name) or None for name in names}
        conn.execute(statement.encode(), {"tenant": TOWN, **facts})
    return dsn


def peak(dsn: str, folder: object, form: Form, limit: int) -> tuple[int, int]:
    """Return the rows written and the most memory a process of its own took for them."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, dsn, TOWN, str(folder), form.value, str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["persons"] == told["rows"]
    return told["rows"], told["peak"]


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.pdf])
def test_memory_stays_flat(many, tmp_path_factory, form):
    few, little = peak(many, tmp_path_factory.mktemp("few"), form, ROWS // 50)
    rows, much = peak(many, tmp_path_factory.mktemp("many"), form, ROWS)
    assert (few, rows) == (ROWS // 50, ROWS)
    print(form, little / 2**20, much / 2**20)
    assert much - little < SLACK
