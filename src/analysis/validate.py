"""Measure the coding on labelled text that is not in the repository: ``make validate CORPORA=DIR``.

Writes ``data/validation/*.csv`` (figures only, no sentence) and the shipped model card; with ``-o DIR`` both into that
folder. Every figure is by cross-validation;
of the real pages whole pages are left out, and no weight or threshold is learned from the pages that are judged.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict

from analysis.baseline import naive_codes
from analysis.candor import candor_profile
from analysis.card import render_card
from analysis.classifier import UnitClassifier, expit
from analysis.coder import MODEL, codes_of, context_matrix, decide, finish_coding, load_model, log_odds, targets_of
from analysis.codes import CODES, STANCES
from analysis.errors import CandorError
from analysis.features import UnitVectorizer
from analysis.fitting import BY_PAGE, fit_context, fit_first
from analysis.reading import read_units
from analysis.settling import settle
from analysis.training import load_examples, load_real_pages
from analysis.validity import NAIVE, load_validation

FOLDS = 4
OUT = Path("data/validation")
# corpus: the column of its label, and its files
PUBLIC = {
    "CoNLL-2010 Wikipedia, uncertain": ("uncertain", ("conll2010/wiki_train.csv",)),
    "CoNLL-2010 biomedical, uncertain": ("uncertain", ("conll2010/bio_train.csv",)),
    "PsyTAR, withdrawal": ("WD", ("psytar/train.csv", "psytar/dev.csv")),
}
# The names of features that the rules of scope make, that say whose a thing is, and the rest of the unit's own.
_SCOPE = r"(?:\w+ )?t:|page:|back:|k:\S*\|\w+\|"
_REFERENT = r".*[@|](?:own|other|drug)|page:|back:|s:"
_CUES, _WORDS = r"[fchdk]:|form:", r"[wl]:"
# variant: the features it keeps, whether the neighbours' codes have a say, whether the words settle what is certain
VARIANTS = {
    "full": (r"", True, True),
    "without scope": (rf"(?!{_SCOPE})", True, False),
    "without referent": (rf"(?!{_REFERENT})", True, False),
    "without patterns": (r"(?![oba]:)", True, True),
    "without neighbours": (r"", False, True),
    "cues alone": (rf"(?!{_SCOPE})(?:{_CUES})", False, False),
    "words alone": (_WORDS, False, False),
}


def f1_with_interval(
    y: np.ndarray, yes: np.ndarray, groups: np.ndarray, draws: int = 1000, seed: int = 0
) -> dict[str, float]:
    """Precision, recall and F1 with a 95 % percentile interval over redrawn pages.

    Examples
    --------
    >>> f1_with_interval(np.array([1, 1, 0, 0]), np.array([1, 0, 0, 0]), np.arange(4), draws=10)["f1"]
    0.667
    """
    codes = np.unique(groups, return_inverse=True)[1]
    n = codes.max() + 1
    parts = np.stack([np.bincount(codes, v, n) for v in (y * yes, yes, y)])
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    hit, called, true = parts @ weights.T
    with np.errstate(invalid="ignore"):
        low, high = np.nanpercentile(2 * hit / (called + true), [2.5, 97.5])
    hit, called, true = parts.sum(axis=1)
    f1 = 2 * hit / (called + true) if called + true else np.nan
    precision = hit / called if called else np.nan
    recall = hit / true if true else np.nan
    values = {"precision": precision, "recall": recall, "f1": f1, "f1_low": low, "f1_high": high}
    return {name: round(float(v), 3) for name, v in values.items()}


def cross_validate(pages: pd.DataFrame, examples: pd.DataFrame, keep: str = "", neighbours: bool = True) -> np.ndarray:
    """Codes of every page by a model fitted on the other pages and the examples.

    Parameters
    ----------
    pages, examples : DataFrame
        As from `load_real_pages` and `load_examples`.
    keep : str
        Regular expression that the names of the features that are kept begin with.
    neighbours : bool
        Whether the second step is taken.

    Returns
    -------
    ndarray of shape (units, codes)
        How far the log odds stand above the threshold's.
    """
    n = len(pages)
    units = pd.concat([pages, examples], ignore_index=True)
    y, groups, weight = targets_of(units), units["document"].to_numpy(), units["weight"].to_numpy()
    vectorizer = UnitVectorizer(3)
    matrix = vectorizer.fit_transform(units)
    kept = pd.Series(vectorizer.get_feature_names_out(), dtype=str).str.match(keep).to_numpy(float)
    matrix = (matrix @ sp.diags(kept)).tocsr()
    out = np.zeros((n, len(CODES)))
    folds = GroupKFold(FOLDS, shuffle=True, random_state=0).split(np.arange(n), groups=groups[:n])
    for learn, judge in folds:
        train = np.r_[learn, np.arange(n, len(units))]
        first = fit_first(matrix[train], y[train], groups[train], weight[train])
        p, cuts = first.answers(matrix[judge]), first.thresholds
        if neighbours:
            around = context_matrix(first.unseen, groups[train])
            beside = context_matrix(p, groups[judge])
            for code in BY_PAGE:
                k = CODES.index(code)
                coef, intercept, cuts[k] = fit_context(code, around, y[train, k], groups[train], weight[train])
                p[:, k] = expit(beside @ coef + intercept)
        out[judge] = log_odds(p) - log_odds(cuts)
    return out


def _decided(p: np.ndarray) -> np.ndarray:
    return targets_of(decide(expit(p), np.full(len(CODES), 0.5)))


def code_pages(pages: pd.DataFrame, examples: pd.DataFrame) -> dict[str, np.ndarray]:
    """Code the pages with every variant, and with two baselines: variant to 0/1 columns."""
    y, groups = targets_of(pages), pages["document"].to_numpy()
    readings = read_units(pages)
    coded = {}
    for variant, (keep, neighbours, settled) in VARIANTS.items():
        yes = _decided(cross_validate(pages, examples, keep, neighbours))
        coded[variant] = settle(yes.astype(float), pages, readings).astype(int) if settled else yes
    naive = naive_codes(pages)
    coded[NAIVE] = naive[[f"has_{c}" if c in STANCES else c for c in CODES]].to_numpy()
    tfidf = [_tfidf(pages["text"], y[:, k], groups) for k in range(len(CODES))]
    coded["TF-IDF and logistic regression"] = np.column_stack(tfidf)
    return coded


def measure_pages(pages: pd.DataFrame, coded: dict[str, np.ndarray]) -> pd.DataFrame:
    """F1 of every variant, as from `code_pages`: one row a variant and code."""
    y, groups = targets_of(pages), pages["document"].to_numpy()
    return pd.DataFrame(
        {"variant": variant, "code": code, "units": len(y), "positives": int(y[:, k].sum()),
         **f1_with_interval(y[:, k], yes[:, k], groups)}
        for variant, yes in coded.items()
        for k, code in enumerate(CODES)
    )  # fmt: skip


def _tfidf(texts: Sequence[str], y: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """The usual baseline: TF-IDF of words and characters, logistic regression, balanced classes."""
    parts = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=3),
    ]
    matrix = sp.hstack([part.fit_transform(texts) for part in parts]).tocsr()
    model = LogisticRegression(C=4, solver="liblinear", class_weight="balanced")
    if groups is None:
        splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        return cross_val_predict(model, matrix, y, cv=splitter)
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=0)
    return cross_val_predict(model, matrix, y, groups=groups, cv=splitter)


def load_public(corpora: Path) -> dict[str, tuple[list[str], np.ndarray]]:
    """Read other people's labelled corpora: name to texts and their labels, 0 or 1."""
    out = {}
    for name, (label, files) in PUBLIC.items():
        table = pd.concat([_read(corpora / file, ["text", label]) for file in files])
        out[name] = table["text"].tolist(), table[label].astype(int).to_numpy()
    return out


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, keep_default_na=False, dtype={"document": str})
    except (OSError, ValueError) as error:
        raise CandorError(f"{path}: cannot be read ({error}); restore it") from error
    if missing := [column for column in columns if column not in table]:
        raise CandorError(f"{path}: lacks the column {missing[0]}; restore it")
    return table[columns]


