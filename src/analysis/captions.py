"""What the figures say, in words: a headline and a description (alt text) for each, made from the numbers it shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import wraps

import pandas as pd

from analysis.candor import PARTS, candor_profile
from analysis.codes import STANCES
from analysis.findings import keeps_first, percent
from analysis.ranks import ALL_PAIRS as FEW

#: What the cues of a shift are called.
CUES = {
    "hedges": "hedges",
    "promotion": "promotional cues",
    "risk": "risk cues",
    "own addiction": "cues of own addiction",
    "other addiction": "cues of another's addiction",
}

PART_LABELS = {"candor": "Candor", **{part: part.capitalize() for part in PARTS}}


_NAME = 24  # characters of a source's name within a sentence


def short_names(documents: Iterable[object], longest: int = _NAME) -> dict[object, str]:
    """Name sources so that they fit into a sentence: one line, no control marks, not too long, no two alike.

    Examples
    --------
    >>> short_names(["a", "b" * 30, "b" * 40], longest=8)["b" * 40]
    'bbbbbbb… (2)'
    """
    names: dict[object, str] = {}
    taken: dict[str, int] = {}
    for document in documents:
        plain = "".join(c for c in " ".join(str(document).split()) if not unicodedata.category(c).startswith("C"))
        name = plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"
        taken[name] = taken.get(name, 0) + 1
        names[document] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return names


def _plain(caption: Callable[[pd.DataFrame], str]) -> Callable[[pd.DataFrame], str]:
    """Let a caption call its sources by names that fit into a sentence."""

    @wraps(caption)
    def inner(table: pd.DataFrame) -> str:
        if "document" in table:
            names = short_names(table["document"].unique())
            table = table.assign(document=table["document"].map(names))
        elif "a" in table.attrs:
            names = short_names((table.attrs["a"], table.attrs["b"]))
            table = table.copy()
            table.attrs.update(a=names[table.attrs["a"]], b=names[table.attrs["b"]])
        return caption(table)

    return inner


@_plain
def headline_profile(profile: pd.DataFrame) -> str:
    """Say who is most and who is least candid.

    Examples
    --------
    >>> headline_profile(pd.DataFrame({"document": ["a", "b"], "candor": [0.9, 0.0], "own_statements": [5, 0]}))
    'Source a is the most candid (0.90 of 1); b says nothing of addiction to its substance'
    """
    table = profile.sort_values("candor", ascending=False, kind="stable")
    names, best, worst = table["document"].tolist(), table["candor"].max(), table["candor"].min()
    silent = table.loc[table["own_statements"] == 0, "document"].tolist()
    if len(silent) == len(names):
        who = f"Source {names[0]} says" if len(names) == 1 else f"All {len(names)} sources say"
        return f"{who} nothing of addiction to {_own(names)} substance"
    if best == 0:
        who = f"Source {names[0]} never admits" if len(names) == 1 else f"None of {len(names)} sources admits"
        return f"{who} that its substance can be addictive"
    if len(names) == 1:
        return f"Source {names[0]} has a candor of {best:.2f} on a scale from 0 to 1"
    leaders = table.loc[table["candor"] == best, "document"].tolist()
    lead = f"Source {leaders[0]} is" if len(leaders) == 1 else f"{_subject(leaders)} are"
    words = f"{lead} the most candid ({best:.2f} of 1)"
    if silent:
        return f"{words}; {_named(silent)} {_says(silent)} nothing of addiction to {_own(silent)} substance"
    last = table.loc[table["candor"] == worst, "document"].tolist()
    return words if worst == best else f"{words}, {_named(last)} the least ({worst:.2f})"


@_plain
def describe_profile(profile: pd.DataFrame) -> str:
    """Describe `plot_profile`: each source's candor with its interval and its parts."""
    table = profile.sort_values("candor", ascending=False, kind="stable")
    opening = (
        f"Dot plot of candor and its five parts, from 0 to 1, for {_count(len(table), 'source')}, most candid first."
    )
    if len(table) > FEW:
        return f"{opening} {_spread(table, 'candor')}"
    rows = []
    for row in table.itertuples():
        interval = (
            f" (95% interval {row.candor_low:.2f} to {row.candor_high:.2f})" if hasattr(row, "candor_low") else ""
        )
        parts = ", ".join(f"{part} {getattr(row, part):.2f}" for part in PARTS)
        rows.append(f"{row.document}: candor {row.candor:.2f}{interval}, {parts}.")
    return " ".join([opening, *rows])


