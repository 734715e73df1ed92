"""What every room stands on: errors, texts, SQL, canonical bytes, numbers, days, the database.

Words: *tenant* (the organisation whose rows these are), *finding*, *error*.
Promise: nothing here knows a business term above the number of an organisation or a person.
What needs the database driver is loaded when it is first asked for, so that a room without a
database (the standard, the law) starts without one.
"""

from typing import TYPE_CHECKING

from renkei.kit.canonical import canonical, digest
from renkei.kit.chance import random_bytes, timed_number
from renkei.kit.days import day_of, in_japan, midnight
from renkei.kit.errors import (
    DatabaseNewer,
    DatabaseRefused,
    DatabaseUnreachable,
    LookingRightMissing,
    LookTooLong,
    NodeError,
    NotCanonical,
    ServerDirectoryInUse,
    TenantMalformed,
    code_of,
)
from renkei.kit.meter import metered, totals
from renkei.kit.numbers import (
    corporate_check_digit,
    corporate_number_ok,
    organisation_code_ok,
    personal_number,
    personal_number_ok,
    register_number_ok,
)
from renkei.kit.priority import give_way
from renkei.kit.reading import read_json, read_msgpack, read_toml, read_value
from renkei.kit.sql import Queries, queries
from renkei.kit.tenant import Tenant, tenant
from renkei.kit.texts import Language, say
from renkei.kit.texts import table as texts_of

if TYPE_CHECKING:
    from renkei.kit.columns import (
        BytesColumn,
        Column,
        InstantsColumn,
        NumbersColumn,
        TextsColumn,
        TruthsColumn,
    )
    from renkei.kit.database import (
        Connection,
        Database,
        Line,
        applied,
        is_away,
        make_database,
        migrate,
    )

__all__ = [
    "BytesColumn",
    "Column",
    "Connection",
    "Database",
    "DatabaseNewer",
    "DatabaseRefused",
    "DatabaseUnreachable",
    "InstantsColumn",
    "Language",
    "Line",
    "LookTooLong",
    "LookingRightMissing",
    "NodeError",
    "NotCanonical",
    "NumbersColumn",
    "Queries",
    "ServerDirectoryInUse",
    "Tenant",
    "TenantMalformed",
    "TextsColumn",
    "TruthsColumn",
    "applied",
    "canonical",
    "code_of",
    "corporate_check_digit",
    "corporate_number_ok",
    "day_of",
    "digest",
    "give_way",
    "in_japan",
    "is_away",
    "make_database",
    "metered",
    "midnight",
    "migrate",
    "organisation_code_ok",
    "personal_number",
    "personal_number_ok",
    "queries",
    "random_bytes",
    "read_json",
    "read_msgpack",
    "read_toml",
    "read_value",
    "register_number_ok",
    "say",
    "tenant",
    "texts_of",
    "timed_number",
    "totals",
]

_OF_COLUMNS = frozenset(
    {"BytesColumn", "Column", "InstantsColumn", "NumbersColumn", "TextsColumn", "TruthsColumn"}
)
_OF_DATABASE = frozenset(
    {"Connection", "Database", "Line", "applied", "is_away", "make_database", "migrate"}
)


def __getattr__(name: str) -> object:
    """Load the database driver with the first of its names (PEP 562)."""
    if name in _OF_COLUMNS:
        from renkei.kit import columns

        return getattr(columns, name)
    if name not in _OF_DATABASE:
        raise AttributeError(name)
    from renkei.kit import database

    return getattr(database, name)
