"""A corporation in the words of each form: a row of JSON, a row of CSV, a line on the terminal."""

from collections.abc import Iterable
from csv import writer
from io import StringIO

from renkei import kit
from renkei.identity import corporations

COLUMNS = (
    *("法人番号", "商号又は名称", "フリガナ", "郵便番号", "所在地", "指定年月日", "更新年月日"),
    *("閉鎖年月日", "閉鎖の事由", "承継先法人番号", "合成データ"),
)


def facts_of(one: corporations.Corporation) -> dict[str, object]:
    """Return what JSON says of a corporation."""
    return {
        "number": one.number,
        "name": one.basics.name,
        "kana": one.basics.kana,
        "postal_code": one.basics.postal_code,
        "address": one.basics.address,
        "assigned_on": one.assigned_on.isoformat(),
        "changed_on": one.changed_on.isoformat(),
        "closed_on": one.closed_on and one.closed_on.isoformat(),
        "closed_for": one.closed_for,
        "successor": one.successor,
        "synthetic": one.is_synthetic,
    }


def facts_of_event(one: corporations.Event) -> dict[str, object]:
    """Return what JSON says of an event."""
    return {
        "kind": one.kind,
        "on": one.on.isoformat(),
        "name": one.basics.name,
        "kana": one.basics.kana,
        "postal_code": one.basics.postal_code,
        "address": one.basics.address,
        "closed_for": one.closed_for,
        "successor": one.successor,
    }


def csv_of(many: Iterable[corporations.Corporation]) -> str:
    """Return corporations as CSV, the columns in Japanese."""
    out = StringIO()
    rows = writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for one in many:
        why = kit.say(f"closing-{one.closed_for}", "ja") if one.closed_for else ""
        said = facts_of(one) | {"closed_for": why, "synthetic": int(one.is_synthetic)}
        rows.writerow("" if value is None else value for value in said.values())
    return out.getvalue()


def line_of(one: corporations.Corporation, reader: kit.Language) -> str:
    """Return a corporation on one line."""
    marks = [kit.say(f"closing-{one.closed_for}", reader)] if one.closed_for else []
    marks += [kit.say("fact-synthetic", reader)] if one.is_synthetic else []
    shown = f" [{', '.join(marks)}]" if marks else ""
    return f"{one.number} {one.basics.name} {one.basics.address}{shown}"
