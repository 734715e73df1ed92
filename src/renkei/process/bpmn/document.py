"""A model's file: read without trust, kept whole.

The tree that was read is the document. What Renkei does not understand stays in it where it stood,
so that a file goes through without loss; what Renkei understands is a view of it (`reading`).
"""

from dataclasses import dataclass
from hashlib import sha256

from lxml import etree

from renkei.process.bpmn.errors import ProcessModelTooLarge, ProcessModelUnreadable

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:renkei:process"
"""The namespace of what a model says to Renkei beyond BPMN (docs/tasks.md)."""
LIMIT = 16 * 2**20
"""Bytes of one file: a hundred times the largest of the reference models."""
DEEPEST = 200

Xml = etree._Element  # noqa: SLF001 # lxml exports the class under no other name


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its name, for messages, and its tree."""

    name: str
    root: Xml

    @classmethod
    def parse(cls, data: bytes, name: str = "") -> "Document":
        """Read a file; entities, a DTD, addresses and what is too large or deep are refused."""
        if len(data) > LIMIT:
            raise ProcessModelTooLarge(file=name, mebibytes=LIMIT // 2**20)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            line, column = error.position
            raise ProcessModelUnreadable(
                file=name, line=line, column=column, reason=error.msg
            ) from None
        if etree.ElementTree(root).docinfo.internalDTD is not None:
            raise ProcessModelUnreadable(
                file=name, line=1, column=1, reason="a DOCTYPE is not read here"
            )
        if root.tag != f"{{{MODEL}}}definitions":
            raise ProcessModelUnreadable(
                file=name, line=line_of(root), column=1, reason="not BPMN 2.0 definitions"
            )
        return cls(name, root)

    def xml(self) -> bytes:
        """Return the file as it is now, in UTF-8."""
        tree = self.root.getroottree()
        return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)

    @property
    def hash(self) -> str:
        """Return the hash of the content: the same for the same tree, however it was spelled."""
        return sha256(etree.tostring(self.root, method="c14n2")).hexdigest()


def line_of(xml: Xml) -> int:
    """Return the line of the file an element begins at; 0 for one that was made."""
    line: int | None = getattr(xml, "sourceline", None)
    return line or 0


def local(xml: Xml) -> str:
    """Return the name of an element without its namespace; of a comment nothing."""
    return etree.QName(xml).localname if isinstance(xml.tag, str) else ""


def namespace(xml: Xml) -> str:
    """Return the namespace of an element; of a comment nothing."""
    return (etree.QName(xml).namespace or "") if isinstance(xml.tag, str) else ""


def children(xml: Xml, name: str) -> list[Xml]:
    """Return the child elements of BPMN with this name."""
    return xml.findall(f"{{{MODEL}}}{name}")


def child(xml: Xml, name: str) -> Xml | None:
    """Return the first child element of BPMN with this name."""
    return xml.find(f"{{{MODEL}}}{name}")


def text(xml: Xml | None) -> str:
    """Return the text of an element, without the blanks around it; of none nothing."""
    return "".join(map(str, xml.itertext())).strip() if xml is not None else ""


def is_yes(xml: Xml, attribute: str, *, otherwise: bool = False) -> bool:
    """Tell whether an attribute of the kind xsd:boolean says yes."""
    said = xml.get(attribute)
    return otherwise if said is None else said.strip() in {"true", "1"}


def quantity(xml: Xml, attribute: str) -> int:
    """Return how many tokens an activity takes or gives: one, if it says nothing that counts."""
    said = xml.get(attribute, "1").strip()
    return max(1, int(said)) if said.isdecimal() and len(said) < 5 else 1


def extensions(xml: Xml) -> list[Xml]:
    """Return what other makers' tools wrote into an element."""
    held = child(xml, "extensionElements")
    return [one for one in held if isinstance(one.tag, str)] if held is not None else []


def ours(xml: Xml, attribute: str) -> str:
    """Return an attribute of our own namespace, without the blanks around it."""
    return str(xml.get(f"{{{OURS}}}{attribute}", "")).strip()


def our_children(xml: Xml, name: str) -> list[Xml]:
    """Return the extension elements of our own namespace with this name."""
    return [one for one in extensions(xml) if one.tag == f"{{{OURS}}}{name}"]


def foreign(xml: Xml, attribute: str) -> str:
    """Return an attribute of another maker's namespace, such as `camunda:assignee`."""
    for name, value in xml.attrib.items():
        key = str(name)
        if key.startswith("{") and key.endswith("}" + attribute):
            return str(value)
    return ""


OWN = "urn:renkei:partners"
"""The namespace of what we write into a model ourselves: about other organisations."""


def own(xml: Xml, name: str) -> Xml | None:
    """Return what an extension of ours says at an element."""
    return next((one for one in extensions(xml) if one.tag == f"{{{OWN}}}{name}"), None)
