"""A token is taken from either field of HTTP, and nothing else passes for one."""

from base64 import b64encode
from hashlib import sha256

import pytest

from renkei.app.errors import TokenRefused
from renkei.app.operations.oversight import check_token

WANTED = sha256(b"secret").hexdigest()


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


@pytest.mark.clause("RK-1.3")
@pytest.mark.parametrize("given", ["Bearer secret", "secret", basic("15:secret"), basic(":secret")])
def test_the_token_is_taken(given: str) -> None:
    check_token(given, WANTED, "unit 15")


@pytest.mark.clause("RK-1.3")
@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer other",
        basic("secret"),
        basic("15:other"),
        "Basic §",
        "Basic /w==",
    ],
)
def test_what_is_no_token_is_refused(given: str | None) -> None:
    with pytest.raises(TokenRefused):
        check_token(given, WANTED, "unit 15")


def test_without_a_token_in_the_settings_nobody_is_let_in() -> None:
    with pytest.raises(TokenRefused):
        check_token("Bearer ", "", "unit 15")
