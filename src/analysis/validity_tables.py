"""The tables of `analysis.validity` as a reader sees them: numbers with their intervals, codes by name."""

from collections.abc import Iterator

import pandas as pd

from analysis.codes import CODES
from analysis.findings import percent, percents
from analysis.validity import LABELS

_SAID = {"0": "no", "1": "yes"}


def interval(value: float, low: float, high: float) -> str:
    """A number with its interval.

    Examples
    --------
    >>> interval(0.8449, 0.8, 0.9), interval(float("nan"), 0, 0), interval(0.5, float("nan"), float("nan"))
    ('0.84 (0.80–0.90)', '–', '0.50')
    >>> interval(-0.003, -0.2, 0.1)
    '0.00 (−0.20 to 0.10)'
    """
    if pd.isna(value):
        return "–"
    number, *ends = (f"{round(x, 2) + 0.0:.2f}".replace("-", "−") for x in (value, low, high))
    return number if pd.isna(low) else f"{number} ({(' to ' if low < 0 else '–').join(ends)})"


def _cells(table: pd.DataFrame, name: str, low: str = "", high: str = "") -> list[str]:
    ends = [low or f"{name}_low", high or f"{name}_high"]
    return [interval(*values) for values in table[[name, *ends]].itertuples(index=False, name=None)]


def scores(judged: pd.DataFrame) -> pd.DataFrame:
    """Write the result of `validity.judge`: ``variant, code, support, found, precision, recall, f1``."""
    written = {name: _cells(judged, name) for name in ("precision", "recall", "f1")}
    columns = ["variant", "code", "support", "found"]
    return judged[columns].assign(code=judged["code"].map(LABELS), **written)


def alphas(agreed: pd.DataFrame) -> pd.DataFrame:
    """Write the result of `validity.alphas`: a row a pair of codings, a column a code."""
    cells = agreed.assign(cell=_cells(agreed, "alpha", "low", "high"))
    return _wide(cells, "between", "Between")


def ablations(pages: pd.DataFrame) -> pd.DataFrame:
    """Write F1 of every variant that was measured on the real pages: a row a variant, a column a code."""
    return _wide(pages.assign(cell=_cells(pages, "f1")), "variant", "Given")


def _wide(cells: pd.DataFrame, rows: str, head: str) -> pd.DataFrame:
    wide = cells.pivot(index=rows, columns="code", values="cell").reindex(cells[rows].unique())
    codes = [code for code in (*CODES[:1], "risk", *CODES[1:]) if code in wide]
    return wide[codes].rename(columns=LABELS).rename_axis(head).reset_index()


def public(measured: pd.DataFrame) -> pd.DataFrame:
    """Write F1 on the public corpora: a row a corpus, a column a variant."""
    cells = measured.assign(cell=_cells(measured, "f1"))
    sizes = measured.groupby("corpus", sort=False)[["units", "positives"]].first()
    wide = cells.pivot(index="corpus", columns="variant", values="cell").reindex(sizes.index)
    wide = wide[list(measured["variant"].unique())].rename(columns={"full": "Our features"})
    wide.insert(0, "Units", sizes["units"])
    wide.insert(1, "Positive", sizes["positives"])
    return wide.rename_axis("Corpus").reset_index()


def candor(here: pd.DataFrame, pages: pd.DataFrame) -> pd.DataFrame:
    """Write the rank correlations on these sources and on the real pages in one table."""
    parts = [t.assign(on=on) for t, on in ((here, "these sources"), (pages, "pages left out of the fitting")) if len(t)]
    both = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "Candor from": both["codes"].str.removesuffix(", pages left out"),
            "On": both["on"],
            "Documents": both["pages"].astype(int),
            "Rank correlation": _cells(both, "spearman", "low", "high"),
        }
    )


def behaviour(rates: pd.DataFrame) -> pd.DataFrame:
    """Write the failure rates with their intervals, and those of the naive keywords beside them."""
    shares = [
        f"{n} of {cases}: {percent(rate)} ({percents(low, high)})"
        for n, cases, rate, low, high in rates[["failures", "cases", "rate", "low", "high"]].itertuples(index=False)
    ]
    return pd.DataFrame(
        {
            "Capability": rates["capability"],
            "Kind": rates["kind"],
            "Fails": shares,
            "Wrong": rates["wrong"],
            "Naive keywords fail": rates["naive"],
        }
    )


def first_failures(results: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Give the first failing case of every capability, the worst capability first.

    Examples
    --------
    >>> results = pd.DataFrame({"capability": ["a", "a", "b"], "kind": "direction", "text": ["x", "y", "z"],
    ...     "changed": ["x!", "y!", "z!"], "code": "hedged", "expected": "1", "answer": "0",
    ...     "answer_changed": ["1", "0", "1"], "passed": [True, False, True], "right": True})
    >>> first_failures(results, pd.DataFrame({"capability": ["b", "a"]})).to_dict("records")
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'capability': 'a', 'text': 'y → y!', 'code': 'Hedged', 'expected': 'yes', 'got': 'no → no'}]
    """
    failed = results[~results["passed"].astype(bool)].drop_duplicates("capability").set_index("capability")
    first = failed.loc[[c for c in rates["capability"] if c in failed.index]].reset_index()
    pair = first["changed"] != ""
    text, changed = (first[c].str.replace("\n", " / ") for c in ("text", "changed"))
    expected, answer, after = (first[c].replace(_SAID) for c in ("expected", "answer", "answer_changed"))
    return pd.DataFrame(
        {
            "capability": first["capability"],
            "text": text.where(~pair, text + " → " + changed),
            "code": first["code"].map(LABELS),
            "expected": expected,
            "got": answer.where(~pair, answer + " → " + after),
        }
    )


def kinds(counted: pd.DataFrame) -> pd.DataFrame:
    """Write the result of `validity.error_kinds`, codes and values by name."""
    values = {who: counted[who].replace(_SAID) for who in ("final", "machine")}
    return counted.assign(code=counted["code"].map(LABELS), **values)


def by_kind(differ: pd.DataFrame, counted: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the units of each kind of difference with a caption.

    Parameters
    ----------
    differ, counted : DataFrame
        Of `validity.differences` and `validity.error_kinds`.
    """
    for code, final, machine in counted[["code", "final", "machine"]].itertuples(index=False):
        units = differ[(differ["code"] == code) & (differ["final"] == final) & (differ["machine"] == machine)]
        yield f"{LABELS[code]}: final code {_SAID.get(final, final)}, machine {_SAID.get(machine, machine)}", units
