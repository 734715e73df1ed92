"""Writing what is generated from a catalogue: a folder for each form, the same bytes each time."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

from renkei.standard import Catalogue, Timing, generate, site

Progress = Callable[[int, int], None]
Files = Iterator[tuple[str, str | bytes]]


def write_export(known: Catalogue, form: str, out: Path, *, on: date) -> list[Path]:
    """Write a form, or all of them, into folders of their names; return the files."""
    forms = [*EXPORTS] if form == "all" else [form]
    files = ((f"{name}/{file}", text) for name in forms for file, text in EXPORTS[name](known, on))
    return _write(files, out)


def write_site(known: Catalogue, out: Path, progress: Progress, *, on: date) -> list[Path]:
    """Write the site, and beside it what its pages offer for download."""
    offered = ("xsd", "wsdl", "openapi")
    downloads = {
        file: text if isinstance(text, str) else text.decode()
        for name in offered
        for file, text in EXPORTS[name](known, on)
    }
    return site.write(known, out, downloads=downloads, progress=progress)


def _write(files: Iterable[tuple[str, str | bytes]], out: Path) -> list[Path]:
    written = []
    for name, text in files:
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        written.append(path)
    return written


def _tables(known: Catalogue, _: date) -> Files:
    yield "store.sql", generate.store_sql(known)


def _json_schema(known: Catalogue, _: date) -> Files:
    for entity in known.entities:
        schema = generate.json_schema(entity, known)
        yield f"{entity.name}.schema.json", generate.json_bytes(schema)
    for service in known.interfaces:
        name = service.name.replace("/", "-")
        if Timing.immediate in service.timings:
            request = generate.request_schema(service, known)
            yield f"{name}.request.json", generate.json_bytes(request)
            answer = generate.answer_schema(service, known)
            yield f"{name}.answer.json", generate.json_bytes(answer)
        if set(service.timings) - {Timing.immediate}:
            message = generate.message_schema(service, known)
            yield f"{name}.message.json", generate.json_bytes(message)


def _xsd(known: Catalogue, _: date) -> Files:
    for unit in known.units:
        yield f"{unit.id}-{unit.name}.xsd", generate.xsd(unit, known)


def _wsdl(known: Catalogue, _: date) -> Files:
    for unit in known.units:
        if known.interfaces_of(unit.id):
            yield f"{unit.id}-{unit.name}.wsdl", generate.wsdl(unit, known)


def _openapi(known: Catalogue, _: date) -> Files:
    for unit in known.units:
        if known.interfaces_of(unit.id):
            document = generate.json_bytes(generate.openapi(unit, known))
            yield f"{unit.id}-{unit.name}.openapi.json", document


def _csv(known: Catalogue, _: date) -> Files:
    for entity in known.entities:
        yield f"{entity.name}.csv.md", generate.csv_markdown(entity)
    for interface in known.interfaces:
        if Timing.immediate in interface.timings:
            name = f"{interface.unit}-{interface.service}.files.md"
            yield name, generate.file_markdown(interface, known)


def _table_schema(known: Catalogue, _: date) -> Files:
    for entity in known.entities:
        schema = generate.table_schema(entity, known)
        yield f"{entity.name}.table.json", generate.json_bytes(schema)


def _linkml(known: Catalogue, _: date) -> Files:
    # YAML 1.2 takes JSON as it is.
    yield f"{known.edition.id}.linkml.yaml", generate.json_bytes(generate.linkml(known))


def _migration(known: Catalogue, _: date) -> Files:
    layout = generate.migration(known)
    yield "migration.json", generate.json_bytes(layout.document())
    yield from layout.texts().items()


def _python(known: Catalogue, _: date) -> Files:
    yield "records.py", generate.shared_python_records(known)
    for unit in known.units:
        if text := generate.python_records(unit, known):
            yield f"unit_{unit.id}.py", text


def _forms(known: Catalogue, on: date) -> Files:
    for entity in known.entities:
        yield f"{entity.name}.ja.html", generate.form(entity, known, "ja", on=on)
        yield f"{entity.name}.en.html", generate.form(entity, known, "en", on=on)


EXPORTS: dict[str, Callable[[Catalogue, date], Files]] = {
    "tables": _tables,
    "json-schema": _json_schema,
    "xsd": _xsd,
    "wsdl": _wsdl,
    "openapi": _openapi,
    "csv": _csv,
    "table-schema": _table_schema,
    "linkml": _linkml,
    "migration": _migration,
    "python": _python,
    "forms": _forms,
}
"""What can be exported, by the name of the form; each gives file names and texts."""
