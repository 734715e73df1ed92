"""Filter, for, some and every as boxes, over lists and ranges."""

from renkei.process import feel
from renkei.process.decisions.closures import running
from renkei.process.decisions.places import Place
from renkei.process.feel import Code, Scope, Value

_ITEMS = feel.expression("for item in items return item", feel.Names(["items"])).code


def boxed_filter(source: Code, match: Code, place: Place) -> Code:
    """Return the closure of a filter: an item that is a context lends its entries as names."""

    def boxed(scope: Scope) -> Value:
        items = _items(source(scope), scope, place)
        if items is None:
            return None
        kept: list[Value] = []
        for item in items:
            names = {**item, "item": item} if isinstance(item, dict) else {"item": item}
            is_kept = match(Scope(names, scope.run, scope))
            if is_kept is True:
                kept.append(item)
            elif is_kept is not False and is_kept is not None:
                running(scope).tell("decision-not-boolean", place, part="match")
                return None
        return kept

    return boxed


def boxed_for(name: str, source: Code, body: Code, place: Place) -> Code:
    """Return the closure of a loop; `partial` holds what it has returned so far."""

    def boxed(scope: Scope) -> Value:
        items = _items(source(scope), scope, place)
        if items is None:
            return None
        made: list[Value] = []
        for item in items:
            made.append(body(Scope({name: item, "partial": list(made)}, scope.run, scope)))
        return made

    return boxed


def boxed_quantifier(name: str, source: Code, body: Code, place: Place, *, is_every: bool) -> Code:
    """Return the closure of some or every; all items are looked at, each must say yes or no."""

    def boxed(scope: Scope) -> Value:
        items = _items(source(scope), scope, place)
        if items is None:
            return None
        said: set[bool] = set()
        is_open = False
        for item in items:
            is_met = body(Scope({name: item}, scope.run, scope))
            if isinstance(is_met, bool):
                said.add(is_met)
            elif is_met is None:
                is_open = True
            else:
                running(scope).tell("decision-not-boolean", place, part="satisfies")
                return None
        decisive = not is_every
        if decisive in said:
            return decisive
        return None if is_open else is_every

    return boxed


def _items(value: Value, scope: Scope, place: Place) -> list[Value] | None:
    """Return what is iterated over: a list, or the values of a range; each costs a step."""
    if isinstance(value, feel.Range):
        value = _ITEMS(Scope({"items": value}, scope.run, scope))
    if isinstance(value, list):
        scope.run.spend(len(value))
        return value
    running(scope).tell("decision-not-a-list", place, found=str(feel.type_of(value)))
    return None
