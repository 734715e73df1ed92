"""The OpenAPI 3.1 description of a unit: what it answers at once, its notices, its files.

Path, headers and outcomes of a question are those of the protocol (docs/protocol, RK-1.1 to
RK-1.12). The subject is never part of a path: it travels in `PF-Subject`.
"""

from renkei.standard.content import Catalogue
from renkei.standard.generate.parameters import (
    IN_PATH,
    ITEMS,
    MEMBER,
    NOTICE,
    QUESTION,
    path_parameter,
    shared,
    shared_parameters,
)
from renkei.standard.generate.records import json_value
from renkei.standard.generate.replies import (
    SCHEMAS,
    TEXT,
    error_replies,
    fact,
    fact_example,
    node_replies,
)
from renkei.standard.generate.schemas import (
    STATEMENT,
    answer_schema,
    message_schema,
)
from renkei.standard.generate.values import (
    Json,
    carried_items,
    message_items,
    notices,
)
from renkei.standard.linkage import Interface, Provision, Timing
from renkei.standard.model import Unit

ENDS_SO_TOO = frozenset({404, 409})  # subject-unknown, code-not-issued


def openapi(unit: Unit, standard: Catalogue) -> dict[str, Json]:
    """Return the description of a unit."""
    paths: dict[str, dict[str, Json]] = {}
    schemas: dict[str, Json] = dict(SCHEMAS)
    for interface in standard.interfaces_of(unit.id):
        service = interface.service
        base = f"{MEMBER}/{unit.id}/{service}"
        if Timing.immediate in interface.timings:
            path = f"{base}/{interface.path}".rstrip("/")
            paths.setdefault(path, {})["get"] = _question(interface, standard)
            schemas[f"{service}.answer"] = _component(answer_schema(interface, standard))
            schemas[f"{service}.fact"] = fact(_ref(f"{service}.answer"))
        if notices(interface):
            schemas[f"{service}.message"] = _component(message_schema(interface, standard))
            paths.setdefault(base, {})["post"] = _notice(interface, standard)
        if Timing.batch in interface.timings:
            paths[f"{base}/files/{{file}}"] = {"put": _file(interface, standard)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{unit.id} {unit.ja}",
            "summary": unit.en,
            "description": f"{unit.says_ja}\n\n{STATEMENT}",
            "version": standard.edition.edition,
        },
        "servers": [{"url": "https://node.invalid", "description": "自団体のノード"}],
        "security": [{"token": []}],
        "tags": [{"name": unit.name, "description": unit.ja}],
        "paths": dict(paths.items()),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": shared_parameters(),
            "schemas": schemas,
        },
    }


def _question(interface: Interface, standard: Catalogue) -> Json:
    # Here, not above: a node that writes no description invents no town.
    from renkei.standard.synthetic import example_row

    entity = standard.entity(interface.entity)
    row = example_row(entity, standard)
    answered: Json = {
        item.name: json_value(item, row[item.name]) for item in carried_items(interface, standard)
    }
    headers = (name for name in QUESTION if entity.subject or name != "PF-Subject")
    keyed = ((one.name, entity.item(one.item)) for one in interface.parameters)
    parameters = [
        *shared(*IN_PATH, *headers),
        *(
            path_parameter(name, item, row[item.name], standard)
            for name, item in keyed
            if item is not None
        ),
        ITEMS,
    ]
    told: Json = {"schema": TEXT}
    named = error_replies(standard.faults(interface, Timing.immediate), with_fact=ENDS_SO_TOO)
    faults = {**node_replies(with_fact=ENDS_SO_TOO), **named}
    return {
        **_head(interface, standard, "get", Timing.immediate),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "回答、または該当なし（recordがnull）",
                "headers": {"X-Road-Id": told, "X-Road-Request-Id": told, "PF-Outcome": told},
                "content": {
                    "application/json": {
                        "schema": _ref(f"{interface.service}.fact"),
                        "examples": {"answered": {"value": fact_example(answered)}},
                    }
                },
            },
            **dict(sorted(faults.items())),
        },
    }


def _notice(interface: Interface, standard: Catalogue) -> Json:
    timing, *_ = notices(interface)
    return {
        **_head(interface, standard, "notify", timing),
        "parameters": shared(*IN_PATH, *NOTICE),
        "requestBody": {"required": True, "content": {"application/json": _message(interface)}},
        "responses": _receipt("202", "受領", interface, standard, timing),
    }


def _file(interface: Interface, standard: Catalogue) -> Json:
    headers: list[Json] = [item.ja for item in message_items(interface, standard)]
    file: Json = {
        "name": "file",
        "in": "path",
        "required": True,
        "description": "ファイル名。同じ名で送り直しても取り込みは一度",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.\\-]{1,128}$"},
    }
    return {
        **_head(interface, standard, "put_file", Timing.batch),
        "parameters": [*shared(*IN_PATH, *NOTICE, "Content-Digest"), file],
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": TEXT, "x-csv-columns": headers},
                "application/json": _message(interface),
            },
        },
        "responses": _receipt("201", "取り込んだ", interface, standard, Timing.batch),
    }


def _head(interface: Interface, standard: Catalogue, verb: str, timing: Timing) -> dict[str, Json]:
    consumers: list[Json] = list(standard.consumers(interface))
    return {
        "operationId": f"{verb}_{interface.service}",
        "summary": interface.ja,
        "description": f"{interface.en}. {interface.trigger_ja}（{interface.trigger_en}）",
        "tags": [standard.unit(interface.unit).name],
        "x-timing": timing.value,
        "x-consumers": consumers,
        "x-between-organisations": interface.between_organisations,
        "x-information": f"{interface.information.code} {interface.information.ja}",
        "x-lawful-basis": [_basis(row) for row in standard.basis(interface)],
    }


def _basis(row: Provision) -> Json:
    conditions: list[Json] = list(row.conditions)
    return {
        "row": row.row,
        "citation": row.citation,
        "asker": f"{row.asker_kind} {row.asker_unit}",
        "holder": row.holder_kind,
        "procedure": row.procedure,
        "since": row.since.isoformat(),
        "until": None if row.until is None else row.until.isoformat(),
        "conditions": conditions,
        "years": row.years,
        "persons": [*row.persons],
    }


def _receipt(
    status: str, says: str, interface: Interface, standard: Catalogue, timing: Timing
) -> dict[str, Json]:
    answered: Json = {"message": "JP-0001", "code": 0, "text": says}
    return {
        status: {
            "description": says,
            "content": {"application/json": {"schema": _ref("Receipt"), "example": answered}},
        },
        **error_replies(standard.faults(interface, timing), with_fact=frozenset()),
    }


def _message(interface: Interface) -> Json:
    return {"schema": _ref(f"{interface.service}.message")}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _component(schema: dict[str, Json]) -> Json:
    return {name: value for name, value in schema.items() if name not in {"$schema", "$id"}}