@_plain
def headline_checklist(table: pd.DataFrame) -> str:
    """Say how many of the seven things the most and the least open source acknowledge.

    Examples
    --------
    >>> rows = [("a", "acknowledged")] * 7 + [("b", "silent")] * 7
    >>> headline_checklist(pd.DataFrame(rows, columns=["document", "stance"]))
    'Of seven things a candid source says, a acknowledges all seven and b none'
    """
    said = acknowledged_items(table)
    best, least = said.max(), said.min()
    of = "Of seven things a candid source says, "
    first, last = (_named(said.index[said == value].tolist()) for value in (best, least))
    verb = "acknowledges" if (said == best).sum() == 1 else "acknowledge"
    if best == least:
        who = f"source {first}" if len(said) == 1 else "every source"
        return f"{of}{who} acknowledges {_seven(best)}"
    return f"{of}{first} {verb} {_seven(best)} and {last} {_seven(least)}"


def acknowledged_items(table: pd.DataFrame) -> pd.Series:
    """Count the things that each document acknowledges at least once, also where it contradicts itself."""
    if "acknowledges" in table:
        said = table["acknowledges"].map(len) > 0
    else:
        said = table["stance"].isin(("acknowledged", "contradictory"))
    return said.groupby(table["document"], sort=False).sum().astype(int)


@_plain
def describe_checklist(table: pd.DataFrame) -> str:
    """Describe `plot_checklist`: for each source, which things it acknowledges, plays down, denies or leaves out."""
    documents = table["document"].unique()
    opening = (
        f"Matrix of seven things that a candid source says about addiction, for {_count(len(documents), 'source')}."
    )
    if len(documents) > FEW:
        share = table["stance"].value_counts()
        cells = ", ".join(f"{name} in {share[name]}" for name in share.index)
        return f"{opening} Of {len(table)} cells: {cells}."
    rows = []
    for document in documents:
        mine = table[table["document"] == document]
        groups = [
            f"{stance}: {', '.join(mine.loc[mine['stance'] == stance, 'label'])}" for stance in mine["stance"].unique()
        ]
        rows.append(f"{document}: {'; '.join(groups)}.")
    return " ".join([opening, *rows])


@_plain
def headline_whose(scores: pd.DataFrame) -> str:
    """Say which sources speak of addiction mostly as another substance's.

    Examples
    --------
    >>> headline_whose(pd.DataFrame({"document": ["a", "b"], "addiction_count": [5, 0], "deflection_count": [1, 8],
    ...     "deflection_total": [6, 8]}))
    "When b speaks of addiction it is mostly another substance's"
    """
    talk = scores[scores["deflection_total"] > 0]
    if talk.empty:
        return "No source speaks of addiction or withdrawal at all"
    others = talk.loc[talk["deflection_count"] * 2 > talk["deflection_total"], "document"].tolist()
    if not others:
        return "The sources that speak of addiction speak mostly of their own substance's"
    if len(others) == len(scores) and len(others) > 1:
        return "Every source speaks of addiction mostly as another substance's"
    verb = "speaks of addiction it is" if len(others) == 1 else "speak of addiction it is"
    return f"When {_named(others)} {verb} mostly another substance's"


@_plain
def describe_whose(scores: pd.DataFrame) -> str:
    """Describe `plot_whose`: units about own addiction against units about another substance's."""
    opening = (
        "Back-to-back bars: units about addiction to the source's own substance against units only about another's."
    )
    if len(scores) > FEW:
        own, other = int(scores["addiction_count"].sum()), int(scores["deflection_count"].sum())
        return f"{opening} {_count(len(scores), 'source')}, {own} units about their own and {other} about another."
    rows = [f"{r.document}: {r.addiction_count} own, {r.deflection_count} another's." for r in scores.itertuples()]
    return " ".join([opening, *rows])


