import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline

from analysis.features import UnitVectorizer, as_units
from analysis.reading import mask, read_units, tokens
from analysis.substances import Substances
from analysis.units import add_context

TEXTS = ["Kava may cause nausea.", "No harm at all.", "Buy it now!", "", "Side effects include:", "🙂"]


def frame(*texts, focal="kava", document="a", title=""):
    return add_context(pd.DataFrame({"document": document, "focal": focal, "title": title, "text": list(texts)}))


def names(texts, **options):
    return set(UnitVectorizer(min_df=1, **options).fit(texts).vocabulary_)


# --- reading units --------------------------------------------------------------------------------------------------------


def test_a_reading_keeps_the_text_and_masks_its_substances():
    """Names become @own and @other, so that what was learned from kratom speaks of kava."""
    one, two = read_units(frame("Kava, unlike heroin, is a root.", "Leaf"))
    assert one.text == "Kava, unlike heroin, is a root."
    assert one.words == ["@own", "unlike", "@other", "is", "a", "root"]
    assert one.substances == [(0, 4, "own"), (13, 19, "other")]
    assert (two.words, two.cues, two.targets) == (["leaf"], [], [])


def test_readings_do_not_depend_on_the_name_of_the_focal_substance():
    """Masked text, targets and what they belong to are the same for kava, tramadol and a name nobody knows."""

    def read(focal):
        texts = [
            f"{focal} is not addictive.",
            f"It eases heroin withdrawal, and {focal} may harm.",
            "These symptoms pass.",
        ]
        return [
            (r.words, [(t.whose, t.negation, t.hedged, t.relieved) for t in r.targets], r.antecedent, r.main)
            for r in read_units(frame(*texts, focal=focal))
        ]

    assert read("Zorbitol") == read("tramadol") == read("kava")


def test_a_document_is_read_without_regard_to_the_others():
    """Readings of two documents in one frame are those of each alone."""
    a = frame("Alcohol withdrawal is dangerous.", "Withdrawal lasts a week.", document="a")
    b = frame("Kava can be habit forming.", "Withdrawal lasts a week.", document="b")
    both = read_units(pd.concat([a, b], ignore_index=True))
    assert both == [*read_units(a), *read_units(b)]


def test_names_of_ones_own_can_be_given():
    """A finder with another table masks its names."""
    table = pd.DataFrame({"substance": ["zorbitol"], "name": ["zorb"], "class": [""]})
    (reading,) = read_units(frame("Zorb and kava", focal="zorbitol"), Substances(table))
    assert reading.words == ["@own", "and", "kava"]


def test_masking_and_words():
    """Mentions are replaced where they stand; words, numbers and telling signs are kept in order."""
    assert mask("kava or rum", [(0, 4, "own"), (8, 11, "other")]) == "@own or @other"
    assert mask("leaf", []) == "leaf"
    assert tokens("@own isn't 2.5 g, is it?") == ["@own", "isn't", "#", "g", "is", "it", "?"]
    assert tokens("") == []


# --- strings or a frame -----------------------------------------------------------------------------------------------------


def test_strings_are_documents_of_their_own():
    """A list, a tuple, an array and a series of strings give the same units, none beside another."""
    units = as_units(TEXTS)
    assert units["document"].nunique() == len(TEXTS)
    for other in (tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, dtype=object), pd.Series(TEXTS, index=range(3, 9))):
        assert as_units(other)["text"].tolist() == units["text"].tolist()
    assert as_units([])["text"].tolist() == []


@pytest.mark.parametrize("bad", ["one string", [1, 2], ["a", None], ["a", float("nan")], [b"bytes"], np.zeros((2, 2))])
def test_anything_but_strings_is_refused(bad):
    """A single string, numbers, bytes and gaps are errors that say what is expected."""
    with pytest.raises((TypeError, ValueError), match=r"string|text"):
        as_units(bad)


def test_a_frame_keeps_its_rows():
    """A frame of units stays as it is but for the context that it lacks."""
    units = as_units(pd.DataFrame({"document": ["a", "a"], "focal": ["kava"] * 2, "text": ["Risks", "It harms."]}))
    assert units["section"].tolist() == ["", "Risks"]
    assert as_units(pd.DataFrame({"text": ["It harms."]}))["text"].tolist() == ["It harms."]


# --- the vectorizer -----------------------------------------------------------------------------------------------------------


def test_a_unit_is_one_sparse_row():
    """The matrix has a row a unit and a column a feature, finite, sorted and without double entries."""
    vectorizer = UnitVectorizer(min_df=1)
    matrix = vectorizer.fit_transform(TEXTS)
    assert sp.issparse(matrix)
    assert matrix.shape == (len(TEXTS), len(vectorizer.vocabulary_))
    assert np.isfinite(matrix.data).all()
    assert matrix.has_canonical_format
    assert (matrix.data > 0).all()


def test_columns_are_named_features_in_sorted_order():
    """Names can be read, are unique and stand in the order of the columns."""
    vectorizer = UnitVectorizer(min_df=1).fit(TEXTS)
    found = vectorizer.get_feature_names_out()
    assert found.tolist() == sorted(set(found))
    assert [vectorizer.vocabulary_[name] for name in found] == list(range(len(found)))
    assert {"w:may", "h:modal", "f:harms"} <= set(found)


def test_features_that_are_too_rare_are_left_out():
    """With min_df=2 only what stands in two units is a column."""
    both = set(UnitVectorizer(min_df=2).fit(["It may harm.", "It may help."]).vocabulary_)
    assert "w:may" in both
    assert "w:harm" not in both
    assert names(["It may harm.", "It may help."]) > both


