import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.metrics import f1_score, get_scorer
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks, get_tags

from analysis import UnitClassifier
from analysis.classifier import LinearHead, best_threshold, expit, log_count_ratio
from analysis.features import UnitVectorizer

YES = [
    "It may harm you.",
    "This could be bad for the liver.",
    "Users might feel sick.",
    "It can possibly hurt.",
    "Some report nausea.",
    "It might well be risky.",
]
NO = [
    "It is a leaf.",
    "The tree grows in Asia.",
    "The root is dried.",
    "Tea is brewed at noon.",
    "A farmer sold it.",
    "The bark is brown.",
]
TEXTS, Y = [*YES, *NO] * 2, [1] * 6 + [0] * 6 + [1] * 6 + [0] * 6


@pytest.fixture(scope="module")
def fitted():
    return UnitClassifier(min_df=1).fit(TEXTS, Y)


def units(documents=8):
    """Pages in which a heading above decides about the same item."""
    rows = []
    for i in range(documents):
        heading = ("Harms", "Uses")[i % 2]
        rows += [(f"d{i}", heading, 0), (f"d{i}", "runny nose", 1 - i % 2), (f"d{i}", "dry skin", 1 - i % 2)]
    frame = pd.DataFrame(rows, columns=["document", "text", "y"])
    return frame.assign(focal="kava"), frame["y"]


# --- answers ----------------------------------------------------------------------------------------------------------


def test_it_learns_and_answers_with_the_labels_it_was_given(fitted):
    """Predictions are labels, one a text, and right on what was learned from."""
    answers = fitted.predict(TEXTS)
    assert answers.tolist() == Y
    assert fitted.predict(["They might be harmed.", "The leaf is brown."]).tolist() == [1, 0]
    assert fitted.classes_.tolist() == [0, 1]


def test_probabilities_are_probabilities(fitted):
    """One row a text, one column a class, each between 0 and 1, each row adding up to 1."""
    p = fitted.predict_proba(TEXTS)
    assert p.shape == (24, 2)
    assert ((p >= 0) & (p <= 1)).all()
    assert np.allclose(p.sum(axis=1), 1)
    assert p[:6, 1].min() > p[6:12, 1].max()


def test_a_text_is_yes_from_the_threshold_on(fitted):
    """The answer follows from the probability and the threshold that fitting found."""
    p = fitted.predict_proba(TEXTS)[:, 1]
    assert (fitted.predict(TEXTS) == (p >= fitted.heads_[0].threshold_)).all()
    assert 0 < fitted.heads_[0].threshold_ < 1


@pytest.mark.parametrize("labels", [("yes", "no"), (True, False), (7, -2), (1.0, 0.0), (np.str_("a"), np.str_("b"))])
def test_labels_may_be_anything(labels):
    """Words, truth values and numbers come back as they are."""
    y = [labels[0] if value else labels[1] for value in Y]
    classifier = UnitClassifier(min_df=1).fit(TEXTS, y)
    assert classifier.predict(TEXTS).tolist() == y
    assert classifier.classes_.tolist() == sorted(labels)


def test_more_than_two_classes():
    """With three labels there is a column for each, rows add up to 1, and the surest wins."""
    shop = ["Buy it now!", "Free shipping today!", "Order our best leaf!", "Add two to your cart!"]
    texts, y = [*YES, *NO, *shop] * 2, (["harm"] * 6 + ["plain"] * 6 + ["shop"] * 4) * 2
    classifier = UnitClassifier(min_df=1).fit(texts, y)
    p = classifier.predict_proba(texts)
    assert classifier.classes_.tolist() == ["harm", "plain", "shop"]
    assert p.shape == (32, 3)
    assert np.allclose(p.sum(axis=1), 1)
    assert classifier.score(texts, y) > 0.9
    assert classifier.predict(["Order now!"]).tolist() == ["shop"]


def test_rare_answers_are_found():
    """With one yes in eight, the threshold is low enough to find them on the training texts."""
    texts = [*YES[:3], *(f"{text} {i}" for i in range(4) for text in NO)]
    y = [1] * 3 + [0] * 24
    assert f1_score(y, UnitClassifier(min_df=1).fit(texts, y).predict(texts)) > 0.8


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
def test_texts_come_in_any_container(fitted, kind):
    """A list, a tuple, an array and a series of strings get the same answers."""
    assert fitted.predict(kind(TEXTS)).tolist() == Y


