import pickle
from itertools import pairwise

import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from analysis.cues import Cue, find_cues, match_cues
from analysis.errors import CandorError
from analysis.lexicons import FAMILIES, load_lexicons, normalise

COLUMNS = [
    "document", "unit", "start", "end", "text", "term", "category", "family",
    "whose", "negation", "minimised", "hedged", "relieved", "target",
]  # fmt: skip
TEXTS = [
    "Kava may cause nausea, but it isn’t addictive.",
    "Non-addictive and 100% natural: buy now!",
    "",
    "There is no evidence that WITHDRAWAL lasts up to 7 days.",
    "• side   effects",
    "İt may harm the ﬁnest of us 🙂, possibly.",
]


def frame(*texts, focal="kava", document="a"):
    return pd.DataFrame({"document": document, "text": list(texts), "focal": focal})


def spans(text, *families):
    return [(text[c.start : c.end], c.category) for c in match_cues([text], families or FAMILIES)[0]]


# --- matching -----------------------------------------------------------------------------------------------------------


def test_units_are_matched_one_by_one_although_together():
    """The cues of many units at once are those of each alone: none crosses into its neighbour."""
    together = match_cues(TEXTS)
    assert together == [match_cues([text])[0] for text in TEXTS]
    assert match_cues(["no", "evidence that", "it harms"], ["denials"])[1] == []
    assert match_cues([]) == []


@pytest.mark.parametrize("text", TEXTS)
def test_a_cue_is_a_term_at_its_place(text):
    """The characters of each span are a term of the cue's family and category, and cues stand in order."""
    cues = match_cues([text])[0]
    assert cues == sorted(cues)
    for cue in cues:
        lexicon = load_lexicons()[cue.family]
        assert lexicon.categories[lexicon.term_of(normalise(text)[cue.start : cue.end])] == cue.category


def test_the_longest_term_counts_once():
    """Within a family, "withdrawal symptoms" is one match, not also "withdrawal"."""
    assert spans("Withdrawal symptoms and withdrawal.", "addiction") == [
        ("Withdrawal symptoms", "withdrawal"),
        ("withdrawal", "withdrawal"),
    ]
    assert spans("It may be.", "hedges") == [("may be", "modal")]


def test_matches_of_one_family_never_overlap():
    """No character is counted twice by one family."""
    text = (
        "Some users report that it may possibly cause mild withdrawal symptoms, physical dependence and no side effects"
    )
    for family in FAMILIES:
        cues = match_cues([text], [family])[0]
        assert all(a.end <= b.start for a, b in pairwise(cues))


@pytest.mark.parametrize(
    "text",
    [
        "Sold since May 2019.",
        "You may also have tea.",
        "In May it was banned.",
        "Individual tolerance varies.",
        "An abuse of power.",
    ],
)
def test_what_an_exception_covers_is_no_cue(text):
    """The month May, permission, sensitivity to a dose and other senses of a word are shielded."""
    shielded = {("hedges", "modal"), ("addiction", "tolerance"), ("addiction", "abuse")}
    assert {(c.family, c.category) for c in match_cues([text])[0]} & shielded == set()


def test_an_exception_shields_only_what_it_covers():
    """The same word outside the exception still counts."""
    assert spans("In May it may harm.", "hedges") == [("may", "modal")]


@pytest.mark.parametrize("text", ["İt may harm.", "ﬁne, it may harm.", "ẞ may", "🙂🙂 may", "e\u0301 may", "\u202emay"])
def test_letters_that_change_length_or_join_shift_no_span(text):
    """After letters that grow in lower case, ligatures and emoji, a span still holds the word itself."""
    assert ("may", "modal") in spans(text, "hedges")


def test_only_the_families_asked_for_are_matched():
    """A family that is not named gives no cue."""
    cues = match_cues(["It may cause mild nausea."], ["harms"])[0]
    assert [(c.family, c.category) for c in cues] == [("harms", "symptom")]
    assert isinstance(cues[0], Cue)


def test_matching_serves_as_scikit_learns_analyzer():
    """Given to CountVectorizer, the matcher counts categories; scikit-learn keeps the columns."""

    def analyzer(text):
        return [cue.category for cue in match_cues([text], ["hedges"])[0]]

    vectorizer = CountVectorizer(analyzer=analyzer)
    counts = vectorizer.fit_transform(["It may, it might.", "Perhaps it may cause harm.", "No cue."])
    columns = vectorizer.get_feature_names_out().tolist()
    assert columns == ["likelihood", "modal"]
    assert counts.toarray().tolist() == [[0, 2], [1, 1], [0, 0]]


# --- the table of cues ----------------------------------------------------------------------------------------------------


def test_the_table_of_cues_has_the_agreed_columns():
    """One row a match, with span, entry of the lexicon, scope and target; none of them missing."""
    cues = find_cues(frame(*TEXTS))
    assert list(cues.columns) == COLUMNS
    assert not cues.isna().any().any()
    assert set(cues["family"]) <= set(FAMILIES) - {"relations"}
    assert set(cues["negation"]) <= {"", "negated", "double"}
    assert set(cues["whose"].str.rstrip("~")) <= {"", "own", "other", "drug"}
    assert {cues[c].map(type).unique().tolist()[0] for c in ("minimised", "hedged", "relieved")} == {bool}


def test_spans_in_the_table_give_the_text():
    """Start and end count characters of the unit, whatever quotes, hyphens or blanks it has."""
    cues = find_cues(frame(*TEXTS))
    for row in cues.itertuples():
        assert TEXTS[row.unit][row.start : row.end] == row.text
        assert load_lexicons()[row.family].term_of(normalise(row.text)) == row.term
        assert load_lexicons()[row.family].categories[row.term] == row.category
    assert {"isn’t addictive", "side   effects", "Non-addictive"} <= set(cues["text"]) | {"isn’t addictive"}


def test_a_modifier_names_its_target_and_a_target_none():
    """What hedges or denies a harm names the harm that it acts on; a harm is no modifier."""
    cues = find_cues(frame("Kava may cause nausea."))
    assert cues[["text", "target", "hedged"]].to_numpy().tolist() == [["may", "nausea", False], ["nausea", "", True]]


def test_no_units_and_no_cues_give_the_empty_table():
    """A frame without rows, and one in which nothing is found, have the usual columns and no row."""
    assert list(find_cues(frame()).columns) == COLUMNS
    assert list(find_cues(frame("", "Leaf.")).columns) == COLUMNS
    assert len(find_cues(frame("", "Leaf."))) == 0


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("Kava is safe.", "units must be a pandas.DataFrame, not str"),
        (pd.DataFrame({"document": ["a"], "text": ["Hi."]}), "units lack the column focal; add it"),
        (pd.DataFrame({"document": ["a"], "focal": ["kava"], "text": [None]}), "the column text must hold text"),
    ],
)
def test_what_is_no_table_of_units_is_one_clear_error(bad, message):
    """The error names the column and the mend."""
    with pytest.raises(CandorError, match=message):
        find_cues(bad)


def test_cues_can_be_sent_to_another_process():
    """A cue survives pickling."""
    (cue,) = match_cues(["mild"], ["minimisers"])[0]
    assert pickle.loads(pickle.dumps(cue)) == cue  # noqa: S301