def test_what_was_not_learned_is_no_column():
    """Words that fitting did not see leave the row without them, and the shape as it was."""
    vectorizer = UnitVectorizer(min_df=1).fit(["It may harm."])
    row = vectorizer.transform(["Zebra quagga!"])
    assert row.shape == (1, len(vectorizer.vocabulary_))
    assert "w:zebra" not in vectorizer.vocabulary_
    assert vectorizer.transform([]).shape == (0, len(vectorizer.vocabulary_))


def test_a_row_depends_on_its_own_text_alone():
    """Strings have no neighbours: together or one by one, in any order, the rows are the same."""
    vectorizer = UnitVectorizer(min_df=1).fit(TEXTS)
    matrix = vectorizer.transform(TEXTS).toarray()
    assert np.array_equal(vectorizer.transform(TEXTS[::-1]).toarray(), matrix[::-1])
    assert np.array_equal(np.vstack([vectorizer.transform([t]).toarray() for t in TEXTS]), matrix)


def test_long_text_speaks_no_louder_than_short():
    """Words, letters and patterns are scaled to unit length."""
    vectorizer = UnitVectorizer(min_df=1).fit(["It may harm.", "leaf " * 50 + " of the tall tree on a hill"])
    matrix = vectorizer.transform(["leaf", "leaf of the tall tree"])
    words = [i for name, i in vectorizer.vocabulary_.items() if name.startswith("w:")]
    lengths = np.sqrt(matrix[:, words].multiply(matrix[:, words]).sum(axis=1))
    assert np.allclose(lengths, 1)


def test_context_counts_where_there_is_some():
    """In a frame the heading above changes the row of the unit; alone the same text has one row."""
    texts = ["Withdrawal", "runny nose", "Uses", "runny nose"]
    vectorizer = UnitVectorizer(min_df=1)
    matrix = vectorizer.fit_transform(frame(*texts)).toarray()
    assert not np.array_equal(matrix[1], matrix[3])
    alone = vectorizer.transform(["runny nose", "runny nose"]).toarray()
    assert np.array_equal(alone[0], alone[1])


def test_the_order_of_words_and_cues_counts():
    """The same words in another order have other patterns; another harm of the same category has the same ones."""

    def patterns(text):
        return {name for name in names([text, text]) if name[:2] in ("o:", "b:", "a:")}

    assert patterns("It was worse before any treatment of the tremor.") != patterns(
        "The tremor was worse before any treatment of it."
    )
    assert patterns("Users report tremors at night.") == patterns("Users report nausea at night.")
    assert patterns("The leaf grows in Asia.") == set()


def test_fitting_and_transforming_at_once_gives_the_same_rows():
    """`fit_transform` reads every unit once and gives what `fit` and `transform` give."""
    for units in (TEXTS, frame(*TEXTS)):
        one, two = UnitVectorizer(min_df=1), UnitVectorizer(min_df=1)
        assert (one.fit_transform(units) != two.fit(units).transform(units)).nnz == 0
        assert one.vocabulary_ == two.vocabulary_


def test_letters_forgive_a_typo():
    """Misspelt "withdrwal" shares letter features with "withdrawal", and another word hardly any."""
    found = [{f for f in names([word]) if f.startswith("l:")} for word in ("withdrawal", "withdrwal", "mahogany")]
    assert len(found[0] & found[1]) > 3 * len(found[0] & found[2])
    assert len(found[0] & found[1]) >= 5


def test_case_quotes_and_hyphens_change_nothing_but_the_form():
    """Capitals, curly quotes and hyphens give the same words and cues."""

    def content(text):
        return {name for name in names([text]) if not name.startswith("form:")}

    assert content("It ISN’T habit-forming.") == content("it isn't habit forming.")


# --- scikit-learn ---------------------------------------------------------------------------------------------------------------


def test_it_is_a_transformer():
    """It clones, shows and sets its parameters, pickles, and refuses to transform unfitted."""
    vectorizer = UnitVectorizer(min_df=1).fit(TEXTS)
    assert clone(vectorizer).get_params() == {"min_df": 1, "pattern_scale": 1.2}
    assert vectorizer.set_params(min_df=2) is vectorizer
    again = pickle.loads(pickle.dumps(vectorizer))  # noqa: S301
    assert (again.transform(TEXTS) != vectorizer.transform(TEXTS)).nnz == 0
    with pytest.raises(NotFittedError):
        UnitVectorizer().transform(TEXTS)


def test_it_fits_into_pipelines_and_unions():
    """Selection and a classifier after it, or another vectorizer beside it, work as usual."""
    texts, y = ["It may harm.", "It is a leaf."] * 4, [1, 0] * 4
    pipeline = make_pipeline(UnitVectorizer(), SelectKBest(chi2, k=5), LogisticRegression())
    assert pipeline.fit(texts, y).predict(["It may hurt."]).tolist() == [1]
    union = FeatureUnion([("a", UnitVectorizer()), ("b", UnitVectorizer(min_df=1))]).fit(texts)
    assert union.transform(texts).shape[0] == 8


def test_fitting_twice_forgets_the_first():
    """A second fit learns from its own texts alone."""
    vectorizer = UnitVectorizer(min_df=1).fit(["Zebra."])
    assert "w:zebra" not in vectorizer.fit(["Quagga."]).vocabulary_
