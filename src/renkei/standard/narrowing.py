"""What an overlay may do to a definition of the model below: narrow it, never widen or bend it.

A municipality may make an item required, shorten it or end it earlier, and end a code value
earlier. Whatever the model accepts no more could reach others from there, so that is all.
"""

from collections.abc import Mapping

from renkei.standard.findings import Finding, Place
from renkei.standard.model import CodeValue

SAME = ("id", "ja", "type", "decimals", "code_list", "handling", "external_characters")


def narrowed_item(
    name: str, before: Mapping[str, object], now: Mapping[str, object], place: Place
) -> list[Finding]:
    """Return what an overlay's row changes of an item beyond narrowing it."""
    wider = [field for field in SAME if before.get(field) != now.get(field)]
    if before.get("required") is True and now.get("required") is not True:
        wider.append("required")
    if _longer(now.get("digits"), before.get("digits")):
        wider.append("digits")
    if _later(now.get("until"), before.get("until")):
        wider.append("until")
    return [
        Finding("catalogue-overlay-widens", place, "item", {"name": name, "field": field})
        for field in wider
    ]


def narrowed_value(
    name: str, known: dict[tuple[str, str], CodeValue], now: CodeValue, place: Place
) -> list[Finding]:
    """Return what an overlay changes of a code value beyond ending it earlier."""
    before = known.get((now.value, now.since.isoformat()))
    if before is None:
        return []
    wider = [field for field in ("ja",) if getattr(before, field) != getattr(now, field)]
    if before.until is not None and (now.until is None or now.until > before.until):
        wider.append("until")
    return [
        Finding("catalogue-overlay-widens", place, "code_value", {"name": name, "field": field})
        for field in wider
    ]


def _longer(now: object, before: object) -> bool:
    if before is None or now is None:
        return before is not now
    return int(str(now)) > int(str(before)) if f"{now}{before}".isdigit() else True


def _later(now: object, before: object) -> bool:
    return before is not None and (now is None or str(now) > str(before))
