"""A site vouches for its staff to an application of its own, which is a library of others."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet
from tests.app.consoles import NOWHERE, Consoles, onward, said, vouched
from tests.app.seat import Answer, Seat
from tests.app.test_oauth_clients import Private

from renkei.app.demo.ecosystem import A, B

pytestmark = pytest.mark.xdist_group("consoles")

VERIFIER = "v" * 43


class Client:
    """Authlib's client as an application of A: it knows the issuer and its own key."""

    def __init__(self, consoles: Consoles, key: ECKey | None = None) -> None:
        self.consoles, self.issuer = consoles, consoles.issuer(A)
        described = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=10)
        self.known = OpenIDProviderMetadata(described.json())
        method = Private(alg="ES256")
        pem = (key or consoles.application).as_pem(private=True).decode()
        self.session = OAuth2Session(
            *("intra", pem),
            token_endpoint_auth_method=method.name,
            redirect_uri=NOWHERE,
            scope="openid",
            code_challenge_method="S256",
        )
        self.session.register_client_auth_method(method)

    def sent(self, verifier: str = VERIFIER, **more: str) -> str:
        asked = {"code_verifier": verifier, "nonce": "n-1", **more}
        url, _ = self.session.create_authorization_url(
            self.known["authorization_endpoint"], **asked
        )
        return str(url)

    def fetch(self, back: str, verifier: str = VERIFIER, **more: str) -> Any:
        return self.session.fetch_token(
            self.known["token_endpoint"],
            authorization_response=back.replace("http://localhost", "https://localhost"),
            code_verifier=verifier,
            **more,
        )

    def claims(self, id_token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(requests.get(self.known["jwks_uri"], timeout=10).json())
        return dict(jwt.decode(id_token, keys, algorithms=["ES256"]).claims)


@pytest.fixture
def client(consoles: Consoles) -> Client:
    return Client(consoles)


def asked(**changes: str | None) -> str:
    """Return an address of `authorize` that is in order, with some parts changed."""
    parts: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "intra",
        "redirect_uri": NOWHERE,
        "scope": "openid",
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    named = {name: text for name, text in (parts | changes).items() if text is not None}
    return f"/console/authorize?{urlencode(named)}"


def refused(client: Client, back: str, **more: str) -> str:
    """Return the error of a token request that must not succeed."""
    with pytest.raises(OAuthError) as caught:
        client.fetch(back, **more)
    return str(caught.value.error)


@pytest.mark.clause("RK-30.8")
def test_a_client_of_others_signs_somebody_in(consoles: Consoles, client: Client):
    # We sign by ES256 alone (docs/divergences.md); the rest is as Discovery wants it.
    also = {"id_token_signing_alg_values_supported": ["ES256", "RS256"]}
    OpenIDProviderMetadata({**client.known, **also}).validate()
    back = vouched(consoles.window(A), client.sent(), "1002")
    told = client.fetch(back)
    claims = client.claims(told["id_token"])
    assert claims["iss"] == client.issuer == said(back)["iss"]
    assert (claims["sub"], claims["aud"], claims["nonce"]) == ("1002", "intra", "n-1")
    assert (claims["name"], claims["groups"]) == ("業務　見本", ["officer"])
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert claims["auth_time"] <= claims["iat"]
    assert consoles.entries(A)[-1].details == {
        "staff": "1002",
        "client": "intra",
        "groups": "officer",
    }


@pytest.mark.clause("RK-30.7")
def test_a_code_is_good_once(consoles: Consoles, client: Client):
    back = vouched(consoles.window(A), client.sent())
    assert client.fetch(back)["id_token"]
    assert refused(client, back) == "invalid_grant"


@pytest.mark.clause("RK-30.7")
@pytest.mark.parametrize("wrong", ["w" * 43, "", create_s256_code_challenge(VERIFIER)])
def test_a_code_with_another_verifier_is_spent(consoles: Consoles, client: Client, wrong):
    back = vouched(consoles.window(A), client.sent())
    assert refused(client, back, verifier=wrong) in ("invalid_grant", "invalid_request")
    if wrong:
        assert refused(client, back) == "invalid_grant"


@pytest.mark.clause("RK-30.7")
def test_a_code_is_for_one_address_and_for_a_minute(consoles: Consoles, client: Client):
    back = vouched(consoles.window(A), client.sent())
    assert refused(client, back, redirect_uri=f"{NOWHERE}/") == "invalid_grant"
    back = vouched(consoles.window(A), client.sent())
    consoles.clock.shift = timedelta(seconds=61)
    assert refused(client, back) in ("invalid_grant", "invalid_client")


@pytest.mark.clause("RK-30.7")
def test_a_code_for_a_member_is_nothing_to_an_application(consoles: Consoles, client: Client):
    url = asked(client_id=f"JP/MUN/{B.tenant}", redirect_uri=f"{consoles.issuer(B)}/sign-in/return")
    code = said(vouched(consoles.window(A), url))["code"]
    own = said(client.sent())["state"]
    assert refused(client, f"{NOWHERE}?{urlencode({'code': code, 'state': own})}") == (
        "invalid_grant"
    )


@pytest.mark.clause("RK-30.4")
def test_a_client_must_prove_itself(consoles: Consoles, client: Client):
    back = vouched(consoles.window(A), client.sent())
    stranger = Client(consoles, ECKey.generate_key("P-256"))
    stranger.sent()
    assert refused(stranger, f"{NOWHERE}?{urlencode({'code': said(back)['code']})}") == (
        "invalid_client"
    )
    form = {"grant_type": "authorization_code", "code": said(back)["code"], "client_id": "intra"}
    bare = requests.post(f"{client.issuer}/token", data=form, timeout=10)
    assert (bare.status_code, bare.json()["error"]) == (401, "invalid_client")


@pytest.mark.clause("RK-30.5")
@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": f"{NOWHERE}/"},
        {"redirect_uri": f"{NOWHERE}?a=b"},
        {"redirect_uri": NOWHERE.replace("http:", "https:")},
        {"redirect_uri": NOWHERE.replace(":9", ":90")},
        {"redirect_uri": NOWHERE.replace("/back", "/Back")},
        {"redirect_uri": NOWHERE.replace("/back", "/x/../back")},
        {"redirect_uri": NOWHERE.replace("localhost", "localhost@evil.example")},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": None},
        {"client_id": "other"},
        {"client_id": None},
        {"client_id": f"JP/MUN/{A.tenant}"},
        {"client_id": f"JP/MUN/{B.tenant}"},  # with an address that is not its own
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_client_s(consoles: Consoles, changes):
    page = consoles.window(A).get(asked(**changes))
    assert page.status == 400
    assert "location" not in page.headers
    assert "http-equiv" not in page.text


@pytest.mark.clause("RK-30.6")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"state": "s" * 513}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"max_age": "9" * 5000}, "invalid_request"),
        ({"request": "e30"}, "request_not_supported"),
        ({"request_uri": "https://evil.example"}, "request_uri_not_supported"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_request_that_cannot_be_followed_is_answered_so(consoles: Consoles, changes, error):
    told = consoles.window(A).get(asked(**changes))
    assert told.status == 303
    assert told.headers["location"].startswith(f"{NOWHERE}?")
    back = said(told.headers["location"])
    assert (back["error"], back["iss"], "code" in back) == (error, consoles.issuer(A), False)


def test_two_parameters_of_one_name_are_refused(consoles: Consoles):
    assert consoles.window(A).get(asked() + "&state=other").status == 400


def test_it_may_be_asked_by_a_form_as_well(consoles: Consoles):
    path, _, query = asked().partition("?")
    kind = "application/x-www-form-urlencoded"
    page = consoles.window(A).ask("POST", path, query.encode(), content_type=kind)
    assert onward(page).startswith("/console/authorize/")


def confirm(at_a: Seat, **more: str) -> tuple[str, Answer]:
    """Return the page that asks, and where it stands."""
    path = onward(at_a.get(asked(**more)))
    return path, at_a.get(path)


@pytest.mark.clause("RK-30.10")
def test_nothing_is_said_before_somebody_said_yes_on_our_own_page(consoles: Consoles):
    at_a = consoles.window(A).signed_in("1001")
    path, page = confirm(at_a)
    before = set(consoles.running[A.name].codes._grants)
    assert "庁内ポータルの画面にサインインしますか" in page.plain
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' http://localhost:9;" in policy
    assert "frame-ancestors 'none'" in policy
    for token in ("", "0" * 64, consoles.window(A).signed_in("1002").get("/console/").form_token):
        assert at_a.post(path, form_token=token, answer="yes").status == 403
    assert set(consoles.running[A.name].codes._grants) == before


@pytest.mark.parametrize("ticket", ["x", "W10.00", "a" * 3000])
def test_what_is_asked_cannot_be_made_up(consoles: Consoles, ticket):
    at_a = consoles.window(A).signed_in("1001")
    page = at_a.get(f"/console/authorize/{ticket}")
    assert (page.status, "sign-in-stale" in page.text) == (400, True)


def test_what_is_asked_is_past_after_ten_minutes(consoles: Consoles):
    at_a = consoles.window(A).signed_in("1001")
    path, _ = confirm(at_a)
    consoles.clock.shift = timedelta(minutes=10)
    assert at_a.get(path).status == 400


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"max_age": "0"}])
def test_who_must_sign_in_anew_does(consoles: Consoles, more):
    at_a = consoles.window(A).signed_in("1001")
    path, page = confirm(at_a, **more)
    assert page.status == 303
    token = at_a.get("/console/").form_token
    told = at_a.post(path, form_token=token, answer="yes").headers["location"]
    assert said(told)["error"] == "access_denied"
    if "prompt" in more:
        assert "code" in said(vouched(consoles.window(A), asked(**more)))


@pytest.mark.clause("RK-30.8")
def test_a_key_stands_published_before_it_signs(consoles: Consoles, client: Client):
    keys = consoles.sites[A.name].keys
    keys.make_next(at=consoles.clock())
    published = requests.get(client.known["jwks_uri"], timeout=10).json()["keys"]
    assert len(published) == 2
    before, after = (one["kid"] for one in published)
    for kid in (before, after):
        token = client.fetch(vouched(consoles.window(A), client.sent()))["id_token"]
        assert client.claims(token)["sub"] == "1001"
        assert jws.extract_compact(token.encode()).headers()["kid"] == kid
        keys.copy("sign-in.next.pem", "sign-in.pem")
    keys.drop_copy("sign-in.next.pem", of="sign-in.pem")
    assert len(requests.get(client.known["jwks_uri"], timeout=10).json()["keys"]) == 1
