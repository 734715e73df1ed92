"""The generated files a test compares. Write them anew with `python -m tests.standard.golden`.

They are made from a small catalogue of the tests' own, so that a change of the shipped one leaves
them alone.
"""

from datetime import date
from pathlib import Path

from tests.standard.every_type import small

from renkei.standard import Catalogue, generate

FOLDER = Path(__file__).parent / "golden"
DAY = date(2026, 4, 1)


def outputs(standard: Catalogue) -> dict[str, str]:
    """Return file name → text for one of every kind of output."""
    unit, entity = standard.unit("03"), standard.entity("sample")
    interface = standard.interface("03", "sample")
    made = {
        "sample.schema.json": generate.json_schema(entity, standard),
        "sample.table.json": generate.table_schema(entity, standard),
        "sample.request.json": generate.request_schema(interface, standard),
        "sample.answer.json": generate.answer_schema(interface, standard),
        "sample.message.json": generate.message_schema(interface, standard),
        "03.openapi.json": generate.openapi(unit, standard),
        "linkml.yaml": generate.linkml(standard),
        "migration.json": generate.migration(standard).document(),
    }
    return {
        "sample.md": generate.csv_markdown(entity),
        "sample.ja.html": generate.form(entity, standard, "ja", on=DAY),
        "sample.en.html": generate.form(entity, standard, "en", on=DAY),
        "03.xsd": generate.xsd(unit, standard),
        "03.wsdl": generate.wsdl(unit, standard),
        "03.python.txt": generate.python_records(unit, standard),
        **{name: generate.json_text(value) for name, value in made.items()},
        **generate.migration(standard).texts(),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for known in FOLDER.iterdir():
        known.unlink()
    for name, text in outputs(small()).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
