"""The generated files a test compares. Write them anew with `python -m tests.standard.golden`."""

from pathlib import Path

from renkei.standard import Catalogue, catalogue, generate

FOLDER = Path(__file__).parent / "golden"


def outputs(standard: Catalogue) -> dict[str, str]:
    """Return file name → text for one of every kind of output."""
    resident = standard.entity("resident")
    medical = standard.entity("child_medical")
    income = standard.interface("06", "income")
    return {
        "version.txt": standard.version + "\n",
        "store.sql": generate.store_sql(standard),
        "resident.schema.json": generate.json_text(generate.json_schema(resident, standard)),
        "income.answer.json": generate.json_text(generate.answer_schema(income, standard)),
        "resident.table.json": generate.json_text(generate.table_schema(resident, standard)),
        "child_medical.table.json": generate.json_text(generate.table_schema(medical, standard)),
        "child_medical.md": generate.csv_markdown(medical),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in outputs(catalogue()).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
