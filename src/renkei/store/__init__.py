"""The integrated database (統合DB): what each organisation holds about a person on any day.

Purpose: units deliver their records as snapshots, in the standard's CSV layout, JSON lines, XML or
Parquet; the store keeps every version and answers for any day. Words: *snapshot* (all records of
one entity as a unit states them for a day), *load*, *record*, *finding*, *in force* (on a day),
*known* (at a time), *listing* (what lists go by), *view* (what a unit of the house is shown),
*protected* (支援措置).
Promise: the value in force of each item on any day, as known on any day; a million-row snapshot
merges in seconds. A file goes in whole or not at all, and the same file a second time changes
nothing. A view leaves against a permit and with an entry, and a protected person is to all who may
not see them as if never there.
Trust: the units, for what they state; the database, for keeping it. Whoever runs the database can
read and change records here; what was asked and answered is kept provable by `audit`, not here.
"""

from renkei.store.alignment import align
from renkei.store.coalesce import Coalescer
from renkei.store.disclosure import Occasion, Release, disclose, disclose_each, enter_refusal
from renkei.store.errors import (
    ColumnTypeDiffers,
    CursorStrange,
    DifferenceMissing,
    DifferenceRepeated,
    ItemNotInEntity,
    ItemNotListed,
    LoadInterrupted,
    LoadNotLater,
    LookupsFull,
    LookupsStopped,
    NoRoomAside,
    PermitElsewhere,
    RecordKeyIncomplete,
    SelectionNotPermitted,
    SelectionUnfit,
    SnapshotOlder,
    TooManyFound,
)
from renkei.store.findings import Finding, Findings, Place, Policy, Severity
from renkei.store.formats import Format
from renkei.store.listing import Listing, findings_csv, findings_json
from renkei.store.listings import index_lists, unlist
from renkei.store.lists import Cursor, Listed, Page, find, list_records
from renkei.store.loading import LoadReport, Outcome, load
from renkei.store.lookup import Person, Record, Value, find_person, persons, read, read_many
from renkei.store.merging import Changes, overlaps
from renkei.store.protection import protected
from renkei.store.reading import Progress
from renkei.store.release import Plain, held
from renkei.store.selections import LISTED, Begins, Between, Is, Selection
from renkei.store.snapshot import Limits
from renkei.store.viewing import Ask, Shown, Viewing, view_by, view_each, view_list

__all__ = [
    "LISTED",
    "Ask",
    "Begins",
    "Between",
    "Changes",
    "Coalescer",
    "ColumnTypeDiffers",
    "Cursor",
    "CursorStrange",
    "DifferenceMissing",
    "DifferenceRepeated",
    "Finding",
    "Findings",
    "Format",
    "Is",
    "ItemNotInEntity",
    "ItemNotListed",
    "Limits",
    "Listed",
    "Listing",
    "LoadInterrupted",
    "LoadNotLater",
    "LoadReport",
    "LookupsFull",
    "LookupsStopped",
    "NoRoomAside",
    "Occasion",
    "Outcome",
    "Page",
    "PermitElsewhere",
    "Person",
    "Place",
    "Plain",
    "Policy",
    "Progress",
    "Record",
    "RecordKeyIncomplete",
    "Release",
    "Selection",
    "SelectionNotPermitted",
    "SelectionUnfit",
    "Severity",
    "Shown",
    "SnapshotOlder",
    "TooManyFound",
    "Value",
    "Viewing",
    "align",
    "disclose",
    "disclose_each",
    "enter_refusal",
    "find",
    "find_person",
    "findings_csv",
    "findings_json",
    "held",
    "index_lists",
    "list_records",
    "load",
    "overlaps",
    "persons",
    "protected",
    "read",
    "read_many",
    "unlist",
    "view_by",
    "view_each",
    "view_list",
]
