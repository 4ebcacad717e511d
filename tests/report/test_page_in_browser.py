"""The page in a real Chromium: found by search, filter, keys; inert, whole, and readable on a phone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Page, chromium, find_chromium

ROOT = Path(__file__).parents[2]
PROGRAM = find_chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed")

STAYS = "Công an thành phố đã khởi tố vụ án, bắt tạm giam bốn người để điều tra vào ngày 7/9."
WENT = STAYS.replace("thành phố đã", "thành phố")
HELD = STAYS.replace("7/9", "8/9")
HOSTILE = (
    "Câu  này </script><script>window.pwned=1</script><img src=x onerror='window.pwned=2'> \u2028"
    " \u202eđảo\u202c \x1b[31m <b>đậm</b> {{x}} \\u003cb> và nói thêm vài lời cho dài hơn một chút."
)
MANY = 120


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of an output in which there is something of every kind, and something that is hostile."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "in").mkdir()
    lines = [f"Câu  thứ {number}  của bài.\nĐọc thêm\n" for number in range(MANY)]
    texts = {"a.txt": f"Tin một\n{STAYS}\n", "b.txt": f"Tin hai\n{WENT}\n", "c.txt": f"Tin ba\n{HELD}\n",
             "<i>x.txt": HOSTILE, "many.txt": "".join(lines)}  # fmt: skip
    for name, text in texts.items():
        (folder / "in" / name).write_text(text, encoding="utf-8")
    settings = {"limits": {"enabled": False}}
    (folder / "config.yaml").write_text(json.dumps(settings), encoding="utf-8")
    for command in (["run", "in", "-o", "out", "--quiet"], ["report", "out"]):
        subprocess.run(
            [sys.executable, "-m", "cleaner", *command], cwd=folder, check=True, capture_output=True
        )
    return folder / "out/report/index.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium(str(PROGRAM)) as page:
        yield page


@pytest.fixture
def page(browser: Page, file: Path) -> Page:
    browser.show(1280)
    browser.open(file)
    browser.value("localStorage.clear()")
    return browser


def status(page: Page) -> str:
    return page.value("document.getElementById('status').textContent")


def shown(page: Page) -> list[str]:
    """Return the texts of the list as they are seen."""
    return page.value("[...document.querySelectorAll('#list summary .text')].map(each => each.innerText)")


def find(page: Page, text: str) -> str:
    """Type into the search field, as a person does, and return what is said to match."""
    page.value("document.getElementById('search').focus(); document.getElementById('search').value = ''")
    page.call("Input.insertText", text=text)
    page.value("new Promise(done => setTimeout(done, 300))")
    assert page.complaints() == []
    return status(page)


def rest(page: Page) -> None:
    """Wait until what was opened is drawn."""
    page.value("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")


def choose(page: Page, field: str, value: str) -> str:
    page.value(
        f"(field => {{ field.value = {json.dumps(value)}; field.dispatchEvent(new Event('change')) }})"
        f"(document.getElementById('{field}'))"
    )
    return status(page)


def test_it_draws_itself_alone(page: Page, file: Path) -> None:
    assert page.complaints() == []
    assert page.requests() == [file.as_uri()]
    assert page.value("document.querySelector('h1').innerText").startswith("121 of ")
    sections = page.value(
        "[...document.querySelectorAll('section')].filter(each => each.offsetHeight).map(each => each.id)"
    )
    assert sections == ["overview", "rules", "sources", "scores", "lines", "held", "changes"]
    assert page.value("document.querySelectorAll('#histogram rect').length") > 0
    assert page.value("document.querySelector('#histogram .threshold + text').textContent") == "threshold 90"


@pytest.mark.parametrize(
    ("asked", "matching"),
    [
        ("đọc thêm", "1 to 50 of 120 that match"),
        ("DOC THEM", "1 to 50 of 120 that match"),
        ("độc thêm", "0 that match"),
        ("thứ 17", "1 to 1 of 1 that match"),
        ("near_duplicate.near", "1 to 1 of 1 that match"),
        ("b.txt", "1 to 1 of 1 that match"),
        ("<b>đậm</b>", "1 to 1 of 1 that match"),
        ("[u+202e]", "1 to 1 of 1 that match"),
        (".*", "0 that match"),
        ("   ", "1 to 50 of 243"),
    ],
)
def test_search(page: Page, asked: str, matching: str) -> None:
    assert find(page, asked) == matching
    assert page.complaints() == []


def test_filters_and_what_leads_to_them(page: Page) -> None:
    assert status(page) == "1 to 50 of 243"
    assert choose(page, "kind", "held back") == "1 to 1 of 1 that match"
    assert choose(page, "kind", "edited") == "1 to 50 of 121 that match"
    assert choose(page, "rule", "stage boilerplate") == "0 that match"
    assert page.value("document.getElementById('list').innerText") == "Nothing here matches."
    assert choose(page, "kind", "") == "1 to 50 of 120 that match"
    page.value(
        "[...document.querySelectorAll('#rule-table button')].find(e => e.innerText == 'near').click()"
    )
    assert status(page) == "1 to 1 of 1 that match"
    assert page.value("document.getElementById('rule').selectedOptions[0].text") == "near_duplicate.near (1)"
    page.value("document.querySelector('#held-told button').click()")
    assert status(page) == "1 to 1 of 1 that match"
    assert page.value("document.getElementById('kind').value") == "held back"
    assert page.value("document.activeElement.id") == "changes"


def test_details_have_both_texts_and_why(page: Page) -> None:
    choose(page, "kind", "removed")
    choose(page, "rule", "stage near_duplicate")
    page.press("j", "Enter")
    rest(page)
    sides = page.value(
        "[...document.querySelectorAll('#list figure')].map(each => each.innerText.replace(/\\n+/, ': '))"
    )
    assert sides == [f"went: {WENT}", f"stays, a.txt line 2: {STAYS}"]
    assert page.value("document.querySelector('#list ins').textContent").strip() == "đã"
    assert page.value("document.querySelector('#list .why').innerText").startswith(
        "near_duplicate.near, ratio 98"
    )
    page.press("Enter")
    assert not page.value("document.querySelector('#list details').open")
    find(page, "đọc thêm")
    choose(page, "rule", "")
    page.value("document.querySelector('#list summary').click()")
    rest(page)
    assert page.value("document.querySelector('#list figure .text').innerText") == "Đọc thêm"


def test_pages_by_button_and_by_key(page: Page) -> None:
    first = shown(page)
    assert len(first) == 50 and page.value("document.getElementById('previous').disabled")
    page.value("document.getElementById('next').click()")
    assert status(page) == "51 to 100 of 243"
    second = shown(page)
    assert page.value("document.activeElement == document.querySelector('#list summary')")
    page.press("n", "n", "n")
    assert status(page) == "201 to 243 of 243" and page.value("document.getElementById('next').disabled")
    page.press("n", "p", "p", "p")
    assert status(page) == "51 to 100 of 243" and shown(page) == second != first
    page.press("p", "p")
    assert shown(page) == first
    assert find(page, "thứ 17") and page.value("document.getElementById('pages').hidden")


def test_keys(page: Page) -> None:
    def focused() -> int:
        return page.value("[...document.querySelectorAll('#list summary')].indexOf(document.activeElement)")

    page.press("Tab")
    assert page.value("document.activeElement.className") == "skip"
    page.press("j")
    assert focused() == 0
    page.press("j", "ArrowDown", "j")
    assert focused() == 3
    page.press("k", "ArrowUp")
    assert focused() == 1
    outline = page.value("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "where the focus is can be seen"
    page.press("/")
    assert page.value("document.activeElement.id") == "search"
    page.press("j", "/", "k")
    assert page.value("document.getElementById('search').value") == "j/k", "in a field, keys are letters"
    page.press("Escape")
    assert page.value("document.getElementById('search').value") == "" and status(page) == "1 to 50 of 243"


def test_dark_and_light(page: Page, file: Path) -> None:
    def paper() -> str:
        return page.value("getComputedStyle(document.body).backgroundColor")

    light = paper()
    page.show(1280, dark=True)
    page.open(file)
    dark = paper()
    assert light != dark and page.value("document.getElementById('theme').ariaPressed") == "true"
    page.value("document.getElementById('theme').click()")
    assert paper() == light
    page.open(file)
    assert paper() == light, "it is remembered"
    page.value("localStorage.clear()")
    assert page.complaints() == []


def test_hostile_text_is_seen_and_does_nothing(page: Page) -> None:
    assert find(page, "window.pwned") == "1 to 1 of 1 that match"
    page.value("document.querySelector('#list summary').click()")
    rest(page)
    text = page.value("document.querySelector('#list').innerText")
    assert "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=2'>" in text
    assert "[U+202E]đảo[U+202C]" in text and "<b>đậm</b> {{x}} \\u003cb>" in text and "<i>x.txt" in text
    assert page.value("window.pwned === undefined")
    tags = page.value("[...new Set([...document.querySelectorAll('*')].map(each => each.localName))].sort()")
    assert not {"img", "b", "iframe", "object", "embed", "base"} & set(tags)
    assert page.value("document.scripts.length") == 2
    assert page.complaints() == []


@pytest.mark.parametrize(
    "script",
    [
        "document.body.innerHTML = '<img src=x onerror=window.pwned=1>'",
        "eval('window.pwned = 1')",
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.pwned=1'}))",
    ],
)
def test_the_policy_lets_nothing_else_run(page: Page, script: str) -> None:
    with pytest.raises(RuntimeError, match=r"TrustedHTML|TrustedScript|Content Security Policy"):
        page.value(script)
    assert page.value("window.pwned === undefined")


def test_nothing_can_be_loaded(page: Page) -> None:
    page.value("fetch('data:text/plain,x').catch(() => 0)")
    page.value(
        "new Promise(done => { const i = new Image(); i.onerror = i.onload = done; i.src = 'data:,' })"
    )
    refused = page.complaints()
    assert any("Connecting to" in each for each in refused) and any("image" in each for each in refused)
    assert all("Content Security Policy" in each for each in refused)


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_stands_out_of_the_page(page: Page, width: int) -> None:
    page.show(width)
    page.value("for (const each of document.querySelectorAll('#list details')) each.open = true")
    rest(page)
    assert page.value("document.documentElement.scrollWidth") <= width
    bars = "Math.max(...[...document.querySelectorAll('rect')].map(e => e.getBoundingClientRect().right))"
    assert page.value(bars) <= width


def test_it_can_be_read_without_being_seen(page: Page) -> None:
    tree = page.call("Accessibility.getFullAXTree")["nodes"]

    def named(role: str) -> list[str]:
        found = (node for node in tree if node.get("role", {}).get("value") == role and not node["ignored"])
        return [node.get("name", {}).get("value", "") for node in found]

    for landmark in ("banner", "main", "contentinfo", "search", "navigation", "region"):
        assert named(landmark), landmark
    assert set(named("navigation")) == {"Sections", "Pages of changes"}
    assert named("searchbox") == ["Search"] and named("combobox") == ["Kind", "Rule"]
    for role in ("button", "link", "table", "region", "image", "columnheader"):
        names = named(role)
        assert all(names) or role == "columnheader", f"a {role} has no name"
    headings = page.value("[...document.querySelectorAll('h1,h2,h3')].map(each => each.localName)")
    assert headings == ["h1", *["h2"] * 7]
    live = page.value("document.getElementById('status').localName")
    assert live == "output", "what a search has found is read out"
    assert page.value("document.querySelector('#list .text').lang") == "", "texts are in any language"


def test_in_print_there_is_only_what_can_be_read(page: Page) -> None:
    page.show(800, media="print")
    parts = ["filters", "pages", "sections", "theme", "list", "figures"]
    seen = [part for part in parts if page.value(f"document.getElementById('{part}').offsetHeight")]
    assert seen == ["list", "figures"]
    pdf: dict[str, Any] = page.call("Page.printToPDF")
    assert pdf["data"].startswith("JVBER")
    assert page.value("document.querySelector('#list details').open"), "with details"
