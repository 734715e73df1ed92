"""The line lets members through and nobody else."""

import http.client
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.exchange.serving import exchange_bytes
from tests.federation.site import A, B, C, Site, clock, listed, row

from renkei.exchange import Receive, Scope, Send
from renkei.federation.errors import CertificateMissing, CredentialsThere, CredentialsUnreadable
from renkei.federation.member import fingerprint
from renkei.federation.tls import Credentials, caller_fingerprint, client_context


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site.create(tmp_path_factory.mktemp("keys"))

    async def who(scope: Scope, _receive: Receive, send: Send) -> None:
        shown = caller_fingerprint(scope).encode()
        headers = [(b"content-length", b"64")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": shown})

    with made.open(who):
        yield made


def get(port: int, context: ssl.SSLContext) -> bytes:
    line = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)
    try:
        line.request("GET", "/")
        return line.getresponse().read()
    finally:
        line.close()


@pytest.mark.clause("RK-2.1")
def test_the_application_sees_the_callers_certificate(site: Site) -> None:
    context = client_context(site.a, site.members.by_id(B))
    assert get(site.port, context).decode() == fingerprint(site.a.certificate)


@pytest.mark.clause("RK-2.1")
def test_a_certificate_outside_the_list_does_not_get_through(site: Site) -> None:
    with pytest.raises((ssl.SSLError, OSError, http.client.RemoteDisconnected)):
        get(site.port, client_context(site.c, site.members.by_id(B)))


@pytest.mark.clause("RK-2.1")
def test_nobody_gets_through_without_a_certificate(site: Site) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=site.b.certificate)
    with pytest.raises((ssl.SSLError, OSError, http.client.RemoteDisconnected)):
        get(site.port, context)


@pytest.mark.clause("RK-2.1")
def test_nobody_gets_through_with_an_older_tls(site: Site) -> None:
    context = client_context(site.a, site.members.by_id(B))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, OSError)):
        get(site.port, context)


@pytest.mark.clause("RK-2.1")
def test_plain_http_gets_no_answer(site: Site) -> None:
    said = exchange_bytes(site.port, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"HTTP/1.1 200" not in said


@pytest.mark.clause("RK-2.1")
def test_a_client_believes_the_pinned_certificate_alone(site: Site) -> None:
    others = listed(row(site.c, site.port))
    with pytest.raises(ssl.SSLCertVerificationError):
        get(site.port, client_context(site.a, others.by_id(C)))


def test_a_scope_without_a_certificate_names_nobody() -> None:
    shown: tuple[dict[str, object], ...] = ({}, {"tls": {}}, {"tls": {"fingerprint": None}})
    for extensions in shown:
        with pytest.raises(CertificateMissing):
            caller_fingerprint({"extensions": extensions})


def test_credentials_are_readable_by_their_account_alone_and_never_overwritten(
    tmp_path: Path,
) -> None:
    made = Credentials.create(tmp_path / "keys", A, at=clock())
    assert Credentials.read(tmp_path / "keys", A).signing.name == made.signing.name
    for file in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CredentialsThere):
        Credentials.create(tmp_path / "keys", A, at=clock())


@pytest.mark.parametrize("name", ["tls.pem", "signing.pem"])
def test_credentials_that_cannot_be_read_are_refused_by_file(tmp_path: Path, name: str) -> None:
    Credentials.create(tmp_path, A, at=clock())
    (tmp_path / name).write_text("x")
    with pytest.raises(CredentialsUnreadable) as caught:
        Credentials.read(tmp_path, A)
    assert name in str(caught.value.facts["file"])
