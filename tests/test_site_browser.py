"""The site as a reader meets it: in a real browser, on a phone, on paper, with a keyboard, a screen reader, hostile sources."""

import re
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Dialog
from site_corpora import hostile_corpus  # type: ignore[import-not-found]  # beside this file

from analysis import load_corpus, split_units
from analysis.coder import code_units
from analysis.notebooks import run_notebooks, shipped_notebooks
from analysis.report import tabulate, write_site

pytestmark = pytest.mark.browser
PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 900}
WIDER = """() => [...document.querySelectorAll('main *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .chart, pre, .vh, thead'))
  .map(e => e.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site of the five documents, with the notebooks as they are stored."""
    out = tmp_path_factory.mktemp("five") / "site"
    stored = {path.stem: nbformat.read(path, as_version=4) for path in shipped_notebooks()}
    documents = load_corpus("data")
    write_site(documents, tabulate(code_units(split_units(documents))), out, stored)
    return out


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site of a corpus whose every field tries to act, with notebooks run on it."""
    folder = tmp_path_factory.mktemp("hostile")
    corpus = hostile_corpus(folder / "corpus")
    documents = load_corpus(corpus)
    wanted = [path for path in shipped_notebooks() if path.stem[:2] in ("01", "02", "03")]
    executed = dict(zip((path.stem for path in wanted), run_notebooks(wanted, corpus), strict=True))
    write_site(documents, tabulate(code_units(split_units(documents))), folder / "site", executed)
    for name, notebook in executed.items():  # as JupyterLab shows it, without the policy of our pages
        data = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
        shown = [d.get("text/html") or d.get("image/svg+xml") or "" for d in data]
        (folder / "site" / f"live-{name}.html").write_text("<!doctype html>" + "".join(shown), encoding="utf-8")
    return folder / "site"


def pages_of(site: Path) -> list[Path]:
    """Every page of a site."""
    return sorted(site.glob("*.html"))


def test_no_page_logs_an_error_or_asks_for_anything_and_none_scrolls_sideways(site, page, traffic):
    for path in pages_of(site):
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (path.name, size)
            assert page.evaluate(WIDER) == [], (path.name, size)
    assert (traffic.errors, traffic.requests) == ([], [])


def test_axe_finds_no_violation_on_any_kind_of_page(site, page):
    others = [path for path in pages_of(site) if not path.name.startswith("source-")]
    sources = [site / "source-000.html", site / "source-002.html"]
    narrow = [site / "index.html", site / "source-000.html"]
    for path, size in [*((path, DESK) for path in others + sources), *((path, PHONE) for path in narrow)]:
        page.set_viewport_size(size)
        page.goto(path.as_uri())
        results = Axe().run(page)
        assert results.violations_count == 0, (path.name, size, results.generate_report())


def test_the_keyboard_reaches_every_link(site, page):
    for name in ("index.html", "source-000.html", "03-candor.html"):
        page.goto((site / name).as_uri())
        links = page.locator("a[href]").count()
        page.evaluate("document.addEventListener('focusin', e => e.target.matches('a') && (e.target.dataset.met = 1))")
        for _ in range(links + page.locator("summary, [tabindex]").count() + 1):
            page.keyboard.press("Tab")
        assert page.locator("a[href]:not([data-met])").count() == 0, name


def test_the_first_screen_answers_the_question(site, page):
    page.set_viewport_size(DESK)
    page.goto((site / "index.html").as_uri())
    sentences = page.locator(".answer")
    assert sentences.count() == 3
    assert all(sentences.nth(i).bounding_box()["y"] < DESK["height"] for i in range(3))
    assert page.locator("figure img").first.bounding_box()["y"] < DESK["height"]


def test_a_number_leads_to_its_sentences_in_one_click(site, page):
    page.goto((site / "index.html").as_uri())
    page.locator("#sources td[data-label=Denies] a").first.click()
    assert page.url.endswith("source-000.html#denies")
    page.locator("#denies + ul a").first.click()
    unit = page.locator(".unit:target")
    assert "D" in unit.locator(".k").all_inner_texts()


def test_it_reads_without_javascript_and_prints(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "source-000.html").as_uri())
    assert page.locator(".unit").count() == 33
    page.emulate_media(media="print")
    assert not page.locator("header.top").is_visible()
    assert page.locator(".unit .why").first.is_visible()
    assert len(page.pdf(format="A4")) > 10_000
    context.close()


def test_every_image_is_drawn_and_described(site, page):
    for path in pages_of(site):
        page.goto(path.as_uri())
        images = page.evaluate("[...document.images].map(i => [i.naturalWidth, i.alt])")
        assert all(width > 0 for width, _ in images), path.name
        assert len({alt for _, alt in images if re.search(r"\d", alt)}) == len(images), path.name


def test_hostile_sources_do_nothing_and_break_nothing(hostile, page, traffic):
    asked = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    for path in pages_of(hostile):
        live = path.name.startswith("live-")
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            page.goto(path.as_uri())
            page.evaluate("new Promise(done => setTimeout(done, 0))")  # what it put off until it was shown has its turn
            assert page.url == path.as_uri()
            assert page.evaluate("window.hacked") is None, path.name
            if not live:
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (path.name, size)
                assert page.evaluate(WIDER) == [], (path.name, size)
    assert (asked, traffic.errors, traffic.requests) == ([], [], [])


def test_hostile_pages_have_no_violation_and_show_what_is_unseen(hostile, page):
    for name in ("index.html", "source-long.html", "02-scores.html"):
        page.goto((hostile / name).as_uri())
        results = Axe().run(page)
        assert results.violations_count == 0, (name, results.generate_report())
    page.goto((hostile / "index.html").as_uri())
    assert page.get_by_text("U+202E").count() > 0
