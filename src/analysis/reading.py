"""Units into readings: cues matched, substances masked, and whose harm each cue speaks of.

A document is read twice: first for whose addiction it mostly speaks of, then unit by unit, keeping in mind what was
spoken of last. Substances are masked (``@own``, ``@other``), so that a model that learned from kratom speaks of kava.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from analysis.cues import Cue, match_normal
from analysis.lexicons import normalise
from analysis.scope import TARGET_FAMILIES, Target, clause_bounds, rebuts_safety, resolve_targets
from analysis.substances import Substances, shipped_substances
from analysis.units import cells_of

# Categories whose terms always speak of addiction, whatever the page.
STRONG = frozenset({"addiction", "dependence", "tolerance", "abuse", "craving", "withdrawal", "taper"})
TOKEN = re.compile(r"@?[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*|[?!:;$%\"]")


class Reading(NamedTuple):
    """What is known of one unit before any weight is applied; ``bounds`` is where its clauses begin."""

    text: str
    normal: str
    kind: str
    words: list[str]
    cues: list[Cue]
    bounds: list[int]
    targets: list[Target]
    substances: list[tuple[int, int, str]]
    antecedent: str
    main: str


def read_units(units: pd.DataFrame, finder: Substances | None = None) -> list[Reading]:
    """Match, mask and resolve every unit of a frame with its context columns.

    Returns
    -------
    list of Reading
        One a row.
    """
    finder = finder or shipped_substances()
    cells = list(cells_of(units, "document", "focal", "kind", "text"))
    normals = [normalise(text) for *_, text in cells]
    seen = [
        (*row, normal, finder.mentions(normal, row[1]), cues, clause_bounds(row[3], cues) if cues else [])
        for row, normal, cues in zip(cells, normals, match_normal(normals), strict=True)
    ]
    tied = {}  # document -> whose addiction it ties to a substance most often, its title thrice
    titles = list(cells_of(units.drop_duplicates("document"), "document", "focal", "title"))
    normals = [normalise(title) for *_, title in titles]
    for (document, focal, title), normal, cues in zip(titles, normals, match_normal(normals), strict=True):
        mentions = finder.mentions(normal, focal)
        topic = "own" if not mentions else mentions[0][2]
        strong = [t for t in resolve_targets(title, cues, mentions, topic) if t.cue.category in STRONG]
        tied[document] = {"own": 0, "other": 0}
        for target in strong:
            tied[document]["other" if target.whose.startswith("other") else "own"] += 3
    for document, _, _, text, _, mentions, cues, bounds in seen:
        asked = [cue for cue in cues if cue.category in STRONG or cue.family not in TARGET_FAMILIES]
        if any(cue.category in STRONG for cue in asked):
            for kind in _tied(resolve_targets(text, asked, mentions, bounds=bounds)):
                tied[document][kind] += 1
    readings = []
    last: object = None
    for document, _, kind, text, normal, mentions, cues, bounds in seen:
        if document != last:
            last, topic = document, "own"
            count = tied[document]
            main = "other" if count["other"] >= max(2, count["own"] + 1) else "own" if count["own"] else ""
            antecedent = main
        kinds = [k for _, _, k in mentions if k in ("own", "other")]
        if kind == "heading":
            topic = "own" if "own" in kinds or not kinds else "other"
        named = add_pronouns(normal, mentions, topic)
        targets = resolve_targets(text, cues, named, topic, antecedent, bounds)
        if explicit := _tied(targets):
            antecedent = explicit[-1]
        if kind != "heading" and kinds:
            # "it" in the next unit is the focal substance, unless this one opens with another
            opens_with_other = "own" not in kinds and mentions[0][0] < _OPENING
            topic = "other" if opens_with_other else "own"
        words = tokens(mask(normal, mentions))
        readings.append(Reading(text, normal, kind, words, cues, bounds, targets, named, antecedent, main))
    return readings


def add_pronouns(normal: str, mentions: Sequence[tuple[int, int, str]], topic: str) -> list[tuple[int, int, str]]:
    """Add "it" and its kin as mentions of the unit's first substance, else of the topic.

    Examples
    --------
    >>> add_pronouns("unlike beer, it is a root", [(7, 11, "other")], "own")
    [(7, 11, 'other'), (13, 15, 'own')]
    >>> add_pronouns("kava is safe, but it is costly", [(0, 4, "own")], "other")
    [(0, 4, 'own'), (18, 20, 'own')]
    """
    named = [(start, kind) for start, _, kind in mentions if kind != "drug"]
    against = _AGAINST.match(normal)
    found = [
        (*m.span(), named[0][1] if named and named[0][0] < m.start() and not against else topic)
        for m in _PRONOUN.finditer(normal)
    ]
    return sorted([*mentions, *found])


_PRONOUN = re.compile(
    r"\b(?:it|its|it's)\b|\bthis (?:substance|drug|plant|herb|product|medicine|medication|compound|supplement)\b"
)
# A mention that begins this far from the left is the subject of its unit.
_OPENING = 12
# What stands first after these is what the subject is compared with.
_AGAINST = re.compile(r"(?:unlike|compared|like|as with|instead|in contrast|rather than)\b")


def _tied(targets: Sequence[Target]) -> list[str]:
    """Whose addiction the unit's own words say, in order."""
    return [t.whose for t in targets if t.cue.category in STRONG and t.whose in ("own", "other")]


