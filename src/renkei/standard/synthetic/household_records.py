"""The households (世帯) of a town, as its residents' file tells them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from renkei.standard.compiled import catalogue
from renkei.standard.dates import CALENDAR_DAY
from renkei.standard.synthetic.sheets import code_values

Row = Mapping[str, str]

REPEATED = ("household_number", "postal_code", "address_code", "address", "building")


def household_records(residents: Iterable[Row]) -> Iterator[dict[str, str]]:
    """Give one record a household, of residents whose households follow each other, heads first."""
    entity = catalogue().entity("household")
    blank = {item.name: "" for item in entity.items}
    kind = code_values("household_kind")["一般の世帯"]
    lives = code_values("resident_status")["住民"]
    calendar_day = re.compile(CALENDAR_DAY)
    for _, group in groupby(residents, key=lambda row: row["household_number"]):
        members = list(group)
        head, living = members[0], [row for row in members if row["resident_status"] == lives]
        since = head["address_since"]
        if not calendar_day.fullmatch(since):  # known in part only: the day it was notified
            since = head["notified_on"]
        yield {
            **blank,
            **{name: head[name] for name in REPEATED},
            "household_head_number": head["register_number"],
            "household_head": head["name"],
            "household_head_kana": head["kana"],
            "household_kind": kind,
            "household_size": str(len(living or members)),
            "mixed_household": "1" if len({row["resident_kind"] for row in members}) > 1 else "0",
            "household_since": since,
            "household_ended_on": "" if living else max(since, head["changed_on"]),
        }
