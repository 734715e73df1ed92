"""Who gives a site time stamps, as the settings say it."""

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec


class TimeStampEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `time_stamp` as written."""

    url: str
    roots: str


@dataclass(frozen=True, slots=True)
class TimeStampPlan:
    """Who gives time stamps, and the file of the certificates it is believed by."""

    url: str
    roots: Path


def time_stamp_plan(raw: TimeStampEntry, folder: Path) -> TimeStampPlan:
    """Parse the table `time_stamp`, or raise `ValueError` with its defect."""
    if not re.fullmatch(r"https?://[^\s@]+", raw.url):
        raise ValueError("time_stamp.url: an address that begins with http:// or https://")
    return TimeStampPlan(raw.url, folder / raw.roots)
