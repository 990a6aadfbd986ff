"""The site as a reader meets it: in a real browser, on a phone, on paper, with a keyboard, a screen reader, hostile sources."""

import re
from collections import Counter
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Dialog, Page
from pypdf import PdfReader

pytestmark = pytest.mark.browser
PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 900}
WIDER = """() => [...document.querySelectorAll('main *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .chart, pre, .vh, thead'))
  .map(e => e.outerHTML.slice(0, 200))"""


@pytest.fixture
def site(five_site: Path) -> Path:
    """Site of the five documents."""
    return five_site


def pages_of(site: Path) -> list[Path]:
    """Every page of a site."""
    return sorted(site.glob("*.html"))


def violations_of(page: Page) -> str:
    """What axe finds wrong with a page, "" if nothing; what passes is not described, which takes as long as finding it."""
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    return str(results.generate_report()) if results.violations_count else ""


def test_no_page_logs_an_error_or_asks_for_anything_and_none_scrolls_sideways(site, page, traffic):
    for path in pages_of(site):
        page.goto(path.as_uri())
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (path.name, size)
            assert page.evaluate(WIDER) == [], (path.name, size)
    assert (traffic.errors, traffic.requests) == ([], [])


def test_every_notebook_page_reads_on_a_phone_and_unfolds_and_prints_what_is_folded(site, page):
    page.set_viewport_size(PHONE)
    for path in site.glob("0*.html"):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollHeight") < 20_000, path.name
    folded = page.goto((site / "04-validity.html").as_uri()) and page.locator("details.fold").first
    assert not folded.locator("td").first.is_visible()
    folded.locator("summary").click()
    assert folded.locator("td").first.is_visible()
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
    page.emulate_media(media="print")
    assert folded.locator("td").first.evaluate("e => e.checkVisibility({contentVisibilityAuto: true})")


def test_a_phone_shows_charts_and_tables_of_the_texts_whole(site, page):
    page.set_viewport_size(PHONE)
    for path in pages_of(site):
        page.goto(path.as_uri())
        if path.name.startswith(("index", "source-")):
            cut = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
            assert page.evaluate(cut) == 0, path.name
            assert page.evaluate("document.documentElement.scrollHeight") < 17_000, path.name
        for chart in page.locator("figure").all():
            drawn = chart.locator("img").evaluate("e => e.currentSrc != e.src")
            assert chart.evaluate("e => e.scrollWidth <= e.clientWidth"), path.name
            assert drawn or chart.locator("a[href$='.svg']").is_visible(), f"{path.name}: neither narrow nor to enlarge"


def test_paper_shows_every_page_whole_and_its_text_in_ten_points(site, page, tmp_path):
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 672, "height": 900})  # A4 between its margins
    beyond = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.vh')).length"
    for path in pages_of(site):
        page.goto(path.as_uri())
        assert page.evaluate(beyond) == 0, path.name
        if path.name not in ("index.html", "03-candor.html", "source-002.html"):  # the text of one page of each kind
            continue
        paper = PdfReader(page.pdf(path=tmp_path / "page.pdf", format="A4") and tmp_path / "page.pdf")
        sizes: Counter[float] = Counter()

        def add(text: str, outer: list[float], inner: list[float], font: object, size: float) -> None:
            sizes[round(abs(size * inner[3] * outer[3]), 1)] += len(text.strip())  # noqa: B023  # read at once

        for sheet in paper.pages:
            sheet.extract_text(visitor_text=add)
        assert sizes[10.0] > 1_000, (path.name, sizes)
        assert sum(sizes[size] for size in sizes if size < 6.9) == 0, (path.name, sizes)


def test_axe_finds_no_violation_on_any_kind_of_page(site, page):
    wide = [path for path in pages_of(site) if not path.name.startswith("source-")] + [site / "source-002.html"]
    narrow = [site / "index.html", site / "source-000.html"]
    for path, size in [*((path, DESK) for path in wide), *((path, PHONE) for path in narrow)]:
        page.set_viewport_size(size)
        page.goto(path.as_uri())
        assert violations_of(page) == "", (path.name, size)


def test_the_keyboard_reaches_every_link(site, page):
    for name in ("index.html", "source-000.html", "03-candor.html"):
        page.goto((site / name).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")  # as Enter on each does
        links = page.locator("a[href]:visible").count()
        page.evaluate("document.addEventListener('focusin', e => e.target.matches('a') && (e.target.dataset.met = 1))")
        for _ in range(links + page.locator("summary, [tabindex]").count() + 1):
            page.keyboard.press("Tab")
        assert page.locator("a[href]:not([data-met]):visible").count() == 0, name


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


def test_hostile_sources_do_nothing_and_break_nothing(hostile_site, page, traffic):
    """Neither on the site nor where JupyterLab shows what the notebooks give."""
    asked = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    live = pages_of(hostile_site.with_name(f"{hostile_site.name}-live"))
    assert len(live) == 3
    for path in [*pages_of(hostile_site), *live]:
        page.goto(path.as_uri())
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            page.evaluate("new Promise(done => setTimeout(done, 0))")  # what it put off until it was shown has its turn
            assert page.url == path.as_uri()
            assert page.evaluate("window.hacked") is None, path.name
            if path not in live:
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (path.name, size)
                assert page.evaluate(WIDER) == [], (path.name, size)
    assert (asked, traffic.errors, traffic.requests) == ([], [], [])


def test_hostile_pages_have_no_violation_and_show_what_is_unseen(hostile_site, page):
    for name in ("index.html", "source-long.html", "02-scores.html"):
        page.goto((hostile_site / name).as_uri())
        assert violations_of(page) == "", name
    page.goto((hostile_site / "index.html").as_uri())
    assert page.get_by_text("U+202E").count() > 0
