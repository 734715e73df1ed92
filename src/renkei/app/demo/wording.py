"""What the demo's page says: templates, and codes, numbers and entries in the reader's words."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from renkei import audit, federation, kit, standard
from renkei.app.demo.board import Asked
from renkei.app.demo.ecosystem import PARTS
from renkei.app.demo.evidence import Evidence
from renkei.app.demo.scenarios import Scenario
from renkei.app.errors import QuestionUnknown
from renkei.app.rendering import OURS_ALONE, TEMPLATES, environment, japan_time, language
from renkei.app.units.item_words import label_and_value


class Wording:
    """The templates with what they need to know; everything they print is escaped."""

    def __init__(self) -> None:
        """Load the templates and the standard's names."""
        self._templates = environment(TEMPLATES)
        self._catalogue = standard.catalogue()

    def page(self, request: Request, name: str, *, status: int = 200, **facts: object) -> Response:
        """Return a page in the reader's language."""
        text = self._render(name, language(request), facts)
        return Response(text, status_code=status, media_type="text/html", headers=OURS_ALONE)

    def missing(self, request: Request, error: Exception) -> Response:
        """Return the page that says what is not there."""
        if not isinstance(error, kit.NodeError):
            error = QuestionUnknown(message=request.url.path[:80])
        said = error.text(language(request))
        return self.page(request, "missing.html", status=error.status, said=said)

    def step(self, step: federation.Step, lang: kit.Language) -> str:
        """Return one step as the list shows it."""
        return self._render("step.html", lang, {"step": step})

    def _render(self, name: str, lang: kit.Language, facts: dict[str, object]) -> str:
        def t(code: str, **more: object) -> str:
            return kit.say(code, lang, **more)

        return self._templates.get_template(name).render(
            lang=lang,
            t=t,
            who=lambda tenant: _who(tenant, lang),
            time=japan_time,
            unit=lambda number: self._unit(number, lang),
            service=lambda scenario: self._service(scenario, lang),
            procedure=lambda code: self._procedure(code, lang),
            wanted=lambda scenario: self._wanted(scenario, lang),
            items=lambda ids: self._items(ids, lang),
            record=lambda asked: self._record(asked, lang),
            refused_by=lambda evidence: _who(_refused_by(evidence), lang),
            **facts,
        )

    def _unit(self, number: str, lang: kit.Language) -> str:
        found = self._catalogue.unit(number)
        return f"{found.ja if lang == 'ja' else found.en} ({number})"

    def _service(self, scenario: Scenario, lang: kit.Language) -> str:
        found = self._interface(scenario)
        return f"{found.ja if lang == 'ja' else found.en} ({scenario.service})"

    def _interface(self, scenario: Scenario) -> standard.Interface:
        return self._catalogue.interface(*scenario.service.split("/"))

    def _procedure(self, code: str, lang: kit.Language) -> str:
        try:
            found = self._catalogue.procedure(code)
        except standard.DefinitionUnknown:
            return code
        return f"{found.ja if lang == 'ja' else found.en} ({code})"

    def _wanted(self, scenario: Scenario, lang: kit.Language) -> str:
        """Return the items asked for: those named, else all of the service."""
        service = self._interface(scenario)
        entity = self._catalogue.entity(service.entity)
        names = scenario.items.split(",") if scenario.items else service.items
        return self._items([item.id for item in entity.items if item.name in names], lang)

    def _items(self, numbers: Sequence[str], lang: kit.Language) -> str:
        return ("、" if lang == "ja" else ", ").join(self._item(number, lang) for number in numbers)

    def _item(self, number: str, lang: kit.Language) -> str:
        """Return what an item is called; what is none, such as the access record, as it is."""
        try:
            found = self._catalogue.item(number)
        except standard.DefinitionUnknown:
            return number
        return found.ja if lang == "ja" else found.en

    def _record(self, asked: Asked, lang: kit.Language) -> list[tuple[str, str]]:
        """Return label and value of each item of an answer, code values with their meaning."""
        told = asked.told
        entity = self._catalogue.entity(self._interface(asked.ask.scenario).entity)
        return [
            label_and_value(self._catalogue, item, value, lang)
            for name, value in ((told and told.record) or {}).items()
            if (item := entity.item(name)) is not None
        ]


def _who(tenant: str, lang: kit.Language) -> str:
    part = next((part for part in PARTS if part.tenant == tenant), None)
    return tenant if part is None else part.title(lang)


def _refused_by(evidence: Evidence) -> str:
    """Return which party refused, as the asker entered it."""
    refusals = (
        logged.entry
        for side in evidence.sides
        for logged in side.entries
        if logged.entry.kind is audit.Kind.REFUSAL
    )
    return next((entry.details.get("by", "") for entry in refusals), "")
