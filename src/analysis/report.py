"""Notebooks and coded units → the reviewers' site: a folder of pages that need nothing else.

Nothing on a page runs, and nothing is asked of a network: styles and images are part of each page, and its
content security policy forbids the rest. The folder appears whole or not at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import pandas as pd
from markupsafe import Markup

from analysis import candor, findings, notebooks, pages, paths, ranks, scores, validity, validity_text
from analysis.charts import Chart, draw_charts
from analysis.codes import CODE_COLUMNS
from analysis.errors import CandorError
from analysis.folders import check_folder, whole_folder
from analysis.markup import page_names, visible, visible_text
from analysis.output import write_table

if TYPE_CHECKING:
    from nbformat import NotebookNode

Progress = Callable[[int, int], object]

SYMBOLS = {"acknowledged": "●", "played down": "▽", "contradictory": "◆", "denied": "✕", "silent": "–"}
SHORT = {"01-sources": "Texts and units"}  # beside the link to the sources themselves
PART_MEANINGS = {
    "disclosure": "how many of seven things it acknowledges at least once",
    "directness": "how far its statements about them acknowledge rather than play down or deny",
    "firmness": "what share of the acknowledging ones is not hedged",
    "prominence": "how early and in how much of the text it acknowledges them or plays them down",
    "balance": "statements that acknowledge any harm against those that promote",
}


@dataclass(frozen=True)
class Tables:
    """The numbers of a site.

    Attributes
    ----------
    coded, scores, profile, checklist : DataFrame
        Coded units, `score_sources`, `candor_profile` and `candor.checklist` of them.
    pairs, ranks : DataFrame
        `ranks.compare_sources` and `ranks.rank_acceptability`.
    trust : Trust
        `validity.trust_in` the codes.
    """

    coded: pd.DataFrame
    scores: pd.DataFrame
    profile: pd.DataFrame
    checklist: pd.DataFrame
    pairs: pd.DataFrame
    ranks: pd.DataFrame
    trust: validity.Trust


def build_site(corpus: str | Path = "data", out: str | Path = "site", *, progress: Progress | None = None) -> Path:
    """Code a corpus, run the notebooks on it and write the site.

    Parameters
    ----------
    corpus : path
        A folder with ``sources.csv``.
    out : path
        The folder of the site. A site that stands there is replaced; any other folder must be empty.
    progress : callable, optional
        Called with the number of steps done and their total.

    Returns
    -------
    Path
        The site's ``index.html``.

    Raises
    ------
    CandorError
        If the corpus cannot be loaded, a notebook stops at an error, or `out` holds anything but a site.
    """
    from analysis.coder import code_units
    from analysis.corpus import load_corpus, named_substances
    from analysis.units import split_units

    check_folder(out)
    documents = load_corpus(corpus)
    step = progress or (lambda done, total: None)
    wanted = notebooks.shipped_notebooks()
    with notebooks.running(wanted, paths.corpus_folder(corpus)) as executed:
        step(0, 4)
        coded = code_units(split_units(documents), substances=named_substances(corpus))
        step(1, 4)
        tables = tabulate(coded, corpus)
        step(2, 4)
        ran = dict(zip((path.stem for path in wanted), executed(), strict=True))
    step(3, 4)
    index = write_site(documents, tables, out, ran)
    step(4, 4)
    return index


def tabulate(coded: pd.DataFrame, corpus: str | Path) -> Tables:
    """Compute every number of the site from the coded units of a corpus and from what coders coded in it.

    Raises
    ------
    CandorError
        If there is no unit.
    """
    if coded.empty:
        raise CandorError("the corpus has no unit of text: nothing to report; check the files of its sources")
    return Tables(
        coded=coded,
        scores=scores.score_sources(coded),
        profile=candor.candor_profile(coded),
        checklist=candor.checklist(coded),
        pairs=ranks.compare_sources(coded),
        ranks=ranks.rank_acceptability(coded),
        trust=validity.trust_in(corpus, coded),
    )


def write_site(
    documents: pd.DataFrame,
    tables: Tables,
    out: str | Path,
    executed: "Mapping[str, NotebookNode] | None" = None,
) -> Path:
    """Write the site's folder.

    Parameters
    ----------
    documents : DataFrame
        The corpus.
    tables : Tables
        Its numbers.
    out : path
        The folder of the site.
    executed : mapping, optional
        Executed notebooks by the names of their pages.

    Returns
    -------
    Path
        The site's ``index.html``.

    Raises
    ------
    CandorError
        If `out` holds anything but a site, or cannot be written.
    """
    executed = executed or {}
    charts = draw_charts(tables)
    environment = _environment(executed)
    sources = _sources(documents, tables)
    hrefs = {source["document"]: source["href"] for source in sources}
    narrow = {visible_text(chart.alt): chart.narrow_address for chart in charts}
    with whole_folder(out) as folder:
        for position, source in enumerate(sources):
            page = pages.source_page(
                source["row"], source["coded"], source["score"], source["profile"], list(source["cells"].values())
            )
            near = {
                "before": sources[position - 1] if position else None,
                "after": sources[position + 1] if position + 1 < len(sources) else None,
            }
            template = environment.get_template("source.html")
            html = template.render(page, **near, here=source["href"], total=len(sources))
            _write(folder / source["href"], html)
        for name, notebook in executed.items():
            keep = _keeper(folder, f"{name}-chart")
            body = Markup(notebooks.notebook_body(notebook, hrefs, narrow, keep))  # noqa: S704  # made harmless there
            template = environment.get_template("notebook.html")
            html = template.render(body=body, title=notebooks.title_of(notebook), here=f"{name}.html")
            _write(folder / f"{name}.html", html)
        _write(folder / "index.html", _index(environment, tables, sources, charts))
        if codebook := _codebook():
            _write(folder / notebooks.CODEBOOK[1], codebook)
        (folder / "figures").mkdir()
        for chart in charts:
            _write(folder / "figures" / f"{chart.name}.svg", chart.svg)
            _write(folder / "figures" / f"{chart.name}.txt", chart.alt + "\n")
            write_table(chart.numbers, folder / "figures" / f"{chart.name}.csv")
        _write(folder / "columns.txt", (paths.TEMPLATES / "columns.txt").read_text(encoding="utf-8"))
        write_table(units_table(tables.coded, tables.trust.truth), folder / "units.csv")
        write_table(tables.scores.merge(tables.profile.drop(columns="title"), on="document"), folder / "scores.csv")
    return Path(out) / "index.html"


def units_table(coded: pd.DataFrame, truth: pd.DataFrame | None = None) -> pd.DataFrame:
    """Coded units with their number of words, from which every number of the site follows.

    Where coders coded them, their final codes stand beside the program's as ``final_hedged`` and so on.

    Examples
    --------
    >>> coded = pd.DataFrame({"document": "a", "start": [0], "end": [12], "text": ["It may harm."]})
    >>> truth = coded[["document", "start", "end"]].assign(**dict.fromkeys(CODE_COLUMNS, 0)).assign(hedged=1)
    >>> units_table(coded, truth)[["words", "final_hedged", "final_risk"]].values.tolist()
    [[3, 1, 0]]
    """
    out = coded.assign(words=coded["text"].str.split().str.len())
    if truth is None or truth.empty:
        return out
    keys = ["document", "start", "end"]
    final = truth[[*keys, *CODE_COLUMNS]].rename(columns={code: f"final_{code}" for code in CODE_COLUMNS})
    return out.merge(final, on=keys, how="left")


def _sources(documents: pd.DataFrame, tables: Tables) -> list[dict[str, Any]]:
    """What the pages show of each source that has a unit, in the corpus's order."""
    rows = {row["document"]: row for row in documents.fillna("").to_dict("records")}
    profiles = {row["document"]: row for row in tables.profile.to_dict("records")}
    cells: dict[str, dict[str, Any]] = {}
    for cell in tables.checklist.to_dict("records"):
        cells.setdefault(cell["document"], {})[cell["item"]] = cell
    coded = dict(iter(tables.coded.groupby("document", sort=False)))
    hrefs = page_names(list(coded))
    return [
        {
            "document": score["document"],
            "title": rows[score["document"]]["title"],
            "href": hrefs[score["document"]],
            "row": rows[score["document"]],
            "score": score,
            "profile": profiles[score["document"]],
            "cells": cells[score["document"]],
            "coded": coded[score["document"]],
        }
        for score in tables.scores.to_dict("records")
    ]


