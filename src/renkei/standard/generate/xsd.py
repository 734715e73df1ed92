"""The XML Schema of a unit: its records, and the messages of its interfaces.

The names are those of `xml_names`, the types those of `xml_types`. What a schema cannot say stands
in annotations: the rules of a record, check digits, how many days a month has.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from renkei.standard.content import Catalogue
from renkei.standard.generate.conditions import standing_rules
from renkei.standard.generate.values import carried_items, key_items, message_items, notices
from renkei.standard.generate.xml_names import (
    FAULT,
    HEADER,
    RECEIPT,
    inner,
    is_pair,
    item_names,
    list_name,
    message_name,
    namespace,
    record_name,
)
from renkei.standard.generate.xml_types import definition, documented, parts, quoted, type_name
from renkei.standard.linkage import Interface, Timing
from renkei.standard.model import Entity, Item, Unit
from renkei.standard.row_rules import Level, Rule

Names = Mapping[str, str]  # English name of an item → its element

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
STATEMENT = "この参照モデルは公式の標準仕様ではありません。"
LEVELS = {Level.error: "エラー", Level.alert: "アラート"}
COMMON = """\
<xs:simpleType name="電文番号型"><xs:restriction base="xs:string">\
<xs:pattern value="[ -~]+"/><xs:maxLength value="255"/></xs:restriction></xs:simpleType>
<xs:element name="{header}">{header_says}<xs:complexType><xs:sequence>
<xs:element name="電文番号" type="t:電文番号型"/>
<xs:element name="利用団体コード" type="xs:string"/>
<xs:element name="利用業務ユニット番号" type="xs:string"/>
<xs:element name="事務手続コード" type="xs:string" minOccurs="0"/>
<xs:element name="利用目的" type="xs:string" minOccurs="0"/>
<xs:element name="同意番号" type="xs:string" minOccurs="0"/>
<xs:element name="職員番号" type="xs:string" minOccurs="0"/>
<xs:element name="立会職員番号" type="xs:string" minOccurs="0"/>
<xs:element name="基準日" type="t:日付型" minOccurs="0"/>
<xs:element name="照会項目" type="xs:string" minOccurs="0">{items_say}</xs:element>
<xs:element name="運用区分">{mode_says}<xs:simpleType><xs:restriction base="xs:string">\
<xs:enumeration value="production"/><xs:enumeration value="drill"/><xs:enumeration value="test"/>\
</xs:restriction></xs:simpleType></xs:element>
<xs:element name="作成日時" type="t:日時型"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="{receipt}">{receipt_says}<xs:complexType><xs:sequence>
<xs:element name="コード" type="xs:int"/>
<xs:element name="電文番号" type="t:電文番号型"/>
<xs:element name="説明" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
"""


def xsd(unit: Unit, standard: Catalogue) -> str:
    """Return the schema of a unit: one text, importing nothing."""
    return DECLARATION + schema_element(unit, standard)


def schema_element(unit: Unit, standard: Catalogue) -> str:
    """Return the schema without its first line, as a WSDL embeds it."""
    return _schema_element(unit.id, standard)


@lru_cache(maxsize=64)  # the schema and the description of a unit are mostly made together
def _schema_element(number: str, standard: Catalogue) -> str:
    unit = standard.unit(number)
    entities = standard.entities_of(unit.id)
    interfaces = standard.interfaces_of(unit.id)
    names = {entity.name: item_names(entity) for entity in entities}
    edition = quoted(f"{standard.edition.id} {standard.edition.edition}")
    return "".join(
        [
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" ',
            f'xmlns:t="{namespace(unit.id)}" targetNamespace="{namespace(unit.id)}" ',
            f'elementFormDefault="qualified" version="{edition}" ',
            'xml:lang="ja">\n',
            documented(f"{unit.id} {unit.ja}", STATEMENT),
            "\n",
            parts(),
            *_types(entities, standard),
            *(_entity(entity, names[entity.name], standard) for entity in entities),
            _common() if interfaces else "",
            *(_messages(one, names[one.entity], standard) for one in interfaces),
            "</xs:schema>\n",
        ]
    )


def _types(entities: Iterable[Entity], standard: Catalogue) -> Iterable[str]:
    found: dict[str, Item] = {}
    for item in (item for entity in entities for item in entity.items):
        found.setdefault(type_name(item), item)
        if is_pair(item):
            found.setdefault(type_name(inner(item)), inner(item))
    return (definition(item, standard) for item in found.values())


def _entity(entity: Entity, names: Names, standard: Catalogue) -> str:
    said = [f"{entity.ja}（{entity.name}）", *map(_said, standing_rules(entity, standard))]
    elements = "".join(
        _element(item, names[item.name], required=item.required, says=f"{item.id} {item.ja}")
        for item in entity.items
    )
    return (
        f'<xs:element name="{list_name(entity)}"><xs:complexType><xs:sequence>'
        f'<xs:element ref="t:{record_name(entity)}" minOccurs="0" maxOccurs="unbounded"/>'
        "</xs:sequence></xs:complexType></xs:element>\n"
        f'<xs:element name="{record_name(entity)}">{documented(*said)}<xs:complexType>'
        f"<xs:sequence>\n{elements}</xs:sequence></xs:complexType></xs:element>\n"
    )


def _said(rule: Rule) -> str:
    return f"XSDで検査できない規則 {rule.id}（{LEVELS[rule.level]}）: {rule.ja}。{rule.clause}"


def _element(item: Item, name: str, *, required: bool, says: str = "") -> str:
    """Return the declaration of an item; of a pair, 外字 stands there only where there is one."""
    optional = "" if required else ' minOccurs="0"'
    if not is_pair(item):
        head = f'<xs:element name="{name}" type="t:{type_name(item)}"{optional}'
        return f"{head}>{documented(says)}</xs:element>\n" if says else f"{head}/>\n"
    outer = f'<xs:element name="外字{name}" type="t:{type_name(item)}" minOccurs="0"/>\n'
    return outer + _element(inner(item), f"内字{name}", required=required, says=says)


def _common() -> str:
    return COMMON.format(
        header=HEADER,
        header_says=documented("SOAPの見出し。誰が、どの手続で、何のために送るか。"),
        items_say=documented("項目の英語名をカンマで区切る。ないときは、すべての項目を照会する。"),
        mode_says=documented("production 本番、drill 訓練、test 試験"),
        receipt=RECEIPT,
        receipt_says=documented("受領の回答。コード 0 は受け付けたことを表す。"),
    )


def _messages(interface: Interface, names: Names, standard: Catalogue) -> str:
    entity = standard.entity(interface.entity)
    carried = carried_items(interface, standard)
    said = documented(f"{interface.name} {interface.ja}")
    told = []
    if Timing.immediate in interface.timings:
        asked = key_items(interface, standard)
        told += [
            _message(interface, "要求", said, _elements(asked, names, frozenset(names))),
            _message(interface, "回答", said, _elements(carried, names, frozenset())),
        ]
    if notices(interface):
        items = message_items(interface, standard)
        told.append(_notice(interface, said, entity, items, names))
    return "".join([*told, _fault(interface, standard)])


def _elements(items: Iterable[Item], names: Names, required: frozenset[str]) -> str:
    return "".join(_element(i, names[i.name], required=i.name in required) for i in items)


def _message(interface: Interface, part: str, says: str, elements: str) -> str:
    return (
        f'<xs:element name="{message_name(interface, part)}">{says}<xs:complexType>'
        f"<xs:sequence>\n{elements}</xs:sequence></xs:complexType></xs:element>\n"
    )


def _notice(
    interface: Interface,
    says: str,
    entity: Entity,
    carried: tuple[Item, ...],
    names: Names,
) -> str:
    """Return the message of many records; `message_schema` says what its parts mean."""
    key = frozenset(entity.key)
    gone = _many("終了", _elements((i for i in carried if i.name in key), names, key))
    return _message(
        interface,
        "電文",
        says,
        '<xs:element name="作成日時" type="t:日時型"/>\n'
        '<xs:element name="通番" type="xs:positiveInteger"/>\n'
        '<xs:element name="提供区分"><xs:simpleType><xs:restriction base="xs:string">'
        '<xs:enumeration value="全件"/><xs:enumeration value="差分"/></xs:restriction>'
        "</xs:simpleType></xs:element>\n"
        f"{_many(record_name(entity), _elements(carried, names, key))}{gone}",
    )


def _many(name: str, elements: str) -> str:
    return (
        f'<xs:element name="{name}" minOccurs="0" maxOccurs="unbounded"><xs:complexType>'
        f"<xs:sequence>\n{elements}</xs:sequence></xs:complexType></xs:element>\n"
    )


def _fault(interface: Interface, standard: Catalogue) -> str:
    codes = "".join(
        f'<xs:enumeration value="{fault.id}">'
        f"{documented(f'{fault.ja}。対処: {fault.remedy_ja}')}</xs:enumeration>"
        for fault in standard.faults(interface)
    )
    return _message(
        interface,
        FAULT,
        "",
        '<xs:element name="コード"><xs:simpleType><xs:restriction base="xs:string">'
        f"{codes}</xs:restriction></xs:simpleType></xs:element>\n"
        '<xs:element name="説明" type="xs:string"/>\n<xs:element name="対処" type="xs:string"/>\n',
    )
