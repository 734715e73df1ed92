"""The skeleton of a migration between two releases: what people fill in, and what is done for them.

Three files: `changes.md` for whoever decides, `mappings.tsv` with a line for each value or item
whose successor somebody must name, and `columns.sql` for the columns that change their type. New
tables and columns need nothing: the store makes them at its next start.
"""

from collections.abc import Iterable, Iterator

from renkei.kit import Language, say
from renkei.standard.content import Catalogue
from renkei.standard.differences import Change, Effect
from renkei.standard.generate import column_type
from renkei.standard.model import Item

MAPPED = frozenset({"gone", "ended", "meaning", "type", "shorter", "made-required", "value-made"})
HEADER = ("kind", "definition", "change", "before", "after", "decision")


def skeleton(
    changes: Iterable[Change], old: Catalogue, new: Catalogue, language: Language = "ja"
) -> dict[str, str]:
    """Return file name → text; the same changes give the same bytes."""
    listed = list(changes)
    return {
        "changes.md": _changes(listed, old, new, language),
        "mappings.tsv": _mappings(listed, new),
        "columns.sql": _columns(listed, old, new),
    }


def _changes(changes: list[Change], old: Catalogue, new: Catalogue, language: Language) -> str:
    title = say("differences-title", language, old=_name(old), new=_name(new))
    lines = [f"# {title}", ""]
    for effect in reversed(Effect):
        mine = [change for change in changes if change.effect is effect]
        lines += [f"## {say(f'effect-{effect}', language)} ({len(mine)})", ""]
        lines += [f"- {change.text(language)}{_concerns(change, language)}" for change in mine]
        lines.append("")
    return "\n".join(lines)


def _name(standard: Catalogue) -> str:
    return f"{standard.edition.id} {standard.edition.edition}"


def _concerns(change: Change, language: Language) -> str:
    if not change.concerns:
        return ""
    return " — " + say("differences-concerns", language, units=", ".join(change.concerns))


def _mappings(changes: list[Change], new: Catalogue) -> str:
    lines = ["\t".join(HEADER)]
    successors = {
        f"{codes.id}/{value.value}": value.successor or ""
        for codes in new.code_lists
        for value in codes.values
    }
    for change in changes:
        if change.code in MAPPED and change.effect is not Effect.compatible:
            before, after = change.facts.get("before", ""), change.facts.get("after", "")
            decision = successors.get(change.name, "") if change.kind == "code_value" else ""
            cells = (change.kind, change.name, change.code, before, after, decision)
            lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def _columns(changes: list[Change], old: Catalogue, new: Catalogue) -> str:
    lines = ["-- Columns whose type changes. Check each USING before you run it, as renkei_owner."]
    for change in changes:
        if change.kind == "item" and change.code in {"type", "longer", "shorter"}:
            lines += _statements(change, old, new)
    if len(lines) == 1:
        lines.append("-- None.")
    return "\n".join(lines) + "\n"


def _statements(change: Change, old: Catalogue, new: Catalogue) -> Iterator[str]:
    entity, _, name = change.name.partition(".")
    before, after = old.entity(entity).item(name), new.entity(entity).item(name)
    if before is None or after is None or column_type(before) == column_type(after):
        return
    yield f"-- {_short(before)} -> {_short(after)}"
    for table in (f"store_{entity}", f"store_{entity}_history"):
        type_ = column_type(after)
        yield f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {type_} USING {name}::text::{type_};"


def _short(item: Item) -> str:
    return f"{item.id} {item.ja} {column_type(item)}"
