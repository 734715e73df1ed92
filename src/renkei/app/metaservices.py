"""What a unit may ask its node about the others: who takes part, what a unit answers, and to whom.

    GET /listClients
    GET /r1/JP/MUN/131024/06/listMethods | allowedMethods | getOpenAPI?serviceCode=income

The members list says who runs which units and the standard what such a unit answers, so the own
node knows it all: no message travels, nothing about a person is told, nothing is entered.
"""

from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from renkei import exchange, federation, kit, standard
from renkei.app.errors import InstanceUnknown, PathUnknown
from renkei.app.oversight import unit_of
from renkei.app.site import Site, now
from renkei.exchange import Answer, metadata
from renkei.federation import ServiceUnknown
from renkei.standard import generate

JSON = ("content-type", "application/json;charset=utf-8")
XML = ("content-type", "text/xml;charset=utf-8")


class Metaservices:
    """The answers of one site."""

    def __init__(self, site: Site) -> None:
        """Take the site."""
        self._site = site
        self._standard = standard.catalogue()

    def routes(self) -> list[Route]:
        """Return the route that needs no provider."""
        return [Route("/listClients", self.list_clients, methods=["GET"])]

    def list_clients(self, request: Request) -> Answer:
        """Return all organisations and their units, in XML unless JSON is asked for."""
        try:
            instance = request.query_params.get("xRoadInstance", self._site.desk.members.instance)
            if instance != self._site.desk.members.instance:
                raise InstanceUnknown(ours=self._site.desk.members.instance)
        except kit.NodeError as error:
            return exchange.Fault.of(error, detail="").answer(request.headers.get("accept", ""))
        listed = [one for member in self._organisations() for one in self._listed(member)]
        if "json" in request.headers.get("accept", ""):
            return Answer(200, (JSON,), metadata.clients_json(listed))
        return Answer(200, (XML,), metadata.clients_xml(listed))

    def answer(
        self, call: exchange.ServiceCall, client: exchange.Client, more: exchange.Fields
    ) -> Answer:
        """Answer a metaservice of a unit."""
        provider = call.service.provider
        match call.service.code:
            case metadata.LIST_METHODS:
                body = metadata.methods_json(_methods(provider, self.offered(provider)))
            case metadata.ALLOWED_METHODS:
                body = metadata.methods_json(_methods(provider, self.allowed(provider, client)))
            case metadata.GET_OPENAPI:
                code = parse_qs(call.query).get("serviceCode", [""])[-1]
                body = self._openapi(provider.code, code, self.offered(provider))
            case _:
                raise PathUnknown(path=call.service.code[:80])
        return Answer(200, (JSON, *more), body)

    def offered(self, provider: exchange.Subsystem) -> list[standard.Interface]:
        """Return what a unit answers at once to other organisations; nothing if nobody runs it."""
        member = self._member(provider)
        return [
            one
            for one in self._standard.interfaces_of(provider.code)
            if provider.code in member.units
            and one.between_organisations
            and standard.Timing.immediate in one.timings
        ]

    def allowed(
        self, provider: exchange.Subsystem, client: exchange.Client
    ) -> list[standard.Interface]:
        """Return what of it some provision of today lets a unit ask."""
        member, on = self._member(provider), kit.day_of(now())
        return [one for one in self.offered(provider) if self._is_allowed(one, client, member, on)]

    def _member(self, provider: exchange.Subsystem) -> federation.Member:
        member = self._site.desk.members.by_id(provider.organisation.code)
        if self._site.desk.members.address(member.id) != provider.organisation:
            raise federation.PeerUnknown(peer=provider.organisation.render()[:40])
        return member

    def _organisations(self) -> tuple[federation.Member, ...]:
        return self._site.desk.members.of_kind("organisation")

    def _listed(self, member: federation.Member) -> list[metadata.ListedClient]:
        address = self._site.desk.members.address(member.id)
        known = {unit.id for unit in self._standard.units}
        units = [
            metadata.ListedClient(
                exchange.Subsystem(address, code), member.ja, self._standard.unit(code).ja
            )
            for code in member.units
            if code in known
        ]
        return [metadata.ListedClient(address, member.ja), *units]

    def _is_allowed(
        self,
        interface: standard.Interface,
        client: exchange.Client,
        member: federation.Member,
        on: date,
    ) -> bool:
        """Tell whether some provision lets this unit ask it today; each question is asked anew."""
        asker = federation.KINDS[client.organisation.member_class]
        holder = federation.KINDS[member.member_class]
        wanted = (asker, unit_of(client), holder, interface.information.code)
        return any(
            (row.asker_kind, row.asker_unit, row.holder_kind, row.information) == wanted
            and row.in_force(on)
            for row in self._site.desk.provisions.provisions
        )

    def _openapi(self, unit: str, code: str, found: list[standard.Interface]) -> bytes:
        """Return the description of one service, without an address of anybody."""
        if code not in {one.service for one in found}:
            raise ServiceUnknown(service=f"{unit}/{code[:80]}")
        whole = generate.openapi(self._standard.unit(unit), self._standard)
        paths = whole["paths"]
        assert isinstance(paths, dict)  # noqa: S101  # as every OpenAPI has it
        whole_path = f"/{unit}/{code}/"  # `/06/income/…`, and not `/06/income_assessment/…`
        kept = {path: told for path, told in paths.items() if whole_path in f"{path}/"}
        return msgspec.json.encode(whole | {"paths": kept})


def _methods(
    provider: exchange.Subsystem, found: list[standard.Interface]
) -> Iterator[metadata.Method]:
    for one in found:
        path = "".join("/*" for _ in one.parameters)
        service = exchange.Service(provider, one.service)
        yield metadata.Method(service, (("GET", path or "/"),))
