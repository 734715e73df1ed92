"""The WSDL 1.1 description of a unit: SOAP 1.1, document/literal, one operation a message.

The provider serves `get_…`, which answers at once. `notify_…` is served by whoever receives
notices and files of the unit; it answers with a receipt. The schema of the unit is embedded.
"""

from html import escape

from renkei.standard.content import Catalogue
from renkei.standard.generate.values import notices
from renkei.standard.generate.xml_names import FAULT, HEADER, RECEIPT, message_name, namespace
from renkei.standard.generate.xsd import DECLARATION, schema_element
from renkei.standard.linkage import Interface, Timing
from renkei.standard.model import Unit

HEAD = """\
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" \
xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="{space}" xmlns:w="{space}:service" \
targetNamespace="{space}:service" name="{name}">
<wsdl:documentation>{says}</wsdl:documentation>
<wsdl:types>
"""
SHARED = """\
<wsdl:message name="header"><wsdl:part name="header" element="t:{header}"/></wsdl:message>
<wsdl:message name="receipt"><wsdl:part name="body" element="t:{receipt}"/></wsdl:message>
"""
BOUND = """\
<wsdl:operation name="{name}"><soap:operation soapAction="" style="document"/>
<wsdl:input><soap:header message="w:header" part="header" use="literal"/>\
<soap:body parts="body" use="literal"/></wsdl:input>
<wsdl:output><soap:body use="literal"/></wsdl:output>
<wsdl:fault name="fault"><soap:fault name="fault" use="literal"/></wsdl:fault></wsdl:operation>
"""
PORT = """\
<wsdl:operation name="{name}"><wsdl:documentation>{says}</wsdl:documentation>
<wsdl:input message="w:{name}"/><wsdl:output message="w:{output}"/>
<wsdl:fault name="fault" message="w:fault_{service}"/></wsdl:operation>
"""
BINDING = """\
<wsdl:binding name="{name}_soap" type="w:{name}">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
{bound}</wsdl:binding>
<wsdl:service name="{name}">
<wsdl:port name="{name}" binding="w:{name}_soap"><soap:address location="{address}"/></wsdl:port>
</wsdl:service>
</wsdl:definitions>
"""
PLACE = "https://unit.invalid/soap/{}"


def wsdl(unit: Unit, standard: Catalogue) -> str:
    """Return the description of a unit; where it is served, whoever serves it says."""
    interfaces = standard.interfaces_of(unit.id)
    operations = [made for one in interfaces for made in _operations(one)]
    ports = "".join(
        PORT.format(name=name, says=escape(one.ja, quote=False), output=output, service=one.service)
        for one, name, output in operations
    )
    return "".join(
        [
            DECLARATION,
            HEAD.format(
                space=namespace(unit.id), name=unit.name, says=escape(unit.says_ja, quote=False)
            ),
            schema_element(unit, standard),
            "</wsdl:types>\n",
            SHARED.format(header=HEADER, receipt=RECEIPT) if interfaces else "",
            *(_messages(interface) for interface in interfaces),
            f'<wsdl:portType name="{unit.name}">\n{ports}</wsdl:portType>\n',
            BINDING.format(
                name=unit.name,
                bound="".join(BOUND.format(name=name) for _, name, _ in operations),
                address=PLACE.format(unit.id),
            ),
        ]
    )


def _operations(interface: Interface) -> list[tuple[Interface, str, str]]:
    """Return each operation of an interface: its name, which is its input's, and its output."""
    made = []
    if Timing.immediate in interface.timings:
        made.append((interface, f"get_{interface.service}", f"answer_{interface.service}"))
    if notices(interface):
        made.append((interface, f"notify_{interface.service}", "receipt"))
    return made


def _messages(interface: Interface) -> str:
    named = {f"fault_{interface.service}": FAULT}
    if Timing.immediate in interface.timings:
        named |= {f"get_{interface.service}": "要求", f"answer_{interface.service}": "回答"}
    if notices(interface):
        named[f"notify_{interface.service}"] = "電文"
    return "".join(
        f'<wsdl:message name="{name}"><wsdl:part name="body" '
        f'element="t:{message_name(interface, part)}"/></wsdl:message>\n'
        for name, part in named.items()
    )
