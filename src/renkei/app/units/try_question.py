"""A question as somebody fills it into the form: parsed, and spelled as each client sends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote

from renkei import exchange, standard
from renkei.standard.generate import shared_record_name, xml_request
from renkei.standard.generate.records import xml_moment
from renkei.standard.generate.xml_names import HEADER, namespace

SECEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LONGEST = 300


@dataclass(frozen=True, slots=True)
class TryQuestion:
    """What the form says, apart from the token, which is never written back into a page."""

    interface: standard.Interface
    mode: str
    town: str
    holder: str = ""
    unit: str = ""
    procedure: str = ""
    subject: str = ""
    parameters: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    purpose: str = ""
    consent: str = ""
    on: str = ""
    user: str = ""
    second: str = ""

    @classmethod
    def of_form(
        cls,
        interface: standard.Interface,
        form: Mapping[str, Sequence[str]],
        *,
        mode: str,
        town: str,
    ) -> "TryQuestion":
        """Read the fields of a form; what they hold is judged where a message would be."""

        def field(name: str) -> str:
            return next(iter(form.get(name, ())), "").strip()[:LONGEST]

        return cls(
            interface,
            mode,
            town,
            field("holder"),
            field("unit"),
            field("procedure"),
            field("subject"),
            tuple(field(f"parameter-{one.name}") for one in interface.parameters),
            tuple(name for name in interface.items if name in form.get("items", ())),
            field("purpose"),
            field("consent"),
            field("on"),
            field("user"),
            field("second"),
        )

    @property
    def path(self) -> str:
        """Return the path of the question in REST."""
        parts = "".join(f"/{quote(one, safe='')}" for one in self.parameters)
        return f"/r1/{quote(self.holder, safe='/')}/{self.interface.name}{parts}"

    @property
    def query(self) -> str:
        """Return its query: the items, if not all are asked for."""
        return f"items={','.join(self.items)}" if self.items else ""

    @property
    def client(self) -> str:
        """Return the unit that asks, as members name it."""
        return f"{self.town}/{self.unit}"

    def fields(self) -> exchange.Fields:
        """Return the headers of the question, those without a value left out."""
        said = (
            ("X-Road-Client", self.client),
            ("PF-Procedure", self.procedure),
            ("PF-Subject", self.subject),
            ("PF-Purpose", quote(self.purpose, safe="")),
            ("PF-Consent", self.consent),
            ("PF-Mode", self.mode),
            ("PF-On", self.on),
            ("X-Road-UserId", self.user),
            ("PF-Second", self.second),
        )
        return tuple((name, text) for name, text in said if text)

    def envelope(self, instance: str) -> exchange.Envelope:
        """Parse what it says about itself, as that of a message is."""
        fields = tuple((name.lower(), text) for name, text in self.fields())
        return exchange.envelope(fields, instance=instance)

    def call(self) -> exchange.ServiceCall:
        """Parse whom it asks for what."""
        return exchange.service_call(self.path, self.query)

    def curl(self, node: str) -> str:
        """Return the same question for curl; the token stands in `$TOKEN`."""
        target = self.path + (f"?{self.query}" if self.query else "")
        lines = [f'curl -u "{self.unit}:$TOKEN" {_shell(node + target)}']
        lines += [f"-H {_shell(f'{name}: {text}')}" for name, text in self.fields()]
        return " \\\n  ".join(lines)

    def python(self, node: str, known: standard.Catalogue) -> str:
        """Return the same question with the client package."""
        record = shared_record_name(self.interface, known)
        said: dict[str, object] = {
            "holder": self.holder,
            "parameters": self.parameters,
            "procedure": self.procedure,
            "subject": self.subject,
            "purpose": self.purpose,
            "items": self.items,
            "consent": self.consent,
            "user": self.user,
            "second": self.second,
        }
        inside = "".join(f"    {name}={value!r},\n" for name, value in said.items() if value)
        on = f"    on=date.fromisoformat({self.on!r}),\n" if self.on else ""
        return (
            "import os\n"
            + ("from datetime import date\n" if self.on else "")
            + "from renkei_client import Client, Question\n"
            f"from renkei_client.records import {record}\n\n"
            f"node = Client({node!r}, client={self.client!r},\n"
            f'              token=os.environ["TOKEN"], mode={self.mode!r})\n'
            f"print(node.ask(Question(\n    {record},\n{inside}{on})))"
        )

    def soap(self, known: standard.Catalogue, *, tenant: str, at: datetime) -> str:
        """Return the same question as the envelope SOAP sends; the token stands in `$TOKEN`."""
        entity = known.entity(self.interface.entity)
        row = {
            one.item: value
            for one, value in zip(self.interface.parameters, self.parameters, strict=True)
        }
        if entity.subject is not None:
            row[entity.subject] = self.subject
        said = {
            "電文番号": exchange.new_id(self.town.partition("/")[0]),
            "利用団体コード": tenant,
            "利用業務ユニット番号": self.unit,
            "事務手続コード": self.procedure,
            "利用目的": self.purpose,
            "同意番号": self.consent,
            "職員番号": self.user,
            "立会職員番号": self.second,
            "照会項目": ",".join(self.items),
            "運用区分": self.mode,
        }
        inside = "".join(
            f"\n      <{name}>{escape(text, quote=False)}</{name}>"
            for name, text in said.items()
            if text
        )
        made = xml_moment("作成日時", at.strftime("%Y-%m-%dT%H:%M:%S"))
        return f"""<e:Envelope xmlns:e="{SOAP}">
  <e:Header>
    <w:Security xmlns:w="{SECEXT}">
      <w:UsernameToken><w:Username>{escape(self.unit)}</w:Username>\
<w:Password>$TOKEN</w:Password></w:UsernameToken>
    </w:Security>
    <{HEADER} xmlns="{namespace(self.interface.unit)}">{inside}
      {made}
    </{HEADER}>
  </e:Header>
  <e:Body>
    {xml_request(self.interface, row, known)}
  </e:Body>
</e:Envelope>"""


def _shell(text: str) -> str:
    """Return a text as one word of a shell, always in quotes."""
    return "'" + text.replace("'", "'\\''") + "'"
