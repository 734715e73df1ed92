"""Deterministic synthetic towns: real input for tests, benchmarks and the demo, and nobody's data.

Purpose: write the standard's CSV files of a town of any size, and of two towns that people moved
between, so that one town's question has its answer in the other's files. Households, incomes and
moves come from models; the records of every other entity from the catalogue alone (`Records`).
Words: *town*, *neighbour*, *mover* (a person both towns of a pair know), *seed*.
Promise: the same arguments give the same bytes, on every machine; two towns of a pair agree on
every mover without reading each other's files; no two persons share a 個人番号.
Trust: neighbourhoods and postal codes are real, everything else is made up, and every file says so.
"""

from renkei.standard.synthetic.corporations import COLUMNS as CORPORATE_COLUMNS
from renkei.standard.synthetic.corporations import CorporationsReport, write_corporations
from renkei.standard.synthetic.days import tax_year_in_force
from renkei.standard.synthetic.doubles import DoublesReport, write_doubles
from renkei.standard.synthetic.error_rates import Rates
from renkei.standard.synthetic.errors import (
    MunicipalityUnknown,
    NeighbourRefused,
    PeopleOutOfRange,
)
from renkei.standard.synthetic.movers import Move, MovedPerson, movers
from renkei.standard.synthetic.records import Records, example_row
from renkei.standard.synthetic.town import TownReport, write_pair, write_town

__all__ = [
    "CORPORATE_COLUMNS",
    "CorporationsReport",
    "DoublesReport",
    "Move",
    "MovedPerson",
    "MunicipalityUnknown",
    "NeighbourRefused",
    "PeopleOutOfRange",
    "Rates",
    "Records",
    "TownReport",
    "example_row",
    "movers",
    "tax_year_in_force",
    "write_corporations",
    "write_doubles",
    "write_pair",
    "write_town",
]
