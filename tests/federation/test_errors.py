"""Every error says what is wrong in both languages, and the fault table names errors that exist."""

import inspect
import string

import pytest

from renkei import kit
from renkei.exchange import errors as exchange_errors
from renkei.exchange.faults import TYPES
from renkei.federation import errors as federation_errors

ERRORS = [
    error
    for module in (exchange_errors, federation_errors)
    for _, error in inspect.getmembers(module, inspect.isclass)
    if issubclass(error, kit.NodeError) and error.__module__ == module.__name__
]


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code())
def test_an_error_states_the_same_facts_in_both_languages(error: type[kit.NodeError]) -> None:
    facts = dict.fromkeys(names_in(error.template()), "x")
    japanese = kit.say(error.code(), "ja", **facts)
    assert japanese
    doubled = kit.say(error.code(), "ja", **{name: f"<{name}>" for name in facts})
    assert all(f"<{name}>" in doubled for name in facts)


def test_the_fault_table_names_errors_that_exist() -> None:
    known = {error.code() for error in ERRORS} | {kit.DatabaseUnreachable.code()}
    assert TYPES.keys() <= known
    assert all(error.code() in TYPES for error in ERRORS if error.status != 500)
