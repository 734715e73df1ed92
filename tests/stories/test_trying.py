"""A person tries an interface at the page of a node in trial: the same law, the same entries."""

import html
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

import renkei_client
from renkei import audit
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import STATUTE, UNLISTED

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

PLACE = "/try/06/income"


@dataclass
class Page:
    """What a browser was given."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def plain(self) -> str:
        """Return the text without tags."""
        return html.unescape(re.sub("<[^>]+>", " ", self.text))

    def spelled(self, name: str) -> str:
        """Return the block below a title."""
        found = re.search(
            rf"<summary>{re.escape(name)}.*?<pre[^>]*><code>(.*?)</code>", self.text, re.S
        )
        assert found is not None
        return html.unescape(found[1])


@dataclass
class Browser:
    """Somebody who has the token of unit 15 of A."""

    stage: Stage

    @property
    def token(self) -> str:
        return self.stage.ecosystem.tokens["a"]["15"]

    def open(self, path: str = PLACE, lang: str = "ja", form: dict[str, str] | None = None) -> Page:
        url = f"{self.stage.ecosystem.staff(A)}{path}?lang={lang}"
        data = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            answer = urllib.request.urlopen(urllib.request.Request(url, data), timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            head = {name.lower(): value for name, value in answer.headers.items()}
            return Page(answer.status, head, answer.read().decode())

    def ask(self, lang: str = "ja", **changes: str) -> Page:
        form = {
            "unit": "15",
            "token": self.token,
            "holder": self.stage.members.address(B.tenant).render(),
            "procedure": STATUTE,
            "subject": self.stage.cast.held[0],
            "parameter-year": str(self.stage.year),
            "purpose": "試しの照会",
            "items": "taxation",
        }
        return self.open(lang=lang, form=form | changes)


@pytest.fixture
def browser(stage) -> Browser:
    return Browser(stage)


def test_the_list_names_what_is_offered_and_the_page_all_of_an_interface(browser):
    listed = browser.open("/try/")
    assert f'href="{PLACE}?lang=ja"' in listed.text
    page = browser.open(lang="en")
    for said in ("Total income", "total_income", "NA-074", STATUTE, "Ask", "Faults and what to do"):
        assert said in page.plain
    assert "合計所得金額" in browser.open().plain
    assert browser.open("/try/06/none").status == 404
    assert browser.open("/try/06/income_of_all/x").status == 404


def test_no_page_sets_a_cookie_or_runs_a_script(browser):
    for page in (browser.open("/try/"), browser.open(), browser.ask()):
        assert "set-cookie" not in page.headers
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in page.text


def test_an_answer_is_shown_in_words_and_entered_like_any_other(browser):
    page = browser.ask()
    assert (page.status, "課税区分" in page.plain) == (200, True)
    assert "課税 (" in page.plain or "非課税 (" in page.plain
    number = re.search(r"<code>([0-9a-f-]{36})</code>", page.text)
    assert number is not None
    eco = browser.stage.ecosystem
    while json.loads(eco.oversight(A, "checkpoint"))["pending"]:
        time.sleep(0.05)
    key = audit.Verifier.parse(browser.stage.members.by_id(A.tenant).log_key)
    found = audit.verify_bundle(eco.oversight(A, f"requests/{number[1]}"), [key])
    kinds = [(one.entry.kind.value, one.entry.outcome) for one in found.entries]
    assert kinds == [("request", "asked"), ("answer", "answered")]


@pytest.mark.parametrize(
    ("lang", "says"),
    [("ja", "この手続を名指す根拠がありません。"), ("en", "No provision names this")],
)
def test_a_refusal_is_said_in_words(browser, lang, says):
    page = browser.ask(lang, procedure=UNLISTED)
    assert (page.status, says in page.plain) == (403, True)


def test_how_else_it_ends_is_said(browser):
    cast = browser.stage.cast
    assert browser.ask(subject=cast.not_held[0]).status == 200
    assert browser.ask(subject=cast.unknown).status == 404
    assert browser.ask(subject=cast.without_code[0]).status == 409
    withheld = browser.ask(subject=cast.protected[0])
    assert (withheld.status, "automatic-answer-withheld" in withheld.text) == (403, True)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"token": "wrong"}, 401, "token-refused"),
        ({"token": ""}, 401, "token-refused"),
        ({"unit": "17"}, 401, "token-refused"),
        ({"subject": "宛名"}, 400, "header-malformed"),
        ({"subject": "1" * 12}, 400, "personal-number-in-header"),
        ({"holder": "JP/MUN/131032"}, 401, "peer-unknown"),
        ({"holder": "../x"}, 400, "address-"),
        ({"parameter-year": "next"}, 400, "inquiry-"),
    ],
)
def test_who_proves_nothing_or_writes_nonsense_asks_nothing(browser, changes, status, code):
    page = browser.ask(**changes)
    assert code in page.text
    assert page.status == status


def test_the_token_is_never_written_into_a_page(browser):
    for page in (browser.ask(), browser.ask(procedure=UNLISTED), browser.ask(token="no-token-9")):
        assert browser.token not in page.text
        assert "no-token-9" not in page.text


def test_what_is_filled_in_stays_text(browser):
    page = browser.ask(purpose='"><b id=x>', procedure="'; rm x '")
    assert "<b id=x>" not in page.text
    assert 'value="&#34;&gt;&lt;b id=x&gt;"' in page.text


def test_the_same_question_runs_as_it_is_spelled(browser):
    page = browser.ask()
    env = os.environ | {
        "TOKEN": browser.token,
        "PYTHONPATH": str(Path(renkei_client.__file__).parents[1]),
    }
    program = page.spelled("Python")
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Answer(record=Income(")
    envelope = page.spelled("SOAP").replace("$TOKEN", browser.token).encode()
    url = f"{browser.stage.ecosystem.staff(A)}/soap/JP/MUN/{B.tenant}/06"
    sent = urllib.request.Request(url, envelope, {"Content-Type": "text/xml; charset=utf-8"})
    with urllib.request.urlopen(sent, timeout=30) as answer:
        assert "<課税区分>" in answer.read().decode()
    if subprocess.run(["sh", "-c", "command -v curl"], check=False, capture_output=True).returncode:
        pytest.skip("curl is not installed")
    done = subprocess.run(
        ["sh", "-c", page.spelled("curl")], env=env, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["outcome"] == "answered"
