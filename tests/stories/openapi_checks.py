"""What schemathesis holds an answer of a node to, beside its own checks; it loads this by its path.

Five of its own cannot hold here, each replaced by one that is as strict about what was meant.
Faults have status 500 or 400 by the X-Road® protocol (RK-1.11): a server error is told by its code,
and an unknown method, a missing header or token have no status of their own. Whether a question of
good form is answered is for the law, not for a schema.
"""

import json
from collections.abc import Mapping
from typing import Any

import schemathesis

INTERNAL = "node-error"
FORM = frozenset(
    {
        *("address-incomplete", "address-malformed", "address-unsafe"),
        *("header-malformed", "header-missing", "header-twice", "header-unknown"),
        *("personal-number-in-header", "inquiry-malformed", "parameter-malformed"),
    }
)
"""Codes of what is wrong with the form of a question, whoever asks it."""


def fault(response: schemathesis.Response) -> Mapping[str, str]:
    """Return a fault, if the answer is one: marked, and in JSON."""
    if "x-road-error" not in response.headers:
        return {}
    found: Mapping[str, str] = json.loads(response.content)
    return found


@schemathesis.check
def no_internal_error(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """What goes wrong is a fault that says what; none is an error of the node itself."""
    told = fault(response)
    assert response.status_code < 400 or "pf-outcome" in response.headers or told
    assert told.get("code") != INTERNAL, told
    assert not told.get("type", "").endswith("internal_error"), told


@schemathesis.check
def good_form_is_taken(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """A question that fits its description is never refused for its form."""
    mode = case.meta.generation.mode if case.meta else None
    if mode == schemathesis.GenerationMode.POSITIVE:
        assert fault(response).get("code") not in FORM, fault(response)


@schemathesis.check
def what_is_not_described_has_no_answer(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Another method, or a question that lacks a header or a token, ends as a fault."""
    lacks = {"X-Road-Client", "PF-Procedure", "Authorization"} - set(
        response.request.headers if response.request else ()
    )
    if case.method.upper() != "GET" or lacks:
        assert response.status_code >= 400
        assert "pf-outcome" not in response.headers