def measure_public(corpora: Mapping[str, tuple[list[str], np.ndarray]]) -> pd.DataFrame:
    """`UnitClassifier` and the TF-IDF baseline on the corpora of `load_public`, by cross-validation."""
    rows = []
    for name, (texts, y) in corpora.items():
        splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        yes = np.zeros_like(y)
        for learn, judge in splitter.split(y, y):
            classifier = UnitClassifier().fit([texts[i] for i in learn], y[learn])
            yes[judge] = classifier.predict([texts[i] for i in judge])
        for variant, answer in (("full", yes), ("TF-IDF and logistic regression", _tfidf(texts, y))):
            rows.append(
                {"corpus": name, "variant": variant, "units": len(y), "positives": int(y.sum()),
                 **f1_with_interval(y, answer, np.arange(len(y)))}
            )  # fmt: skip
    return pd.DataFrame(rows)


def measure_candor(pages: pd.DataFrame, coded: dict[str, np.ndarray], ratings: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of the composite, from every variant's codes, with the coder's ratings of whole pages."""
    rows = []
    whose = {variant: yes for variant, yes in coded.items() if variant != "full"}
    whose = {"machine's codes, pages left out": coded["full"], "coder's codes": targets_of(pages), **whose}
    for name, yes in whose.items():
        profile = candor_profile(finish_coding(pages, codes_of(yes)), draws=0)
        profile = profile.merge(ratings, on="document")
        rho = spearmanr(profile["candor_x"], profile["candor_y"]).statistic
        rows.append({"codes": name, "pages": len(profile), "spearman": round(float(rho), 3)})
    return pd.DataFrame(rows)


def main() -> None:
    """Measure everything and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", required=True, type=Path)
    parser.add_argument("--examples", default="data/examples", type=Path)
    parser.add_argument("-o", "--out", default=OUT, type=Path)
    arguments = parser.parse_args()
    try:  # everything that is needed, before minutes of fitting
        pages = load_real_pages(arguments.corpora)
        examples = load_examples(arguments.examples)
        ratings = _read(arguments.corpora / "real_pages" / "documents.csv", ["document", "candor"])
        public = load_public(arguments.corpora)
    except CandorError as error:
        parser.exit(2, f"{error}\n")
    arguments.out.mkdir(parents=True, exist_ok=True)
    coded = code_pages(pages, examples)
    tables = {
        "real_pages": measure_pages(pages, coded),
        "candor": measure_candor(pages, coded, ratings),
        "public": measure_public(public),
    }
    for name, table in tables.items():
        table.to_csv(arguments.out / f"{name}.csv", index=False, lineterminator="\n")
    card = MODEL if arguments.out.resolve() == OUT.resolve() else arguments.out
    (card / "card.md").write_text(render_card(load_model().card, load_validation(arguments.out)), encoding="utf-8")


if __name__ == "__main__":
    main()
