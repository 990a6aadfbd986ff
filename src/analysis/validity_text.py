"""What the tables of `analysis.validity` say: titles of sections and descriptions of charts, made from the numbers."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.codes import CODES
from analysis.findings import listed, number, percent
from analysis.validity import FEW, LABELS, MACHINE, NAIVE, Trust

#: Instead of a finding where the figures on real pages are not at hand.
NO_PAGES = "How the machine does on pages of real sites has not been measured here"


def _low(code: str) -> str:
    return LABELS[code].lower()


def headline_f1(table: pd.DataFrame) -> str:
    """Say between which values F1 lies, and how often it is above the baseline and the target.

    Parameters
    ----------
    table : DataFrame
        Of `validity.beside`.

    Examples
    --------
    >>> headline_f1(pd.DataFrame({"code": ["hedged", "denies"], "f1": [0.9, 0.4], "f1_low": [0.8, 0.1],
    ...     "baseline": [0.6, 0.5], "target": [0.85, float("nan")]}))
    'F1 runs from 0.40 (denies a harm) to 0.90 (hedged): above the naive keywords for one of two codes, by more than its
    interval for one; at its target for the one that has a target'
    >>> headline_f1(pd.DataFrame(columns=["code"]))
    'No coder has coded these texts, so the machine cannot be compared with one here'
    """
    if not len(table):
        return "No coder has coded these texts, so the machine cannot be compared with one here"
    known = table.dropna(subset=["f1"])
    if known.empty:
        return "No code is given here by coder or machine: nothing to compare"
    low, high = known.loc[known["f1"].idxmin()], known.loc[known["f1"].idxmax()]
    above = int((known["f1"] > known["baseline"].fillna(0)).sum())
    clear = int((known["f1_low"] > known["baseline"].fillna(0)).sum())
    beats = "every code" if above == len(known) else f"{_of(above, len(known))} codes"
    sentence = (
        f"F1 runs from {low['f1']:.2f} ({_low(low['code'])}) to {high['f1']:.2f} ({_low(high['code'])}): "
        f"above the naive keywords for {beats}, by more than its interval for {number(clear)}"
    )
    aimed = known.dropna(subset=["target"])
    if aimed.empty:
        return sentence
    reached = int((aimed["f1"].round(2) >= aimed["target"]).sum())
    if len(aimed) == 1:
        return f"{sentence}; {'at' if reached else 'below'} its target for the one that has a target"
    return f"{sentence}; at its target for {_of(reached, len(aimed))} that have one"


def describe_f1(table: pd.DataFrame) -> str:
    """Describe `plot_f1`: F1 of every code with its interval, the baseline and the target."""
    rows = []
    for row in table.itertuples():
        target = "" if pd.isna(row.target) else f", target {row.target:.2f}"
        f1 = "none" if pd.isna(row.f1) else f"{row.f1:.2f} (95% interval {row.f1_low:.2f} to {row.f1_high:.2f})"
        baseline = "none" if pd.isna(row.baseline) else f"{row.baseline:.2f}"
        rows.append(f"{LABELS[row.code]}, {row.positives} units: F1 {f1}, naive keywords {baseline}{target}.")
    return " ".join(["Dot plot of F1 by code, from 0 to 1.", *rows])


def name_targets(targets: Mapping[str, float]) -> str:
    """Name the codes that have a target, with its value.

    Parameters
    ----------
    targets : mapping
        Of `validity.targets_for`, or `validity.TARGETS`.

    Examples
    --------
    >>> name_targets({"hedged": 0.9, "commercial": 0.8})
    'The targets of F1 are 0.90 for hedged and 0.80 for promotes; the other codes have none.'
    >>> name_targets({})
    'No target of F1 was set for these sources.'
    """
    if not targets:
        return "No target of F1 was set for these sources."
    named = listed([f"{value:.2f} for {_low(code)}" for code, value in targets.items()])
    rest = "" if set(CODES) <= set(targets) else "; the other codes have none"
    return f"The targets of F1 are {named}{rest}."


def headline_alphas(table: pd.DataFrame, coders: str) -> str:
    """Say how well coders agree with each other, and how well the machine agrees with them.

    Parameters
    ----------
    table : DataFrame
        Of `validity.alphas`.
    coders : str
        Who they are, of `validity.who_coded`.

    Examples
    --------
    >>> headline_alphas(pd.DataFrame({"between": ["coder a and coder b", "machine and final codes"],
    ...     "code": "hedged", "alpha": [0.97, 0.81]}), "coders")
    'Coders agree with each other at an alpha of 0.97, the machine with the final codes at 0.81'
    """
    groups = {
        f"{coders.capitalize()} agree with each other": table["between"].str.startswith("coder"),
        "the machine with the final codes": table["between"].str.startswith(MACHINE),
    }
    clauses: list[str] = []
    for who, rows in groups.items():
        values = table.loc[rows, "alpha"].dropna()
        if len(values):
            low, high = f"{values.min():.2f}", f"{values.max():.2f}"
            at = "at an alpha of " if not clauses else "at "
            clauses.append(f"{who} {at}{low if low == high else f'{low} to {high}'}")
    if not clauses:
        return "No two codings of these texts can be compared by alpha"
    if clauses[0].startswith("the machine"):
        return clauses[0].replace("the machine", "The machine agrees", 1)
    return ", ".join(clauses)


def headline_differences(kinds: pd.DataFrame, units: int) -> str:
    """Say where machine and final codes part most often.

    Parameters
    ----------
    kinds : DataFrame
        Of `validity.error_kinds`.
    units : int
        How many units were compared.

    Examples
    --------
    >>> kinds = pd.DataFrame({"code": ["risk", "hedged"], "final": ["denies", "1"], "machine": ["none", "0"],
    ...     "units": [3, 1]})
    >>> headline_differences(kinds, 100)
    'Machine and final codes differ in 4 of 500 codes, most often where the final code is stance on harm: denies and
    the machine says none (3 units)'
    """
    total = int(kinds["units"].sum())
    if not total:
        return f"Machine and final codes agree in all {units} units"
    first = kinds.iloc[0]
    said = {"0": "no", "1": "yes"}
    final, machine = (said.get(first[who], first[who]) for who in ("final", MACHINE))
    return (
        f"Machine and final codes differ in {total} of {5 * units} codes, most often where the final code is "
        f"{_low(first['code'])}: {final} and the machine says {machine} ({_count(first['units'], 'unit')})"
    )


def headline_candor(here: pd.DataFrame, pages: pd.DataFrame) -> str:
    """Say how the order of candor follows ratings of whole texts, here and on the real pages.

    Parameters
    ----------
    here, pages : DataFrame
        ``codes, pages, spearman``, the machine's codes in the first row.

    Examples
    --------
    >>> rows = pd.DataFrame({"codes": ["machine"], "pages": [166], "spearman": [0.9]})
    >>> headline_candor(rows.head(0), rows)
    'Candor follows ratings of whole texts: rank correlation 0.90 on 166 pages left out of the fitting'
    >>> headline_candor(rows.head(0), rows.head(0))
    'No ratings to compare candor with'
    """
    parts = []
    if len(here) and not pd.isna(here["spearman"].iloc[0]):
        parts.append(f"{here['spearman'].iloc[0]:.2f} on these {number(int(here['pages'].iloc[0]))} sources")
    if len(pages):
        parts.append(f"{pages['spearman'].iloc[0]:.2f} on {int(pages['pages'].iloc[0])} pages left out of the fitting")
    if not parts:
        return "No ratings to compare candor with"
    lowest = min([t["spearman"].iloc[0] for t in (here, pages) if len(t)])
    verb = f"Candor follows ratings of whole texts{'' if lowest >= 0.8 else ' only in part'}"
    return f"{verb}: rank correlation {' and '.join(parts)}"


def headline_ablations(pages: pd.DataFrame) -> str:
    """Say which part of the machine matters most: whose absence costs the most F1, on average over the codes.

    Examples
    --------
    >>> headline_ablations(pd.DataFrame({"variant": ["full", "full", "words alone", "words alone"],
    ...     "code": ["hedged", "denies"] * 2, "f1": [0.9, 0.5, 0.7, 0.3]}))
    'With all its parts the machine reaches a mean F1 of 0.70; words alone: 0.50'
    >>> headline_ablations(pd.DataFrame(columns=["variant", "f1"]))
    'What each part of the machine adds has not been measured'
    """
    if not len(pages):
        return "What each part of the machine adds has not been measured"
    mean = pages.groupby("variant", sort=False)["f1"].mean()
    full = mean.get("full", mean.iloc[0])
    rest = mean.drop(["full", "naive keywords", "TF-IDF and logistic regression"], errors="ignore").sort_values()
    sentence = f"With all its parts the machine reaches a mean F1 of {full:.2f}"
    shown = listed([f"{name}: {value:.2f}" for name, value in rest.head(3).items()]) if len(rest) else ""
    return f"{sentence}; {shown}" if shown else sentence


def headline_public(public: pd.DataFrame) -> str:
    """Say on how many corpora of others the same features beat the usual baseline.

    Examples
    --------
    >>> headline_public(pd.DataFrame({"corpus": ["a", "a"], "variant": ["full", "TF-IDF"], "f1": [0.7, 0.6]}))
    'Fitted to other people’s labels, the same features beat TF-IDF on the one corpus'
    >>> headline_public(pd.DataFrame(columns=["corpus", "variant", "f1"]))
    'The same features have not been tried on other people’s labels'
    """
    if not len(public):
        return "The same features have not been tried on other people’s labels"
    wide = public.pivot(index="corpus", columns="variant", values="f1")
    others = wide.drop(columns="full", errors="ignore").max(axis=1)
    wins = int((wide["full"] > others).sum())
    count = f"{_of(wins, len(wide))} {'corpus' if len(wide) == 1 else 'corpora'}"
    return f"Fitted to other people’s labels, the same features beat TF-IDF on {count}"


def headline_behaviour(rates: pd.DataFrame) -> str:
    """Say how many cases fail, and in which capability the largest share.

    Examples
    --------
    >>> rates = pd.DataFrame({"capability": ["typos", "case"], "cases": 10, "failures": [4, 0], "rate": [0.4, 0.0],
    ...     "naive": [9, 1]})
    >>> headline_behaviour(rates)
    'Of 20 sentences made to try it, the machine fails 4 (20%; naive keywords 50%), the most in: typos (4 of 10)'
    """
    if not len(rates):
        return "No behavioural cases come with this installation"
    failures, cases = int(rates["failures"].sum()), int(rates["cases"].sum())
    if not failures:
        return f"The machine passes all {cases} sentences made to try it"
    worst = rates.loc[rates["rate"].idxmax()]
    naive = percent(rates["naive"].sum() / cases)
    return (
        f"Of {cases:,} sentences made to try it, the machine fails {failures} ({percent(failures / cases)}; "
        f"naive keywords {naive}), the most in: {worst['capability']} ({worst['failures']} of {worst['cases']})"
    )


def headline_sensitivity(shifts: pd.DataFrame, families: pd.DataFrame) -> str:
    """Say how far candor hangs on thresholds and on single families of words.

    Parameters
    ----------
    shifts, families : DataFrame
        Of `validity.sum_up_sensitivity`.

    Examples
    --------
    >>> shifts = pd.DataFrame({"shift": [-0.1, 0.0, 0.1], "change": [0.1, 0.0, 0.0], "moved": [0, 0, 0],
    ...     "top": True})
    >>> families = pd.DataFrame({"coding": ["without harms"], "change": [-0.4], "moved": [2], "top": True})
    >>> headline_sensitivity(shifts, families)
    'Stricter or laxer thresholds move no rank; without harms the scores change most (0.40)'
    """
    moved = int(shifts["moved"].max()) if len(shifts) else 0
    ranks = "no rank" if not moved else f"up to {number(moved)} rank{'s' if moved > 1 else ''}"
    if len(shifts) and not shifts["top"].all():
        ranks += ", the first among them"
    sentence = f"Stricter or laxer thresholds move {ranks}"
    if not len(families) or not families["change"].any():
        return sentence
    worst = families.loc[families["change"].abs().idxmax()]
    return f"{sentence}; {worst['coding']} the scores change most ({abs(worst['change']):.2f})"


def least_sure(trust: Trust) -> str:
    """Name the least sure code: on these sources where they have been coded, else on the real pages.

    Examples
    --------
    >>> judged = pd.DataFrame({"variant": MACHINE, "code": ["hedged", "denies"], "support": [9, 8], "found": [9, 7],
    ...     "correct": [9, 2], "f1": [1.0, 0.27]})
    >>> pages = pd.DataFrame({"variant": "full", "code": ["minimises"], "precision": 0.62, "recall": 0.44, "f1": 0.52})
    >>> least_sure(Trust(judged=judged, pages=pages, coders="passes of a language model"))
    'A program coded the sentences, and it errs, most in “denies a harm”: of the 7 units (a sentence, heading or list
    item each) that it gave this code here, 2 have it from passes of a language model that followed the same codebook,
    and it missed 6 of their 8.'
    >>> least_sure(Trust(judged=judged.head(0), pages=pages))
    'A program coded the sentences, and it errs, most in “plays a harm down”: on pages left out of the fitting, of the
    units that it gave this code, 62% have it from a language model that followed the same codebook, and it missed 56%
    of all that have it.'
    >>> least_sure(Trust(judged=judged.head(0), pages=pages.head(0)))
    'A program coded the sentences, and it errs.'
    """
    here = trust.judged[trust.judged["variant"] == MACHINE]
    pages = trust.pages[trust.pages["variant"] == "full"]
    table = here if len(here) else pages
    errs = "A program coded the sentences, and it errs"
    if not len(table) or table["f1"].isna().all():
        return f"{errs}."
    worst = table.loc[table["f1"].idxmin()]
    if len(here):
        support, found, correct = (int(worst[count]) for count in ("support", "found", "correct"))
        units = f"{found} units (a sentence, heading or list item each)"
        given = f"of the {units} that it gave this code here, {correct} have it from {trust.coders}"
        missed = f"{support - correct} of their {support}"
    else:
        given = (
            "on pages left out of the fitting, of the units that it gave this code, "
            f"{percent(worst['precision'])} have it from a language model"
        )
        missed = f"{percent(1 - worst['recall'])} of all that have it"
    whose = "that followed the same codebook"
    return f"{errs}, most in “{_low(worst['code'])}”: {given} {whose}, and it missed {missed}."


def by_final_codes(trust: Trust) -> str:
    """Say what candor would be by the coders' codes, of the sources of which that says something else.

    Those are the sources whose candor leaves the interval, or that take another place, and the pairs that are told
    apart by one coding alone. Empty where no coder coded every unit.

    Examples
    --------
    >>> candors = pd.DataFrame({"document": ["a", "b", "c"], "machine": [0.9, 0.6, 0.5], "low": [0.8, 0.5, 0.3],
    ...     "high": [1.0, 0.7, 0.6], "rank": [1, 2, 3], "final": [0.9, 0.3, 0.4], "final_rank": [1, 3, 2]})
    >>> pairs = pd.DataFrame({"a": ["a"], "b": ["b"], "final": [True]})
    >>> by_final_codes(Trust(candors=candors, pairs=pairs, coders="passes of a language model"))
    'Coded by passes of a language model that followed the same codebook, b has a candor of 0.30 in place of 0.60
    (outside its interval; place 3 in place of 2) and c of 0.40 in place of 0.50 (place 2 in place of 3); a and b can
    be told apart.'
    >>> by_final_codes(Trust(candors=candors.head(1), pairs=pairs.head(0)))
    'Coded by coders that followed the same codebook, no source has a candor outside its interval, and none takes
    another place.'
    >>> by_final_codes(Trust())
    ''
    """
    if trust.candors.empty:
        return ""
    other: list[str] = []
    for row in trust.candors.itertuples():
        outside = not row.low - 0.005 <= row.final <= row.high + 0.005
        why = ["outside its interval"] * outside
        why += [f"place {row.final_rank:.0f} in place of {row.rank:.0f}"] * (row.final_rank != row.rank)
        if why:
            had = "" if other else "has a candor "
            other.append(f"{row.document} {had}of {row.final:.2f} in place of {row.machine:.2f} ({'; '.join(why)})")
    opening = f"Coded by {trust.coders} that followed the same codebook, "
    clauses = [listed(other) if other else "no source has a candor outside its interval, and none takes another place"]
    for apart, can in ((True, "can"), (False, "cannot")):
        pairs = [f"{row.a} and {row.b}" for row in trust.pairs.itertuples() if row.final == apart]
        if pairs:
            clauses.append(f"{'; '.join(pairs)} {can} be told apart")
    return f"{opening}{'; '.join(clauses)}."


def given_right(judged: pd.DataFrame, coders: str, codes: Sequence[str]) -> str:
    """Say of codes how many of the units that the machine gave them have them from coders.

    Parameters
    ----------
    judged : DataFrame
        Of `validity.judge`, with rows.
    coders : str
        Of `validity.who_coded`.
    codes : sequence of str

    Examples
    --------
    >>> judged = pd.DataFrame({"variant": MACHINE, "code": ["denies", "minimises"], "found": [6, 7], "correct": [2, 2]})
    >>> given_right(judged, "coders", ["denies", "minimises"])
    '2 of the 6 units coded “denies a harm” and 2 of the 7 coded “plays a harm down” have that code from coders, too.'
    """
    counts = judged[judged["variant"] == MACHINE].set_index("code")[["correct", "found"]].astype(int)
    clauses: list[str] = []
    for code in codes:
        units = "" if clauses else " units"
        clauses.append(f"{counts.at[code, 'correct']} of the {counts.at[code, 'found']}{units} coded “{_low(code)}”")
    return f"{listed(clauses)} have that code from {coders}, too."


def headline_order(trust: Trust) -> str:
    """Say whether candor orders texts more as they were rated when the program codes them, or a few keywords.

    Examples
    --------
    >>> here = pd.DataFrame({"codes": ["machine’s codes", NAIVE], "pages": 5, "spearman": [0.7, 0.9]})
    >>> pages = pd.DataFrame({"codes": ["machine's codes", NAIVE], "pages": 166, "spearman": [0.88, 0.76]})
    >>> headline_order(Trust(rated=here, rated_pages=pages, coders="passes of a language model"))
    'Is the order by candor right? For these five sources it agrees less with ratings of the whole texts by passes of a
    language model than the order that a handful of keywords gives (rank correlation 0.70 against 0.90; of so few, two
    neighbours that change places move it by 0.10 to 0.40); for 166 pages left out of the fitting it agrees more (0.88
    against 0.76).'
    >>> headline_order(Trust(rated=here.head(0), rated_pages=pages))
    'Is the order by candor right? For 166 pages left out of the fitting it agrees more with ratings of the whole texts
    by a language model than the order that a handful of keywords gives (rank correlation 0.88 against 0.76).'
    """
    told = [
        (_against(trust.rated), "these {} sources", trust.coders),
        (_against(trust.rated_pages), "{} pages left out of the fitting", "a language model"),
    ]
    clauses: list[str] = []
    for found, whose, raters in told:
        if found is None:
            continue
        pages, machine, keywords = found
        which = whose.format(number(pages))
        agrees = "as much" if machine == keywords else "more" if machine > keywords else "less"
        values = f"{machine:.2f} against {keywords:.2f}"
        if pages < FEW:
            # a swap of neighbours in one order moves it by 12 d / (n^3 - n), d their distance (1 to n - 1) in the other
            least, most = 12 / (pages**3 - pages), 12 / (pages**2 + pages)
            values += f"; of so few, two neighbours that change places move it by {least:.2f} to {most:.2f}"
        if clauses:
            clauses.append(f"for {which} it agrees {agrees} ({values})")
        else:
            than = "as" if machine == keywords else "than"
            order = f"{than} the order that a handful of keywords gives (rank correlation {values})"
            clauses.append(f"For {which} it agrees {agrees} with ratings of the whole texts by {raters} {order}")
    return f"Is the order by candor right? {'; '.join(clauses)}." if clauses else ""


def _against(rated: pd.DataFrame) -> tuple[int, float, float] | None:
    """The number of rated texts, and how the program's codes (the first row) and naive keywords order them."""
    naive = rated.loc[rated["codes"] == NAIVE, "spearman"]
    values = [round(float(value), 2) for value in (*rated["spearman"].head(1), *naive)]
    return None if len(values) < 2 or pd.isna(values).any() else (int(rated["pages"].iloc[0]), values[0], values[1])


