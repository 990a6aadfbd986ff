"""Candor about the focal substance's own addiction and withdrawal: five parts and a declared composite.

What is counted. *Statements*: a sentence or heading is one statement, and a list with the sentence that leads
into it is one statement however many items it has. A statement is about *own addiction* when a unit of it has
``addiction`` 1 and a ``risk`` other than none; its stance is the one most of these units take, ties going to
the less candid one. Headings that only name the topic say nothing and count for nothing.

Every part runs from 0 to 1, higher is more candid, and is 0 where nothing is said: a source
that never speaks of its own addiction, or only denies it, has no candor to share out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import CandorError
from analysis.scores import DRAWS, check_draws, document_stream, join_sections

PARTS = ("disclosure", "directness", "firmness", "prominence", "balance")

#: Weights of ``candor = directness * (sum of weight * part)``. What is disclosed weighs most, where it stands half of
#: that, wording and company a quarter each. Directness multiplies the rest: however much a source
#: says, saying the opposite elsewhere takes it back, and nothing else can make up for that. Round numbers, chosen on
#: 166 rated pages of other sites, where no other round weights do better (``benchmarks/README.md``).
WEIGHTS = {"disclosure": 0.5, "prominence": 0.25, "firmness": 0.125, "balance": 0.125}

#: The seven things that a candid source says, by the key used in the ``checklist`` column.
CHECKLIST = {
    "addictive": "it can be addictive",
    "dependence": "dependence",
    "tolerance": "tolerance",
    "withdrawal": "withdrawal",
    "symptoms": "named withdrawal symptoms",
    "at_risk": "who is at greater risk",
    "help": "what to do about it",
}

#: Share of the statements that, once it acknowledges addiction, counts as speaking of it throughout.
FULL_EXTENT = 0.25

_COUNTS = (
    "statements", "own_statements", "own_acknowledged", "own_minimised", "own_denied", "own_firm", "items_acknowledged",
    "first_position", "harm_statements", "promotion_statements",
)  # fmt: skip

#: What the pages say that a part is, so exactly that it can be redone by hand from ``units.csv``.
TERMS = {
    "statement": "a sentence or heading by itself, or a whole list with the sentence that leads into it: the units "
    "with one number in the column statement",
    "N": "the number of statements of the source, whatever they are about",
    "unit about own addiction": "its column addiction is 1 and its column risk is not none",
    "A, M, D": "the numbers of statements that acknowledge, minimise (play down) and deny own addiction. A statement "
    "does what most of its units about own addiction do; of equally many the least candid (denies before minimises "
    "before acknowledges)",
    "H": "the number of statements with a unit whose risk is acknowledges, about addiction or not",
    "P": "the number of statements with a unit whose commercial is 1 (it promotes)",
}
FORMULAS = {
    "disclosure": f"things / {len(CHECKLIST)}, where things are those (column checklist) that at least one "
    "unit about own addiction acknowledges. Units decide here, not statements: a thing counts also where its statement "
    "as a whole plays down or denies, and where another unit denies the same thing (contradictory). Things that are "
    "only played down or denied do not count.",
    "directness": "(A + M/2 − D/2) / (A + M + D), and 0 where this is negative or nothing is about own addiction.",
    "firmness": "of the A statements those that are not hedged, over A; 0 where A is 0. Such a statement is hedged "
    "when half or more of its acknowledging units about own addiction have hedged 1, whatever the hedge acts on.",
    "prominence": "the mean of two numbers: 1 − before / N, where before is how many statements stand before the first "
    f"that acknowledges or plays down; and (A + M) / N / {FULL_EXTENT}, at most 1. 0 where A + M is 0.",
    "balance": "H / (H + P), a statement that does both counting in both. 0 where H is 0, and where A + M is 0.",
}

_STANCES = ("denies", "minimises", "acknowledges")  # ties go to the first
_NEEDED = ("document", "unit", "text", "hedged", "risk", "addiction", "commercial", "checklist")


def disclosure(items: float) -> float:
    """How many of the seven things are acknowledged at least once: ``items / 7``.

    0 when nothing is acknowledged, 1 when all seven are. Things only played down or denied do not
    count. After the disclosure items of DISCERN (Charnock et al. 1999) and the rubric of the codebook.

    Examples
    --------
    >>> disclosure(0), disclosure(7)
    (0.0, 1.0)
    """
    return items / len(CHECKLIST)


def directness(acknowledged: float, minimised: float, denied: float) -> float:
    """Of the statements about own addiction, those that admit it: ``(A + M / 2 - D / 2) / (A + M + D)``, at least 0.

    A statement that plays the harm down admits half of it, and a denial takes half of an admission back, so
    a source that contradicts itself loses here. 0 when nothing is said or everything is denied. Denial
    and distortion are told apart as in Petticrew et al. (2018).

    Examples
    --------
    >>> directness(3, 0, 0), directness(0, 2, 0), directness(0, 0, 4), directness(0, 0, 0)
    (1.0, 0.5, 0.0, 0.0)
    >>> directness(2, 0, 2), directness(1, 0, 3)
    (0.25, 0.0)
    """
    total = acknowledged + minimised + denied
    return max(0.0, acknowledged + minimised / 2 - denied / 2) / total if total else 0.0


def firmness(firm: float, acknowledged: float) -> float:
    """Of the acknowledging statements, those not hedged: ``firm / acknowledged``.

    A list is hedged when half or more of its acknowledging units are. 0 when nothing is
    acknowledged. Hedges as in Hyland (2005).

    Examples
    --------
    >>> firmness(1, 1), firmness(1, 4), firmness(0, 0)
    (1.0, 0.25, 0.0)
    """
    return firm / acknowledged if acknowledged else 0.0


def prominence(first: float, admitted: float, statements: float) -> float:
    """How early and in how much of the text: mean of ``1 - first`` and ``min(1, admitted / statements / 0.25)``.

    `first` is the place of the first statement that admits own addiction (acknowledges it or plays it down), as the
    share of the text before it: 0 when it opens the text. `admitted` counts these statements. 0 when
    nothing is admitted. Content and presentation both count, as in 21 CFR 202.1(e)(5)(ii).

    Examples
    --------
    >>> prominence(0.0, 5, 20), prominence(0.5, 1, 40), prominence(0.0, 0, 20)
    (1.0, 0.3, 0.0)
    """
    if not admitted:
        return 0.0
    return ((1 - first) + min(1.0, admitted / statements / FULL_EXTENT)) / 2


def balance(harm: float, promotion: float, speaks: bool = True) -> float:
    """Acknowledged harm against promotion: ``harm / (harm + promotion)``, in statements.

    Any harm of the focal substance counts; a statement that both acknowledges and promotes counts on both sides. 0
    when no harm is acknowledged, and for a source that never admits its own addiction (`speaks` is False). Fair balance
    as in 21 CFR 202.1(e)(5)(ii).

    Examples
    --------
    >>> balance(3, 9), balance(4, 0), balance(0, 5), balance(4, 0, speaks=False)
    (0.25, 1.0, 0.0, 0.0)
    """
    return harm / (harm + promotion) if speaks and harm else 0.0


def composite(parts: dict[str, float]) -> float:
    """Declared composite: directness times the sum of `WEIGHTS` times the other parts, from 0 to 1.

    0 for a source that never speaks of its own addiction or only denies it; 1 when every part is 1.
    Composite indicators as in the OECD and JRC handbook (2008): round declared weights, and
    what happens when they are redrawn (`analysis.ranks.rank_acceptability`).

    Examples
    --------
    >>> composite(dict.fromkeys(PARTS, 1.0)), composite(dict.fromkeys(PARTS, 0.5))
    (1.0, 0.25)
    """
    return parts["directness"] * sum(weight * parts[p] for p, weight in WEIGHTS.items())


def candor_profile(coded: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Give the parts, the composite, their intervals and the counts they come from, one row a source.

    Parameters
    ----------
    coded
        Coded units with ``document, unit, text, hedged, risk, addiction, commercial, checklist``;
        ``section`` and ``statement`` are used where given.
    draws
        How often the statements are redrawn within their sections; 0 leaves the intervals out.
    seed
        Each document draws from its own stream, so the order of documents does not matter.

    Returns
    -------
    pandas.DataFrame
        ``document, title``, each of `PARTS` and ``candor`` with ``X_low, X_high``, the counts ``statements,
        own_statements, own_acknowledged, own_minimised, own_denied, own_firm, items_acknowledged,
        first_position, harm_statements, promotion_statements`` and the ``rank`` (1 is the most candid; equals
        share the best rank). ``first_position`` is NaN when nothing is admitted.

        The intervals are percentiles of the redrawn sources, see `draw_parts`: they show how much hangs on single
        sentences. A source that says nothing has none to redraw, and its interval has no width.

    Raises
    ------
    CandorError
        When a needed column is missing, and for draws or a seed below 0.

    Examples
    --------
    >>> coded = pd.DataFrame({
    ...     "document": ["a", "a", "b"], "unit": [0, 1, 0], "text": ["It is addictive.", "Buy it.", "It is green."],
    ...     "hedged": 0, "risk": ["acknowledges", "none", "none"], "addiction": [1, 0, 0],
    ...     "commercial": [0, 1, 0], "checklist": ["addictive", "", ""]})
    >>> candor_profile(coded, draws=0).round(2)[["document", *PARTS, "candor", "rank"]]
      document  disclosure  directness  firmness  prominence  balance  candor  rank
    0        a        0.14         1.0       1.0         1.0      0.5    0.51     1
    1        b        0.00         0.0       0.0         0.0      0.0    0.00     2
    """
    check_draws(draws, seed)
    rows = []
    for document, source in statements_of(coded).items():
        counts = counts_of(source, np.ones((1, source.size), dtype=np.int64))
        parts = parts_from_counts(counts)
        row: dict[str, Any] = {"document": document, "title": source.title}
        row |= {p: _tidy(parts[p][0]) for p in PARTS} | {"candor": _tidy(weighted(parts)[0])}
        if draws:
            redrawn = draw_parts(source, draws, document_stream(document, seed))
            redrawn["candor"] = weighted(redrawn)
            for name in (*PARTS, "candor"):
                low, high = np.quantile(np.round(redrawn[name], 6), (0.025, 0.975), method="inverted_cdf")
                # The observed source is one of the sources that could be redrawn: it lies in its own interval.
                row[f"{name}_low"] = min(_tidy(low), row[name])
                row[f"{name}_high"] = max(_tidy(high), row[name])
        row |= {
            "statements": source.size,
            "own_statements": int(counts["acknowledged"][0] + counts["minimised"][0] + counts["denied"][0]),
            "own_acknowledged": int(counts["acknowledged"][0]),
            "own_minimised": int(counts["minimised"][0]),
            "own_denied": int(counts["denied"][0]),
            "own_firm": int(counts["firm"][0]),
            "items_acknowledged": int(counts["items"][0]),
            "first_position": _tidy(counts["first"][0]) if parts["prominence"][0] else float("nan"),
            "harm_statements": int(counts["harm"][0]),
            "promotion_statements": int(counts["promotion"][0]),
        }
        rows.append(row)
    drawn = [f"{name}_{end}" for name in (*PARTS, "candor") for end in ("low", "high")] if draws else []
    profile = pd.DataFrame(rows, columns=["document", "title", *PARTS, "candor", *drawn, *_COUNTS])
    profile["rank"] = profile["candor"].rank(ascending=False, method="min").astype(int)
    return profile


