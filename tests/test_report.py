"""The site's files: whole or not at all, every number with its units, and every number to be had again from units.csv."""

import re
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from site_corpora import site_of, site_of_five, write_corpus  # type: ignore[import-not-found]  # beside this file
from waiting import until  # type: ignore[import-not-found]  # beside this file

from analysis import CandorError, load_corpus, split_units, validity_text
from analysis.coder import code_units
from analysis.drawing import STANCE_MARKS
from analysis.folders import LISTING, whole_folder
from analysis.notebooks import harmless, notebook_body, run_notebook, running, shipped_notebooks
from analysis.pages import statement_rows
from analysis.report import SYMBOLS, build_site
from analysis.validity import trust_in

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
CODES = ("acknowledges", "minimises", "denies", "addiction", "other_addiction", "commercial", "hedged")


@pytest.fixture
def site(five_site: Path) -> Path:
    """Site of the five documents."""
    return five_site


def pages_of(site: Path) -> Iterator[tuple[str, Any]]:
    """Every page of a site, parsed."""
    for path in sorted(site.glob("*.html")):
        yield path.name, parsed(path)


@cache
def parsed(path: Path) -> Any:
    """One page, parsed; only to be read."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def units_of(site: Path) -> pd.DataFrame:
    """The units as a reader of the site gets them."""
    return pd.read_csv(site / "units.csv", dtype={"document": str}, keep_default_na=False)


def number_in(text: str) -> str:
    """First number of a text."""
    found = re.search(r"\d+(\.\d+)?", text)
    assert found, text
    return found[0]


def test_there_is_a_page_for_the_answer_each_notebook_and_each_source(site):
    expected = {"index.html", *(f"{path.stem}.html" for path in shipped_notebooks())}
    assert {name for name, _ in pages_of(site)} == expected | {f"source-{n:03}.html" for n in range(5)}


def test_every_share_on_the_index_follows_from_units_csv(site):
    units = units_of(site)
    index = parsed(site / "index.html")
    rows = index.select("#sources tbody tr")
    assert len(rows) == 5
    for row, (_, source) in zip(rows, units.groupby("document"), strict=True):
        shown = {cell["data-label"]: number_in(cell.get_text(" ")) for cell in row.select("td")}
        hits = {code: source["risk"].eq(code) if code in CODES[:3] else source[code].eq(1) for code in CODES}
        expected = [str(round(100 * hit.mean())) for hit in hits.values()]
        assert list(shown.values())[2:] == expected
        assert shown["Units"] == str(len(source))


def test_every_column_of_the_tables_is_explained_beside_them(site):
    """Each column of units.csv and scores.csv stands in columns.txt, by its name or, of four of a kind, by its stem."""
    told = set(re.findall(r"[A-Za-z]\w*", (site / "columns.txt").read_text(encoding="utf-8")))
    ends = re.compile(r"_(?:count|share|total|low|high|rate|rate_low|rate_high)$")
    for table in ("units.csv", "scores.csv"):
        for column in pd.read_csv(site / table, nrows=1).columns:
            stem = re.sub("^(?:p|final)_", "", ends.sub("", column))
            stem = {"hedge": "hedge_rate", "risk_cues": "risk_cues", "promotion": "promotion_rate"}.get(stem, stem)
            assert {column, stem, stem + "s"} & told or stem in CODES, column


def test_the_units_have_the_final_codes_where_coders_settled_on_them(site):
    """Precision of denials, redone from units.csv alone, is what the page on validity says."""
    units = pd.read_csv(site / "units.csv")
    denied = units[units["risk"] == "denies"]
    right = int((denied["final_risk"] == "denies").sum())
    page = BeautifulSoup((site / "02-scores.html").read_text(encoding="utf-8"), "html.parser")
    assert f"{right} of the {len(denied)} units coded “denies a harm”" in page.get_text()


def test_candor_and_its_parts_follow_from_units_csv_by_the_recipe_on_the_index(site, monkeypatch):
    recipe = parsed(site / "index.html").select_one("#read pre").get_text()
    monkeypatch.chdir(site)
    made: dict[str, Any] = {}
    exec(recipe, made)  # noqa: S102  # what the page tells its readers to run
    scores = pd.read_csv(site / "scores.csv", dtype={"document": str}).set_index("document")
    for part in ("disclosure", "directness", "firmness", "prominence", "balance", "candor"):
        assert made["parts"][part].to_list() == pytest.approx(scores[part].to_list(), abs=1e-6), part
    for row in parsed(site / "index.html").select("#sources tbody tr"):
        shown = number_in(row.select_one('[data-label="Candor"]').get_text(" "))
        assert shown == f"{scores.candor[row.select_one('bdi').get_text()]:.2f}"


def test_a_source_page_shows_every_statement_that_its_parts_are_counted_from(site):
    scores = pd.read_csv(site / "scores.csv", dtype={"document": str}).set_index("document")
    for document, units in units_of(site).groupby("document"):
        rows = parsed(site / f"source-{document}.html").select("#statements tbody tr")
        counts = [row.td.get_text().partition(",")[0] for row in rows]
        for act, count in {"acknowledges": "acknowledged", "plays down": "minimised", "denies": "denied"}.items():
            assert counts.count(act) == scores[f"own_{count}"][document]
        assert sum(row.td.get_text() == "acknowledges, not hedged" for row in rows) == scores.own_firm[document]
        own = units[units.addiction.eq(1) & units.risk.ne("none")]
        assert sorted(link["href"] for row in rows for link in row.select("a")) == sorted(f"#u{n}" for n in own.unit)


def test_a_list_that_acknowledges_in_one_unit_says_so_beside_what_it_counts_as():
    coded = pd.DataFrame({
        "document": "a", "unit": range(3), "statement": 0, "text": "…", "commercial": 0, "addiction": 1, "checklist": "",
        "risk": ["none", "acknowledges", "minimises"], "hedged": [0, 1, 0],
    })  # fmt: skip
    assert statement_rows(coded) == [
        {
            "number": 0,
            "stance": "plays down",
            "firm": False,
            "size": 3,
            "acts": [("acknowledges, hedged", [1]), ("plays down", [2])],
        }
    ]


def test_the_index_says_beside_the_answer_and_in_the_limits_how_far_to_trust_it(site):
    trust = trust_in("data", code_units(split_units(load_corpus("data"))))
    index = parsed(site / "index.html")
    assert validity_text.by_final_codes(trust) in index.select_one(".answer ~ p:not(.answer)").get_text()
    assert validity_text.headline_order(trust) in index.select_one("#answer").get_text()
    for sentence in (validity_text.least_sure(trust), validity_text.headline_order(trust)):
        assert sentence in index.select_one("#limits").get_text()


def test_contradictory_looks_like_no_other_stance(site):
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    assert len({marker for marker, _ in STANCE_MARKS.values()}) == len({colour for _, colour in STANCE_MARKS.values()})
    style = parsed(site / "index.html").style.get_text()
    colours = {
        stance: re.findall(rf"\.s-{stance} i {{ color: var\((--\w+)\)", style) for stance in ("denied", "contradictory")
    }
    assert colours["denied"] != colours["contradictory"]
    key = parsed(site / "index.html").select("#checklist .note .mark")
    assert [mark.get_text().split() for mark in key] == [[symbol, *name.split()] for name, symbol in SYMBOLS.items()]


def test_percentages_are_written_alike_on_every_page_and_chart(site):
    charts = {path.name: path.read_text(encoding="utf-8") for path in (site / "figures").glob("*.svg")}
    texts = {name: page.find("main").get_text() for name, page in pages_of(site)} | charts
    for name, page in pages_of(site):
        for position, image in enumerate(page.select("img")):
            charts[f"{name} {position}"] = b64decode(image["src"].partition(",")[2]).decode()
    assert [name for name, text in (texts | charts).items() if re.search(r"\d\s%", text)] == []


def test_a_source_without_a_title_is_called_source_and_its_id(tmp_path):
    texts = [{"text": TALK, "document": "7"}, {"text": PLAIN, "document": "8", "title": "The moon"}]
    site = site_of(write_corpus(tmp_path / "corpus", texts), tmp_path / "site")
    index = parsed(site / "index.html")
    assert {a.get_text() for a in index.select('a[href="source-7.html"]')} == {"source 7"}
    assert {a.get_text() for a in index.select('a[href="source-8.html"]')} == {"8 The moon", "source 8 The moon"}
    page = parsed(site / "source-7.html")
    assert (page.title.get_text(), page.h1.get_text()) == ("Source 7", "Source 7")
    assert page.select_one("a[rel=next]").get_text() == "8 The moon →"


def test_every_number_of_the_source_table_leads_to_as_many_units(site):
    units = units_of(site)
    for name, page in pages_of(site):
        if not name.startswith("source-"):
            continue
        source = units[units.document == name[7:-5]]
        for code in CODES:
            listed = [item.a["href"] for item in page.find(id=code).find_next_siblings(limit=1)[0].select("li")]
            hit = source["risk"].eq(code) if code in CODES[:3] else source[code].eq(1)
            assert listed == [f"#u{unit}" for unit in source.unit[hit]], (name, code)


def test_every_link_within_the_site_leads_somewhere(site):
    anchors = {name: {element["id"] for element in page.select("[id]")} for name, page in pages_of(site)}
    for name, page in pages_of(site):
        for link in page.select("a[href]"):
            target, _, anchor = unquote(link["href"]).partition("#")
            target = target or name
            assert (site / target).is_file(), (name, link["href"])
            assert not anchor or anchor in anchors[target], (name, link["href"])


def test_what_a_page_names_beside_it_is_on_the_site(site):
    page = parsed(site / "01-sources.html")
    assert page.find("a", string="codebook")["href"] == "codebook.txt"
    files = {
        file for code in page.select(".prose code") for file in re.findall(r"\S+\.(?:md|csv|txt)", code.get_text())
    }
    assert [file for file in files if not (site / file).is_file()] == []


def test_every_unit_has_its_place_letters_and_named_cues(site):
    coded = code_units(split_units(load_corpus("data")))
    for document, units in coded.groupby("document"):
        page = parsed(site / f"source-{document}.html")
        for unit in units.to_dict("records"):
            row = page.find(id=f"u{unit['unit']}")
            assert row.select_one(".words").get_text() == unit["text"]
            assert ("A" in [k.get_text() for k in row.select(".k")]) == (unit["risk"] == "acknowledges")
            marked = "".join(mark.get_text() for mark in row.select("mark"))
            why = row.select_one(".why").get_text() if row.select_one(".why") else ""
            for cue in unit["evidence"]:
                assert cue["text"] in why
            covered = {i for cue in unit["evidence"] for i in range(cue["start"], cue["end"])}
            assert len(marked) == len(covered)


def test_headings_and_lists_stand_as_in_the_source(site):
    page = parsed(site / "source-000.html")
    text = page.find(id="text")
    headings = [heading.get_text() for heading in text.select(".heading .words")]
    assert headings[:2] == ["Kratom And Addiction", "Too Much Kratom Use"]
    assert not text.select("h3, h4"), "what a source calls a heading is none of the page's"
    assert [len(block.find_all("li", recursive=False)) for block in text.select("ul.list")] == [6, 3]


def test_every_table_says_what_it_is_and_what_its_columns_are(site):
    for name, page in pages_of(site):
        for table in page.select("table"):
            assert table.caption.get_text(strip=True), name
            assert all(head.get("scope") == "col" for head in table.select("thead th")), name


def test_the_ring_around_what_is_focused_stands_out_from_the_page(site):
    style = parsed(site / "index.html").style.get_text()
    assert re.search(r":focus-visible \{ outline: 3px solid var\(--ring\)", style)
    ring = re.search(r"--ring: #(\w\w)(\w\w)(\w\w);", style)
    assert ring
    linear = [((int(part, 16) / 255 + 0.055) / 1.055) ** 2.4 for part in ring.groups()]
    assert 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05) >= 3


def test_no_link_is_called_by_a_number_alone(site):
    for name, page in pages_of(site):
        links = [link.get("aria-label") or link.get_text(strip=True) for link in page.select("main a[href]")]
        assert [link for link in links if re.fullmatch(r"[\d.,%–]*", link)] == [], name


def test_the_links_to_the_other_pages_are_called_differently_and_say_where_one_is(site):
    for name, page in pages_of(site):
        links = page.select("nav[aria-label='Pages of this site'] a")
        names = [link.get_text() for link in links]
        assert names == ["Answer", "Texts and units", "Scores", "Candor", "Validity", "The sources"]
        here = [link.get_text() for link in links if "aria-current" in link.attrs]
        assert len(here) == 1, name
        assert (here == ["The sources"]) == name.startswith("source-"), name


def test_no_page_holds_a_script_or_an_address_beyond_the_site(site):
    for name, page in pages_of(site):
        assert page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"] == POLICY
        assert not page.select("script, iframe, object, embed, link, base, form"), name
        assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in page.select("img"))
        assert not [e for e in page.find_all(True) if any(attribute.startswith("on") for attribute in e.attrs)]


def test_every_chart_has_a_description_of_its_own_with_numbers(site):
    for name, page in pages_of(site):
        descriptions = [image["alt"] for image in page.select("img")]
        assert len(set(descriptions)) == len(descriptions), name
        assert all(len(text) > 60 and re.search(r"\d", text) for text in descriptions), name


def test_every_chart_is_there_as_svg_csv_and_text(site):
    files = {path.name for path in (site / "figures").iterdir()}
    names = {name.rpartition(".")[0] for name in files}
    assert {"candor", "checklist", "whose-addiction", "positions", "hedge-targets", "codes", "ranks"} <= names
    assert files == {f"{name}.{ending}" for name in names for ending in ("svg", "csv", "txt")}


def test_the_table_of_a_chart_holds_what_it_shows_and_no_other_chart_has_the_same(site):
    tables = {path.stem: pd.read_csv(path, dtype={"document": str}) for path in (site / "figures").glob("*.csv")}
    assert len({tuple(table.columns) for table in tables.values()}) == len(tables)
    assert list(tables["positions"]) == ["document", "title", "unit", "risk", "addiction", "commercial"]
    assert len(tables["positions"]) == len(units_of(site))
    assert max(len(tables[name].columns) for name in ("whose-addiction", "hedge-targets", "codes")) <= 15


def test_the_same_corpus_gives_the_same_bytes(site, tmp_path):
    again = tmp_path / "again"
    site_of_five(again)
    for path in sorted(site.rglob("*")):
        if path.is_file():
            assert (again / path.relative_to(site)).read_bytes() == path.read_bytes(), path.name


TALK = "Kava can lead to dependence. Stopping it may cause withdrawal.\n\nBuy the best kava here."
PLAIN = "The moon is a rock. It goes round the earth in a month."


@pytest.mark.parametrize(
    "texts",
    [[TALK], [PLAIN, PLAIN], ["Kava is addictive."] * 3, ["Moon."], [TALK, PLAIN] * 7],
    ids=["one", "no talk", "one unit a source", "one unit", "fourteen"],
)
def test_a_corpus_of_any_size_and_talk_has_a_site_in_place_of_an_older(texts, tmp_path):
    with whole_folder(tmp_path / "site") as folder:
        (folder / "old.html").write_text("old")
    site = site_of(write_corpus(tmp_path / "corpus", [{"text": t, "focal": "kava"} for t in texts]), tmp_path / "site")
    assert len(list(site.glob("source-*.html"))) == len(texts)
    assert not (site / "old.html").exists()
    index = parsed(site / "index.html")
    assert len(index.select(".answer")) == (3 if len(texts) > 1 else 2)
    assert not re.search(r"\bnan\b|None\b|inf\b", index.find("main").get_text().replace("None of", ""))


def test_hostile_text_is_shown_as_text_and_csv_starts_no_formula(hostile_site):
    for name, page in pages_of(hostile_site):
        assert not page.select("script, iframe, meta[http-equiv=refresh i], svg"), name
        assert not page.select('a[href^="javascript:"], img:not([src^="data:"])'), name
    for path in hostile_site.rglob("*.csv"):
        for cells in pd.read_csv(path, dtype=str, keep_default_na=False, header=None).to_numpy():
            assert not [cell for cell in cells if re.match(r"[=@\t\r]|[+-](?!\d)", cell)], path.name


def test_nothing_but_a_site_is_replaced(tmp_path):
    corpus, site = write_corpus(tmp_path / "corpus", [{"text": TALK}]), tmp_path / "site"
    with whole_folder(site) as folder:
        (folder / "index.html").write_text("old")
    (site / "notes.txt").write_text("mine")
    with pytest.raises(CandorError, match=r"site: holds notes\.txt, which is not part of a site"):
        build_site(corpus, site)
    assert (site / "notes.txt").read_text() == "mine"
    with pytest.raises(CandorError, match=r"corpus: holds 0000\.txt"):
        build_site(corpus, corpus)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "site"]


@pytest.mark.parametrize("failure", [RuntimeError("x"), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_folder_appears_whole_or_not_at_all(failure, tmp_path):
    out = tmp_path / "out"
    with whole_folder(out) as folder:
        (folder / "a.txt").write_text("old")

    def fail() -> None:
        with whole_folder(out) as folder:
            (folder / "b.txt").write_text("new")
            raise failure

    with pytest.raises(CandorError if isinstance(failure, OSError) else type(failure)):
        fail()
    assert sorted(path.name for path in out.iterdir()) == [LISTING, "a.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CandorError, match="file: is a file; name a folder"), whole_folder(tmp_path / "file"):
        pass
    with pytest.raises(CandorError, match="does not exist; make it first"), whole_folder(tmp_path / "no" / "site"):
        pass


def test_a_corpus_that_cannot_be_loaded_writes_nothing(tmp_path):
    with pytest.raises(CandorError):
        build_site(tmp_path / "nowhere", tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_stops_the_notebooks_that_run_in_the_background(tmp_path):
    """The cell that runs when it comes does not get to its end."""
    began, ended, slow = tmp_path / "began", tmp_path / "ended", tmp_path / "slow.ipynb"
    cell = f"import pathlib, time\npathlib.Path({str(began)!r}).touch()\ntime.sleep(60)\npathlib.Path({str(ended)!r}).touch()"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(cell)]), slow)

    def interrupted() -> None:
        with running([slow]):
            until(began.exists, seconds=60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not ended.exists()


def test_a_notebook_that_fails_names_itself_and_its_error(tmp_path):
    failing = tmp_path / "failing.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("1 / 0")]), failing)
    with pytest.raises(
        CandorError, match=r"failing\.ipynb: stopped at an error \(ZeroDivisionError: division by zero\)"
    ):
        run_notebook(failing)


def test_a_figure_without_a_description_fails_the_page():
    output = v4.new_output("display_data", {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    notebook = v4.new_notebook(cells=[v4.new_code_cell("plot()", outputs=[output])])
    with pytest.raises(CandorError, match="a figure has no alt text"):
        notebook_body(notebook)
    output.metadata["image/svg+xml"] = {"alt": "Five bars, of 1 to 5."}
    assert 'alt="Five bars, of 1 to 5."' in notebook_body(notebook)


def test_a_chart_of_a_notebook_has_the_narrow_form_of_the_site_or_is_kept_to_be_enlarged():
    data, about = {"image/svg+xml": "<svg/>"}, {"image/svg+xml": {"alt": "Five bars, of 1 to 5."}}
    cell = v4.new_code_cell("draw()", outputs=[v4.new_output("display_data", data, metadata=about)])
    notebook = v4.new_notebook(cells=[cell])
    kept: list[str] = []

    def keep(svg: str) -> str:
        kept.append(svg)
        return "chart-1.svg"

    page: Any = BeautifulSoup(
        notebook_body(notebook, {}, {"Five bars, of 1 to 5.": "data:narrow"}, keep), "html.parser"
    )
    assert page.select_one("figure picture source")["srcset"] == "data:narrow"
    assert (page.select("figure a"), kept) == ([], [])
    page = BeautifulSoup(notebook_body(notebook, {}, {}, keep), "html.parser")
    assert page.select_one("figure a")["href"] == "chart-1.svg"
    assert (page.select("figure source"), kept) == ([], ["<svg/>"])
    assert not page.select("figure[aria-label], figure[tabindex]"), "the description is read once"


def test_a_long_table_and_many_quotes_are_folded_under_what_they_say():
    def table(rows: int) -> str:
        return f"<table><caption>Shares</caption><tbody>{'<tr><th>a</th><td>1</td></tr>' * rows}</tbody></table>"

    def quotes(count: int) -> str:
        said = '<li><cite data-document="000" data-unit="3">000, unit 3</cite> <q>It may.</q></li>' * count
        return f'<div class="quotes"><p>Hedged</p><ul>{said}<li>and 9 more</li></ul></div>'

    for short in (table(30), quotes(5)):
        assert "<details" not in harmless(short)
    for long, line in {table(31): "Shares (31 rows)", quotes(6): "Hedged (6 shown)"}.items():
        page: Any = BeautifulSoup(harmless(long), "html.parser")
        assert [summary.get_text() for summary in page.select("details > summary")] == [line]
        assert page.select("details table, details q")


def test_a_notebook_page_holds_its_code_folded_and_nothing_that_runs():
    html = "<script>x()</script><p onclick='x()'>said</p><a href='javascript:x()'>link</a><img src=x>"
    cells = [
        v4.new_markdown_cell("# Title\n\n<script>x()</script>[link](javascript:x) text"),
        v4.new_code_cell("print(1)", outputs=[v4.new_output("display_data", {"text/html": html})]),
        v4.new_code_cell("2", outputs=[v4.new_output("display_data", {"application/javascript": "x()"})]),
    ]
    body: Any = BeautifulSoup(notebook_body(v4.new_notebook(cells=cells)), "html.parser")
    assert not body.select("script, img, [onclick], a[href], h1")
    assert [details.pre.get_text().strip() for details in body.select("details")] == ["print(1)", "2"]
    assert "said" in body.get_text()
    assert "x()" not in body.get_text()
