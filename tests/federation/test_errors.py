"""Every error can be said in both languages, and the fault table names errors that exist."""

import inspect
import string
from types import ModuleType

import pytest

from renkei import kit, store
from renkei.app import errors as app_errors
from renkei.exchange import errors as exchange_errors
from renkei.exchange.faults import TYPES
from renkei.federation import errors as federation_errors
from renkei.standard import errors as standard_errors


def of_modules(*modules: ModuleType) -> list[type[kit.NodeError]]:
    """Return the errors that modules define."""
    return [
        error
        for module in modules
        for _, error in inspect.getmembers(module, inspect.isclass)
        if issubclass(error, kit.NodeError) and error.__module__ == module.__name__
    ]


ERRORS = of_modules(exchange_errors, federation_errors)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code())
def test_an_error_can_be_said_in_both_languages(error: type[kit.NodeError]) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(error.template()) if name}
    raised = error(**dict.fromkeys(names, "x"))
    assert raised.text()
    assert raised.text("ja")


def test_the_fault_table_names_errors_that_exist() -> None:
    others: tuple[type[kit.NodeError], ...] = (
        kit.DatabaseUnreachable,
        store.CursorStrange,
        store.DifferenceMissing,
        store.DifferenceRepeated,
        store.ItemNotInEntity,
        store.ItemNotListed,
        store.SelectionNotPermitted,
        store.SelectionUnfit,
        store.SnapshotOlder,
        store.TooManyFound,
        *of_modules(app_errors, standard_errors),
    )
    known = {error.code() for error in [*ERRORS, *others]}
    assert TYPES.keys() <= known
    # A token endpoint, a folder, the console and a carrier say their errors in a form of their own.
    elsewhere = ("client-assertion-", "client-key-", "file-", "id-token-", "subject-unusable")
    told = [error.code() for error in ERRORS if error.status != 500]
    assert all(code in TYPES or code.startswith(elsewhere) for code in told)