@_plain
def headline_positions(coded: pd.DataFrame) -> str:
    """Say where the sources first admit addiction to their own substance.

    Examples
    --------
    >>> coded = pd.DataFrame({"document": ["a", "a", "b"], "unit": [0, 1, 0], "text": "…", "hedged": 0,
    ...     "risk": ["none", "acknowledges", "none"], "addiction": [0, 1, 0], "commercial": [1, 0, 1], "checklist": ""})
    >>> headline_positions(coded)
    'a first admits addiction to its own substance 50% into the text, b never'
    """
    first = first_admitted(coded)
    said = first.dropna().sort_values(kind="stable")
    never = first.index[first.isna()].tolist()
    if said.empty:
        return "No source admits addiction to its own substance anywhere in its text"
    if len(said) <= 3:
        (name, place), *others = said.items()
        later = "".join(f", {other} {_into(at)}" for other, at in others)
        words = f"{name} first admits addiction to its own substance {_into(place)}{later}"
    else:
        early = said[said <= 0.25].index.tolist()
        who = _named(early) if early else "No source"
        admit = "admit" if len(early) > 1 else "admits"
        words = f"{who} {admit} addiction to {_own(early)} own substance in the first quarter of the text"
    return words + (f", {_named(never)} never" if never else "")


def first_admitted(coded: pd.DataFrame) -> pd.Series:
    """Give the place (0 to 1) of each document's first statement that acknowledges own addiction or plays it down.

    It is the place that `candor.prominence` counts from; NaN where a document admits nothing.
    """
    return candor_profile(coded, draws=0).set_index("document")["first_position"]


@_plain
def describe_positions(coded: pd.DataFrame) -> str:
    """Describe `plot_positions`: how many units admit, deny and promote, and where own addiction is first admitted."""
    documents = coded["document"].drop_duplicates().tolist()
    opening = "Strip of every unit in reading order: harm above each line, promotion below."
    if len(documents) > FEW:
        return f"{opening} {_count(len(documents), 'source')}, {_tally(coded)}."
    first = first_admitted(coded)
    rows = []
    for document in documents:
        mine = coded[coded["document"] == document]
        own = (
            f"own addiction first admitted {_into(first[document])}"
            if pd.notna(first[document])
            else "own addiction never admitted"
        )
        rows.append(f"{document}: {_tally(mine)}; {own}.")
    return " ".join([opening, "How far into the text is counted in statements, a list being one.", *rows])


def _tally(coded: pd.DataFrame) -> str:
    admit, small, deny = (int((coded["risk"] == stance).sum()) for stance in STANCES)
    sell = int((coded["commercial"] == 1).sum())
    return f"{len(coded)} units, {admit} acknowledge a harm, {small} play one down, {deny} deny one, {sell} promote"


@_plain
def headline_hedge_targets(scores: pd.DataFrame) -> str:
    """Say which sources hedge harms more than benefits, by more than their intervals.

    Examples
    --------
    >>> scores = pd.DataFrame({"document": ["a", "b"], "hedged_harm_share": [0.8, 0.1], "hedged_harm_low": [0.6, 0.0],
    ...     "hedged_harm_high": [0.9, 0.4], "hedged_benefit_share": [0.2, 0.3], "hedged_benefit_low": [0.1, 0.1],
    ...     "hedged_benefit_high": [0.4, 0.6]})
    >>> headline_hedge_targets(scores)
    'a hedges harms more often than benefits'
    >>> headline_hedge_targets(scores.tail(1))
    'Too few harms and benefits to say which is hedged more often'
    """
    both = scores.dropna(subset=["hedged_harm_share", "hedged_benefit_share"])
    if both.empty:
        return "No source speaks both of harms and of benefits, so hedging cannot be compared"
    more = both.loc[both["hedged_harm_low"] > both["hedged_benefit_high"], "document"].tolist()
    less = both.loc[both["hedged_harm_high"] < both["hedged_benefit_low"], "document"].tolist()
    words = []
    if more:
        words.append(f"{_named(more)} {_hedge(more)} harms more often than benefits")
    if less:
        words.append(f"{_named(less)} {_hedge(less)} benefits more often{'' if more else ' than harms'}")
    return "; ".join(words) if words else "Too few harms and benefits to say which is hedged more often"


