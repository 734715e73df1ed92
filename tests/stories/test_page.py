"""The page shows one question from both sides, live, in both languages, with proofs to take along.

docs/procedures/lawful-question.md tells the story; this is what a person sees of it.
"""

import html
import json
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

import pytest
import uvicorn
from tests.exchange.serving import serving
from tests.stories.conftest import Unit

from renkei import kit
from renkei.app.demo.asker import Told
from renkei.app.demo.ecosystem import A, B, L, free_port
from renkei.app.demo.page import Page
from renkei.app.demo.scenarios import SCENARIOS

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}
HOSTILE = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Reader:
    """A browser without JavaScript."""

    base: str

    def get(self, path: str, **headers: str) -> str:
        """Return the text of a page."""
        with urllib.request.urlopen(self._request(path, headers), timeout=20) as answer:
            data: bytes = answer.read()
        return data.decode()

    def both(self, path: str) -> dict[kit.Language, str]:
        """Return what a page says in each language."""
        plain = path.partition("?")[0]
        return {
            "ja": text(self.get(f"{plain}?lang=ja")),
            "en": text(self.get(f"{plain}?lang=en")),
        }

    def refused(self, path: str, data: bytes | None = None) -> tuple[int, str]:
        """Return status and text of a page that is not there."""
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(self._request(path, {}, data), timeout=20)
        return caught.value.code, caught.value.read().decode()

    def ask(self, kind: str, language: str = "en") -> str:
        """Press a kind's button; return the path of the question's page once it has ended."""
        data = urllib.parse.urlencode({"scenario": kind}).encode()
        request = self._request(f"/questions?lang={language}", {}, data)
        with urllib.request.urlopen(request, timeout=20) as answer:
            path = str(answer.url).removeprefix(self.base)
        self.steps(path)
        return path

    def steps(self, path: str) -> list[str]:
        """Watch the steps of a question to their end."""
        stream = self.get(path.replace("?", "/live?"))
        events = [event for event in stream.split("\n\n") if event]
        assert events.pop() == "event: end\ndata: -"
        return [text(event.partition("data: ")[2]) for event in events]

    def _request(
        self, path: str, headers: dict[str, str], data: bytes | None = None
    ) -> urllib.request.Request:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return urllib.request.Request(self.base + path, headers=named, data=data)


def text(page: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.fixture(scope="module")
def told_before(stage) -> dict[str, Told]:
    """Give what the demo asked before the page was open, by kind."""
    unit = Unit(stage)
    return {kind: unit.told(KINDS[kind]) for kind in ("statute", "wrong-item", "no-ordinance")}


@pytest.fixture(scope="module")
def page(stage, told_before):
    return Page(stage, [*told_before.values()])


@pytest.fixture(scope="module")
def reader(page):
    port = free_port()
    config = uvicorn.Config(page.application(), "127.0.0.1", port, log_config=None)
    with serving(config):
        yield Reader(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(("language", "other"), [("ja", "en"), ("en", "ja")])
def test_the_overview_offers_every_kind_of_question_in_a_language(reader, language, other):
    said = text(reader.get(f"/?lang={language}"))
    for scenario in SCENARIOS:
        assert scenario.title(language) in said
        assert scenario.explanation(language) in said
    assert kit.say("page-overview-title", language) in said
    assert kit.say("page-overview-title", other) not in said


def test_the_browser_chooses_the_language_if_the_reader_does_not(reader):
    assert '<html lang="en">' in reader.get("/", Accept_Language="en-GB,en;q=0.9")
    assert '<html lang="ja">' in reader.get("/", Accept_Language="ja")
    assert '<html lang="ja">' in reader.get("/?lang=ja", Accept_Language="en")
    assert '<html lang="ja">' in reader.get("/")


def test_the_overview_counts_what_was_asked_and_shows_every_partys_log(reader, stage):
    page = reader.get("/?lang=en")
    assert re.search(r"An item the provision does not name.*?refused.*?1", text(page))
    for part in (A, B, L):
        assert part.en in text(page)
    assert page.count("<code>") == 6


def test_a_question_is_asked_watched_and_answered(reader, page, stage):
    path = reader.ask("statute")
    steps = reader.steps(path)
    assert [step.split(" ms ")[1].split(" ")[0] for step in steps] == [
        *("City", "City", "City", "Converter", "Converter", "Log", "City", "City")
    ]
    asked = page.board.get(path.removeprefix("/questions/").partition("?")[0])
    said = text(reader.get(path))
    assert asked.told.record["total_income"] > 0
    assert f"Total income {asked.told.record['total_income']:,}" in said
    assert "NA-074" in said
    assert asked.ask.subject in said
    assert all(step.partition(" ms ")[2] in said for step in steps)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("City A No. Kind Outcome", "request asked", "answer answered", "request receipted"),
        ),
        ("ja", ("A市 番号 種別 結果", "照会 照会", "回答の受領 回答", "照会 受領")),
    ],
)
def test_every_side_shows_its_entries(reader, language, words):
    said = text(reader.get(reader.ask("own-use", language)))
    assert all(word in said for word in words)
    assert "OWN-017" in said


