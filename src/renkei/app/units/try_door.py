"""Pages on which a person tries what other organisations answer, one for each interface.

    /try/            what is offered
    /try/06/income   its parameters, items, provisions and faults, and a form that asks

Only at a node of drill or trial. A question goes through the same counter as every other: the
unit's token, the law, the entries. No cookie and no session gives a page any right: without the
token in the form nothing happens, so no other site can make a browser ask.
"""

import uuid
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import federation, kit, standard
from renkei.app import rendering
from renkei.app.console.frame import HEADERS, read_form
from renkei.app.errors import TrialPageUnknown
from renkei.app.operations.oversight import check_unit
from renkei.app.rendering import TEMPLATES, still
from renkei.app.site import Site, now
from renkei.app.units.item_words import label_and_value
from renkei.app.units.questions import Questions
from renkei.app.units.try_question import TryQuestion

PREFIX = "/try"
MODES = ("test", "drill")
OUTCOMES = ("answered", "not-held", "refused", "subject-unknown", "code-not-issued")
STATUS = {"answered": 200, "not-held": 200, "subject-unknown": 404, "code-not-issued": 409}


class TryDoor:
    """The pages of one site."""

    def __init__(self, site: Site, questions: Questions) -> None:
        """Take the site, and where questions are asked."""
        self._site = site
        self._questions = questions
        self._standard = standard.catalogue()
        self._templates = rendering.environment(TEMPLATES)
        members = site.desk.members
        self._town = members.address(site.desk.tenant).render()

    def routes(self) -> list[Route]:
        """Return the routes; a node in production has none."""
        if self._site.settings.mode not in MODES:
            return []
        console = files("renkei.app.console") / "templates" / "console.css"
        own = TEMPLATES / "try.css"
        return [
            Route(PREFIX, lambda _: RedirectResponse(f"{PREFIX}/", 308)),
            Route(f"{PREFIX}/", self.listed),
            Route(
                f"{PREFIX}/style.css", still(TEMPLATES / "style.css", console, own, kind="text/css")
            ),
            Route(f"{PREFIX}/{{unit}}/{{service}}", self.page, methods=["GET", "POST"]),
            Route(f"{PREFIX}/{{rest:path}}", self.missing),
        ]

    def listed(self, request: Request) -> Response:
        """Show every interface that somebody in the list of members answers."""
        offered = [(one, self._holders(one)) for one in self._offered()]
        return self._show(request, "try-list.html", offered=offered)

    def missing(self, request: Request) -> Response:
        """Say that there is no such page."""
        error = TrialPageUnknown()
        said = error.text(rendering.language(request))
        return self._show(request, "try-missing.html", status=error.status, said=said)

    async def page(self, request: Request) -> Response:
        """Show one interface; a form that was sent is a question, and its end is shown."""
        name = (request.path_params["unit"], request.path_params["service"])
        found = next((one for one in self._offered() if (one.unit, one.service) == name), None)
        if found is None:
            return self.missing(request)
        if request.method != "POST":
            return self._page(request, self._first(found))
        asked = self._first(found)
        try:
            form = await read_form(request)
            asked = TryQuestion.of_form(found, form, mode=self._site.settings.mode, town=self._town)
            token = next(iter(form.get("token", ())), "").strip()
            fact = await self._ask(asked, token)
        except kit.NodeError as error:
            return self._page(request, asked, error=error)
        return self._page(request, asked, fact=fact)

    async def _ask(self, asked: TryQuestion, token: str) -> federation.Fact:
        """Ask as the unit would over REST: proven by its token, decided and entered the same."""
        envelope = asked.envelope(self._site.desk.members.instance)
        call = asked.call()
        check_unit(self._site, envelope.client, f"Bearer {token}", asked.interface.name)
        return await self._questions.ask(envelope, call, str(uuid.uuid4()))

    def _first(self, interface: standard.Interface) -> TryQuestion:
        """Return the form as it stands before anybody filled it in."""
        holders = self._holders(interface)
        return TryQuestion(
            interface,
            self._site.settings.mode,
            self._town,
            holder=holders[0][0] if holders else "",
            parameters=tuple("" for _ in interface.parameters),
        )

    def _offered(self) -> list[standard.Interface]:
        return [
            one
            for one in self._standard.interfaces
            if one.between_organisations and standard.Timing.immediate in one.timings
        ]

    def _holders(self, interface: standard.Interface) -> list[tuple[str, federation.Member]]:
        """Return who runs the unit, apart from the own house, each with its address."""
        members = self._site.desk.members
        return [
            (members.address(one.id).render(), one)
            for one in members.of_kind("organisation")
            if interface.unit in one.units and one.id != self._site.desk.tenant
        ]

    def _page(
        self,
        request: Request,
        asked: TryQuestion,
        *,
        fact: federation.Fact | None = None,
        error: kit.NodeError | None = None,
    ) -> Response:
        known, interface = self._standard, asked.interface
        entity = known.entity(interface.entity)
        reader = rendering.language(request)
        node = f"{request.url.scheme}://{request.url.netloc}"
        status = 200
        if error is not None:
            status = error.status
        elif fact is not None:
            status = 403 if fact.outcome == "refused" else STATUS[fact.outcome]
        record = [
            label_and_value(known, item, value, reader)
            for name, value in ((fact and fact.record) or {}).items()
            if (item := entity.item(name)) is not None
        ]
        spelled = {}
        if fact is not None or error is not None:
            spelled = {
                "curl": asked.curl(node),
                "python": asked.python(node, known),
                "soap": asked.soap(known, tenant=self._site.desk.tenant, at=now()),
            }
        return self._show(
            request,
            "try.html",
            status=status,
            interface=interface,
            asked=asked,
            fact=fact,
            by=None if fact is None else self._site.desk.members.by_id(fact.by),
            said=None if error is None else error.text(reader),
            code="" if error is None else error.code(),
            record=record,
            spelled=spelled,
            soap_url=f"{node}/soap/{asked.holder}/{interface.unit}",
            items=[item for item in entity.items if item.name in interface.items],
            parameters=[
                (one.name, item)
                for one in interface.parameters
                if (item := entity.item(one.item)) is not None
            ],
            holders=self._holders(interface),
            units=[(number, known.unit(number)) for number in sorted(self._site.settings.units)],
            basis=[row for row in known.basis(interface) if row.holder_kind != standard.OWN],
            procedures={row.procedure for row in known.basis(interface)},
            faults=known.faults(interface, standard.Timing.immediate),
            outcomes=OUTCOMES,
            today=kit.day_of(now()),
        )

    def _show(
        self, request: Request, template: str, *, status: int = 200, **facts: object
    ) -> Response:
        reader, me = rendering.language(request), self._site.desk.me

        def t(code: str, **more: object) -> str:
            return kit.say(code, reader, **more)

        text = self._templates.get_template(template).render(
            lang=reader,
            t=t,
            named=lambda one: one.ja if reader == "ja" else one.en,
            town=me.ja if reader == "ja" else me.en,
            mode=self._site.settings.mode,
            **facts,
        )
        return Response(text, status_code=status, media_type="text/html", headers=HEADERS)