@pytest.mark.parametrize("text", ["", " ", "\n", "🙂", "x" * 10_000, "药", "\x00", "no " * 2_000])
def test_any_text_has_an_answer(fitted, text):
    """Empty, endless and foreign text is no error."""
    assert fitted.predict([text]).shape == (1,)
    assert np.isfinite(fitted.predict_proba([text])).all()


def test_no_texts_have_no_answers(fitted):
    """Asked about nothing, it answers nothing, in the right shape."""
    assert fitted.predict([]).shape == (0,)
    assert fitted.predict_proba([]).shape == (0, 2)


def test_empty_texts_can_be_learned_from():
    """Texts without a word count as texts; nothing divides by zero."""
    classifier = UnitClassifier(min_df=1).fit(["", "may", "", "may"], [0, 1, 0, 1])
    assert classifier.predict(["may", ""]).tolist() == [1, 0]


def test_a_frame_brings_its_context():
    """The same item is decided by the heading above it where there is one."""
    frame, y = units()
    classifier = UnitClassifier(min_df=1).fit(frame, y)
    assert classifier.predict(frame).tolist() == y.tolist()
    assert classifier.predict(["runny nose"]).shape == (1,)


def test_weights_say_how_much_a_text_counts():
    """Texts of weight near 0 are as good as absent."""
    texts, y = [*TEXTS, "The tree grows in Asia."], [*Y, 1]
    weight = np.r_[np.ones(24), 1e-6]
    weighted = UnitClassifier(min_df=1).fit(texts, y, sample_weight=weight)
    assert weighted.predict(TEXTS).tolist() == Y


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "y", "message"),
    [
        (["a", "b", "c"], [0, 1], "3 texts and 2 labels"),
        ([], [], "0 texts"),
        (["a", "b"], [1, 1], "one class"),
        ("a text", [0, 1], "string"),
        ([1, 2], [0, 1], "string"),
        (["a", None], [0, 1], "string"),
        (["a", "b"], [0.3, 0.7], "continuous"),
    ],
)
def test_what_cannot_be_learned_from_is_one_clear_error(texts, y, message):
    """The error says what is wrong with the texts or the labels."""
    with pytest.raises(ValueError, match=message):
        UnitClassifier().fit(texts, y)


@pytest.mark.parametrize("ask", ["predict", "predict_proba"])
def test_it_must_be_fitted_first(ask):
    """Asked before it learned, it says so."""
    with pytest.raises(NotFittedError):
        getattr(UnitClassifier(), ask)(["a"])
    with pytest.raises(NotFittedError):
        UnitClassifier().explain("a")


# --- why --------------------------------------------------------------------------------------------------------------


def test_an_explanation_adds_up_to_the_answer(fitted):
    """The contributions of all features and the intercept make the log odds before calibration."""
    (head,) = fitted.heads_
    for text in ("It may harm.", "A leaf."):
        table = fitted.explain(text, n=10_000)
        odds = head.slope_ * (table["contribution"].sum() + head.intercept_) + head.offset_
        assert expit(odds) == pytest.approx(fitted.predict_proba([text])[0, 1])


def test_an_explanation_names_what_weighed_most(fitted):
    """Largest first, value times weight, no more rows than asked for, readable names."""
    table = fitted.explain("It may harm you.", n=5)
    assert table.columns.tolist() == ["feature", "value", "weight", "contribution"]
    assert len(table) == 5
    assert np.allclose(table["contribution"], table["value"] * table["weight"])
    assert table["contribution"].abs().is_monotonic_decreasing
    assert len(fitted.explain("", n=5)) <= 5


# --- scikit-learn -----------------------------------------------------------------------------------------------------


def test_parameters_are_stored_and_nothing_else():
    """Making it checks and changes nothing; parameters can be read, set and cloned."""
    classifier = UnitClassifier(min_df=3, pattern_scales=(1.2,))
    assert classifier.get_params() == {"min_df": 3, "pattern_scales": (1.2,)}
    assert vars(classifier) == {"min_df": 3, "pattern_scales": (1.2,)}
    assert clone(classifier).get_params() == classifier.get_params()
    assert classifier.set_params(min_df=1) is classifier
    assert "min_df=1" in repr(classifier)
    assert is_classifier(classifier)
    assert get_tags(classifier).input_tags.string


