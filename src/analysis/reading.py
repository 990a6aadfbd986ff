"""Units into readings: cues matched, substances masked, and whose harm each cue speaks of.

A document is read twice: first for whose addiction it mostly speaks of, then unit by unit, keeping in mind what was
spoken of last. Substances are masked (``@own``, ``@other``), so that a model that learned from kratom speaks of kava.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from analysis.cues import Cue, match_normal
from analysis.lexicons import normalise
from analysis.scope import TARGET_FAMILIES, Target, clause_bounds, resolve_targets
from analysis.substances import Substances, shipped_substances
from analysis.units import cells_of

# Categories whose terms always speak of addiction, whatever the page.
STRONG = frozenset({"addiction", "dependence", "tolerance", "abuse", "craving", "withdrawal", "taper"})
TOKEN = re.compile(r"@?[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*|[?!:;$%\"]")


class Reading(NamedTuple):
    """What is known of one unit before any weight is applied.

    ``bounds`` is where its clauses begin, ``refers`` whose addiction its first word points back to ("It can last
    weeks", after a unit about withdrawal).
    """

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
    refers: str


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
            spoken_of, many = "", False
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
        points_back = _THEM.match(normal) if many else _IT.match(normal)
        refers = spoken_of if points_back and not explicit else ""
        spoken_of, many = _noun_spoken_of(normal, targets) or (refers, many)
        words = tokens(mask(normal, mentions))
        readings.append(Reading(text, normal, kind, words, cues, bounds, targets, named, antecedent, main, refers))
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


def _noun_spoken_of(normal: str, targets: Sequence[Target]) -> tuple[str, bool] | None:
    """Whose addiction or withdrawal a unit is about, if a noun among its first words names it; whether of many things.

    Examples
    --------
    >>> units = pd.DataFrame({"document": 0, "focal": "kava", "kind": "prose", "title": "",
    ...     "text": ["Withdrawal from kava is real.", "It includes nausea.", "Kava is addictive.", "It is a root."]})
    >>> [reading.refers for reading in read_units(units)]
    ['', 'own', '', '']
    """
    for target in targets:
        if len(normal[: target.cue.start].split()) > _SUBJECT:
            return None
        noun = target.cue.category in STRONG and _ADDICTION_NOUN.search(normal, target.cue.start, target.cue.end)
        if noun:
            return target.whose.rstrip("~"), noun.group().endswith("s")
    return None


# No more words than these stand before the noun of a subject.
_SUBJECT = 2
_ADDICTION_NOUN = re.compile(
    r"(?:addictions?|alcoholism|dependenc[ey]|withdrawals?|symptoms|syndrome|disorders?|abuse|misuse|tolerance|cravings?)$"
)
_CALLED_BACK = (
    r"the(?:se)? (?:\w+ )?(?:symptoms?|effects|signs|syndrome|disorder|condition|illness)\b(?! (?:is|are) (?:that|why))"
)
# What runs a course, as no product does: "it can last weeks", but not "this shop ships".
_HELPED = (
    r"(?:(?:is|are|can|may|might|could|will|also|then|usually|often|typically|generally|normally|sometimes|rarely"
    r"|probably) )"
)
_COURSE = (
    r"(?:lasts?|begins?|starts?|peaks?|sets? in|subsides?|pass(?:es)?|fades?|goe?s? away|comes? (?:and goe?s?|in waves)"
    r"|includes?|involves?|develops?|affects?|harms?|happens?|occurs?|takes (?:days|weeks|months)|ranges?|because|due"
    r"|prolonged|nevertheless prolonged)\b"
)
_IT = re.compile(
    rf"(?:it|this) {_HELPED}{{0,2}}{_COURSE}|this (?:disorder|syndrome|condition|illness)\b|{_CALLED_BACK}"
)
_THEM = re.compile(rf"(?:they|these) {_HELPED}{{0,2}}{_COURSE}|{_CALLED_BACK}")


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
