"""Reading the name of a type: list<number>, context<a: string>, function<> -> Any."""

from renkei.process.feel.reading import Reader
from renkei.process.feel.types import (
    ANY,
    NAMED,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    Type,
)

_PLAIN_NAMES = sorted(NAMED, key=len, reverse=True)


def read_type(reader: Reader) -> Type:
    """Pass over a type's name and return the type; one nobody knows is an error of the text."""
    reader.deeper()
    has_parts = reader.token.kind == "word" and reader.tokens[reader.at + 1].text == "<"
    found = _with_parts(reader) if has_parts else _named(reader)
    reader.higher()
    return found


def _with_parts(reader: Reader) -> Type:
    kind = reader.token.text
    if kind not in {"list", "range", "context", "function"}:
        reader.fail("list, range, context, function")
    reader.at += 2
    if kind == "function":
        return _function(reader)
    if kind == "context":
        entries: dict[str, Type] = {}
        while not reader.take(">"):
            name = reader.name_before(":")
            if name is None:
                reader.fail("a name and “:”")
            entries[name] = read_type(reader)
            if not reader.stands(">"):
                reader.expect(",")
        return ContextOf(entries)
    item = read_type(reader)
    reader.expect(">")
    return ListOf(item) if kind == "list" else RangeOf(item)


def _function(reader: Reader) -> Type:
    parameters = []
    while not reader.take(">"):
        parameters.append(read_type(reader))
        if not reader.stands(">"):
            reader.expect(",")
    reader.expect("->")
    return FunctionOf(tuple(parameters), read_type(reader))


def _named(reader: Reader) -> Type:
    for name in (*sorted(reader.types, key=len, reverse=True), *_PLAIN_NAMES):
        words = name.split()
        found = [token.text for token in reader.tokens[reader.at : reader.at + len(words)]]
        if words == found:
            reader.at += len(words)
            return reader.types.get(name, NAMED.get(name, ANY))
    raise reader.failure("the name of a type")
