"""Time zones of FEEL: an offset, or a name of the IANA database."""

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = 86_400
FURTHEST = 18 * 3600  # the farthest offset there is, in seconds

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d))?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")

Zone = int | str  # seconds east of Greenwich, or a name


def parse_zone(text: str) -> Zone | None:
    """Return the zone written at the end of a time, or None if it is none.

    >>> parse_zone("Z"), parse_zone("-02:45:55"), parse_zone("@Asia/Tokyo"), parse_zone("+19:00")
    (0, -9955, 'Asia/Tokyo', None)
    """
    if text in {"Z", "z"}:
        return 0
    if text.startswith("@"):
        return text[1:] if is_zone(text[1:]) else None
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = int(found[2]), int(found[3]), int(found[4] or 0)
    size = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or size > FURTHEST:
        return None
    return -size if found[1] == "-" else size


def zone_text(zone: Zone | None) -> str:
    """Write a zone as it stands after a time.

    >>> zone_text(0), zone_text(32400), zone_text(-9955), zone_text("Asia/Tokyo"), zone_text(None)
    ('Z', '+09:00', '-02:45:55', '@Asia/Tokyo', '')
    """
    if zone is None:
        return ""
    if isinstance(zone, str):
        return f"@{zone}"
    if zone == 0:
        return "Z"
    sign, size = ("-", -zone) if zone < 0 else ("+", zone)
    minutes, seconds = divmod(size, 60)
    text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{seconds:02}" if seconds else text


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Say whether this is a name of the IANA database."""
    if len(name) > 64 or not _NAME.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def offset_at(zone: Zone, days: int, seconds: int) -> int:
    """Return the seconds east of Greenwich that a zone keeps at a local day and second.

    Beyond the calendar's years 2 to 9998 a zone keeps what it keeps at that end.

    >>> offset_at("Europe/Paris", 17348, 0), offset_at("Europe/Paris", 17167, 0)
    (7200, 3600)
    """
    if isinstance(zone, int):
        return zone
    days = max(-718_500, min(days, 2_932_000))
    local = dt.datetime(1970, 1, 1) + dt.timedelta(days=days, seconds=seconds)  # noqa: DTZ001  # local on purpose
    offset = ZoneInfo(zone).utcoffset(local)
    return 0 if offset is None else offset.days * DAY + offset.seconds
