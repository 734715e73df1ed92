"""Names no item may have, since its name becomes a column: a test compares with the server."""

# The words PostgreSQL 15 to 18 reserves (pg_get_keywords, categories R and T).
WORDS = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check
collate collation column concurrently constraint create cross current_catalog current_date
current_role current_schema current_time current_timestamp current_user default deferrable desc
distinct do else end except false fetch for foreign freeze from full grant group having ilike
in initially inner intersect into is isnull join lateral leading left like limit localtime
localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
references returning right select session_user similar some symmetric system_user table
tablesample then to trailing true union unique user using variadic verbose when where window
with
"""
SQL_WORDS = frozenset(WORDS.split())
SYSTEM_COLUMNS = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})
# What the store adds to every table.
STORE_COLUMNS = frozenset({"tenant", "valid_from", "valid_to", "known_from", "known_to"})

RESERVED = SQL_WORDS | SYSTEM_COLUMNS | STORE_COLUMNS