def checklist(coded: pd.DataFrame) -> pd.DataFrame:
    """Say for every source what it does with each of the seven things, and in which units.

    Returns
    -------
    pandas.DataFrame
        Seven rows a document: ``document, title, item, label, stance, acknowledges, minimises, denies``, the last
        three as tuples of unit numbers. ``stance`` is

        - *silent*: no unit speaks of it;
        - *contradictory*: denied in one unit, admitted (acknowledged or played down) in another;
        - *denied*: only denied;
        - *acknowledged*: acknowledged, and nowhere denied;
        - *played down*: admitted only as small.

    Examples
    --------
    >>> coded = pd.DataFrame({"document": "a", "unit": [0, 1], "text": ["It is addictive.", "It is not addictive."],
    ...     "hedged": 0, "risk": ["acknowledges", "denies"], "addiction": 1, "commercial": 0,
    ...     "checklist": ["addictive", "addictive;help"]})
    >>> checklist(coded).loc[[0, 3, 6], ["item", "stance", "acknowledges", "denies"]]
             item         stance acknowledges denies
    0   addictive  contradictory         (0,)   (1,)
    3  withdrawal         silent           ()     ()
    6        help         denied           ()   (1,)
    """
    _check(coded)
    own = coded[(coded["addiction"] == 1) & (coded["risk"] != "none")]
    found: dict[tuple[str, str, str], list[int]] = {}
    for document, unit, risk, keys in zip(own["document"], own["unit"], own["risk"], own["checklist"], strict=True):
        for key in _keys(keys):
            found.setdefault((document, key, risk), []).append(int(unit))
    first = coded.drop_duplicates("document")
    titles = first["title"] if "title" in first else [""] * len(first)
    rows = []
    for document, title in zip(first["document"], titles, strict=True):
        for key, label in CHECKLIST.items():
            units = {risk: tuple(found.get((document, key, risk), ())) for risk in _STANCES}
            rows.append(
                {"document": document, "title": title, "item": key, "label": label, "stance": _stance(units), **units}
            )
    columns = ["document", "title", "item", "label", "stance", "acknowledges", "minimises", "denies"]
    return pd.DataFrame(rows, columns=columns)


