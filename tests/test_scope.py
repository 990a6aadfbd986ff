import time

import pandas as pd
import pytest

from analysis.cues import find_cues, match_cues
from analysis.lexicons import normalise
from analysis.scope import clause_bounds, resolve_targets, safety_claims
from analysis.substances import Substances

FINDER = Substances()


def target(text, word, focal="kava", topic="own", antecedent=""):
    """What acts on the harm or addiction cue `word` of a text."""
    cues = match_cues([text])[0]
    found = resolve_targets(text, cues, FINDER.mentions(normalise(text), focal), topic, antecedent)
    (one,) = [t for t in found if text[t.cue.start : t.cue.end] == word]
    return one


def whose(text, word, **where):
    return target(text, word, **where).whose.rstrip("~")


# --- negation -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Kava is not addictive.", "addictive"),
        ("Kava isn’t addictive.", "addictive"),
        ("Kava never causes nausea.", "nausea"),
        ("Kava does not cause nausea, dizziness or vomiting.", "nausea"),
        ("Kava does not cause nausea, dizziness or vomiting.", "vomiting"),
        ("There is no evidence that kava is harmful.", "harmful"),
        ("There is no such link between kava and addiction.", "addiction"),
        ("Kava carries none of the dangers of rum.", "dangers"),
        ("Nobody gets withdrawal from kava.", "withdrawal"),
    ],
)
def test_a_denial_reaches_the_harms_of_its_clause(text, word):
    """A negation acts on every harm after it in the clause, along a list with commas too."""
    assert target(text, word).negation == "negated"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("It is a myth that kava is addictive.", "addictive"),
        ("Claims that kava causes nausea are baseless.", "nausea"),
        ("Kava withdrawal is an invention of the press.", "withdrawal"),
        ("Myth 2: kava is addictive.", "addictive"),
        ("Do not fall for the myth that kava is addictive.", "addictive"),
        ("Kava is not addictive, whatever the propaganda says.", "addictive"),
        ("Despite the scaremongering, kava is not addictive.", "addictive"),
        ("Kava has never killed anyone and its dangers are a myth.", "dangers"),
    ],
)
def test_a_harm_called_a_myth_is_denied(text, word):
    """A rebuttal acts on the harm that it speaks of, before or after it, or as the label in front of it."""
    assert target(text, word).negation == "negated"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("It is a myth that kava is not addictive.", "addictive"),
        ("To say that kava has no side effects is a lie.", "side effects"),
        ("Myth: kava has no side effects.", "side effects"),
    ],
)
def test_a_denial_called_a_myth_is_taken_back(text, word):
    """A rebuttal and a negation cancel, whichever stands first."""
    assert target(text, word).negation == "double"


@pytest.mark.parametrize(
    "text",
    [
        "Its price is a myth, but kava causes nausea.",
        "Kava causes nausea; its price is a myth.",
        "Myths and facts about nausea from kava",
        "Many get nausea because of the myth that kava is safe.",
        "The misconception that kava is safe has brought many nausea.",
        "The nausea from kava is no myth.",
    ],
)
def test_a_rebuttal_reaches_only_what_it_speaks_of(text):
    """Neither the harm of another clause, nor one that follows from a rebutted claim of safety, is denied."""
    assert target(text, "nausea").negation == ""


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Kava is safe.", [""]),
        ("Nobody has shown that kava is safe.", ["negated"]),
        ("There is no proof that kava can be taken safely.", ["negated"]),
        ("No leaf is cheap, but kava is safe.", [""]),
        ("Kava is not dear and is safe.", [""]),
        ("Kava grows on islands.", []),
    ],
)
def test_a_claim_of_safety_can_be_taken_back(text, claims):
    """A denial before "safe" in its clause makes of the assurance a warning."""
    cues = match_cues([text])[0]
    assert safety_claims(normalise(text), cues, clause_bounds(text, cues)) == claims


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Kava is addictive.", "addictive"),
        ("Kava is not dear, but it is dangerous.", "dangerous"),
        ("Kava does not taste good; it causes nausea.", "nausea"),
        ("Kava causes nausea, not joy.", "nausea"),
        ("After kava I had no appetite and cramps.", "cramps"),
        ("After kava I had no appetite and cramps.", "no appetite"),
        ("Is it new? No. It is dangerous.", "dangerous"),
        ("Kava is not only costly but also harmful.", "harmful"),
        ("Kava is knotty and harmful.", "harmful"),
    ],
)
def test_a_denial_stops_where_its_clause_ends(text, word):
    """A semicolon, "but" and a new sentence end what a negation reaches; it does not reach back."""
    assert target(text, word).negation == ""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Kava is not without risks.", "risks"),
        ("Kava is not without its own dangers.", "dangers"),
        ("Kava isn’t without hazards.", "hazards"),
        ("It isn't that kava has no risks.", "risks"),
        ("This does not mean that kava is free of dangers.", "dangers"),
        ("Kava is not devoid of side effects.", "side effects"),
        ("That doesn't mean it has no side effects.", "side effects"),
        ("Kava is far from free of dangers.", "dangers"),
    ],
)
def test_two_negations_cancel(text, word):
    """A harm under two negations is stated, not denied."""
    assert target(text, word).negation == "double"


