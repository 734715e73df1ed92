"""The integrated database (統合DB): what each organisation holds about a person on any day.

Purpose: units deliver their records as snapshots in the standard's CSV layout; the store keeps
every version and answers for any day. Words: *snapshot* (all records of one entity as a unit states
them for a day), *load*, *record*, *finding*, *in force* (on a day), *known* (at a time).
Promise: the value in force of each item on any day, as known on any day; a million-row snapshot
merges in seconds. A file goes in whole or not at all, and the same file a second time changes
nothing.
Trust: the units, for what they state; the database, for keeping it. Whoever runs the database can
read and change records here; what was asked and answered is kept provable by `audit`, not here.
"""

from renkei.store import people
from renkei.store.alignment import align
from renkei.store.coalesce import Coalescer
from renkei.store.disclosure import Occasion, disclose
from renkei.store.errors import (
    ColumnTypeDiffers,
    DifferenceMissing,
    DifferenceRepeated,
    ItemNotInEntity,
    LoadInterrupted,
    LoadNotLater,
    LookupsFull,
    LookupsStopped,
    PermitElsewhere,
    RecordKeyIncomplete,
    SnapshotOlder,
)
from renkei.store.findings import Finding, Findings, Place, Severity
from renkei.store.loading import LoadReport, Outcome, Progress, load
from renkei.store.lookup import Person, Record, Value, find_person, persons, read, read_many
from renkei.store.merging import Changes, overlaps
from renkei.store.protection import protected
from renkei.store.release import Plain, held
from renkei.store.snapshot import Limits

__all__ = [
    "Changes",
    "Coalescer",
    "ColumnTypeDiffers",
    "DifferenceMissing",
    "DifferenceRepeated",
    "Finding",
    "Findings",
    "ItemNotInEntity",
    "Limits",
    "LoadInterrupted",
    "LoadNotLater",
    "LoadReport",
    "LookupsFull",
    "LookupsStopped",
    "Occasion",
    "Outcome",
    "PermitElsewhere",
    "Person",
    "Place",
    "Plain",
    "Progress",
    "Record",
    "RecordKeyIncomplete",
    "Severity",
    "SnapshotOlder",
    "Value",
    "align",
    "disclose",
    "find_person",
    "held",
    "load",
    "overlaps",
    "people",
    "persons",
    "protected",
    "read",
    "read_many",
]