def own_statements(coded: pd.DataFrame) -> pd.DataFrame:
    """List the statements of each source about its own addiction, with what each of their units does.

    Returns
    -------
    pandas.DataFrame
        One row a statement in reading order: ``document, statement, stance`` (what the statement counts as in
        `directness`), ``acknowledges, minimises, denies`` (its units about own addiction, as tuples of unit numbers)
        and ``hedged`` (those of its acknowledging units that hold back, likewise).

    Examples
    --------
    >>> coded = pd.DataFrame({"document": "a", "unit": [0, 1, 2], "statement": [0, 0, 2], "text": "…", "hedged": 0,
    ...     "risk": ["acknowledges", "minimises", "acknowledges"], "addiction": 1, "commercial": 0, "checklist": ""})
    >>> own_statements(coded)[["statement", "stance", "acknowledges", "minimises"]]
       statement        stance acknowledges minimises
    0          0     minimises         (0,)      (1,)
    1          2  acknowledges         (2,)        ()
    """
    _check(coded)
    own = coded[(coded["addiction"] == 1) & (coded["risk"] != "none")]
    own = own.assign(statement=own["statement"] if "statement" in own else own["unit"])
    rows = []
    for (document, statement), units in own.groupby(["document", "statement"], sort=False):
        numbers = {risk: tuple(units.loc[units["risk"] == risk, "unit"].astype(int)) for risk in _STANCES}
        stance = max(_STANCES, key=lambda risk: len(numbers[risk]))  # of equals the first, as `_STANCES` has them
        held = units.loc[(units["risk"] == "acknowledges") & (units["hedged"] == 1), "unit"]
        rows.append(
            (document, int(statement), stance, *(numbers[r] for r in reversed(_STANCES)), tuple(held.astype(int)))
        )
    columns = ["document", "statement", "stance", *reversed(_STANCES), "hedged"]
    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class Statements:
    """The statements of one source in reading order, as arrays of 0 and 1."""

    title: str
    acknowledged: np.ndarray
    minimised: np.ndarray
    denied: np.ndarray
    firm: np.ndarray
    items: np.ndarray  # one column a thing of the checklist, 1 where the statement acknowledges it
    harm: np.ndarray
    promotion: np.ndarray
    first: np.ndarray  # share of the text that stands before the statement
    sections: np.ndarray

    @property
    def size(self) -> int:
        """Number of statements."""
        return len(self.acknowledged)