@_plain
def describe_hedge_targets(scores: pd.DataFrame) -> str:
    """Describe `plot_hedge_targets`: of the harms and of the benefits, how many are hedged."""
    opening = "Dot plot of the share of units hedged, among those that speak of a harm and among those that promote."
    if len(scores) > FEW:
        harm, benefit = (int(scores[f"hedged_{k}_count"].sum()) for k in ("harm", "benefit"))
        return f"{opening} {_count(len(scores), 'source')}: {harm} hedged harms and {benefit} hedged benefits in all."
    rows = [
        f"{r.document}: {r.hedged_harm_count} of {r.hedged_harm_total} harms and {r.hedged_benefit_count} of "
        f"{r.hedged_benefit_total} benefits hedged."
        for r in scores.itertuples()
    ]
    return " ".join([opening, *rows])


@_plain
def headline_cue_shift(shift: pd.DataFrame) -> str:
    """Say which source has the higher rate, and which cue does most for it."""
    a, b, score = (shift.attrs[k] for k in ("a", "b", "score"))
    difference = shift.attrs["difference"]
    if not difference:
        return f"{a} and {b} use {CUES[score]} at the same rate"
    more, less = (b, a) if difference > 0 else (a, b)
    shown = shift[shift["category"] != ""]
    helps = shown[shown["contribution"] * difference > 0]
    because = f", most of all \u201c{helps.iloc[0]['term']}\u201d" if len(helps) else ""
    return f"{more} uses {abs(difference):.1f} more {CUES[score]} per 1,000 words than {less}{because}"


@_plain
def describe_cue_shift(shift: pd.DataFrame) -> str:
    """Describe `plot_cue_shift`: each cue's contribution to the difference, which they add up to."""
    a, b, score = (shift.attrs[k] for k in ("a", "b", "score"))
    rows = ", ".join(f"{r.term} {r.contribution:+.1f}" for r in shift.itertuples())
    return (
        f"Bars of what each cue adds to the difference in {CUES[score]} per 1,000 words between {a} "
        f"({shift.attrs['rate_a']:.1f}) and {b} ({shift.attrs['rate_b']:.1f}): {rows}; "
        f"in all {shift.attrs['difference']:+.1f}."
    )


@_plain
def headline_rank_acceptability(ranks: pd.DataFrame) -> str:
    """Say how many sources keep their rank, and the leader's share.

    Examples
    --------
    >>> headline_rank_acceptability(pd.DataFrame({"document": ["a", "b"], "rank": [1, 2], "kept": [0.97, 0.97]}))
    'a keeps the first rank in 97% of redrawn weights and sentences, and b rank 2 in 97%'
    """
    table = ranks.sort_values("rank", kind="stable")
    top = table.iloc[0]
    if len(table) == 1:
        return f"With one source ({top['document']}) there is no rank to keep"
    leaders = table.loc[table["rank"] == top["rank"], "document"].tolist()
    if len(leaders) == len(table):
        return "All sources share one rank: none can be told from another"
    lead = f"{keeps_first(table)} of redrawn weights and sentences"
    least = table.loc[table["kept"].idxmin()]
    if len(table) > FEW:
        return f"{lead}; the median source keeps its rank in {percent(table['kept'].median())}"
    if len(table) == 2 and len(leaders) == 1:
        other = table.iloc[1]
        return f"{lead}, and {other['document']} rank {other['rank']} in {percent(other['kept'])}"
    if least["document"] in leaders:
        return f"{lead}, and no other source keeps its rank less often"
    if least["kept"] >= 0.9:
        return f"{lead}; every source keeps its rank in at least {percent(least['kept'])}"
    return f"{lead}; {least['document']} keeps rank {least['rank']} in {percent(least['kept'])}"


@_plain
def describe_rank_acceptability(ranks: pd.DataFrame) -> str:
    """Describe `plot_rank_acceptability`: how often each source takes each rank."""
    opening = "How often each source takes each rank when weights and sentences are redrawn."
    if len(ranks) > FEW:
        return f"{opening} {_count(len(ranks), 'source')}. {_spread(ranks, 'kept')}"
    rows = []
    for _, row in ranks.sort_values("rank", kind="stable").iterrows():
        shares = [(r, row[f"rank_{r}"]) for r in range(1, len(ranks) + 1)]
        often = ", ".join(f"rank {r} {percent(share)}" for r, share in shares if share >= 0.005)
        rows.append(f"{row['document']}: {often}.")
    return " ".join([opening, *rows])


