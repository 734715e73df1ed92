"""The statements on the registers an identity is made of; their columns are the catalogue's items.

Every parameter is named: tenant, and the numbers of a load.
"""

from functools import cache
from typing import LiteralString

from psycopg.sql import SQL, Composed, Identifier

from renkei.standard import Entity, catalogue

REGISTERS = ("resident", "unregistered_person")
TOUCHING = (*REGISTERS, "foreign_resident", "addressee_merge")
"""The entities whose loads may change who is the same as whom."""

COMPARED = (
    *("register_number", "person_kind", "name", "kana", "former_surname", "birth_date", "sex"),
    *("postal_code", "address", "previous_address", "phone", "personal_number"),
    *("resident_record_code", "card_number", "corporate_number"),
)
"""What is compared of a record, in this order; a register that lacks one has no value."""

RESIDENTS_ARE_PERSONS = "1"
APPROVED = "2"


@cache
def compared(register: str) -> Composed:
    """Return the statement that copies out of one register what is compared.

    A resident whose record is not approved (仮登録) does not exist here: 標準仕様 4.0.8.
    """
    entity = catalogue().entity(register)
    is_resident = register == "resident"
    columns = [_column(entity, name) for name in COMPARED]
    joined = SQL(
        " LEFT JOIN {} AS f ON f.tenant = %(tenant)s AND f.register_number = r.register_number"
    ).format(Identifier("store_foreign_resident"))
    return SQL(
        "COPY (SELECT {columns} FROM {table} AS r{joined} WHERE r.tenant = %(tenant)s{approved})"
        " TO STDOUT WITH (FORMAT csv)"
    ).format(
        columns=SQL(", ").join(columns),
        table=_table(register),
        joined=joined if is_resident else SQL(""),
        approved=SQL(" AND coalesce(r.approval_state, {0}) = {0}").format(APPROVED)
        if is_resident
        else SQL(""),
    )


def _column(entity: Entity, name: str) -> Composed:
    """Return where a value comes from in this register, or that it has none."""
    match entity.name, name:
        case "resident", "person_kind":
            return SQL("{}").format(RESIDENTS_ARE_PERSONS)
        case "resident", "card_number":
            return SQL(
                "coalesce(f.residence_card_number, f.special_permanent_certificate_number)"
            ).format()
    if entity.item(name) is None:
        return SQL("NULL").format()
    return SQL("r.{}").format(Identifier(name))


@cache
def numbers_without_identity() -> Composed:
    """Return the statement that gives every register number that has no identity its own."""
    return _over_registers(
        "WITH fresh AS ("
        " SELECT register_number FROM ({all}) AS registered EXCEPT"
        " SELECT register_number FROM {identity} WHERE tenant = %(tenant)s),"
        " numbered AS (SELECT register_number, lpad((%(last)s + row_number() OVER"
        "  (ORDER BY register_number))::text, 14, '0') AS body FROM fresh),"
        # Modulus 11, weights 2 to 7 from the right, as of a register number.
        " checked AS (SELECT register_number, body, ("
        "  SELECT sum((2 + (14 - place) %% 6) * substr(body, place, 1)::int) %% 11"
        "   FROM generate_series(1, 14) AS place) AS rest FROM numbered)"
        " INSERT INTO {identity}"
        " (tenant, unified_number, register_number, numbered_on, known_from)"
        " SELECT %(tenant)s, body || CASE WHEN rest <= 1 THEN 0 ELSE 11 - rest END,"
        "  register_number, %(on)s, %(at)s FROM checked"
    )


@cache
def given_mergers() -> Composed:
    """Return the statement for what the unit says it merged (宛名統合) and did not cancel."""
    return SQL(
        "SELECT register_number, merged_into_number FROM {merge}"
        " WHERE tenant = %(tenant)s AND merge_cancelled_on IS NULL"
        " UNION SELECT register_number, merged_into_number FROM {outsider}"
        " WHERE tenant = %(tenant)s AND merged_into_number IS NOT NULL"
        " EXCEPT SELECT register_number, merged_into_number FROM {merge}"
        " WHERE tenant = %(tenant)s AND merge_cancelled_on IS NOT NULL"
    ).format(merge=_table("addressee_merge"), outsider=_table("unregistered_person"))


@cache
def filled_keys(entity: str) -> Composed:
    """Return the statement for the register numbers that a first fill brought."""
    return SQL(
        "SELECT register_number FROM {table} WHERE tenant = %(tenant)s AND known_from = %(at)s"
    ).format(table=_table(entity))


def _over_registers(text: LiteralString) -> Composed:
    every = [
        SQL("SELECT register_number FROM {} WHERE tenant = %(tenant)s{}").format(
            _table(name),
            SQL(" AND coalesce(approval_state, {0}) = {0}").format(APPROVED)
            if name == "resident"
            else SQL(""),
        )
        for name in REGISTERS
    ]
    return SQL(text).format(
        all=SQL(" UNION ALL ").join(every), identity=Identifier("store_identity")
    )


def _table(entity: str) -> Identifier:
    return Identifier(f"store_{entity}")
