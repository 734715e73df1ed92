"""A UsernameToken proves a password without sending it, once and for five minutes."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from renkei.exchange import (
    Replayed,
    UsernameTokenExpired,
    UsernameTokenMalformed,
    first_time,
    read_username_token,
)
from renkei.exchange.username_token import digest_of
from renkei.kit import tenant

AT = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
PROFILE = f"{OASIS}username-token-profile-1.0#"
NONCE = b"0123456789abcdef"
PASSWORD = "a password of two programs"


def security(
    *, kind: str = "PasswordDigest", created: str = "", drop: str = "", password: str = ""
):
    created = created or AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = {
        "Username": "<s:Username>15</s:Username>",
        "Password": f'<s:Password Type="{PROFILE}{kind}">'
        f"{password or digest_of(NONCE, created, PASSWORD)}</s:Password>",
        "Nonce": f"<s:Nonce>{b64encode(NONCE).decode()}</s:Nonce>",
        "Created": f"<u:Created>{created}</u:Created>",
    }
    parts.pop(drop, None)
    return etree.fromstring(
        f'<s:Security xmlns:s="{OASIS}wssecurity-secext-1.0.xsd"'
        f' xmlns:u="{OASIS}wssecurity-utility-1.0.xsd">'
        f"<s:UsernameToken>{''.join(parts.values())}</s:UsernameToken></s:Security>"
    )


@pytest.mark.clause("RK-13.4")
def test_the_right_password_fits_and_no_other():
    token = read_username_token(security())
    assert token.username == "15"
    assert token.fits(PASSWORD)
    assert not token.fits(PASSWORD + "x")
    token.check_time(AT)


@pytest.mark.clause("RK-13.4")
def test_the_digest_is_that_of_zeep():
    usernames = pytest.importorskip("zeep.wsse.username")
    token = usernames.UsernameToken(
        "15", PASSWORD, nonce="0123456789abcdef", created=AT.replace(tzinfo=None), use_digest=True
    )
    envelope = etree.fromstring(
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/></e:Envelope>'
    )
    made, _ = token.apply(envelope, {})
    read = read_username_token(made[0][0])
    assert read.is_digest
    assert read.fits(PASSWORD)


def test_a_password_in_clear_is_told_apart():
    token = read_username_token(security(kind="PasswordText", password="secret"))
    assert (token.is_digest, token.password) == (False, "secret")


@pytest.mark.clause("RK-13.4")
@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 365])
def test_a_token_of_another_time_is_refused(minutes):
    with pytest.raises(UsernameTokenExpired):
        read_username_token(security()).check_time(AT + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "wrong",
    [
        {"drop": "Username"},
        {"drop": "Password"},
        {"drop": "Nonce"},
        {"drop": "Created"},
        {"kind": "PasswordMorse"},
        {"password": "x" * 600},
    ],
)
def test_what_is_missing_or_strange_is_named(wrong):
    with pytest.raises(UsernameTokenMalformed):
        read_username_token(security(**wrong))


def test_a_day_that_is_none_is_refused():
    with pytest.raises(UsernameTokenMalformed, match="Created"):
        read_username_token(security(created="yesterday")).check_time(AT)


@pytest.mark.clause("RK-13.4")
def test_a_token_serves_once(conn):
    town, token = tenant("131016"), read_username_token(security())
    first_time(conn, town, token, request_id="1", at=AT)
    with pytest.raises(Replayed):
        first_time(conn, town, token, request_id="2", at=AT)
    later = read_username_token(security(created="2026-04-01T03:00:01Z"))
    first_time(conn, town, later, request_id="3", at=AT)
