"""Units into codes with evidence: the shipped model and its files.

Two steps weigh a code. First a linear model weighs the unit's own features and what stands around
it (`analysis.features`); of a harm it asks whether it is admitted, and then whether it is made small.
Then a second, small linear model weighs those first answers together with the first answers for the
neighbouring units and the page: it decides acknowledgement (the rest of the page left out), addiction
and promotion, which run through a page. Both are plain tables of weights.
"""

import csv
import gc
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.classifier import expit
from analysis.codes import CODES, STANCES
from analysis.errors import CandorError
from analysis.evidence import checklist_of, evidence_of, hedge_target_of
from analysis.features import UnitVectorizer
from analysis.readers import shown
from analysis.reading import Reading, read_units
from analysis.settling import settle
from analysis.substances import Substances, shipped_substances
from analysis.units import add_context, cells_of, check_texts

# What the first step asks, the first seven in the places of `CODES`. What makes a harm small is learned from admitted
# harms alone (acknowledged or minimised).
QUESTIONS = (
    "hedged", "acknowledges", "minimises if admitted", "denies", "addiction", "other_addiction", "commercial", "admits",
)  # fmt: skip
MODEL = Path(__file__).parent / "model"
_OFFSETS = (-3, -2, -1, 1, 2, 3)


@dataclass
class CodingModel:
    """Weights of both steps, one column a question or code.

    Attributes
    ----------
    vectorizer : UnitVectorizer
    weights : ndarray of shape (features, questions)
        First step, a column for each of `QUESTIONS`.
    first : ndarray of shape (2, questions)
        Intercepts of the first step, and the slopes that calibrate it.
    context : ndarray of shape (context features, codes)
        Second step, over `context_names`.
    second : ndarray of shape (2, codes)
        Intercepts of the second step, and the thresholds on its probabilities.
    card : dict
        On what it was fitted and how it was judged.
    """

    vectorizer: UnitVectorizer
    weights: np.ndarray
    first: np.ndarray
    context: np.ndarray
    second: np.ndarray
    card: dict

    def probabilities(
        self, units: pd.DataFrame, readings: list[Reading], finder: Substances | None = None
    ) -> np.ndarray:
        """Calibrated probability of each code, of shape (units, codes).

        Units of one document stand together; `readings` are theirs, as from `read_units`.
        """
        matrix = self.vectorizer.weigh(units, readings, finder)
        scores = matrix @ self.weights + self.first[0]
        answers = first_answers(expit(scores * self.first[1]))
        around = context_matrix(answers, units["document"].to_numpy())
        return expit(around @ self.context + self.second[0])


def first_answers(p: np.ndarray) -> np.ndarray:
    """Probabilities of `CODES` from those of `QUESTIONS`.

    Examples
    --------
    >>> first_answers(np.array([[0.0, 0.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.8]]))[0].round(2).tolist()
    [0.0, 0.5, 0.2, 0.0, 0.0, 0.0, 0.0]
    """
    out = p[:, : len(CODES)].copy()
    out[:, CODES.index("minimises")] *= p[:, QUESTIONS.index("admits")]
    return out


def context_names() -> list[str]:
    """The features of the second step, in the order of `context_matrix`."""
    places = [f"unit {offset:+d}" for offset in _OFFSETS] + ["rest of page", "unit itself"]
    return [f"{place}: {code}" for place in places for code in CODES]


