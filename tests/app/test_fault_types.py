"""A node that is set to the older spelling of faults keeps to it at every door of its units."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.app.test_viewing import Town, serving, town
from tests.store.rows import TOWN, register_number

__all__ = ["town"]  # the fixture

UNKNOWN = f"/r1/JP/MUN/{TOWN}/06/nowhere"
PLACES = [
    (UNKNOWN, "Server.ClientProxy.UnknownService"),
    ("/tasks/00000000-0000-4000-8000-000000000000", "Client.InvalidRequest"),
    ("/listClients?xRoadInstance=EE", "Client.InvalidRequest"),
]


@pytest.fixture(scope="module")
def older(town: Town) -> Iterator[Town]:
    """Give the same site behind doors that spell as X-Road 7.7 did."""
    site = replace(town.site, settings=replace(town.site.settings, fault_types="7.7"))
    with serving(site) as url:
        yield Town(site, url, town.tokens)


def send(town: Town, path: str, body: bytes | None = None, **more: str) -> tuple[str, str]:
    """Send something that fails; return the header of the fault and the body."""
    said = {
        "X-Road-Client": f"JP/MUN/{TOWN}/15",
        "Authorization": f"Bearer {town.tokens['15']}",
        "PF-Procedure": "JT99000000001501",
        "PF-Subject": register_number(1),
        "PF-Mode": "test",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    request = urllib.request.Request(town.url + path, body, said)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.headers["X-Road-Error"] or "", answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.headers["X-Road-Error"] or "", error.read().decode()


@pytest.mark.clause("RK-1.14")
@pytest.mark.parametrize(("path", "kind"), PLACES)
def test_rest_tasks_and_lists_spell_alike(town: Town, older: Town, path: str, kind: str) -> None:
    told, text = send(older, path)
    assert (told, json.loads(text)["type"]) == (kind, kind)
    now, _ = send(town, path)
    assert now.replace("_", "") == kind.lower()


@pytest.mark.clause("RK-1.14")
def test_a_refusal_and_a_view_spell_alike(older: Town) -> None:
    refused, _ = send(older, f"/r1/JP/MUN/{TOWN}/06/income/2026")
    assert refused == "Server.ClientProxy.AccessDenied"
    view = "/own/01/person_search/look-up"
    wrong, _ = send(older, view, b"{", Content_Type="application/json")
    assert wrong.startswith(("Client.", "Server.ClientProxy."))
    item = {"by": "register_number", "value": register_number(1), "items": ["personal_number"]}
    denied, _ = send(older, view, json.dumps(item).encode())
    assert denied == "Server.ClientProxy.AccessDenied"


@pytest.mark.clause("RK-1.14", "RK-14.5")
def test_the_message_protocol_spells_alike_and_its_own_codes_stay(older: Town) -> None:
    space = "http://schemas.xmlsoap.org/soap/envelope/"
    text = f'<e:Envelope xmlns:e="{space}"><e:Header/><e:Body><a/></e:Body></e:Envelope>'
    _, told = send(older, "/", text.encode(), Content_Type="text/xml")
    assert "<faultcode>Server.ClientProxy.MissingHeaderField</faultcode>" in told
