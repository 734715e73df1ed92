"""The statements that remove records and their versions, returning what they removed.

Like `statements`, composed from the catalogue. Keys go as text, joined by the unit separator; the
first item of the key also goes by itself, so that the index of the primary key is used.
"""

from dataclasses import dataclass
from functools import cache
from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier

from renkei.standard import Entity
from renkei.standard.generate.tables import column_type

SEPARATOR = "\x1f"
NONE = SQL("true")


@dataclass(frozen=True, slots=True)
class Removing:
    """What retention and erasure run on one entity. Each returns key, times and the whole row."""

    due: Composed
    lapsed: Composed
    end: Composed
    versions: Composed
    lapsed_versions: Composed
    replaced: Composed
    replaced_versions: Composed
    subject: Composed
    subject_versions: Composed
    load: Composed
    load_versions: Composed
    returned: Composed


@cache
def removing(entity: Entity, dated_by: str = "", when: str = "") -> Removing:
    """Return the statements; a rule's item is `dated_by`, and the item of its condition `when`."""
    parts = _parts(entity, dated_by, when)

    def fill(text: LiteralString) -> Composed:
        return SQL(text).format(**parts)

    past = fill("{dated} < %(before)s AND {condition}")
    parts["past"] = past
    return Removing(
        due=fill(
            "SELECT {first}::text, {joined} FROM {current} AS old"
            " WHERE tenant = %(tenant)s AND {past} ORDER BY {key} LIMIT %(limit)s"
        ),
        # Its unit has dropped it already; what is left of it are versions.
        lapsed=fill(
            "SELECT count(*) FROM {history} AS old WHERE tenant = %(tenant)s AND {past}"
            " AND NOT EXISTS (SELECT FROM {current} AS new"
            "  WHERE new.tenant = old.tenant AND {same_key})"
        ),
        end=fill(
            "DELETE FROM {current} AS old WHERE tenant = %(tenant)s"
            " AND {first} = any(%(firsts)s::{first_type}[]) AND {joined} = any(%(keys)s)"
            " RETURNING {joined}, valid_from, known_from, NULL::date, NULL::timestamptz,"
            "  {dated_or_none}, to_jsonb(old) - 'tenant'"
        ),
        versions=fill(
            "DELETE FROM {history} AS old WHERE tenant = %(tenant)s"
            " AND {first} = any(%(firsts)s::{first_type}[]) AND {joined} = any(%(keys)s)"
            " RETURNING {joined}, valid_from, known_from, valid_to, known_to,"
            "  {dated_or_none}, to_jsonb(old) - 'tenant'"
        ),
        lapsed_versions=fill(
            "DELETE FROM {history} AS old WHERE tenant = %(tenant)s AND ctid = any(ARRAY("
            " SELECT ctid FROM {history} AS old WHERE tenant = %(tenant)s AND {past}"
            "  AND NOT EXISTS (SELECT FROM {current} AS new"
            "   WHERE new.tenant = old.tenant AND {same_key}) LIMIT %(limit)s))"
            " RETURNING {joined}, valid_from, known_from, valid_to, known_to,"
            "  {dated_or_none}, to_jsonb(old) - 'tenant'"
        ),
        replaced=fill(
            "SELECT count(*) FROM {history} WHERE tenant = %(tenant)s AND known_to < %(before)s"
        ),
        replaced_versions=fill(
            "DELETE FROM {history} AS old WHERE tenant = %(tenant)s AND ctid = any(ARRAY("
            " SELECT ctid FROM {history}"
            "  WHERE tenant = %(tenant)s AND known_to < %(before)s LIMIT %(limit)s))"
            " RETURNING {joined}, valid_from, known_from, valid_to, known_to,"
            "  known_to::date, to_jsonb(old) - 'tenant'"
        ),
        subject=fill(
            "DELETE FROM {current} AS old WHERE tenant = %(tenant)s AND {subject} = %(subject)s"
            " RETURNING {joined}"
        ),
        subject_versions=fill(
            "DELETE FROM {history} AS old WHERE tenant = %(tenant)s AND {subject} = %(subject)s"
            " RETURNING {joined}"
        ),
        load=fill(
            "DELETE FROM {current} AS old"
            " WHERE tenant = %(tenant)s AND known_from = %(known_from)s RETURNING {joined}"
        ),
        load_versions=fill(
            "DELETE FROM {history} AS old"
            " WHERE tenant = %(tenant)s AND known_from = %(known_from)s RETURNING {joined}"
        ),
        returned=fill(
            "SELECT count(*) FROM store_erased JOIN {current} AS old"
            "  ON old.tenant = store_erased.tenant AND {key_array} = store_erased.key"
            " WHERE store_erased.tenant = %(tenant)s AND entity = %(entity)s"
            "  AND scope = 'person' AND known_from > erased_at"
        ),
    )


@cache
def mentions(entity: Entity, item: str) -> Composed:
    """Return the statement that counts the records that name a person in an item."""
    return SQL("SELECT count(*) FROM {} WHERE tenant = %(tenant)s AND {} = %(subject)s").format(
        Identifier(f"store_{entity.name}"), Identifier(item)
    )


def _parts(entity: Entity, dated_by: str, when: str) -> dict[str, Composable]:
    types = {item.name: column_type(item) for item in entity.items}
    texts = [SQL("old.{}::text").format(Identifier(name)) for name in entity.key]
    array = SQL("ARRAY[{}]").format(SQL(", ").join(texts))
    dated = Identifier("old", dated_by) if dated_by else NONE
    return {
        "current": Identifier(f"store_{entity.name}"),
        "history": Identifier(f"store_{entity.name}_history"),
        "first": Identifier(entity.key[0]),
        "first_type": SQL(types[entity.key[0]]),
        "key": SQL(", ").join(Identifier(name) for name in entity.key),
        "key_array": array,
        "joined": SQL("array_to_string({}, chr(31))").format(array),
        "dated": dated,
        "dated_or_none": dated if dated_by else SQL("NULL::date"),
        "condition": (
            SQL("{} = any(%(values)s)").format(Identifier("old", when)) if when else NONE
        ),
        "subject": Identifier(entity.subject) if entity.subject else SQL("NULL"),
        "same_key": SQL(" AND ").join(
            SQL("{} = {}").format(Identifier("new", name), Identifier("old", name))
            for name in entity.key
        ),
    }