def test_cloning_forgets_what_was_learned(fitted):
    """A clone of a fitted classifier is unfitted."""
    assert not hasattr(clone(fitted), "heads_")


def test_fitting_twice_gives_the_same_model(fitted):
    """Nothing is left to chance: weights and thresholds are equal bit by bit."""
    again = UnitClassifier(min_df=1).fit(TEXTS, Y)
    assert again.vectorizer_.vocabulary_ == fitted.vectorizer_.vocabulary_
    assert np.array_equal(again.heads_[0].coef_, fitted.heads_[0].coef_)
    assert again.heads_[0].threshold_ == fitted.heads_[0].threshold_


def test_it_survives_pickling(fitted):
    """Sent to another process, it answers the same."""
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    assert np.array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_cross_validation_and_grid_search():
    """It takes part in scikit-learn's model selection, over strings and over rows of a frame."""
    classifier = UnitClassifier(min_df=1, pattern_scales=(1.2,))
    scores = cross_val_score(classifier, TEXTS, Y, cv=2, scoring="f1", error_score="raise")
    assert scores.shape == (2,)
    assert (scores > 0.5).all()
    search = GridSearchCV(classifier, {"min_df": [1, 2]}, cv=2, error_score="raise").fit(TEXTS, Y)
    assert search.best_params_["min_df"] in (1, 2)
    assert search.predict(TEXTS).shape == (24,)
    frame, y = units()
    p = cross_val_predict(
        classifier, frame, y, groups=frame["document"], cv=StratifiedGroupKFold(2), method="predict_proba"
    )
    assert p.shape == (24, 2)


def test_it_works_inside_pipelines_and_other_estimators():
    """As a step of a pipeline, under a multi-label wrapper, and with scorers by name."""
    pipeline = make_pipeline("passthrough", UnitClassifier(min_df=1)).fit(TEXTS, Y)
    assert get_scorer("average_precision")(pipeline, TEXTS, Y) == pytest.approx(1)
    labels = np.column_stack([Y, np.tile([0, 1], 12)])
    wrapped = OneVsRestClassifier(UnitClassifier(min_df=1, pattern_scales=(1.2,))).fit(np.array(TEXTS), labels)
    assert wrapped.predict(np.array(TEXTS)).shape == (24, 2)


class Worded(UnitClassifier):
    """Numbers written as words, so that scikit-learn's checks can be run, which feed numbers."""

    def fit(self, X, y, sample_weight=None):
        """Learn from numbers."""
        return super().fit(words(X), y, sample_weight)

    def predict(self, X):
        """Answer for numbers."""
        return super().predict(words(X))

    def predict_proba(self, X):
        """Give probabilities for numbers."""
        return super().predict_proba(words(X))


def words(X):
    """Each number as a word of four letters: its column, and how large it is."""
    steps = np.clip(np.asarray(X) * 2, -6, 6).astype(int)
    return [" ".join(3 * chr(97 + j % 16) + "nopqrstuvwxyz"[step + 6] for j, step in enumerate(row)) for row in steps]


