"""What the SOAP door adds to a question, against what zeep takes on the client's side of it.

Ours reads an envelope of the generated WSDL, holds header block and body against the schema of the
unit, reads the request, and writes the answer's envelope. zeep, the client, writes that request
and reads that answer. No network, database or law on either side; processor time of one process.
"""

import argparse
import tempfile
from pathlib import Path

import zeep
from lxml import etree

from bench.measure import Ratio, Result, interleaved
from renkei import exchange
from renkei.app.units.soap_questions import check, requests_of, schema_of
from renkei.standard import catalogue, generate
from renkei.standard.generate.xml_names import HEADER, namespace
from renkei.standard.synthetic import example_row

RATIO = Ratio(floor=2.0, baseline="zeep writing the request and reading the answer")
UNIT, SERVICE = "06", "income"
TYPE = "text/xml; charset=utf-8"


def options(parser: argparse.ArgumentParser) -> None:
    """Add how many questions and rounds."""
    parser.add_argument("--questions", type=int, help="a round; default 3,000, quick 500")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Measure both in turn."""
    known, count = catalogue(), args.questions or (500 if args.quick else 3_000)
    interface = known.interface(UNIT, SERVICE)
    row = example_row(known.entity(interface.entity), known)
    space = f"{{{namespace(UNIT)}}}"
    body = generate.xml_request(interface, row, known)
    block = _header()
    request, answer = exchange.write_soap(body, block), _answer(row)

    def ours() -> None:
        for _ in range(count):
            message = exchange.read_soap(request, TYPE, understood=frozenset({space + HEADER}))
            found = requests_of(UNIT, known)[str(message.body.tag)]
            schema = schema_of(UNIT, known)
            check(schema, message.headers[space + HEADER])
            check(schema, message.body)
            generate.read_xml_request(found, message.body, known)
            exchange.write_soap(generate.xml_answer(found, row, known))

    with tempfile.TemporaryDirectory(prefix="renkei-soap-") as made:
        place = Path(made) / "unit.wsdl"
        place.write_text(generate.wsdl(known.unit(UNIT), known), encoding="utf-8")
        client = zeep.Client(str(place))  # type: ignore[no-untyped-call]
        operation = client.service._binding._operations[f"get_{SERVICE}"]  # noqa: SLF001
        asked = {
            etree.QName(child).localname: child.text for child in etree.fromstring(body.encode())
        }
        said = _said()

        def theirs() -> None:
            for _ in range(count):
                made = client.create_message(  # type: ignore[no-untyped-call]
                    client.service, f"get_{SERVICE}", **asked, _soapheaders={"header": said}
                )
                etree.tostring(made)
                operation.process_reply(etree.fromstring(answer))

        ours()  # compiles the schema
        measured = interleaved(args.rounds, {"zeep": theirs, "ours": ours}, {})
    zeep_cpu, our_cpu = measured["zeep"].cpu, measured["ours"].cpu
    return Result(
        zeep_cpu / our_cpu,
        {
            "questions": count,
            "ms_a_question": round(our_cpu / count * 1000, 3),
            "zeep_ms_a_question": round(zeep_cpu / count * 1000, 3),
            "request_bytes": len(request),
            "answer_bytes": len(answer),
        },
    )


def _said() -> dict[str, object]:
    day = {"年": "2026", "月": "04", "日": "01"}
    return {
        "電文番号": "JP-00000000-0000-4000-8000-000000000000",
        "利用団体コード": "131016",
        "利用業務ユニット番号": "15",
        "事務手続コード": "JT99000000001501",
        "利用目的": "児童手当の認定",
        "運用区分": "test",
        "作成日時": {"日付": day, "時": "09", "分": "30", "秒": "00"},
    }


def _header() -> str:
    def written(value: object) -> str:
        if not isinstance(value, dict):
            return str(value)
        return "".join(f"<{name}>{written(part)}</{name}>" for name, part in value.items())

    return f'<{HEADER} xmlns="{namespace(UNIT)}">{written(_said())}</{HEADER}>'


def _answer(row: dict[str, str]) -> bytes:
    known = catalogue()
    return exchange.write_soap(generate.xml_answer(known.interface(UNIT, SERVICE), row, known))
