"""An OpenID provider of others: Authlib's, in Flask, over HTTP. It signs by RS256 and wants PKCE.

`tamper` makes of what it would say a token that it says instead, for the tests that lie.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import make_server

Tamper = Callable[[dict[str, Any]], str]


@dataclass
class Registered(ClientMixin):  # type: ignore[misc]  # the library is untyped
    """A client: a secret, or a public key."""

    client_id: str
    redirect: str
    method: str
    secret: str = ""
    key: ECKey | None = None
    id_token_signed_response_alg: str = "RS256"

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and self.secret == client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.method and endpoint == "token"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]  # the library is untyped
    """A code, with what it was given for."""

    client_id: str
    redirect_uri: str | None
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    auth_time: int

    def get_redirect_uri(self) -> str | None:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class Provider:
    """What it knows, and how it lies."""

    url: str = ""
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
    )
    clients: dict[str, Registered] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    tamper: Tamper | None = None
    described: dict[str, Any] = field(default_factory=dict)

    def sign(self, claims: dict[str, Any], alg: str = "RS256", key: Any = None) -> str:
        signed: str = jwt.encode(
            {"alg": alg, "kid": "k1"}, claims, key or self.key, algorithms=[alg]
        )
        return signed

    def public(self) -> str:
        return self.key.as_pem(private=False).decode()

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "authorization_response_iss_parameter_supported": True,
            **self.described,
        }

    def app(self) -> Flask:
        app = Flask("provider")
        server = AuthorizationServer(app, self.clients.get, lambda _token, _request: None)
        tokens = type("Tokens", (_Tokens,), {"me": self})
        grant = type("Grant", (_Grant,), {"me": self})
        server.register_grant(grant, [tokens(require_nonce=True), CodeChallenge(required=True)])
        server.register_client_auth_method(_Assertion.CLIENT_AUTH_METHOD, _Assertion(self))
        server.register_extension(_Says(self))

        def authorize() -> Any:
            consent = server.get_consent_grant(end_user=self.user)
            return server.create_authorization_response(grant_user=self.user, grant=consent)

        def keys() -> Response:
            return jsonify({"keys": [self.key.as_dict(private=False)]})

        def describe() -> Response:
            return jsonify(self.description())

        app.get("/.well-known/openid-configuration")(describe)
        app.get("/keys")(keys)
        app.get("/authorize")(authorize)
        app.post("/token")(server.create_token_response)
        return app


class _Grant(AuthorizationCodeGrant):  # type: ignore[misc]  # the library is untyped
    """The grant, over codes in memory."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_assertion_jwt")
    me: Provider

    def save_authorization_code(self, code: str, asked: Any) -> None:
        said = asked.payload.data
        self.me.codes[code] = Code(
            asked.client.client_id,
            asked.payload.redirect_uri,
            asked.payload.scope,
            said.get("nonce", ""),
            said.get("code_challenge", ""),
            said.get("code_challenge_method", ""),
            int(time.time()),
        )

    def query_authorization_code(self, code: str, client: Registered) -> Code | None:
        found = self.me.codes.get(code)
        return found if found and found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        left = {n: one for n, one in self.me.codes.items() if one is not authorization_code}
        self.me.codes = left

    def authenticate_user(self, _: Code) -> dict[str, Any]:
        return self.me.user


class _Tokens(OpenIDCode):  # type: ignore[misc]  # the library is untyped
    """The ID token, or what the provider says instead."""

    me: Provider

    def exists_nonce(self, _nonce: str, _request: Any) -> bool:
        return False

    def resolve_client_private_key(self, _: Registered) -> RSAKey:
        return self.me.key

    def get_client_claims(self, client: Registered) -> dict[str, Any]:
        return {"iss": self.me.url, "aud": [client.client_id]}

    def generate_user_info(self, user: dict[str, Any], _scope: str) -> Any:
        return UserInfo(**user)

    def encode_id_token(self, token: Any, asked: Any) -> str:
        text: str = super().encode_id_token(token, asked)
        if self.me.tamper is None:
            return text
        return self.me.tamper(dict(jwt.decode(text, self.me.key, algorithms=["RS256"]).claims))


class _Says(IssuerParameter):  # type: ignore[misc]  # the library is untyped
    """The issuer in every answer."""

    def __init__(self, me: Provider) -> None:
        self._me = me

    def get_issuer(self) -> str:
        return self._me.url


class _Assertion(JWTBearerClientAssertion):  # type: ignore[misc]  # the library is untyped
    """`private_key_jwt`."""

    def __init__(self, me: Provider) -> None:
        super().__init__()
        self._me = me

    def get_audiences(self) -> list[str]:
        return [f"{self._me.url}/token"]

    def validate_jti(self, _claims: Any, jti: str) -> bool:
        return bool(jti)

    def resolve_client_public_key(self, client: Registered) -> ECKey | None:
        return client.key


@contextmanager
def provider_running() -> Iterator[Provider]:
    """Run a provider on a port of its own; `localhost`, where the library does without TLS."""
    provider = Provider()
    server = make_server("localhost", 0, provider.app(), threaded=True)
    provider.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