# Left out are checks of what text does not have (a number of features, sparse input, NaN), those of parameters that
# the estimator lacks, and that a weight of two equals a text given twice: twins fall into different folds.
CHECKS = [
    estimator_checks.check_all_zero_sample_weights_error,
    estimator_checks.check_classifiers_one_label,
    estimator_checks.check_classifiers_regression_target,
    estimator_checks.check_decision_proba_consistency,
    estimator_checks.check_dict_unchanged,
    estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
    estimator_checks.check_dont_overwrite_parameters,
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_estimator_tags_renamed,
    estimator_checks.check_estimators_fit_returns_self,
    estimator_checks.check_estimators_overwrite_params,
    estimator_checks.check_estimators_pickle,
    estimator_checks.check_estimators_unfitted,
    estimator_checks.check_fit_check_is_fitted,
    estimator_checks.check_fit_idempotent,
    estimator_checks.check_fit_score_takes_y,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_methods_sample_order_invariance,
    estimator_checks.check_methods_subset_invariance,
    estimator_checks.check_mixin_order,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_pipeline_consistency,
    estimator_checks.check_requires_y_none,
    estimator_checks.check_sample_weights_not_overwritten,
    estimator_checks.check_sample_weights_pandas_series,
    estimator_checks.check_sample_weights_shape,
    estimator_checks.check_set_params,
    estimator_checks.check_valid_tag_types,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_scikit_learns_own_checks_pass(check):
    """Every common check of scikit-learn that means something for text holds."""
    check("Worded", Worded(min_df=1, pattern_scales=(1.2,)))


def test_scikit_learn_knows_that_it_takes_text():
    """By its tags scikit-learn sees that its checks with numbers do not apply, and says so."""
    with pytest.warns(SkipTestWarning, match="string=True"):
        results = estimator_checks.check_estimator(UnitClassifier())
    assert {result["status"] for result in results} == {"passed"}


# --- one linear decision ------------------------------------------------------------------------------------------------


def test_of_the_loudnesses_the_one_with_the_best_cross_validated_f1_is_taken():
    """Patterns may speak as loud as the training rows say is best, and the vectorizer weighs new texts alike."""
    texts = [
        "No risk at all.", "A risk to all.", "There is no harm, only fun.", "There is harm and no fun.",
        "It is not toxic, it is mild.", "It is toxic, not mild.", "No one denies the risk.", "The risk is no more.",
    ]  # fmt: skip
    texts += [t.replace("risk", "danger").replace("harm", "injury").replace("toxic", "poisonous") for t in texts]
    y = [1, 0, 1, 0, 1, 0, 0, 1] * 2
    alone = {scale: UnitClassifier(min_df=1, pattern_scales=(scale,)).fit(texts, y) for scale in (0.1, 5.0)}
    assert alone[0.1].heads_[0].f1_ < alone[5.0].heads_[0].f1_
    chosen = UnitClassifier(min_df=1, pattern_scales=(0.1, 5.0)).fit(texts, y)
    assert chosen.vectorizer_.pattern_scale == 5.0
    np.testing.assert_allclose(chosen.predict_proba(texts), alone[5.0].predict_proba(texts), atol=1e-6)


def test_scores_of_training_rows_come_from_models_that_did_not_see_them():
    """A text whose label contradicts its twins is not scored as its own label says."""
    texts, y = [*TEXTS, YES[0]], np.array([*Y, 0])
    matrix = UnitVectorizer(min_df=1).fit_transform(texts)
    head = LinearHead().fit(matrix, y)
    assert head.out_of_fold_.shape == (25,)
    assert head.out_of_fold_[-1] > np.median(head.out_of_fold_)


def test_the_best_threshold_is_near_the_best_there_is():
    """The F1 is that of the threshold, and of many units hardly less than that of any other threshold."""
    rng = np.random.default_rng(0)
    for _ in range(5):
        y = rng.integers(0, 2, 2000)
        p = np.clip(rng.normal(0.3 + 0.4 * y, 0.2), 0, 1)
        f1, cut = best_threshold(y, p)
        assert f1_score(y, p >= cut) == pytest.approx(f1)
        assert f1 > max(f1_score(y, p >= c) for c in np.linspace(0.05, 0.95, 91)) - 0.01


def test_no_threshold_is_found_where_nothing_is_ever_right():
    """Without a single yes the threshold is one half, and of a level curve the middle is taken."""
    assert best_threshold(np.zeros(4, dtype=int), np.array([0.1, 0.2, 0.3, 0.4])) == (0.0, 0.5)
    assert best_threshold(np.array([0, 1]), np.array([0.0, 1.0])) == (1.0, 0.49)


def test_one_lucky_place_does_not_decide_the_threshold():
    """A narrow tooth in the curve of F1 is passed over for the middle of a broad top that is a little lower."""
    p = np.r_[np.full(40, 0.05), np.full(38, 0.9), 0.125, 0.125, 0.115]
    y = np.r_[np.zeros(40), np.ones(38), 1, 1, 0].astype(int)
    assert f1_score(y, p >= 0.12) == 1
    assert best_threshold(y, p)[1] > 0.15


def test_log_count_ratio_is_the_formula():
    """A feature in 2 of 2 yes rows and 0 of 2 no rows: log((2 + 1)/(2 + 2)) - log((0 + 1)/(2 + 2))."""
    matrix = sp.csr_matrix([[1.0], [3.0], [0.0], [0.0]])
    ratio = log_count_ratio(matrix, np.array([1, 1, 0, 0]))
    assert ratio[0] == pytest.approx(np.log(3 / 4) - np.log(1 / 4))


def test_the_logistic_function_never_overflows():
    """Far out it is 0 and 1, in the middle one half."""
    assert expit(np.array([-1e9, 0.0, 1e9])) == pytest.approx([0, 0.5, 1])