def context_matrix(p: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """First answers of the neighbours, the page and the unit itself, side by side.

    Parameters
    ----------
    p : ndarray of shape (units, codes)
        Probabilities that the first step gives, as from `first_answers`.
    documents : ndarray of shape (units,)
        Rows of one document stand together, in reading order.

    Returns
    -------
    ndarray of shape (units, 8 * codes)
        Probabilities of the units 3 before to 3 after (0 beyond the document), mean of the
        page's other units, and the unit's own log odds divided by 4.
    """
    n, k = p.shape
    ids = pd.factorize(documents)[0]
    parts = []
    for offset in _OFFSETS:
        j = np.arange(n) + offset
        inside = (j >= 0) & (j < n)
        inside[inside] &= ids[j[inside]] == ids[inside]
        part = np.zeros((n, k))
        part[inside] = p[j[inside]]
        parts.append(part)
    size = np.bincount(ids)[ids][:, None]
    total = np.column_stack([np.bincount(ids, p[:, c]) for c in range(k)])[ids]
    parts.append((total - p) / np.maximum(size - 1, 1))
    parts.append(log_odds(p) / 4)
    return np.hstack(parts)


def log_odds(p: np.ndarray) -> np.ndarray:
    """Log odds of probabilities, kept within 1e-4 of 0 and 1."""
    clipped = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(clipped / (1 - clipped))


def targets_of(units: pd.DataFrame) -> np.ndarray:
    """Codes as 0/1 columns in the order of `CODES`."""
    columns = [units["risk"] == c if c in STANCES else units[c].astype(int) == 1 for c in CODES]
    return np.column_stack(columns).astype(int)


def decide(p: np.ndarray, thresholds: np.ndarray) -> pd.DataFrame:
    """Codes from probabilities: yes from the threshold on; of the stances the one furthest above.

    How far is measured in log odds, since the thresholds of rare stances are low.

    Examples
    --------
    >>> p = np.array([[0.9, 0.6, 0.5, 0.1, 0.2, 0.0, 0.7]])
    >>> decide(p, np.full(7, 0.5)).to_dict("records")
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'hedged': 1, 'risk': 'acknowledges', 'addiction': 0, 'other_addiction': 0, 'commercial': 1}]
    """
    yes = p >= thresholds
    k = [CODES.index(stance) for stance in STANCES]
    margin = np.where(yes[:, k], 1.0 + log_odds(p[:, k]) - log_odds(thresholds[k]), 0.0)
    surest = np.array(["none", *STANCES], dtype=object)[np.where(margin.max(axis=1) > 0, margin.argmax(axis=1) + 1, 0)]
    columns = {code: yes[:, i].astype(int) for i, code in enumerate(CODES) if code not in STANCES}
    return pd.DataFrame({"hedged": columns.pop("hedged"), "risk": surest, **columns})


def codes_of(y: np.ndarray) -> pd.DataFrame:
    """The reverse of `targets_of`: 0/1 columns as codes."""
    return decide(y.astype(float), np.ones(len(CODES)))


def code_units(
    units: pd.DataFrame,
    model: CodingModel | None = None,
    substances: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Code every unit and say why.

    Parameters
    ----------
    units : DataFrame
        ``document, text, focal``; context columns (see `analysis.units.split_units`) are inferred
        from the order of the rows where they are missing.
    model : CodingModel, optional
        That of the folder ``CANDOR_MODEL`` in the environment, else the shipped one.
    substances : DataFrame, optional
        Names of substances, as from `analysis.substances.load_substances`.

    Returns
    -------
    DataFrame
        The same rows with the codes ``hedged, risk, addiction, other_addiction, commercial``, a
        probability for each (``p_risk`` is that of the stance decided), ``evidence``,
        ``hedge_target`` (harm, benefit or other) and ``checklist`` (what a unit about the focal
        substance's addiction speaks of).

    Raises
    ------
    CandorError
        If a needed column is missing or holds something other than text.

    Examples
    --------
    >>> units = pd.DataFrame({"document": "a", "focal": "kava",
    ...     "text": ["Kava may harm the liver.", "The root grows on Vanuatu."]})
    >>> code_units(units)[["hedged", "risk"]].values.tolist()
    [[1, 'acknowledges'], [0, 'none']]
    """
    check_texts(units, "units")
    model = model or load_model(os.environ.get("CANDOR_MODEL") or MODEL)
    finder = shipped_substances() if substances is None else Substances(substances)
    with _uncollected():
        return _code(add_context(units), model, finder)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave cyclic garbage where it is: millions of small tuples, none in a cycle, are not looked through again."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _code(units: pd.DataFrame, model: CodingModel, finder: Substances) -> pd.DataFrame:
    # the units of one document must stand together for a unit's neighbours to be found
    order = np.argsort(pd.factorize(units["document"])[0], kind="stable")
    back = np.argsort(order)
    together = units.iloc[order]
    found = read_units(together, finder)
    p = np.zeros((0, len(CODES)))
    if len(units):
        p = model.probabilities(together, found, finder)[back]
    readings = [found[i] for i in back]
    p = np.round(settle(p, units, readings, finder), 4) + 0.0
    out = finish_coding(units, decide(p, model.second[1]), readings)
    for i, code in enumerate(CODES):
        out[f"p_{code}"] = p[:, i]
    stances = p[:, [CODES.index(stance) for stance in STANCES]]
    decided = out["risk"].to_numpy()[:, None] == np.array([*STANCES, "none"], dtype=object)
    none = 1 - stances.max(axis=1, initial=0)
    out["p_risk"] = (decided * np.column_stack([stances, none])).sum(axis=1).round(4)
    return out


def finish_coding(units: pd.DataFrame, codes: pd.DataFrame, readings: list[Reading] | None = None) -> pd.DataFrame:
    """Add codes to units, and what follows from them: evidence, hedge target, checklist.

    Parameters
    ----------
    units : DataFrame
        With the context columns of `analysis.units.add_context`.
    codes : DataFrame
        ``hedged, risk, addiction, other_addiction, commercial``, row by row.
    readings : list of Reading, optional
        As from `analysis.reading.read_units`, where they are at hand.
    """
    readings = read_units(units) if readings is None else readings
    out = units.assign(**{name: codes[name].to_numpy() for name in codes})
    out["evidence"] = [evidence_of(reading) for reading in readings]
    out["hedge_target"] = [
        hedge_target_of(reading, risk, commercial) if hedged else ""
        for reading, (hedged, risk, commercial) in zip(
            readings, cells_of(out, "hedged", "risk", "commercial"), strict=True
        )
    ]
    out["checklist"] = [
        checklist_of(reading, section, lead_in) if addiction else ""
        for reading, (addiction, section, lead_in) in zip(
            readings, cells_of(out, "addiction", "section", "lead_in"), strict=True
        )
    ]
    return out


def save_model(model: CodingModel, folder: str | Path) -> None:
    """Write a model as reviewable tables: ``weights.csv``, ``context.csv``, ``card.json``."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = model.vectorizer.get_feature_names_out().tolist()
    rows = [["(intercept)", *model.first[0]], ["(slope)", *model.first[1]]]
    _write(folder / "weights.csv", QUESTIONS, rows, names, model.weights)
    rows = [["(intercept)", *model.second[0]], ["(threshold)", *model.second[1]]]
    _write(folder / "context.csv", CODES, rows, context_names(), model.context)
    card = json.dumps(model.card, indent=2, ensure_ascii=False) + "\n"
    (folder / "card.json").write_text(card, encoding="utf-8")


def _write(path: Path, columns: Sequence[str], head: list, names: list[str], weights: np.ndarray) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", *columns])
        writer.writerows([row[0], *(f"{v:.4f}" for v in row[1:])] for row in head)
        for name, row in zip(names, weights.tolist(), strict=True):
            writer.writerow([name, *(f"{v:g}" for v in row)])


@lru_cache(maxsize=4)
def load_model(folder: str | Path = MODEL) -> CodingModel:
    """Read a model that `save_model` wrote.

    Raises
    ------
    CandorError
        If the folder or a file of it is missing or not in the form that `save_model` writes.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CandorError(f"{shown(folder)}: no such folder; name one that candor fit wrote")
    names, weights = _read(folder / "weights.csv", QUESTIONS, "(slope)")
    context, second = _read(folder / "context.csv", CODES, "(threshold)")
    if context[2:] != context_names():
        raise CandorError(f"{folder / 'context.csv'}: has other features than this version; refit")
    vectorizer = UnitVectorizer().learn_names(names[2:])
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CandorError(f"{folder / 'card.json'}: cannot be read ({error}); refit") from error
    return CodingModel(vectorizer, weights[2:], weights[:2], second[2:], second[:2], card)


def _read(path: Path, columns: Sequence[str], second: str) -> tuple[list[str], np.ndarray]:
    try:
        table = pd.read_csv(path, dtype={"feature": str}, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise CandorError(f"{path}: cannot be read as weights ({error}); refit") from error
    names = table.get("feature", pd.Series(dtype=str)).tolist()
    if list(table.columns) != ["feature", *columns] or names[:2] != ["(intercept)", second]:
        raise CandorError(f"{path}: is not a table of weights of this version; refit")
    try:
        values = table[list(columns)].to_numpy(float)
    except ValueError as error:
        raise CandorError(f"{path}: holds a weight that is not a number; refit") from error
    if not np.isfinite(values).all():
        raise CandorError(f"{path}: holds a weight that is not a number; refit")
    return names, values
