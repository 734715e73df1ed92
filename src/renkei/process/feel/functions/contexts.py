"""Functions of contexts; each returns a new one."""

from typing import Final

from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.values import Value

Context = dict[str, Value]


def get_value(_: Run, context: Context, key: str) -> Value:
    """Return the value of an entry, null if there is none."""
    return context.get(key)


def get_entries(run: Run, context: Context) -> Value:
    """Return the entries as a list of key and value."""
    run.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


def of_entries(run: Run, entries: list[Value]) -> Value | Refused:
    """Return the context of a list of key and value, each key once."""
    run.spend(len(entries))
    made: Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry:
            return Refused("feel-entry-malformed")
        key = entry.get("key")
        if not isinstance(key, str) or key in made:
            return Refused("feel-entry-malformed")
        made[key] = entry["value"]
    return made


def put(run: Run, context: Context, key: str, value: Value) -> Value:
    """Return the context with one entry set."""
    run.spend(len(context))
    return {**context, key: value}


def put_deep(run: Run, context: Context, keys: list[Value], value: Value) -> Value | Refused:
    """Return the context with an entry of a context within it set."""
    if not keys or len(keys) > run.limits.frames:
        return Refused("feel-entry-malformed")
    path: list[tuple[Context, str]] = []
    at: Value = context
    for key in keys:
        if not isinstance(key, str) or not isinstance(at, dict):
            return Refused("feel-entry-malformed")
        run.spend(len(at) + 1)
        path.append((at, key))
        at = at.get(key)
    for outer, key in reversed(path):
        value = {**outer, key: value}
    return value


def merge(run: Run, contexts: list[Value]) -> Value | Refused:
    """Return one context of several; the later entry of a name stands."""
    made: Context = {}
    for context in contexts:
        if not isinstance(context, dict):
            return Refused("feel-item-unfit", wanted="context")
        run.spend(len(context) + 1)
        made.update(context)
    return made


CONTEXTS: Final = [
    function("get value", ("m: context, key: string", get_value)),
    function("get entries", ("m: context", get_entries)),
    function("context", ("entries: list", of_entries)),
    function(
        "context put",
        ("context: context, key: string, value: Any?", put),
        ("context: context, keys: list, value: Any?", put_deep),
    ),
    function("context merge", ("contexts: list", merge)),
]
