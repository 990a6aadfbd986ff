"""Rebuild the shipped weights: ``make model`` (examples alone) or ``make model CORPORA=DIR``.

The examples in ``data/examples`` were written for this project. The real pages in
``DIR/real_pages`` cannot be redistributed; what was learned from them are the weights. The five
documents of ``data`` are never learned from, though errors of an earlier model on them were read
before some of the examples were written.
"""

import argparse
import hashlib
from pathlib import Path

import pandas as pd
from sklearn.metrics import f1_score

from analysis.coder import MODEL, CodingModel, code_units, save_model, targets_of
from analysis.codes import CODES
from analysis.errors import CandorError
from analysis.fitting import fit_model
from analysis.units import add_context

# Hard examples are made up to be hard, and count less than a unit of a page as it might stand somewhere
# (``pages-*.csv``) or of a real one.
HARD_WEIGHT = 0.5
_COLUMNS = ["document", "focal", "title", "kind", "section", "text", "hedged", "risk", "addiction",
            "other_addiction", "commercial", "source_type"]  # fmt: skip


def load_examples(folder: str | Path) -> pd.DataFrame:
    """Read the coded examples, files and rows in order.

    Parameters
    ----------
    folder : path
        Holds CSV files with ``page, position, focal, source_type, title, kind, section, text`` and
        the codes.

    Returns
    -------
    DataFrame
        One row a unit; ``document`` is the page, ``weight`` is 1 in files ``pages-*.csv``, else
        `HARD_WEIGHT`.

    Raises
    ------
    CandorError
        If there are no files, or one lacks a column.
    """
    paths = sorted(Path(folder).glob("*.csv"))
    if not paths:
        raise CandorError(f"{folder}: holds no examples (*.csv); name the folder data/examples")
    weights = [1.0 if path.name.startswith("pages-") else HARD_WEIGHT for path in paths]
    return pd.concat([_read(path, "page", w) for path, w in zip(paths, weights, strict=True)], ignore_index=True)


def load_real_pages(corpora: str | Path) -> pd.DataFrame:
    """Read the coded real pages, ``DIR/real_pages/units.csv``; kinds and sections are inferred."""
    return _read(Path(corpora) / "real_pages" / "units.csv", "document", 1.0)


def _read(path: Path, document: str, weight: float) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, keep_default_na=False, dtype={document: str})
    except (OSError, ValueError) as error:
        raise CandorError(f"{path}: cannot be read ({error}); restore it") from error
    table = table.rename(columns={document: "document"})
    needed = [c for c in _COLUMNS if c not in ("kind", "section")]
    missing = [c for c in needed if c not in table]
    if missing:
        raise CandorError(f"{path}: lacks the column {missing[0]}; restore it")
    return add_context(table[[c for c in _COLUMNS if c in table]].assign(weight=weight))


def train(examples: str | Path, corpora: str | Path | None = None) -> CodingModel:
    """Fit the model and write its card.

    Parameters
    ----------
    examples : path
        Folder of example files.
    corpora : path, optional
        Folder that holds ``real_pages``.
    """
    written = load_examples(examples)
    hard = written["weight"] < 1
    parts = {"example pages": written[~hard], "hard examples": written[hard]}
    if corpora is not None:
        parts = {"real pages": load_real_pages(corpora), **parts}
    parts = {name: part for name, part in parts.items() if len(part)}
    model = fit_model(pd.concat(parts.values(), ignore_index=True))
    model.card.update(
        fitted_on={
            name: {
                "units": len(part),
                "pages": int(part["document"].nunique()),
                "focal_substances": int(part["focal"].nunique()),
                "weight": float(part["weight"].iloc[0]),
                "source_types": sorted(part["source_type"].unique().tolist()),
                "positives": dict(zip(CODES, targets_of(part).sum(axis=0).tolist(), strict=True)),
            }
            for name, part in parts.items()
        },
        never_fitted_on="the five documents in data/",
        redistributable={name: name != "real pages" for name in parts},
        coders="passes of a language model over data/codebook.md; no panel of human experts",
    )
    return model


def digest(folder: str | Path) -> str:
    """SHA-256 over the two tables of weights of a model's folder."""
    both = b"".join((Path(folder) / name).read_bytes() for name in ("weights.csv", "context.csv"))
    return hashlib.sha256(both).hexdigest()


def judge(model: CodingModel, units: pd.DataFrame) -> dict[str, float]:
    """F1 of each code on coded units that the model was not fitted on.

    Parameters
    ----------
    model : CodingModel
    units : DataFrame
        As from `load_examples` or `load_real_pages`.

    Returns
    -------
    dict of str to float
        Code to F1, 0 to 1, three decimals.
    """
    y, yes = targets_of(units), targets_of(code_units(units, model))
    scores = f1_score(y, yes, average=None, zero_division=0)
    return {code: round(float(score), 3) for code, score in zip(CODES, scores, strict=True)}


def main() -> None:
    """Fit and save from the shell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", default="data/examples", type=Path)
    parser.add_argument("--corpora", type=Path, help="folder with real_pages; examples alone if left out")
    parser.add_argument("-o", "--out", type=Path, help="default: the package with --corpora, else build/model")
    arguments = parser.parse_args()
    out = arguments.out or (MODEL if arguments.corpora else Path("build/model"))
    try:
        model = train(arguments.examples)
        if arguments.corpora:
            save_model(model, "build/model")
            alone = {
                "sha256": digest("build/model"),
                "f1_on_real_pages": judge(model, load_real_pages(arguments.corpora)),
            }
            model = train(arguments.examples, arguments.corpora)
            model.card["examples_alone"] = alone
        save_model(model, out)
    except CandorError as error:
        parser.exit(2, f"{error}\n")
    print(f"{out}: {digest(out)}")


if __name__ == "__main__":
    main()