def statements_of(coded: pd.DataFrame) -> dict[str, Statements]:
    """Join the units of each source into statements.

    Raises
    ------
    CandorError
        When a needed column is missing.

    Examples
    --------
    >>> coded = pd.DataFrame({"document": "a", "unit": [0, 1, 2], "statement": [0, 0, 0], "text": "…", "hedged": 0,
    ...     "risk": "acknowledges", "addiction": 1, "commercial": 0, "checklist": "symptoms"})
    >>> statements_of(coded)["a"].size
    1
    """
    _check(coded)
    out = {}
    for document, units in coded.groupby("document", sort=False):
        statement = units["statement"] if "statement" in units else pd.Series(range(len(units)), index=units.index)
        number = pd.factorize(statement)[0]
        size = int(number.max()) + 1
        own = (units["addiction"] == 1).to_numpy()
        risk = units["risk"].to_numpy()

        def per_statement(mask: np.ndarray, number: np.ndarray = number, size: int = size) -> np.ndarray:
            return np.bincount(number, weights=np.asarray(mask, dtype=np.int64), minlength=size).astype(np.int64)

        tally = np.stack([per_statement(own & (risk == stance)) for stance in _STANCES])
        stance = np.where(tally.sum(axis=0) > 0, tally.argmax(axis=0), -1)
        acknowledging = own & (risk == "acknowledges")
        hedged = per_statement(acknowledging & (units["hedged"] == 1).to_numpy())
        named = np.zeros((size, len(CHECKLIST)), dtype=np.int64)
        for at, keys in zip(number[acknowledging], units["checklist"].to_numpy()[acknowledging], strict=True):
            for key in _keys(keys):
                named[at, list(CHECKLIST).index(key)] = 1
        section = units["section"].fillna("") if "section" in units else pd.Series("", index=units.index)
        opens = np.unique(number, return_index=True)[1]
        out[str(document)] = Statements(
            title=str(units["title"].iloc[0]) if "title" in units else "",
            acknowledged=(stance == 2).astype(np.int64),
            minimised=(stance == 1).astype(np.int64),
            denied=(stance == 0).astype(np.int64),
            firm=((stance == 2) & (2 * hedged < tally[2])).astype(np.int64),
            items=named,
            harm=(per_statement(risk == "acknowledges") > 0).astype(np.int64),
            promotion=(per_statement((units["commercial"] == 1).to_numpy()) > 0).astype(np.int64),
            first=np.arange(size) / size,
            sections=join_sections(section.iloc[opens].reset_index(drop=True)),
        )
    return out


