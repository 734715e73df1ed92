"""Reading the elements of a model: names, places, types, texts, and what was found on the way."""

from collections.abc import Iterator

from lxml import etree

from renkei.process.decisions.findings import Finding, Severity
from renkei.process.decisions.model import LiteralBox
from renkei.process.decisions.names import FEEL, OURS, is_feel, tidy
from renkei.process.decisions.places import Place
from renkei.process.decisions.xml import Element, line_of, text_of


class ElementReader:
    """Reads elements of one file; `findings` collects what cannot work."""

    def __init__(self, file: str, namespace: str) -> None:
        """Take the name of the file and the namespace of its version of DMN."""
        self.file = file
        self.own = ""
        self.prefixes: dict[str, str] = {}
        self.findings: list[Finding] = []
        self._namespace = namespace
        self.default_language = FEEL[0]

    def tag(self, name: str) -> str:
        """Return the full name of an element of this version."""
        return f"{{{self._namespace}}}{name}"

    def children(self, element: Element) -> Iterator[Element]:
        """Yield the children that are of DMN; those of others are passed over."""
        start = f"{{{self._namespace}}}"
        return (child for child in element if str(child.tag).startswith(start))

    def found(self, code: str, place: Place, severity: Severity = "error", **facts: object) -> None:
        """Keep a finding."""
        self.findings.append(Finding(code, place, severity, facts))

    def unknown(self, element: Element) -> None:
        """Tell of an element that was passed over."""
        place = self.place(element)
        name = etree.QName(element).localname
        self.found("decision-element-unknown", place, "alert", element=name)

    def place(self, element: Element, outer: Place | None = None, label: str = "") -> Place:
        """Return the place of an element: kind and name, inside that of an outer one."""
        kind = label or etree.QName(element).localname
        name = tidy(element.get("name", ""))
        line = line_of(element)
        here = Place(self.file, line, f"{kind} {name}".rstrip())
        return here if outer is None else outer.inside(here.element, line)

    def text(self, element: Element, kind: str = "text") -> str:
        """Return the text of a child, trimmed; nothing where there is no such child."""
        child = element.find(self.tag(kind))
        return "" if child is None else text_of(child).strip()

    def articles(self, element: Element) -> tuple[str, ...]:
        """Return the provisions an element cites among its extensions."""
        extensions = element.find(self.tag("extensionElements"))
        if extensions is None:
            return ()
        found = (" ".join(text_of(one).split()) for one in extensions.iter(f"{{{OURS}}}article"))
        return tuple(filter(None, found))

    def type_ref(self, element: Element) -> str:
        """Return the type an element declares."""
        return self.resolve_type(element.get("typeRef"), element)

    def resolve_type(self, given: str | None, element: Element) -> str:
        """Return a type as `name` or `import.name`; DMN 1.1 writes prefixes instead."""
        name = tidy(given or "")
        prefix, colon, rest = name.partition(":")
        if not colon or prefix not in element.nsmap:
            return name
        namespace = element.nsmap[prefix]
        if is_feel(namespace or "") or namespace in (self.own, self._namespace):
            return rest
        imported = self.prefixes.get(namespace or "")
        return rest if imported is None else f"{imported}.{rest}"

    def tests(self, element: Element, kind: str, outer: Place) -> LiteralBox | None:
        """Return the unary tests that stand in a child, such as `allowedValues`."""
        child = element.find(self.tag(kind))
        if child is None or not (text := self.text(child)):
            return None
        return LiteralBox(self.place(child, outer), text)

    def literal(self, element: Element, place: Place, *, empty: str = "") -> LiteralBox:
        """Return a text; one in another language than FEEL says so; an empty one is `empty`.

        Where nothing is meant by an empty one it is null, and told of.
        """
        language = element.get("expressionLanguage", "") or self.default_language
        if is_feel(language):
            language = ""
        else:
            self.found("decision-language-unknown", place, language=language)
        text = self.text(element) or empty
        if not text:
            self.found("decision-text-empty", place, "alert")
        return LiteralBox(place, text or "null", self.type_ref(element), language)