def in_short(here: pd.DataFrame, pages: pd.DataFrame, rates: pd.DataFrame) -> list[str]:
    """Sum up in sentences which codes can be relied on, and which cannot.

    Parameters
    ----------
    here, pages : DataFrame
        Of `validity.beside`, for these sources and for the real pages.
    rates : DataFrame
        Of `failure_rates`.

    Examples
    --------
    >>> pages = pd.DataFrame({"code": ["hedged", "addiction", "denies"], "f1": [0.9, 0.85, 0.4]})
    >>> in_short(pages.head(0), pages, pd.DataFrame())
    ... # doctest: +NORMALIZE_WHITESPACE
    ['On pages left out of the fitting, the machine can be relied on for hedged and own addiction (F1 of 0.80 or
    more).', 'Denies a harm (0.40) is a hint and no finding: read the sentences behind such a number.']
    """
    out = []
    for table, where in ((here, "On these sources"), (pages, "On pages left out of the fitting")):
        known = table.dropna(subset=["f1"]) if len(table) else table
        if not len(known):
            continue
        good = [_low(code) for code in known.loc[known["f1"].round(2) >= 0.8, "code"]]
        weak = known[known["f1"].round(2) < 0.6]
        firm = f"can be relied on for {listed(good)} (F1 of 0.80 or more)" if good else "reaches F1 of 0.80 for no code"
        out.append(f"{where}, the machine {firm}.")
        if len(weak):
            names = _names(weak["code"].tolist(), weak["f1"].tolist())
            is_ = "is a hint and no finding" if len(weak) == 1 else "are hints and no findings"
            out.append(f"{names[0].upper()}{names[1:]} {is_}: read the sentences behind such a number.")
    if len(rates):
        failed = rates["failures"].sum() / rates["cases"].sum()
        half = int((rates["rate"] >= 0.5).sum())
        out.append(
            f"Of the sentences made to be hard it fails {percent(failed)}; in {half} of {len(rates)} capabilities "
            "it fails half of them or more."
        )
    return out


def _names(codes: Sequence[str], values: Sequence[float]) -> str:
    return listed([f"{_low(code)} ({value:.2f})" for code, value in zip(codes, values, strict=True)])


def _of(part: int, whole: int) -> str:
    if part == whole:
        return "the one" if whole == 1 else f"all {number(whole)}"
    return f"{number(part) if part else 'none'} of {number(whole)}"


def _count(value: int, noun: str) -> str:
    return f"{value} {noun}{'' if value == 1 else 's'}"
