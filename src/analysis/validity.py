"""How well the codes hold: tables that set the machine beside coders, and a naive baseline beside the machine.

What the coders coded stands in the corpus itself (its folder ``annotations``); without it these tables are empty and
whoever shows them steps aside. What was measured on texts that are not in the repository is read from
``data/validation``.
"""

from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import paths
from analysis.agreement import agreement, disagreements, precision_recall
from analysis.baseline import naive_codes
from analysis.behaviour import failure_rates, load_cases, run_cases
from analysis.candor import candor_profile
from analysis.coder import finish_coding
from analysis.codes import CODE_COLUMNS, CODES, STANCES
from analysis.errors import CandorError
from analysis.ranks import compare_sources

#: F1 that was to be reached, set before anything was measured: on pages left out of the fitting, and on the five texts.
TARGETS = {
    "hedged": 0.85, "acknowledges": 0.80, "minimises": 0.50, "denies": 0.50, "addiction": 0.85,
    "other_addiction": 0.75, "commercial": 0.70,
}  # fmt: skip
TARGETS_FIVE = {
    "hedged": 0.90, "acknowledges": 0.85, "addiction": 0.90, "other_addiction": 0.90, "commercial": 0.80,
}  # fmt: skip
LABELS = {
    "hedged": "Hedged", "acknowledges": "Acknowledges a harm", "minimises": "Plays a harm down",
    "denies": "Denies a harm", "risk": "Stance on harm", "addiction": "Own addiction",
    "other_addiction": "Other’s addiction", "commercial": "Promotes",
}  # fmt: skip
MACHINE, NAIVE, FINAL = "machine", "naive keywords", "coders’ final codes"
_MEASURED = {
    "real_pages": ["variant", "code", "units", "positives", "precision", "recall", "f1", "f1_low", "f1_high"],
    "candor": ["codes", "pages", "spearman"],
    "public": ["corpus", "variant", "units", "positives", "precision", "recall", "f1", "f1_low", "f1_high"],
}
_KEYS = ["document", "start", "end"]
FEW = 10  # documents; below, no interval of a rank correlation can be trusted


def load_annotations(corpus: str | Path = "data") -> pd.DataFrame:
    """Read what coders coded in a corpus: ``annotations/*.csv`` with a row a unit and coder.

    Returns
    -------
    DataFrame
        ``document, start, end, coder`` and the five codes; no rows where the corpus has none.
    """
    return _annotations(corpus, [*_KEYS, "coder", *CODE_COLUMNS])


def load_ratings(corpus: str | Path = "data") -> pd.DataFrame:
    """Read coders' ratings of whole documents: ``annotations/*.csv`` with the columns ``document, coder, candor``."""
    return _annotations(corpus, ["document", "coder", "candor"])


def _annotations(corpus: str | Path, columns: list[str]) -> pd.DataFrame:
    found = []
    for path in sorted((paths.corpus_folder(corpus) / "annotations").glob("*.csv")):
        try:
            table = pd.read_csv(path, dtype={"document": str, "coder": str, "risk": str}, keep_default_na=False)
        except (OSError, ValueError) as error:
            raise CandorError(f"{path}: cannot be read as a table ({error}); mend or remove it") from error
        if set(columns) <= set(table.columns):
            found.append(table[columns])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def truth_of(annotations: pd.DataFrame) -> pd.DataFrame:
    """The codes to measure against: the adjudicated ones (coder ``final``), else those that all coders agree on.

    Examples
    --------
    >>> both = pd.DataFrame({"document": "d", "start": [0, 0, 9, 9], "end": [8, 8, 20, 20], "coder": list("abab"),
    ...     "hedged": [1, 1, 1, 0], "risk": "none", "addiction": 0, "other_addiction": 0, "commercial": 0})
    >>> truth_of(both)["start"].tolist()
    [0]
    """
    final = annotations[annotations["coder"] == "final"]
    if len(final) or not len(annotations):
        return final
    alike = annotations.groupby(_KEYS)[list(CODE_COLUMNS)].transform("nunique").eq(1).all(axis=1)
    return annotations[alike].drop_duplicates(_KEYS)


def targets_for(corpus: str | Path) -> dict[str, float]:
    """F1 that was to be reached on a corpus; nothing was set for any but the five texts."""
    return TARGETS_FIVE if _is_five(corpus) else {}


def who_coded(corpus: str | Path) -> str:
    """Name the coders of a corpus for what they are where that is known: of the five texts no people."""
    return "passes of a language model" if _is_five(corpus) else "coders"


