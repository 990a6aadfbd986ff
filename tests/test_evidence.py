import pandas as pd
import pytest

from analysis.evidence import CHECKLIST, checklist_of, evidence_of, hedge_target_of
from analysis.reading import read_units
from analysis.units import add_context


def reading(text, focal="kava", before=()):
    units = pd.DataFrame({"document": "a", "focal": focal, "text": [*before, text]})
    return read_units(add_context(units))[-1]


def records(text, **where):
    return {record["text"]: record for record in evidence_of(reading(text, **where))}


# --- records ----------------------------------------------------------------------------------------------------------


def test_each_cue_is_one_record_in_order():
    """Records stand in the order of the text, each with the words, the lexicon's entry, category and family."""
    found = evidence_of(reading("Kava may cause mild NAUSEA."))
    assert [(r["text"], r["term"], r["category"], r["family"]) for r in found] == [
        ("may", "may", "modal", "hedges"),
        ("mild", "mild", "degree", "minimisers"),
        ("NAUSEA", "nausea", "symptom", "harms"),
    ]
    assert [r["start"] for r in found] == sorted(r["start"] for r in found)


def test_a_term_with_a_wildcard_names_its_entry():
    """What an entry with * or # matched is traced to that entry."""
    found = records("It hospitalised up to 7 people.")
    assert found["hospitalised"]["term"] == "hospitali*"
    assert any(record["term"] == "up to #" for record in found.values())


@pytest.mark.parametrize(
    ("text", "cue", "codes"),
    [
        ("It may be so.", "may be", ("hedged",)),
        ("Kava harms.", "harms", ("risk",)),
        ("Kava withdrawal.", "withdrawal", ("addiction",)),
        ("Opioid withdrawal.", "withdrawal", ("other_addiction",)),
        ("It is mild.", "mild", ("risk",)),
        ("It is completely safe.", "completely safe", ("risk",)),
        ("A premium leaf.", "premium", ("commercial",)),
    ],
)
def test_a_cue_speaks_for_a_code(text, cue, codes):
    """The family, and of addiction words whose it is, say for which code a cue speaks."""
    assert records(text)[cue]["codes"] == codes


def test_words_that_only_relate_others_are_no_evidence():
    """Causes, contrasts and references help to read a unit and are not shown."""
    assert evidence_of(reading("However, it causes this.")) == ()


def test_scope_stands_with_the_harm():
    """Whose, negated, made small, held back and relieved are said of the harm, not of its modifier."""
    found = records("Kava may not cause mild nausea.")
    scope = ("whose", "negation", "minimised", "hedged", "relieved")
    assert [found["nausea"][key] for key in scope] == ["own", "negated", True, True, False]
    assert [found["mild"][key] for key in scope] == ["", "", False, False, False]


@pytest.mark.parametrize(
    ("text", "modifier", "target"),
    [
        ("Kava may cause nausea and fever.", "may", "nausea"),
        ("Nausea is rare.", "rare", "Nausea"),
        ("It may taste bitter, but it causes nausea.", "may", ""),
        ("A premium leaf causes nausea.", "premium", ""),
        ("Perhaps.", "Perhaps", ""),
    ],
)
def test_a_modifier_acts_on_the_next_harm_of_its_clause(text, modifier, target):
    """Else on the one before it, else on none; praise acts on none."""
    assert records(text)[modifier]["target"] == target


def test_nothing_found_is_empty_evidence():
    """A unit without cues has an empty tuple."""
    assert evidence_of(reading("Leaf.")) == ()
    assert evidence_of(reading("")) == ()


# --- what a hedge acts on -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "risk", "commercial", "expected"),
    [
        ("Kava may cause nausea.", "acknowledges", 0, "harm"),
        ("Kava may boost your mood.", "none", 1, "benefit"),
        ("Kava may grow in Fiji.", "none", 0, "other"),
        ("It may boost your mood, but it causes nausea.", "acknowledges", 1, "benefit"),
        ("It boosts your mood, but it may cause nausea.", "acknowledges", 1, "harm"),
        ("About 7 of them said so.", "acknowledges", 0, "harm"),
        ("About 7 of them said so.", "none", 1, "benefit"),
    ],
)
def test_a_hedged_harm_is_not_a_hedged_benefit(text, risk, commercial, expected):
    """What stands in the hedge's clause decides; where that is neither, the unit's codes do."""
    assert hedge_target_of(reading(text), risk, commercial) == expected


# --- the checklist --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kava is addictive.", "addictive"),
        ("Kava has been abused.", "addictive"),
        ("Physical dependence on kava develops.", "dependence"),
        ("Tolerance to kava builds fast.", "tolerance"),
        ("Kava withdrawal lasts a week.", "withdrawal"),
        ("Kava withdrawal brings nausea.", "withdrawal;symptoms"),
        ("Pregnant women suffer kava withdrawal.", "withdrawal;at_risk"),
        ("Taper kava slowly.", "help"),
        ("A helpline helps with kava addiction.", "addictive;help"),
        ("Tolerance, dependence and addiction to kava.", "addictive;dependence;tolerance"),
        ("Kava grows.", ""),
    ],
)
def test_what_a_unit_discloses(text, expected):
    """Each of the seven things that a candid source says is told from the unit's words, in the same order always."""
    assert checklist_of(reading(text)) == expected


def test_a_symptom_counts_under_a_heading_about_withdrawal():
    """A bare "Nausea" discloses a withdrawal symptom under such a heading or lead-in, and none under another."""
    assert checklist_of(reading("Nausea"), section="Kava Withdrawal") == "symptoms"
    assert checklist_of(reading("Nausea"), lead_in="When you stop, you get:") == "symptoms"
    assert checklist_of(reading("Nausea"), section="Taste") == ""


def test_withdrawal_of_another_substance_discloses_nothing():
    """Opioid withdrawal is no disclosure on a page about kava."""
    assert checklist_of(reading("Kava eases opioid withdrawal.")) == ""


def test_the_seven_things():
    """The list itself is fixed: profiles count it."""
    assert CHECKLIST == ("addictive", "dependence", "tolerance", "withdrawal", "symptoms", "at_risk", "help")