# --- small, held back, relieved -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Kava causes mild nausea.", "nausea", True),
        ("Side effects of kava are mild.", "Side effects", True),
        ("Kava causes nausea in rare cases.", "nausea", True),
        ("Kava rarely causes nausea.", "nausea", True),
        ("Kava causes nausea.", "nausea", False),
        ("Kava tastes mild; it causes nausea.", "nausea", False),
    ],
)
def test_a_harm_is_made_small_by_words_beside_it(text, word, expected):
    """Degree and frequency before or after the harm, in its clause, make it small."""
    assert target(text, word).minimised is expected


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Kava may cause nausea.", "nausea", True),
        ("Some users report nausea.", "nausea", True),
        ("Kava causes nausea.", "nausea", False),
        ("Kava may taste bitter, but it causes nausea.", "nausea", False),
        ("Kava certainly causes nausea.", "nausea", False),
    ],
)
def test_a_hedge_holds_back_the_harm_of_its_clause(text, word, expected):
    """A hedge acts on the harms after it in its clause; a booster is no hedge."""
    assert target(text, word).hedged is expected


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Kava relieves nausea.", "nausea", True),
        ("Kava eases opioid withdrawal.", "withdrawal", True),
        ("People take kava to help with withdrawal from heroin.", "withdrawal", True),
        ("Kava relieves stress but causes nausea.", "nausea", False),
        ("Kava causes nausea.", "nausea", False),
        ("Stopping kava causes withdrawal.", "withdrawal", False),
    ],
)
def test_a_harm_that_is_treated_is_told_from_one_that_is_caused(text, word, expected):
    """After "relieves" a harm is relieved, after "causes" it is not."""
    assert target(text, word).relieved is expected


# --- whose ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Kava withdrawal is real.", "withdrawal", "own"),
        ("Withdrawal from kava is real.", "Withdrawal", "own"),
        ("Kava's withdrawal lasts.", "withdrawal", "own"),
        ("Opioid withdrawal lasts.", "withdrawal", "other"),
        ("Withdrawal from alcohol is worse.", "Withdrawal", "other"),
        ("Kava eases opioid withdrawal.", "withdrawal", "other"),
        ("Kava helps with withdrawal from heroin.", "withdrawal", "other"),
        ("Unlike alcohol, kava can cause dependence.", "dependence", "own"),
        ("Kava can cause dependence, unlike tea.", "dependence", "own"),
        ("Valium causes dependence; kava does not.", "dependence", "other"),
        ("Opioid use disorder is treated with kava.", "Opioid use disorder", "other"),
        ("Alcohol causes liver damage.", "liver damage", "other"),
        ("Kava liver damage has been reported.", "liver damage", "own"),
        ("Long-term use can lead to dependence.", "dependence", "own"),
        ("Kava for cravings while tapering off opioids.", "tapering", "other"),
        ("A warning about kava addiction.", "addiction", "own"),
    ],
)
def test_a_harm_belongs_to_the_substance_closest_tied_to_it(text, word, expected):
    """Named inside, before or joined by a preposition, else by the clause's cause: own or another's."""
    assert whose(text, word) == expected