@_plain
def headline_shares(scores: pd.DataFrame) -> str:
    """Say which source acknowledges harm in the largest share of its units, and which promotes in the largest.

    Examples
    --------
    >>> headline_shares(pd.DataFrame({"document": ["a", "b"], "acknowledges_share": [0.5, 0.1],
    ...     "commercial_share": [0.1, 0.4]}))
    'a acknowledges harm most often (50% of its units), b promotes most often (40%)'
    """
    if len(scores) == 1:
        only = scores.iloc[0]
        harm_share, sell_share = (percent(only[f"{code}_share"]) for code in ("acknowledges", "commercial"))
        return f"{only['document']} acknowledges harm in {harm_share} of its units and promotes in {sell_share}"
    harm, sell = (_leaders(scores, f"{code}_share") for code in ("acknowledges", "commercial"))
    if harm and sell and harm[0] == sell[0]:
        names = harm[0]
        promote = "promotes" if len(names) == 1 else "promote"
        of = "units" if len(names) > 1 else "its units"
        shares = f"{percent(harm[1])} and {percent(sell[1])}"
        return f"{_named(names)} both {_verb(names)} harm and {promote} most often ({shares} of {of})"
    words = []
    if harm:
        names, share = harm
        words.append(f"{_named(names)} {_verb(names)} harm most often ({percent(share)} of {_own(names)} units)")
    if sell:
        names, share = sell
        words.append(f"{_named(names)} {'promotes' if len(names) == 1 else 'promote'} most often ({percent(share)})")
    return ", ".join(words) if words else "No source acknowledges a harm or promotes anything"


@_plain
def describe_shares(scores: pd.DataFrame) -> str:
    """Describe `plot_shares`: hedged, acknowledging and promoting units of each source."""
    opening = "Dot plot of the share of units that hedge, that acknowledge a harm and that promote, with 95% intervals."
    if len(scores) > FEW:
        spreads = [_spread(scores, f"{code}_share") for code in ("hedged", "acknowledges", "commercial")]
        return f"{opening} {_count(len(scores), 'source')}. {' '.join(spreads)}"
    rows = [
        f"{r.document}: of {r.units} units {r.hedged_count} hedge, {r.acknowledges_count} acknowledge a harm, "
        f"{r.commercial_count} promote."
        for r in scores.itertuples()
    ]
    return " ".join([opening, *rows])


def _leaders(scores: pd.DataFrame, column: str) -> tuple[list[str], float] | None:
    best = scores[column].max()
    return (scores.loc[scores[column] == best, "document"].tolist(), best) if best > 0 else None


def _named(names: Sequence[str]) -> str:
    """Name a few; count many."""
    if len(names) > 4:
        return f"{len(names)} sources"
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def _subject(names: Sequence[str]) -> str:
    return _named(names) if len(names) > 4 else f"Sources {_named(names)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _verb(names: Sequence[str]) -> str:
    return "acknowledge" if len(names) > 1 else "acknowledges"


def _says(names: Sequence[str]) -> str:
    return "say" if len(names) > 1 else "says"


def _own(names: Sequence[str]) -> str:
    return "their" if len(names) > 1 else "its"


def _hedge(names: Sequence[str]) -> str:
    return "hedge" if len(names) > 1 else "hedges"


def _into(place: float) -> str:
    return "at the start" if place == 0 else f"{percent(place)} into the text"


def _seven(count: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "all seven")
    return words[count]


def _spread(table: pd.DataFrame, column: str) -> str:
    values = table[column].dropna()
    name = column.removesuffix("_share").replace("_", " ").capitalize()
    if values.empty:
        return f"{name}: none."
    top = table.loc[values.idxmax(), "document"]
    return f"{name}: from {values.min():.2f} to {values.max():.2f} ({top}), median {values.median():.2f}."