def test_the_bundles_are_verified_on_request(reader):
    path = reader.ask("not-held", "ja")
    assert "切れ目なく" in text(reader.get(path))
    assert 'class="verdict' not in reader.get(path)
    verified = reader.get(path.replace("?", "/verify?"))
    assert verified.count('class="verdict good"') == 3
    assert 'class="verdict bad"' not in verified
    assert "これですべてです" in text(verified)


@pytest.mark.parametrize("party", [A, B, L])
def test_a_downloaded_bundle_verifies_offline_with_the_key_shown(reader, tmp_path, party):
    path = reader.ask("statute")
    shown = reader.get(path)
    (key,) = re.findall(rf"{party.tenant}\.bundle\.json --key ([^<]+)<", shown)
    file = tmp_path / "bundle.json"
    link = f"{path.partition('?')[0]}/bundles/{party.tenant}"
    file.write_text(reader.get(link), encoding="utf-8")
    done = subprocess.run(
        [*(sys.executable, "-m", "renkei", "verify", str(file)), "--json", "--key", key],
        capture_output=True,
        check=True,
        text=True,
    )
    facts = json.loads(done.stdout)
    assert facts["holds"]
    assert facts["entries"] > 0


@pytest.mark.parametrize("kind", [s.name for s in SCENARIOS if s.outcome == "refused"])
def test_a_refusal_is_shown_with_its_reason_and_who_refused(reader, kind):
    refuser = KINDS[kind].holder if kind == "protected" else KINDS[kind].asker
    for language, said in reader.both(reader.ask(kind)).items():
        assert kit.say(f"refusal-{KINDS[kind].reason}", language) in said
        assert f"{kit.say('page-refused-by', language)}: {refuser.title(language)}" in said


@pytest.mark.parametrize("kind", ["unknown-person", "no-code", "not-held"])
def test_an_answer_without_values_says_why(reader, kind):
    for language, said in reader.both(reader.ask(kind)).items():
        title = kit.say("page-answer-title", language)
        assert f"{title} {kit.say(f'outcome-{KINDS[kind].outcome}', language)}" in said


def test_a_protected_persons_list_shows_no_entry_and_offers_no_proof(reader):
    page = reader.get(reader.ask("protected"))
    assert text(page).count("No entry is open to the person.") == 3
    assert "(withheld)" in text(page)
    assert "/bundles/" not in page
    assert "<form" not in page


def test_what_was_asked_before_the_page_was_open_is_shown_too(reader, told_before):
    said = text(reader.get(f"/questions/{told_before['statute'].ask.message}?lang=en"))
    assert "handed it to the unit" in said
    assert "Total income" in said


def test_steps_that_the_node_forgot_are_said_to_be_gone_and_the_entries_stand(
    reader, told_before, stage
):
    path = f"/questions/{told_before['no-ordinance'].ask.message}?lang=en"
    stage.ecosystem.stop(B)
    try:
        away = text(reader.get(path))
    finally:
        stage.ecosystem.start(B)
    again = text(reader.get(path))
    assert all("no longer keeps the steps" in said for said in (away, again))
    assert "refusal refused" not in away
    assert "refusal refused" in again


@pytest.mark.parametrize("tail", ["", "/live", "/verify", f"/bundles/{A.tenant}"])
def test_an_unknown_question_is_said_to_be_unknown(reader, tail):
    status, page = reader.refused(f"/questions/JP-none{tail}?lang=en")
    assert status == 404
    assert "There is no JP-none here" in text(page)


@pytest.mark.parametrize("path", ["/nothing", "/questions", "/questions/"])
def test_what_is_no_page_is_said_in_the_readers_language(reader, path):
    status, page = reader.refused(f"{path}?lang=ja")
    assert status in (404, 405)
    if status == 404:
        assert "見つかりません" in text(page)


def test_a_bundle_of_a_party_that_has_none_is_not_there(reader):
    path = reader.ask("statute").partition("?")[0]
    assert reader.refused(f"{path}/bundles/999999")[0] == 404


def test_a_kind_that_does_not_exist_is_not_asked(reader):
    data = urllib.parse.urlencode({"scenario": HOSTILE}).encode()
    status, page = reader.refused("/questions", data)
    assert status == 404
    assert HOSTILE not in page


def test_an_endless_form_is_refused(reader):
    status, page = reader.refused("/questions", b"scenario=" + b"x" * 10_000)
    assert status == 413
    assert "4096" in page


@pytest.mark.parametrize(
    "path", ["/questions/{}", "/questions/{}/live", "/{}", "/questions/x/bundles/{}", "/?lang={}"]
)
def test_what_a_reader_sends_is_never_markup(reader, path):
    target = path.format(urllib.parse.quote(HOSTILE, safe=""))
    if "lang" in path:
        assert HOSTILE not in reader.get(target)
    else:
        status, page = reader.refused(target)
        assert status == 404
        assert HOSTILE not in page
