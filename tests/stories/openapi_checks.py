"""What schemathesis holds an answer of a node to, beside its own checks; it loads this by its path.

Five of its own cannot hold here, each replaced by one that is as strict about what was meant.
Faults have status 500 or 400 by the X-Road® protocol (RK-1.11): a server error is told by its code,
and an unknown method, a missing header or token have no status of their own. Whether a question of
good form is answered is for the law, not for a schema.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
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
BY_READING = frozenset({"inquiry-malformed"})
"""Of a body: times are in no pattern, and schemathesis goes by patterns."""


ROUTED = (404, 405)
"""What is told of a path or a method that nothing is behind, before anybody is asked."""


@schemathesis.hook
def before_call(
    ctx: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """Let a delivery announce the digest it has, which no schema can say."""
    mode = case.meta.generation.mode if case.meta else None
    if case.method.upper() == "PUT" and mode == schemathesis.GenerationMode.POSITIVE:
        body = case.body if isinstance(case.body, bytes) else str(case.body).encode()
        digest = b64encode(sha256(body).digest()).decode()
        case.headers["Content-Digest"] = f"sha-256=:{digest}:"


def fault(response: schemathesis.Response) -> Mapping[str, str]:
    """Return a fault, if the answer is one: in JSON, and marked or with a code."""
    is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
    if response.status_code < 400 or not is_json:
        return {}
    found: Mapping[str, str] = json.loads(response.content)
    return found if "x-road-error" in response.headers or "code" in found else {}


@schemathesis.check
def no_internal_error(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """What goes wrong is a fault that says what; none is an error of the node itself."""
    told = fault(response)
    is_told = "pf-outcome" in response.headers or told or "delivery" in response.text
    assert response.status_code < 400 or response.status_code in ROUTED or is_told
    assert told.get("code") != INTERNAL, told
    assert not told.get("type", "").endswith("internal_error"), told


@schemathesis.check
def good_form_is_taken(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """A question that fits its description is never refused for its form."""
    mode = case.meta.generation.mode if case.meta else None
    if mode == schemathesis.GenerationMode.POSITIVE:
        wrong = FORM if case.path.startswith("/r1/") else FORM - BY_READING
        assert fault(response).get("code") not in wrong, fault(response)


@schemathesis.check
def what_is_not_described_has_no_answer(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """At `/r1/` another method, or a question that lacks a header or a token, ends as a fault."""
    if not case.path.startswith("/r1/"):
        return
    lacks = {"X-Road-Client", "PF-Procedure", "Authorization"} - set(
        response.request.headers if response.request else ()
    )
    if case.method.upper() != "GET" or lacks:
        assert response.status_code >= 400
        assert "pf-outcome" not in response.headers
