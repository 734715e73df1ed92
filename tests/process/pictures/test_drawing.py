"""A picture names everything in it, says nothing by colour alone, and runs nothing."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.process.pictures.reference import EXAMPLES, example, reference_models

from renkei.process import bpmn
from renkei.process.bpmn.diagram import diagrams
from renkei.process.bpmn.document import MODEL
from renkei.process.bpmn.drawing import Mark, draw, signs
from renkei.process.bpmn.drawing.wrapping import NOT_FIRST, width, wrap
from renkei.process.bpmn.outline import Outline

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {
    f"{SVG}{name}"
    for name in ("svg", "g", "a", "title", "desc", "rect", "circle", "path", "text", "tspan")
}


def parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg)


def named(root: etree._Element) -> dict[str, str]:
    return {
        one.get("id", ""): one.get("aria-label", "")
        for one in root.iter(f"{SVG}g")
        if one.get("id")
    }


def test_a_picture_holds_nothing_that_runs_or_needs_a_style_sheet() -> None:
    root = parsed(draw(example()))
    assert {one.tag for one in root.iter()} <= DRAWN
    names = {str(name) for one in root.iter() for name in one.attrib}
    assert [name for name in names if name.startswith("on") or name in {"style", "class"}] == []


def test_every_element_has_an_id_and_its_words() -> None:
    held = named(parsed(draw(example())))
    for process in example().processes.values():
        for element in process.inner():
            assert element.name in held[f"element-{element.id}"]
    assert held["element-Approve"] == "15 ユーザータスク「認定を決裁する」"


def test_elements_are_read_out_as_the_process_flows() -> None:
    ids = list(named(parsed(draw(example()))))
    flow = [f"element-{one.element.id}" for one in Outline(example()).entries]
    drawn = [one for one in ids if one in flow]
    inner = {"element-Withdrawing"}  # an open sub-process lies behind what is in it
    assert [one for one in drawn if one not in inner] == [one for one in flow if one not in inner]


def test_two_pictures_in_one_document_share_no_id() -> None:
    first, second = (named(parsed(draw(example(), prefix=one))) for one in ("a-", "b-"))
    assert set(first) & set(second) == set()


def test_what_a_mark_says_stands_in_the_words_of_its_element() -> None:
    mark = Mark(tokens=12, passed=98, duration=timedelta(days=11), incidents=1, heat=0.95)
    held = named(parsed(draw(example(), marks={"Approve": mark, "f4": Mark(passed=7)})))
    words = "15 ユーザータスク「認定を決裁する」、現在ここに12件、要確認1件、通過98件、所要11日"
    assert held["element-Approve"] == f"{words}、混雑度 5段階の5"
    assert held["element-f4"].endswith("通過7件")


@pytest.mark.parametrize(("heat", "full"), [(0.0, 1), (0.19, 1), (0.5, 3), (1.0, 5), (7.0, 5)])
def test_load_is_said_by_a_number_of_squares_and_not_by_colour_alone(heat, full) -> None:
    plain = parsed(draw(example(), marks={"Judge": Mark()}))
    hot = parsed(draw(example(), marks={"Judge": Mark(heat=heat)}))

    def squares(root: etree._Element) -> int:
        return sum(1 for one in root.iter(f"{SVG}rect") if one.get("fill") == "#1f2933")

    assert squares(hot) - squares(plain) == full + 3  # three of the legend


def test_what_marks_mean_is_said_below_only_where_there_are_some() -> None:
    assert "現在ここにある案件の数" not in draw(example())
    assert "現在ここにある案件の数" in draw(example(), marks={"Check": Mark(tokens=1)})
    assert "件数" not in draw(example(), marks={"unknown": Mark(passed=1)})


def test_an_element_can_lead_elsewhere() -> None:
    root = parsed(draw(example(), links={"Check": "#outline-Check"}))
    assert [one.get("href") for one in root.iter(f"{SVG}a")] == ["#outline-Check"]


def test_a_hostile_name_is_text() -> None:
    name = "&lt;script&gt;alert(1)&lt;/script&gt;&#38;&quot;"
    model = (
        f'<definitions xmlns="{MODEL}"><process id="p"><task id="t" name="{name}"/></process>'
        "</definitions>"
    )
    root = parsed(draw(bpmn.read(model.encode())))
    assert {one.tag for one in root.iter()} <= DRAWN
    assert "<script>alert(1)</script>" in named(root)["element-t"]


def test_an_empty_process_is_drawn() -> None:
    model = f'<definitions xmlns="{MODEL}"><process id="p" name="空"/></definitions>'
    assert "空" in draw(bpmn.read(model.encode()))


@pytest.mark.parametrize("number", ["NaN", "1e999", "-5", "x", ""])
def test_a_place_that_is_no_number_is_no_place(number) -> None:
    di = "http://www.omg.org/spec/BPMN/20100524/DI"
    dc = "http://www.omg.org/spec/DD/20100524/DC"
    model = (
        f'<definitions xmlns="{MODEL}" xmlns:d="{di}" xmlns:c="{dc}"><process id="p"><task id="t"/>'
        f'</process><d:BPMNDiagram><d:BPMNPlane bpmnElement="p"><d:BPMNShape bpmnElement="t">'
        f'<c:Bounds x="0" y="0" width="{number}" height="80"/></d:BPMNShape></d:BPMNPlane>'
        "</d:BPMNDiagram></definitions>"
    )
    assert "element-t" in draw(bpmn.read(model.encode()))  # laid out by us instead


def test_the_example_is_drawn_as_the_manual_shows_it() -> None:
    for language in ("ja", "en"):
        kept = EXAMPLES / f"child-allowance.{language}.svg"
        assert draw(example(), language=language) == kept.read_text(encoding="utf-8")


def test_every_sign_of_a_model_is_explained_once() -> None:
    told = [words for _, words in signs(example(), "ja")]
    assert len(told) == len(set(told))
    assert "排他ゲートウェイ: 条件により一つの流れに進みます" in told


def test_every_diagram_of_the_reference_models_is_drawn_with_ids_that_stand_once() -> None:
    models = reference_models()
    if not models:
        pytest.skip("the data of ../shared is not here")
    for model in models:
        for page, _ in enumerate(diagrams(model.document)):
            root = parsed(draw(model, page=page, language="en"))
            ids = Counter(str(one.get("id")) for one in root.iter() if one.get("id"))
            assert max(ids.values()) == 1, model.document.name
            assert {one.tag for one in root.iter()} <= DRAWN


@given(
    st.text(alphabet="審査をする、。」（請求書ーッabc XY-.\n", max_size=60), st.integers(40, 200)
)
def test_text_is_broken_without_loss_and_not_before_signs_that_begin_no_line(text, most) -> None:
    lines = wrap(text, most, 12)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line, after in pairwise(lines):
        if width(line, 12) + 24 < most:  # a sign may hang only where a long word was cut
            assert after[0] not in NOT_FIRST or len(after) > 1