def mask(normal: str, mentions: Sequence[tuple[int, int, str]]) -> str:
    """Put ``@own``, ``@other`` or ``@drug`` where a substance is named."""
    pieces, last = [], 0
    for start, end, kind in mentions:
        pieces += [normal[last:start], "@", kind]
        last = end
    return "".join([*pieces, normal[last:]])


def tokens(masked: str) -> list[str]:
    """Words, numbers (as ``#``) and telling signs of masked text.

    Examples
    --------
    >>> tokens("it isn't @own, take 2.5 grams?")
    ['it', "isn't", '@own', 'take', '#', 'grams', '?']
    """
    return ["#" if t[0].isdigit() else t for t in TOKEN.findall(masked)]


def surely_admits(reading: Reading) -> bool:
    """Whether a unit's words leave no doubt that it admits a harm of the focal substance.

    It ends with a harm whose two negations cancel ("While less addictive, it is not without its own risks"), or calls
    a claim of safety a myth. What goes on after the harm ("it is not harmless, but far from dangerous"), or is denied
    or made small besides, leaves doubt.
    """
    names_another = any(kind == "other" for _, _, kind in reading.substances)
    unsafe = rebuts_safety(reading.normal, reading.cues, reading.bounds) and not names_another
    return unsafe or _ends_with_cancelled_denial(reading)


def _ends_with_cancelled_denial(reading: Reading) -> bool:
    harms = [
        target
        for target in reading.targets
        if target.negation == "double"
        and target.whose.startswith("own")
        and not target.relieved
        # "not without irony": the words say that something is there, and only what follows says what
        and not reading.normal.startswith("not without", target.cue.start)
    ]
    denials = [cue for cue in reading.cues if cue.family == "denials"]
    plain = [cue for cue in denials if cue.category != "rebuttal"]
    if not harms or not plain:
        return False
    rebutted = len(plain) < len(denials)  # "it is a myth that it never harms": one denial, called a myth
    if rebutted and (len(denials) != 2 or plain[0].category == "double_negative"):
        return False
    begin, end = denials[0].start, harms[-1].cue.end
    goes_on = any(cue.start >= end and cue.category == "contrast" for cue in reading.cues)
    if goes_on or plain[-1].start >= harms[0].cue.end:
        return False
    starts = [cue.start for cue in denials]
    for cue in reading.cues:
        made_small = cue.family == "minimisers" and cue.start >= begin
        # the "harmless" of "not harmless" makes nothing small
        if made_small and cue.end > denials[bisect_right(starts, cue.start) - 1].end:
            return False
    last = len(reading.text.rstrip(" .!?…)[]0123456789\"'”’"))
    return not any(end < bound < last for bound in reading.bounds)
