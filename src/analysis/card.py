"""The model card in words (Mitchell et al. 2019), from the card's data and what was measured."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.codes import CODES
from analysis.findings import listed
from analysis.validity import LABELS, NAIVE
from analysis.validity_tables import interval

_TFIDF = "TF-IDF and logistic regression"
_NOT_MEASURED = "Not measured yet: `make validate CORPORA=DIR` does it."


def render_card(card: Mapping[str, Any], validation: Mapping[str, pd.DataFrame]) -> str:
    """Write the model card as Markdown.

    Parameters
    ----------
    card : mapping
        Of ``card.json``: on what the weights were fitted, who coded it, what the examples alone reach.
    validation : mapping
        ``real_pages``, ``candor`` and ``public``, as `analysis.validity.load_validation` reads them; a table that is
        left out or has no rows is said to be not measured.

    Returns
    -------
    str
        The same text for the same tables, ending in a newline.

    Examples
    --------
    >>> text = render_card({"never_fitted_on": "the five documents"}, {})
    >>> text.splitlines()[0]
    '# Model card: the weights that code units'
    >>> "Never fitted on: the five documents." in text
    True
    """
    tables = {name: table for name, table in validation.items() if len(table)}
    parts = [
        "# Model card: the weights that code units",
        "This text is made from `card.json` and `data/validation` by `make validate`; change those, not this file.",
        _WHAT,
        "## What it was fitted on",
        _fitted(card),
        "## How it was judged",
        _pages(tables.get("real_pages")),
        _candor(tables.get("candor")),
        "### Other people’s labels",
        _public(tables.get("public")),
        "## What the examples alone reach",
        _alone(card.get("examples_alone"), tables.get("real_pages")),
        _LIMITS,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_WHAT = """\
## What it is, and what for

One linear model a code over words, runs of letters, cues, their scope, the order in which they stand and what stands
around a unit (of a harm made small: whether a harm is admitted, times whether an admitted one is made small), and a
second, small linear model that weighs the first answers of a unit’s neighbours. A few units are settled by rules where
the words leave no doubt (`settling.py`). `weights.csv` and `context.csv` hold every weight by the name of its feature:
they can be read, compared and argued with, and loading them runs no code.

It codes English sentences, headings and list items of texts about a substance: whether they hedge, what they do with a
harm, whose addiction they speak of, whether they promote. It is for comparing how sources write. It is not for medical
advice, not for deciding what is true, and no ground by itself to accuse a writer of anything."""

_LIMITS = """\
## Limits

- Denials and harms made small are rare and are found least surely: read the sentences behind such a number.
- Only English was learned.
- How loud each kind of feature speaks was chosen by cross-validation over the pages that the table above judges on, and
  these pages were read while word lists, examples and rules were written: expect somewhat less elsewhere.
- The five documents and the behavioural cases are not text that nobody had seen: no weight was fitted to them, but
  errors of an earlier model on the documents were read before some of the hard examples were written, and cases that
  failed before rules were.
- Kinds of sources and substances that are not named above may fare worse.
- The behavioural cases (`data/behaviour`, shown in `notebooks/04-validity.ipynb`) say where it breaks: `python -m
  analysis.behaviour`.

## To rebuild it

`make model CORPORA=DIR` rebuilds the shipped weights byte for byte for whoever has the pages, `make model` those from
the examples alone. `make validate CORPORA=DIR` measures all figures of this card again."""


def _fitted(card: Mapping[str, Any]) -> str:
    fitted = card.get("fitted_on", {})
    lines = []
    if fitted:
        codes = [code for code in CODES if all(code in part.get("positives", {}) for part in fitted.values())]
        head = ["Material", "Units", "Pages", "Substances", "Weight of a unit", *(LABELS[code] for code in codes)]
        rows = [
            [
                name,
                f"{part['units']:,}",
                part["pages"],
                part["focal_substances"],
                f"{part['weight']:g}",
                *(f"{part['positives'][code]:,}" for code in codes),
            ]
            for name, part in fitted.items()
        ]
        lines.append(_table(head, rows))
        kinds = sorted({kind.replace("_", " ") for part in fitted.values() for kind in part["source_types"]})
        lines.append(f"Kinds of sources: {listed(kinds)}.")
    closed = [name for name, free in card.get("redistributable", {}).items() if not free]
    if closed:
        lines.append(
            f"The {listed(closed)} cannot be passed on: they are public pages whose texts belong to others. What was "
            "learned from them are the weights. The other material was written for this project and comes with it."
        )
    if "coders" in card:
        lines.append(f"Coded by: {card['coders']}.")
    if "never_fitted_on" in card:
        lines.append(f"Never fitted on: {card['never_fitted_on']}.")
    return "\n\n".join(lines)


def _pages(pages: pd.DataFrame | None) -> str:
    if pages is None:
        return _NOT_MEASURED
    units, folds = int(pages["units"].max()), "four folds, whole pages left out"
    shown = [v for v in ("full", _TFIDF, NAIVE) if v in set(pages["variant"])]
    names = {"full": "This model"}
    head = ["Code", "Units with it", "Precision", "Recall", *(f"F1: {names.get(v, v)}" for v in shown)]
    by = pages.set_index(["variant", "code"])
    rows = []
    for code in (c for c in CODES if ("full", c) in by.index):
        full = by.loc[("full", code)]
        f1 = [interval(*by.loc[(v, code), ["f1", "f1_low", "f1_high"]]) for v in shown]
        rows.append([LABELS[code], int(full["positives"]), _number(full["precision"]), _number(full["recall"]), *f1])
    return (
        f"On {units:,} units of real pages by cross-validation ({folds}), with 95% intervals over redrawn pages:\n\n"
        + _table(head, rows)
    )


def _candor(candor: pd.DataFrame | None) -> str:
    if candor is None:
        return ""
    shown = candor[candor["codes"].isin(["machine's codes, pages left out", NAIVE, "coder's codes"])]
    parts = [f"{row.spearman:.2f} from the {row.codes} ({int(row.pages)} pages)" for row in shown.itertuples()]
    return f"Rank correlation of candor with a coder’s ratings of whole pages: {listed(parts)}."


def _public(public: pd.DataFrame | None) -> str:
    if public is None:
        return _NOT_MEASURED
    rows = [
        [row.corpus, row.variant.replace("full", "these features"), f"{int(row.units):,}", f"{int(row.positives):,}",
         interval(row.f1, row.f1_low, row.f1_high)]
        for row in public.itertuples()
    ]  # fmt: skip
    return (
        "The same features fitted to corpora that others labelled, by cross-validation on their training parts (this "
        "says how far the features carry; the shipped weights learned nothing from them):\n\n"
        + _table(["Corpus", "Features", "Units", "Positive", "F1"], rows)
    )


def _alone(alone: Mapping[str, Any] | None, pages: pd.DataFrame | None) -> str:
    if not alone:
        return "Not measured yet."
    f1 = alone["f1_on_real_pages"]
    full = pages[pages["variant"] == "full"].set_index("code")["f1"] if pages is not None else {}
    rows = [[LABELS[c], _number(f1[c]), _number(full[c]) if c in full else "–"] for c in CODES if c in f1]
    text = (
        "Whoever has only this repository rebuilds weights from the examples alone. F1 on the real pages, none of "
        "which they were fitted on:\n\n" + _table(["Code", "Examples alone", "With the real pages"], rows)
    )
    if "sha256" in alone:
        text += (
            "\n\n`make model` writes these weights to `build/model` and prints the SHA-256 of `weights.csv` and "
            f"`context.csv`, joined in this order. It should be `{alone['sha256']}`."
        )
    return text


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)