def _is_five(corpus: str | Path) -> bool:
    return paths.corpus_folder(corpus).resolve() == paths.corpus_folder("data").resolve()


def judge(truth: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall and F1 of the machine and of the naive keywords, code by code.

    Parameters
    ----------
    truth, coded : DataFrame
        Of `truth_of`, and coded units of the same documents.

    Returns
    -------
    DataFrame
        ``variant`` and the columns of `analysis.agreement.precision_recall`; no rows without truth.
    """
    if not len(truth):
        return pd.DataFrame(columns=["variant", "code"])
    naive = naive_codes(coded)
    rows = []
    for code in CODES:
        words = naive
        if code in STANCES:  # each stance by itself, as it is measured on the real pages
            words = naive.assign(risk=np.where(naive[f"has_{code}"] == 1, code, "none"))
        rows += [
            precision_recall(truth, coding, codes=[code]).assign(variant=variant)
            for variant, coding in ((MACHINE, coded), (NAIVE, words))
        ]
    return pd.concat(rows, ignore_index=True).sort_values("variant", kind="stable", ignore_index=True)


def beside(table: pd.DataFrame, machine: str, baseline: str, targets: dict[str, float]) -> pd.DataFrame:
    """Put F1 of one variant beside that of another: one row a code, as `plot_f1` takes it.

    Returns
    -------
    DataFrame
        ``code, positives, f1, f1_low, f1_high, baseline, baseline_low, baseline_high, target``.
    """
    if not len(table):
        return pd.DataFrame(columns=["code"])
    both = [table[table["variant"] == variant].set_index("code") for variant in (machine, baseline)]
    first, second = (part.reindex([code for code in CODES if code in both[0].index]) for part in both)
    count = "positives" if "positives" in first else "support"
    out = first[[count, "f1", "f1_low", "f1_high"]].rename(columns={count: "positives"})
    for end in ("", "_low", "_high"):
        out[f"baseline{end}"] = second[f"f1{end}"]
    out["target"] = [targets.get(code, float("nan")) for code in out.index]
    return out.reset_index()


def alphas(annotations: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    """Krippendorff's alpha of the coders with each other, and of machine and naive keywords with the final codes.

    Returns
    -------
    DataFrame
        ``between`` and the columns of `analysis.agreement.agreement`.
    """
    coders = {str(c): part for c, part in annotations.groupby("coder") if c != "final"}
    truth = truth_of(annotations)
    pairs = {f"coder {a} and coder {b}": {a: coders[a], b: coders[b]} for a, b in combinations(coders, 2)}
    if len(truth):
        there = coded.merge(truth[_KEYS], on=_KEYS)
        pairs["machine and final codes"] = {"final": truth, MACHINE: there}
        pairs["naive keywords and final codes"] = {"final": truth, NAIVE: naive_codes(there)}
    rows = [agreement(pair).assign(between=name) for name, pair in pairs.items()]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["between", "code", "alpha"])


def differences(truth: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    """List the units that the machine codes otherwise than the final codes.

    Returns
    -------
    DataFrame
        ``document, unit, code, final, machine, text, evidence``; a row a unit and code.
    """
    columns = ["document", "unit", "code", "final", MACHINE, "text", "evidence"]
    if not len(truth):
        return pd.DataFrame(columns=columns)
    there = coded.merge(truth[_KEYS], on=_KEYS)
    differ = disagreements({"final": truth, MACHINE: there})
    for who in ("final", MACHINE):
        differ[who] = differ[who].map(lambda value: "" if pd.isna(value) else _plain(value))
    return differ.merge(coded[[*_KEYS, "unit", "text", "evidence"]], on=_KEYS)[columns]


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)


def error_kinds(differ: pd.DataFrame) -> pd.DataFrame:
    """Count the differences by kind, the commonest first: ``code, final, machine, units``."""
    counts = differ.groupby(["code", "final", MACHINE], sort=False).size().rename("units").reset_index()
    return counts.sort_values("units", ascending=False, kind="stable", ignore_index=True)


def candor_agreement(coded: pd.DataFrame, truth: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of candor with coders' ratings of the same documents.

    Returns
    -------
    DataFrame
        ``codes`` (whose codes candor is computed from)``, pages, spearman``; no rows with fewer than three rated
        documents, or where all are rated alike.
    """
    rated = ratings.groupby("document")["candor"].mean()
    here = coded[coded["document"].isin(rated.index)].reset_index(drop=True)
    columns = ["codes", "pages", "spearman"]
    if here["document"].nunique() < 3 or rated.nunique() < 2:
        return pd.DataFrame(columns=columns)
    rows = []
    for name, coding in _codings(here, truth).items():
        candor = candor_profile(coding, draws=0).set_index("document")["candor"]
        rho = candor.rank().corr(rated.reindex(candor.index).rank()) if candor.nunique() > 1 else float("nan")
        rows.append((name, len(candor), round(float(rho), 3) + 0.0))
    return pd.DataFrame(rows, columns=columns)


def _codings(coded: pd.DataFrame, truth: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same units as the machine, a few keywords and, where every unit has them, the coders code them."""
    codings = {"machine’s codes": coded, NAIVE: finish_coding(coded, naive_codes(coded)[list(CODE_COLUMNS)])}
    if len(truth):
        merged = coded[_KEYS].merge(truth, on=_KEYS, how="left")
        if merged["hedged"].notna().all():
            codings[FINAL] = finish_coding(coded, merged[list(CODE_COLUMNS)])
    return codings


def candor_by_coding(coded: pd.DataFrame, truth: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Candor of each source by the machine's codes beside that by the coders' final codes, and the order of both.

    Returns
    -------
    DataFrame
        ``document, machine, low, high, rank``; ``final, final_low, final_high, final_rank``; ``keywords``; and
        ``rating``, the mean of the ratings, 0 to 4. No rows where not every unit has a final code.
    """
    codings = _codings(coded, truth) if len(truth) else {}
    columns = ["document", "machine", "low", "high", "rank", "final", "final_low", "final_high", "final_rank"]
    if FINAL not in codings:
        return pd.DataFrame(columns=[*columns, "keywords", "rating"])
    taken = ["candor", "candor_low", "candor_high", "rank"]
    machine, final = (candor_profile(c).set_index("document")[taken] for c in (coded, codings[FINAL]))
    out = pd.concat([machine, final], axis=1).reset_index()
    out.columns = pd.Index(columns)
    keywords = candor_profile(codings[NAIVE], draws=0).set_index("document")["candor"]
    rating = ratings.groupby("document")["candor"].mean()
    return out.assign(keywords=out["document"].map(keywords), rating=out["document"].map(rating))


def told_apart_otherwise(coded: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Give the pairs of sources that are told apart by one coding alone, the machine's or the coders' final one.

    Returns
    -------
    DataFrame
        ``a, b`` and ``final``, whether the final codes tell them apart.
    """
    codings = _codings(coded, truth) if len(truth) else {}
    if FINAL not in codings:
        return pd.DataFrame(columns=["a", "b", "final"])
    machine, final = compare_sources(coded), compare_sources(codings[FINAL])
    pairs = {frozenset((row.a, row.b)): bool(row.differs) for row in final.itertuples()}
    # of many sources only neighbours in rank are compared, which may be others
    both = [(m.a, m.b, bool(m.differs), pairs.get(frozenset((m.a, m.b)), m.differs)) for m in machine.itertuples()]
    return pd.DataFrame([(a, b, now) for a, b, before, now in both if now != before], columns=["a", "b", "final"])


def with_rank_interval(table: pd.DataFrame) -> pd.DataFrame:
    """Add a 95 % interval to Spearman correlations (Bonett and Wright 2000); none below ten documents.

    Examples
    --------
    >>> with_rank_interval(pd.DataFrame({"pages": [103, 5], "spearman": [0.8, 0.8]})).round(2).values.tolist()
    [[103.0, 0.8, 0.7, 0.87], [5.0, 0.8, nan, nan]]
    """
    rho, n = table["spearman"].to_numpy(float), table["pages"].to_numpy(float)
    rho = np.where((n >= FEW) & (np.abs(rho) < 1), rho, np.nan)
    half = 1.959964 * np.sqrt((1 + rho**2 / 2) / np.maximum(n - 3, 1))
    z = np.arctanh(rho)
    return table.assign(low=np.round(np.tanh(z - half), 3), high=np.round(np.tanh(z + half), 3))


@dataclass(frozen=True)
class Trust:
    """How far the codes of a corpus can be trusted.

    Attributes
    ----------
    truth : DataFrame
        Of `truth_of`: the final codes of the corpus, if it has any.
    judged, pages : DataFrame
        Machine and naive keywords, code by code: of `judge` on the corpus, and as measured on the real pages.
    rated, rated_pages : DataFrame
        Of `candor_agreement` on the corpus, and as measured on the real pages.
    candors, pairs : DataFrame
        Of `candor_by_coding` and `told_apart_otherwise`.
    coders : str
        Of `who_coded`.
    """

    truth: pd.DataFrame = field(default_factory=pd.DataFrame)
    judged: pd.DataFrame = field(default_factory=pd.DataFrame)
    pages: pd.DataFrame = field(default_factory=pd.DataFrame)
    rated: pd.DataFrame = field(default_factory=pd.DataFrame)
    rated_pages: pd.DataFrame = field(default_factory=pd.DataFrame)
    candors: pd.DataFrame = field(default_factory=pd.DataFrame)
    pairs: pd.DataFrame = field(default_factory=pd.DataFrame)
    coders: str = "coders"


def trust_in(corpus: str | Path, coded: pd.DataFrame) -> Trust:
    """Set the coded units of a corpus beside its annotations, if it has any, and add what was measured elsewhere."""
    truth, measured, ratings = truth_of(load_annotations(corpus)), load_validation(), load_ratings(corpus)
    return Trust(
        truth=truth,
        judged=judge(truth, coded),
        pages=measured["real_pages"],
        rated=candor_agreement(coded, truth, ratings),
        rated_pages=measured["candor"],
        candors=candor_by_coding(coded, truth, ratings),
        pairs=told_apart_otherwise(coded, truth),
        coders=who_coded(corpus),
    )


def load_validation(folder: str | Path | None = None) -> dict[str, pd.DataFrame]:
    """Read what was measured on texts that are not in the repository.

    Parameters
    ----------
    folder : path, optional
        Where ``make validate`` wrote it; ``data/validation`` if left out.

    Returns
    -------
    dict of str to DataFrame
        ``real_pages``, ``candor``, ``public``; a table without rows where its file is missing.

    Raises
    ------
    CandorError
        If a file lacks a column.
    """
    if folder is None:
        try:
            folder = paths.shipped("data/validation")
        except CandorError:
            folder = Path("data/validation")
    out = {}
    for name, columns in _MEASURED.items():
        path = Path(folder) / f"{name}.csv"
        table = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=columns)
        if missing := set(columns) - set(table.columns):
            raise CandorError(f"{path}: lacks the column {sorted(missing)[0]}; run make validate again")
        out[name] = table
    return out


def behaviour() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run the shipped behavioural cases.

    Returns
    -------
    results : DataFrame
        Of `run_cases`, for the machine.
    rates : DataFrame
        Of `failure_rates`, with the failures of the naive keywords as ``naive``; the worst capability first.
    """
    try:
        cases = load_cases(paths.shipped("data/behaviour/cases.csv"))
    except CandorError:
        return pd.DataFrame(), pd.DataFrame()
    results = run_cases(cases)
    rates = failure_rates(results)
    rates["naive"] = failure_rates(run_cases(cases, naive_codes))["failures"]
    return results, rates.sort_values(["rate", "cases"], ascending=False, kind="stable", ignore_index=True)


def sum_up_sensitivity(table: pd.DataFrame, base: pd.DataFrame, name: str) -> pd.DataFrame:
    """Sum up how candor moves under other codings: one row a coding.

    Parameters
    ----------
    table : DataFrame
        Of `ranks.threshold_sensitivity` or `ranks.family_sensitivity`.
    base : DataFrame
        Of `candor_profile`.
    name : str
        The column of `table` that names the coding.

    Returns
    -------
    DataFrame
        The coding, ``change`` (largest change of candor), ``source`` (where), ``moved`` (sources whose rank changes)
        and ``top`` (whether the most candid sources stay the same).

    Examples
    --------
    >>> base = pd.DataFrame({"document": ["a", "b"], "candor": [0.5, 0.25], "rank": [1, 2]})
    >>> other = pd.DataFrame({"shift": 0.1, "document": ["a", "b"], "candor": [0.25, 0.5], "rank": [2, 1]})
    >>> sum_up_sensitivity(other, base, "shift").to_dict("records")
    [{'shift': 0.1, 'change': -0.25, 'source': 'a', 'moved': 2, 'top': False}]
    """
    before = base.set_index("document")
    rows = []
    for coding, part in table.groupby(name, sort=False):
        after = part.set_index("document").reindex(before.index)
        change = (after["candor"] - before["candor"]).round(6) + 0.0
        where = change.abs().idxmax()
        rows.append(
            {
                name: coding,
                "change": float(change[where]),
                "source": where if change[where] else "–",
                "moved": int((after["rank"] != before["rank"]).sum()),
                "top": set(after.index[after["rank"] == 1]) == set(before.index[before["rank"] == 1]),
            }
        )
    return pd.DataFrame(rows, columns=[name, "change", "source", "moved", "top"])