def _index(environment: jinja2.Environment, tables: Tables, sources: list[dict[str, Any]], charts: list[Chart]) -> str:
    return environment.get_template("index.html").render(
        here="index.html",
        question=findings.question(tables.scores),
        answer=findings.answer(tables.scores, tables.profile, tables.pairs, tables.ranks),
        least_sure=validity_text.least_sure(tables.trust),
        by_final=validity_text.by_final_codes(tables.trust),
        order=validity_text.headline_order(tables.trust),
        sources=sources,
        pairs=tables.pairs.to_dict("records"),
        charts={chart.name: chart for chart in charts},
        items=candor.CHECKLIST,
        names=pages.NAMES,
        weights=candor.WEIGHTS,
        part_meanings=PART_MEANINGS,
        codebook=bool(_codebook()),
        amounts=findings.AMOUNTS,
        terms=candor.TERMS,
        formulas=candor.FORMULAS,
        draws=scores.DRAWS,
        smallest=scores.SMALLEST_SECTION,
        recompute=_recipe(),
    )


def _environment(executed: "Mapping[str, NotebookNode]") -> jinja2.Environment:
    """Templates that escape every value, with the filters that the pages use."""
    from analysis.figures import CODE_COLOURS, STANCE_MARKS

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    environment.filters |= {
        "visible": lambda text: Markup(visible(str(text))),  # noqa: S704  # escaped by visible
        "plain": lambda text: visible_text(str(text)),
        "percent": findings.percent,
        "percents": findings.percents,
        "score": lambda value: "–" if pd.isna(value) else f"{value:.2f}",
        "number": findings.number,
    }
    environment.globals |= {
        "colours": CODE_COLOURS | {"contradictory": STANCE_MARKS["contradictory"][1]},
        "symbols": SYMBOLS,
        "notebooks": [
            {
                "href": f"{name}.html",
                "short": SHORT.get(name, name[3:].replace("-", " ").capitalize()),
                "title": notebooks.title_of(book),
            }
            for name, book in executed.items()
        ],
    }
    return environment


def _recipe() -> str:
    """The code by which a reader redoes candor and its parts from ``units.csv``."""
    text = (paths.TEMPLATES / "recompute.j2").read_text(encoding="utf-8")
    return jinja2.Template(text).render(  # escaped by the page that shows it
        things=len(candor.CHECKLIST), full_extent=candor.FULL_EXTENT, weights=candor.WEIGHTS
    )


def _codebook() -> str:
    """The rules of the coding; nothing where only the package is installed."""
    try:
        return paths.shipped("data/codebook.md").read_text(encoding="utf-8")
    except CandorError:
        return ""


def _keeper(folder: Path, name: str) -> Callable[[str], str]:
    """Give what writes one chart after the other into a folder and says the name of each."""
    numbers = count(1)

    def keep(svg: str) -> str:
        file = f"{name}-{next(numbers)}.svg"
        _write(folder / file, svg)
        return file

    return keep


def _write(path: Path, text: str) -> None:
    # A lone surrogate, which UTF-8 cannot write, is shown by its code point before it gets here.
    path.write_bytes(text.encode("utf-8"))
