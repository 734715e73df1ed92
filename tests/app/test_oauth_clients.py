"""A client library of others fetches tokens by both methods, and asks with them."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import (
    ClientSecretJWT,
    PrivateKeyJWT,
    client_secret_jwt_sign,
    private_key_jwt_sign,
)
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from tests.app.oauth import ALGORITHMS, ENDPOINT, ISSUER, Node, client_id, node
from tests.store.rows import TOWN, register_number

__all__ = ["node"]  # the fixture

MINUTE = {"expires_in": 60}  # the library's own default is an hour


class Secret(ClientSecretJWT):  # type: ignore[misc]  # the library is untyped
    """The library's `client_secret_jwt`, for a minute."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        key = OctKey.import_key(auth.client_secret)
        made: str = client_secret_jwt_sign(key, auth.client_id, token_endpoint, **MINUTE)
        return made


class Private(PrivateKeyJWT):  # type: ignore[misc]  # the library is untyped
    """The library's `private_key_jwt`, for a minute."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        kind = ECKey if self.alg == "ES256" else RSAKey
        key = kind.import_key(auth.client_secret)
        made: str = private_key_jwt_sign(
            key, auth.client_id, token_endpoint, alg=self.alg, **MINUTE
        )
        return made


def session(node: Node, unit: str, **more: Any) -> OAuth2Session:
    algorithm = ALGORITHMS[unit]
    method = Secret(ENDPOINT) if algorithm == "HS256" else Private(ENDPOINT, alg=algorithm)
    made = OAuth2Session(
        client_id(unit), node.keys[unit], token_endpoint_auth_method=method.name, **more
    )
    made.register_client_auth_method(method)
    return made


@pytest.fixture(params=ALGORITHMS)
def unit(request: pytest.FixtureRequest, node: Node) -> Iterator[tuple[str, OAuth2Session]]:
    """Give each unit's session in turn: four algorithms, two methods."""
    with session(node, request.param) as made:
        yield request.param, made


def question(node: Node, unit: str) -> tuple[str, dict[str, str]]:
    headers = {
        "X-Road-Client": client_id(unit),
        "X-Road-Id": f"JP-{uuid.uuid4()}",
        "PF-Procedure": "JT99000000001501",
        "PF-Subject": register_number(7),
        "PF-Mode": "test",
    }
    return f"{node.url}/r1/JP/MUN/{TOWN}/06/income/2026?items=total_income", headers


@pytest.mark.clause("RK-15.1", "RK-15.2")
def test_a_library_fetches_a_token_twice_and_asks(node: Node, unit) -> None:
    number, client = unit
    for _ in range(2):
        token = client.fetch_token(f"{node.url}/token", grant_type="client_credentials")
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 300)
        url, headers = question(node, number)
        told = client.get(url, headers=headers, timeout=20)
        assert told.headers["pf-outcome"] == ("subject-unknown" if number == "15" else "refused")


@pytest.mark.clause("RK-15.11")
def test_a_library_reads_the_error(node: Node) -> None:
    with session(node, "15", scope="production") as client, pytest.raises(OAuthError) as caught:
        client.fetch_token(f"{node.url}/token", grant_type="client_credentials")
    assert caught.value.error == "invalid_scope"
    assert caught.value.description.startswith("The scope is none this client may have.")


@pytest.mark.clause("RK-15.6")
def test_the_library_with_its_own_hour_is_told_how_long_is_allowed(node: Node) -> None:
    client = OAuth2Session(
        client_id("15"), node.keys["15"], token_endpoint_auth_method="client_secret_jwt"
    )
    client.register_client_auth_method(ClientSecretJWT(ENDPOINT))
    with client, pytest.raises(OAuthError, match=r"exp .* 300 s"):
        client.fetch_token(f"{node.url}/token", grant_type="client_credentials")


@pytest.mark.clause("RK-15.13")
def test_a_library_finds_the_description_in_order(node: Node) -> None:
    found = node.send("GET", "/.well-known/oauth-authorization-server").body
    metadata = AuthorizationServerMetadata(found)
    # The library wants a response type even of a server without an authorization endpoint.
    for name in {*found, "authorization_endpoint"} - {"response_types_supported"}:
        getattr(metadata, f"validate_{name}")()


@pytest.mark.clause("RK-15.8", "RK-15.13")
def test_a_stranger_verifies_a_token_by_the_key_the_node_publishes(node: Node) -> None:
    known = KeySet.import_key_set(node.send("GET", "/.well-known/jwks.json").body)  # type: ignore[arg-type]  # read from JSON
    token = jwt.decode(node.token("15"), known)
    assert token.header["typ"] == "at+jwt"
    claims = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": ISSUER},
        sub={"essential": True, "value": client_id("15")},
        client_id={"essential": True, "value": client_id("15")},
        exp={"essential": True},
        jti={"essential": True},
    )
    claims.validate(token.claims)
