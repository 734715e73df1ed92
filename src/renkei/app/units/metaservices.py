"""What a unit may ask its node about the others: who takes part, what a unit answers, and to whom.

    GET /listClients
    GET /r1/JP/MUN/131024/06/listMethods | allowedMethods | getOpenAPI?serviceCode=income

The members list says who runs which units and the standard what such a unit answers: that the own
node knows. What systems are registered besides is asked of the provider's node; where that is away,
the standard alone is told. Nothing about a person is told, and nothing is entered.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from urllib.parse import parse_qs, quote

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from renkei import exchange, federation, kit, standard
from renkei.app.errors import InstanceUnknown, PathUnknown
from renkei.app.operations.oversight import unit_of
from renkei.app.passing.provider_door import Providers
from renkei.app.site import Site, now
from renkei.exchange import Answer, metadata
from renkei.federation import Channel
from renkei.standard import generate

JSON = ("content-type", "application/json;charset=utf-8")
XML = ("content-type", "text/xml;charset=utf-8")


AWAY = (
    *(federation.PeerUnreachable, federation.PeerSilent, federation.PeerBrokeOff),
    federation.MembersExpired,
)
"""Where the provider's node cannot be asked, the standard alone is told."""


class Metaservices:
    """The answers of one site."""

    def __init__(self, site: Site, channel: Channel, providers: Providers) -> None:
        """Take the site, the way to the others, and the systems behind this node."""
        self._site = site
        self._channel = channel
        self._providers = providers
        self._standard = standard.catalogue()

    def routes(self) -> list[Route]:
        """Return the route that needs no provider."""
        return [Route("/listClients", self.list_clients, methods=["GET"])]

    def list_clients(self, request: Request) -> Answer:
        """Return all organisations and their units, in XML unless JSON is asked for."""
        try:
            instance = request.query_params.get("xRoadInstance", self._site.desk.members.instance)
            found = self._organisations(instance)
            if not found:
                raise InstanceUnknown(ours=self._site.desk.members.instance)
        except kit.NodeError as error:
            fault = exchange.Fault.of(error, detail="").spelt(self._site.settings.fault_types)
            return fault.answer(request.headers.get("accept", ""))
        listed = [one for member in found for one in self._listed(member)]
        if "json" in request.headers.get("accept", ""):
            return Answer(200, (JSON,), metadata.clients_json(listed))
        return Answer(200, (XML,), metadata.clients_xml(listed))

    async def answer(
        self, call: exchange.ServiceCall, client: exchange.Client, more: exchange.Fields
    ) -> Answer:
        """Answer a metaservice of a unit."""
        provider = call.service.provider
        offered = self.offered(provider)
        match call.service.code:
            case metadata.LIST_METHODS:
                body = metadata.methods_json(_methods(provider, offered))
            case metadata.ALLOWED_METHODS:
                body = metadata.methods_json(_methods(provider, self.allowed(provider, client)))
            case metadata.GET_OPENAPI:
                code = parse_qs(call.query).get("serviceCode", [""])[-1]
                if code in {one.service for one in offered}:
                    body = self._openapi(provider.code, code)
                else:
                    body = await self._registered(call, client)
                return Answer(200, (JSON, *more), body)
            case _:
                raise PathUnknown(path=call.service.code[:80])
        with suppress(*AWAY):
            body = metadata.joined(body, await self._registered(call, client))
        return Answer(200, (JSON, *more), body)

    async def registered_in_soap(
        self, name: str, provider: exchange.Subsystem, client: exchange.Client
    ) -> list[exchange.Service]:
        """Return what listMethods or allowedMethods has of systems that are asked in SOAP."""
        call = exchange.ServiceCall(exchange.Service(provider, name))
        with suppress(*AWAY):
            told = await self._registered(call, client)
            return [exchange.Service(provider, code) for code in metadata.soap_codes(told)]
        return []

    async def wsdl(self, provider: exchange.Subsystem, code: str, client: exchange.Client) -> bytes:
        """Return the WSDL of a system that is asked in SOAP."""
        service = exchange.Service(provider, metadata.GET_WSDL)
        query = f"serviceCode={quote(code, safe='')}"
        return await self._registered(exchange.ServiceCall(service, "", query), client)

    async def _registered(self, call: exchange.ServiceCall, client: exchange.Client) -> bytes:
        """Return what the provider's node says of the systems behind it."""
        peer = call.service.provider.organisation.code
        if peer == self._site.desk.tenant:
            return (await self._providers.described(call, client, "GET")).body
        said = (("x-road-client", client.render()), ("pf-mode", self._site.desk.mode))
        reply = await self._channel.call(peer, "GET", call.render(), headers=said, at=now())
        if reply.fault is not None and reply.fault.code == federation.ServiceUnknown.code():
            raise federation.ServiceUnknown(
                service=f"{call.service.provider.code}/{call.query}"[:120]
            )
        return federation.body_of(peer, reply)

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

    def _organisations(self, instance: str) -> tuple[federation.Member, ...]:
        """Return the organisations of an instance, whichever directory they stand in."""
        members = self._site.desk.members
        return tuple(
            one
            for one in members.everyone
            if one.kind == "organisation" and members.list_of(one.id).instance == instance
        )

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
        lines = self._site.desk.provisions.by_parties.get(wanted, ())
        return any(line.in_force(on) for line in lines)

    def _openapi(self, unit: str, code: str) -> bytes:
        """Return the description of one service, without an address of anybody.

        What the standard has for files and notices is not answered here, and not promised.
        """
        whole = generate.openapi(self._standard.unit(unit), self._standard)
        paths = whole["paths"]
        assert isinstance(paths, dict)  # noqa: S101  # as every OpenAPI has it
        whole_path = f"/{unit}/{code}/"  # `/06/income/…`, and not `/06/income_assessment/…`
        kept = {
            path: {"get": told["get"]}
            for path, told in paths.items()
            if whole_path in f"{path}/" and isinstance(told, dict) and "get" in told
        }
        return msgspec.json.encode(whole | {"paths": kept})


def _methods(
    provider: exchange.Subsystem, found: list[standard.Interface]
) -> Iterator[metadata.Method]:
    for one in found:
        path = "".join("/*" for _ in one.parameters)
        service = exchange.Service(provider, one.service)
        yield metadata.Method(service, (("GET", path or "/"),))
