"""Behavioural tests of the coding, in the manner of CheckList (Ribeiro et al. 2020).

A case is a sentence of our own, or a pair of them, and the code that it must get. Cases that try one thing form a
capability. No weight is fitted to them, though rules were written after failing ones had been read; a change that
makes a capability worse fails a test.

``python -m analysis.behaviour`` runs the cases, prints the failure rates and stores them as the ceilings that later
versions are held to (``data/behaviour/ceilings.csv``).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.coder import code_units
from analysis.errors import CandorError
from analysis.paths import shipped
from analysis.scores import share_interval
from analysis.units import split_units

KINDS = ("minimum functionality", "invariance", "direction")
COLUMNS = ["capability", "kind", "focal", "text", "changed", "code", "expected"]
VALUES = {
    "risk": ("none", "acknowledges", "minimises", "denies"),
    **dict.fromkeys(("hedged", "addiction", "other_addiction", "commercial"), ("0", "1")),
}
# Parts the substance of a text from that of the changed one where they differ.
_SWAP = " > "


def load_cases(path: str | Path) -> pd.DataFrame:
    """Read the cases, strictly.

    Parameters
    ----------
    path : path
        A CSV file with the columns ``capability, kind, focal, text, changed, code, expected``. A text of several
        lines is a passage, of which the last line is judged. ``changed`` is the second text of a pair; ``focal``
        names two substances (``kratom > kava``) where the pair differs in what it is about.

    Returns
    -------
    DataFrame
        The rows of the file.

    Raises
    ------
    CandorError
        With the number of the row, if a column, kind, code or expected value is not among those known, a pair
        lacks its second text, a text is empty, or a case stands there twice.
    """
    try:
        cases = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise CandorError(f"{path}: cannot be read as a table of cases ({error}); restore it") from error
    if list(cases.columns) != COLUMNS:
        raise CandorError(f"{path}: needs the columns {', '.join(COLUMNS)}")
    for row, case in enumerate(cases.itertuples(index=False), start=1):
        if problem := _problem(case):
            raise CandorError(f"{path}: case {row} ({case.text[:40]!r}) {problem}")
    twice = cases.duplicated(["focal", "text", "changed", "code"])
    if twice.any():
        raise CandorError(f"{path}: the case {cases.loc[twice, 'text'].iloc[0]!r} stands there twice; drop one")
    kinds = cases.groupby("capability")["kind"].nunique()
    if (kinds > 1).any():
        raise CandorError(f"{path}: the capability {kinds.idxmax()!r} mixes kinds; give each its own name")
    return cases


def _problem(case: Any) -> str:
    if case.kind not in KINDS:
        return f"is of unknown kind {case.kind!r}; use one of {', '.join(KINDS)}"
    if case.code not in VALUES:
        return f"names the unknown code {case.code!r}; use one of {', '.join(VALUES)}"
    if case.expected not in VALUES[case.code]:
        return f"expects {case.expected!r} of {case.code}; use one of {', '.join(VALUES[case.code])}"
    if not (case.capability and case.focal and case.text.strip()):
        return "has an empty cell; fill it"
    if bool(case.changed.strip()) != (case.kind != KINDS[0]):
        return "must have a second text if, and only if, it is of a kind that compares two"
    return ""


def run_cases(cases: pd.DataFrame, code: Callable[[pd.DataFrame], pd.DataFrame] = code_units) -> pd.DataFrame:
    """Code all texts of the cases at once and say which cases pass.

    A case of minimum functionality passes when its text gets the expected code, one of invariance when both texts get
    the same code, and one of direction when the first does not get the expected code and the changed one does. Since
    two texts may be coded alike and both wrongly, ``right`` says whether the text (the changed one of a pair) gets
    the expected code.

    Parameters
    ----------
    cases : DataFrame
        As of `load_cases`.
    code : callable, optional
        Units to coded units; `analysis.coder.code_units` if left out.

    Returns
    -------
    DataFrame
        The cases with ``answer`` and ``answer_changed`` (what the texts got, "" where there is no second one),
        ``passed`` and ``right``.

    Examples
    --------
    >>> cases = pd.DataFrame([["plain", "minimum functionality", "kava", "Kava may harm.", "", "hedged", "1"],
    ...     ["add may", "direction", "kava", "It harms.", "It may harm.", "hedged", "1"]], columns=COLUMNS)
    >>> words = lambda units: units.assign(hedged=units["text"].str.contains("may").astype(int))
    >>> run_cases(cases, words)[["answer", "answer_changed", "passed"]].values.tolist()
    [['1', '', True], ['0', '1', True]]
    """
    focal = cases["focal"].str.partition(_SWAP)
    pairs = cases["changed"] != ""
    first = pd.DataFrame({"case": cases.index, "changed": False, "focal": focal[0], "text": cases["text"]})
    second = pd.DataFrame(
        {
            "case": cases.index,
            "changed": True,
            "focal": focal[2].where(focal[2] != "", focal[0]),
            "text": cases["changed"],
        }
    )[pairs]
    texts = pd.concat([first, second], ignore_index=True)
    texts["document"] = [
        f"{'changed' if changed else 'text'} {i}" for i, changed in zip(texts["case"], texts["changed"], strict=True)
    ]
    last = code(split_units(texts)).groupby("document", sort=False).tail(1).set_index("document")
    codes = texts["case"].map(cases["code"])
    texts["answer"] = [str(last.at[document, c]) for document, c in zip(texts["document"], codes, strict=True)]
    answers = texts.pivot(index="case", columns="changed", values="answer").reindex(columns=[False, True])
    out = cases.assign(answer=answers[False], answer_changed=answers[True].fillna(""))
    before, after = out["answer"] == out["expected"], out["answer_changed"] == out["expected"]
    same = out["answer"] == out["answer_changed"]
    out["passed"] = before.where(~pairs, same.where(out["kind"] == "invariance", after & ~before))
    return out.assign(right=before.where(~pairs, after))


def failure_rates(results: pd.DataFrame) -> pd.DataFrame:
    """Count the failures of every capability.

    Returns
    -------
    DataFrame
        ``capability, kind, cases, failures, rate, low, high`` (95 % interval, Wilson 1927) and ``wrong`` (texts
        that do not get the expected code, whether or not the case passes), in the order of the cases.

    Examples
    --------
    >>> results = pd.DataFrame({"capability": "denials", "kind": "direction", "passed": [True, False],
    ...     "right": [True, True]})
    >>> failure_rates(results)[["capability", "cases", "failures", "rate", "wrong"]].values.tolist()
    [['denials', 2, 1, 0.5, 0]]
    """
    groups = results.groupby("capability", sort=False)
    table = groups.agg(
        kind=("kind", "first"), cases=("passed", "size"), passed=("passed", "sum"), right=("right", "sum")
    ).reset_index()
    table["failures"] = table["cases"] - table.pop("passed").astype(int)
    table["rate"] = (table["failures"] / table["cases"]).round(6)
    wrong = table["cases"] - table.pop("right").astype(int)
    intervals = [
        share_interval(failures, cases) for failures, cases in zip(table["failures"], table["cases"], strict=True)
    ]
    return table.assign(low=[low for low, _ in intervals], high=[high for _, high in intervals], wrong=wrong)


def above(rates: pd.DataFrame, ceilings: pd.DataFrame) -> pd.DataFrame:
    """Give the capabilities in which more cases fail, or are wrong, than a table of ceilings allows.

    A capability that the ceilings do not know is one of them.

    Examples
    --------
    >>> now = pd.DataFrame({"capability": ["a", "b", "c"], "failures": [1, 2, 0], "wrong": [1, 2, 0]})
    >>> above(now, now.head(2).assign(failures=1))["capability"].tolist()
    ['b', 'c']
    """
    allowed = ceilings.set_index("capability").reindex(rates["capability"])[["failures", "wrong"]].fillna(-1)
    return rates[(rates[["failures", "wrong"]].to_numpy() > allowed.to_numpy()).any(axis=1)]


def main() -> None:
    """Run the shipped cases, store the ceilings and name every capability whose ceiling rises."""
    path = shipped("data/behaviour/cases.csv")
    rates = failure_rates(run_cases(load_cases(path)))[["capability", "cases", "failures", "wrong"]]
    stored = path.with_name("ceilings.csv")
    print(rates.to_string(index=False))
    if stored.exists():
        for row in above(rates, pd.read_csv(stored)).itertuples():
            print(f"worse: {row.capability}, now {row.failures} of {row.cases} fail and {row.wrong} are wrong")
    rates.to_csv(stored, index=False, lineterminator="\n")
    print(f"{rates['failures'].sum()} of {rates['cases'].sum()} cases fail; ceilings stored in {stored.name}")


if __name__ == "__main__":
    main()