def draw_parts(source: Statements, draws: int, stream: np.random.Generator) -> dict[str, np.ndarray]:
    """Redraw a source's statements within its sections; give each part of every redrawn source.

    A redrawn source can lose the one sentence that names a thing but cannot gain what was not said, so its disclosure
    is too low on average, the more so the more a source discloses. It is therefore scaled to have the
    observed mean wherever anything is left (bias correction, Efron and Tibshirani 1993, chapter 10).
    """
    picks = np.zeros((draws, source.size), dtype=np.int64)
    for section in np.unique(source.sections):
        inside = np.flatnonzero(source.sections == section)
        picks[:, inside] = stream.multinomial(len(inside), np.full(len(inside), 1 / len(inside)), size=draws)
    parts = parts_from_counts(counts_of(source, picks))
    left = int((parts["disclosure"] > 0).sum())
    if left:
        observed = int(source.items.any(axis=0).sum()) / len(CHECKLIST)
        mean = int(np.rint(parts["disclosure"] * len(CHECKLIST)).sum()) / left / len(CHECKLIST)
        parts["disclosure"] = np.minimum(1.0, parts["disclosure"] * (observed / mean))
    return parts


def parts_from_counts(counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute the five parts from arrays of counts; the same formulas as the functions named after them."""
    total = counts["acknowledged"] + counts["minimised"] + counts["denied"]
    admitted = counts["acknowledged"] + counts["minimised"]
    speaks = admitted > 0
    net = np.maximum(0.0, counts["acknowledged"] + counts["minimised"] / 2 - counts["denied"] / 2)
    extent = np.minimum(1.0, _ratio(admitted, counts["statements"]) / FULL_EXTENT)
    return {
        "disclosure": counts["items"] / len(CHECKLIST),
        "directness": _ratio(net, total),
        "firmness": _ratio(counts["firm"], counts["acknowledged"]),
        "prominence": np.where(speaks, (1 - counts["first"] + extent) / 2, 0.0),
        "balance": np.where(speaks, _ratio(counts["harm"], counts["harm"] + counts["promotion"]), 0.0),
    }


def weighted(parts: dict[str, np.ndarray], weights: dict[str, np.ndarray] | None = None) -> np.ndarray:
    """Composite of arrays of parts, added in the declared order so that its bytes never change."""
    total = np.zeros_like(parts["disclosure"], dtype=np.float64)
    for part, weight in (weights or WEIGHTS).items():
        total = total + weight * parts[part]
    return parts["directness"] * total


def counts_of(source: Statements, picks: np.ndarray) -> dict[str, np.ndarray]:
    """Count over redrawn sources: `picks` says how often each statement is in each of them."""
    columns = [source.acknowledged, source.minimised, source.denied, source.firm, source.harm, source.promotion]
    table = np.column_stack([*columns, np.ones(source.size, dtype=np.int64), source.items]).astype(np.float64)
    sums = (picks.astype(np.float64) @ table).astype(np.int64)  # integers, so exact in any order of adding
    names = ("acknowledged", "minimised", "denied", "firm", "harm", "promotion", "statements")
    counts: dict[str, np.ndarray] = {name: sums[:, i] for i, name in enumerate(names)}
    counts["items"] = (sums[:, len(names) :] > 0).sum(axis=1)
    where = np.flatnonzero(source.acknowledged | source.minimised)
    if len(where):
        where = where[np.argsort(source.first[where], kind="stable")]
        present = picks[:, where] > 0
        counts["first"] = np.where(present.any(axis=1), source.first[where][present.argmax(axis=1)], 1.0)
    else:
        counts["first"] = np.ones(len(picks))
    return counts


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros(len(below)), where=below > 0)


def _stance(units: dict[str, tuple[int, ...]]) -> str:
    if units["denies"]:
        return "contradictory" if units["acknowledges"] or units["minimises"] else "denied"
    if units["acknowledges"]:
        return "acknowledged"
    return "played down" if units["minimises"] else "silent"


def _keys(cell: object) -> list[str]:
    keys = [k for k in cell.split(";") if k] if isinstance(cell, str) else []
    unknown = [k for k in keys if k not in CHECKLIST]
    if unknown:
        raise CandorError(f"unknown checklist key {unknown[0]!r}: allowed are {', '.join(CHECKLIST)}")
    return keys


def _check(coded: pd.DataFrame) -> None:
    missing = [c for c in _NEEDED if c not in coded]
    if missing:
        raise CandorError(f"coded units lack the column(s) {', '.join(missing)}: code them with code_units first")


def _tidy(value: float) -> float:
    return round(float(value), 6) + 0.0