@pytest.mark.parametrize(("focal", "expected"), [("kava", "other"), ("opioids", "own"), ("alcohol", "other")])
def test_whose_harm_depends_on_what_the_page_is_about(focal, expected):
    """The same words are the own withdrawal on a page about opioids and another's on a page about kava."""
    assert whose("Opioid withdrawal lasts a week.", "withdrawal", focal=focal) == expected


@pytest.mark.parametrize("medicine", ["Naltrexone", "Varenicline", "Antabuse"])
def test_a_medicine_against_an_addiction_is_not_whose_addiction_it_is(medicine):
    """What is taken against craving is passed over: the craving is that of the page or of who is named."""
    assert whose(f"{medicine} reduces craving.", "craving", focal="alcohol") == "own"
    assert whose(f"{medicine} reduces craving for heroin.", "craving", focal="kava") == "other"
    assert whose(f"{medicine} can cause nausea.", "nausea", focal=medicine.lower()) == "own"


@pytest.mark.parametrize("kind", ["own", "other"])
def test_a_bare_withdrawal_points_back(kind):
    """Without a name, withdrawal is that which was spoken of last, and is marked as known from context only."""
    assert target("Withdrawal lasts a week.", "Withdrawal", antecedent=kind).whose == f"{kind}~"
    assert target("The nausea passes.", "nausea", topic=kind).whose == f"{kind}~"


NAMES = ["kratom", "phenibut", "diazepam", "nicotine pouches", "Zorbitol"]


@pytest.mark.parametrize("name", NAMES)
def test_scope_is_the_same_for_every_substance(name):
    """Whatever the name of the focal substance, known to the table or not, the same cues get the same scope."""

    def scopes(focal):
        texts = [
            f"There is no such link between {focal} and addiction.",
            f"{focal} is not without its own risks.",
            f"{focal} eases heroin withdrawal, but stopping {focal} may cause withdrawal too.",
            f"Side effects of {focal} are mild.",
        ]
        cues = find_cues(pd.DataFrame({"document": "a", "focal": focal, "text": texts}))
        cues = cues[cues["family"] != "promotion"]  # "pouches" names a product, too
        return (
            cues[["unit", "text", "whose", "negation", "minimised", "hedged", "relieved", "target"]].to_numpy().tolist()
        )

    assert scopes(name) == scopes("kava")


# --- clauses and edges ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cheap but risky.", ["Cheap ", "but risky."]),
        ("It costs 2.5 dollars; it harms.", ["It costs 2.5 dollars;", " it harms."]),
        ("Nausea, fever, and chills", ["Nausea, fever, and chills"]),
        ("Safer than rum", ["Safer than rum"]),
        ("It is cheap, it harms", ["It is cheap,", " it harms"]),
    ],
)
def test_clauses_end_at_contrast_and_stops_but_not_in_a_list(text, expected):
    """A clause goes up to "but", a semicolon or a comma before a new subject; lists and "than" stay whole."""
    bounds = clause_bounds(text, match_cues([text])[0])
    assert bounds == sorted(bounds)
    pieces = [text[a:b] for a, b in zip(bounds, [*bounds[1:], len(text)], strict=True)]
    assert [p for p in pieces if p] == expected


def test_a_unit_without_a_harm_has_no_target():
    """Modifiers alone, and no text at all, give nothing to act on."""
    assert resolve_targets("It may not be.", match_cues(["It may not be."])[0], []) == []
    assert resolve_targets("", [], []) == []


PIECES = [
    "x",
    "no ",
    "harm",
    "withdrawal ",
    "no harm ",
    "but ",
    "; ",
    "'",
    "kava ",
    "kava no harm, ",
    "it may not harm ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_resolving_a_long_unit_costs_no_more_than_its_cues_squared(piece):
    """Twice as much text in one unit takes at most some five times as long, and 4,000 characters little."""

    def seconds(size):
        text = (piece * size)[:size]
        cues, mentions = match_cues([text])[0], FINDER.mentions(normalise(text), "kava")
        start = time.process_time()
        resolve_targets(text, cues, mentions)
        return time.process_time() - start

    assert seconds(8_000) < 6 * min(seconds(4_000), seconds(4_000)) + 0.02
    assert seconds(4_000) < 5
