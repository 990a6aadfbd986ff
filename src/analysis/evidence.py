"""What a coded unit rests on: its cues with scope, what it hedges, what it discloses."""

import re
from bisect import bisect_left, bisect_right

from analysis.cues import Cue
from analysis.lexicons import load_lexicons, normalise
from analysis.reading import STRONG, Reading
from analysis.scope import Target

# The seven things that a source candid about addiction says, in the order of the checklist.
CHECKLIST = ("addictive", "dependence", "tolerance", "withdrawal", "symptoms", "at_risk", "help")
_ITEM_OF = {
    "addiction": "addictive", "abuse": "addictive", "craving": "symptoms",
    "dependence": "dependence", "tolerance": "tolerance", "withdrawal": "withdrawal",
    "taper": "help", "help": "help", "at_risk": "at_risk",
}  # fmt: skip
_SPEAKS_FOR = {
    "hedges": "hedged", "harms": "risk", "addiction": "addiction", "minimisers": "risk",
    "denials": "risk", "promotion": "commercial",
}  # fmt: skip


def evidence_of(reading: Reading) -> tuple[dict, ...]:
    """The cues of one unit as plain records.

    Returns
    -------
    tuple of dict
        ``start, end`` (characters into the unit), ``text``, ``term`` (the lexicon's entry),
        ``category``, ``family``, ``whose`` (own, other, drug; ``~`` marks what only the context
        says), ``negation`` ("", negated, double), ``minimised``, ``hedged``, ``relieved``, ``target`` (for a
        modifier, the text of the
        harm that it acts on) and ``codes`` (what it speaks for).
    """
    lexicons = load_lexicons()
    normal = reading.normal
    by_span = {(t.cue.start, t.cue.end, t.cue.family): t for t in reading.targets}
    records = []
    for cue in reading.cues:
        if cue.family == "relations":
            continue
        target = by_span.get((cue.start, cue.end, cue.family))
        whose = target.whose if target else ""
        code = _SPEAKS_FOR[cue.family]
        if code == "addiction" and whose.startswith("other"):
            code = "other_addiction"
        records.append(
            {
                "start": cue.start,
                "end": cue.end,
                "text": reading.text[cue.start : cue.end],
                "term": lexicons[cue.family].term_of(normal[cue.start : cue.end]),
                "category": cue.category,
                "family": cue.family,
                "whose": whose,
                "negation": target.negation if target else "",
                "minimised": bool(target and target.minimised),
                "hedged": bool(target and target.hedged),
                "relieved": bool(target and target.relieved),
                "target": "" if target else _acts_on(reading, cue),
                "codes": (code,),
            }
        )
    return tuple(records)


def _acts_on(reading: Reading, cue: Cue) -> str:
    """The text of the next harm in the modifier's clause, or of the one before it."""
    if cue.family == "promotion":
        return ""
    bounds = reading.bounds
    clause = bisect_right(bounds, cue.start)
    low, high = bounds[clause - 1], bounds[clause] if clause < len(bounds) else len(reading.text)
    targets = reading.targets
    first, last = (bisect_left(targets, place, key=_start_of) for place in (low, high))
    after = bisect_left(targets, cue.end, first, last, key=_start_of)
    if first == last:
        return ""
    nearest = targets[after if after < last else last - 1].cue
    return reading.text[nearest.start : nearest.end]


def _start_of(target: Target) -> int:
    return target.cue.start


def hedge_target_of(reading: Reading, risk: str, commercial: int) -> str:
    """What the unit's hedge acts on: harm, benefit or other.

    A hedge in the clause of a harm hedges the harm; in the clause of a benefit, the benefit; where
    a clause holds both or neither, the unit's codes decide.
    """

    def clause(position: int) -> int:
        return reading.bounds[bisect_right(reading.bounds, position) - 1]

    hedges = [c for c in reading.cues if c.family == "hedges" and c.category != "booster"]
    harms = {clause(t.cue.start) for t in reading.targets if not t.relieved}
    benefits = {clause(c.start) for c in reading.cues if c.category in ("benefit", "praise", "relieves", "natural")}
    for hedge in hedges:
        here = clause(hedge.start)
        if risk != "none" and here in harms and (here not in benefits or not commercial):
            return "harm"
        if commercial and here in benefits and (here not in harms or risk == "none"):
            return "benefit"
    return "harm" if risk != "none" else "benefit" if commercial else "other"


def checklist_of(reading: Reading, section: str = "", lead_in: str = "") -> str:
    """Which of the seven things a unit about its own addiction speaks of, joined by ``;``."""
    elsewhere = {t.cue for t in reading.targets if t.whose.startswith("other") and t.cue.category in STRONG}
    found = {_ITEM_OF[c.category] for c in reading.cues if c.category in _ITEM_OF and c not in elsewhere}
    around = normalise(f"{section} {lead_in} {reading.text}")
    if _WITHDRAWAL.search(around) and any(c.category == "symptom" for c in reading.cues):
        found.add("symptoms")
    return ";".join(item for item in CHECKLIST if item in found)


_WITHDRAWAL = re.compile(r"\bwithdraw|\bsymptoms\b|\bcome ?down\b|\bstop(?:ped|ping|s)?\b|\bquit")
