"""Checking a catalogue folder, and writing what is generated from the one in force."""

from importlib.resources import files
from pathlib import Path

from renkei import standard
from renkei.standard import generate


def check_folder(folder: Path | None) -> tuple[standard.Finding, ...]:
    """Return every finding in a catalogue folder; the shipped one when none is given."""
    return standard.check_catalogue(folder or files("renkei.standard") / "catalogue")


def write_generated(out: Path) -> list[Path]:
    """Write the tables, the JSON Schemas and the CSV layouts; the same bytes every time."""
    known = standard.catalogue()
    texts = {"store.sql": generate.store_sql(known)}
    for entity in known.entities:
        texts[f"{entity.name}.schema.json"] = generate.json_text(
            generate.json_schema(entity, known)
        )
        texts[f"{entity.name}.table.json"] = generate.json_text(
            generate.table_schema(entity, known)
        )
        texts[f"{entity.name}.csv.md"] = generate.csv_markdown(entity)
    for service in known.interfaces:
        name = service.name.replace("/", "-")
        texts[f"{name}.answer.schema.json"] = generate.json_text(
            generate.answer_schema(service, known)
        )
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
        written.append(out / name)
    return written
