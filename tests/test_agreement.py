import krippendorff
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from analysis.agreement import agreement, align, alpha_of, confusion, disagreements, precision_recall
from analysis.errors import CandorError


def coding(values, code="hedged", document="d"):
    return pd.DataFrame({"document": document, "unit": range(len(values)), code: values})


def test_alpha_is_that_of_the_krippendorff_package_with_three_coders_and_gaps():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 60)
    values = {c: np.where(rng.random(60) < 0.8, truth, 1 - truth).astype(float) for c in "abc"}
    values["c"][40:] = np.nan
    row = agreement({c: coding(v) for c, v in values.items()}, codes=["hedged"], draws=200).iloc[0]
    expected = krippendorff.alpha(np.array(list(values.values())), level_of_measurement="nominal")
    assert row.alpha == pytest.approx(expected, abs=1e-6)
    assert row.coders == 3
    assert row.low < row.alpha < row.high


def test_the_redrawn_alphas_are_those_of_the_package_too():
    rng = np.random.default_rng(2)
    counts = rng.multinomial(3, [0.6, 0.3, 0.1], 40)
    picks = rng.multinomial(40, np.full(40, 1 / 40), 20)
    expected = [
        krippendorff.alpha(value_counts=np.repeat(counts, p, axis=0), level_of_measurement="nominal") for p in picks
    ]
    assert alpha_of(counts, picks) == pytest.approx(np.array(expected))


def test_krippendorffs_own_example_gives_his_alpha():
    """Four coders, twelve units, nominal: 0.743 (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability)."""
    rows = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    codings = {
        str(i): coding([None if v == "." else f"v{v}" for v in row.split()], "risk") for i, row in enumerate(rows)
    }
    row = agreement(codings, codes=["risk"], draws=100).iloc[0]
    assert row.alpha == pytest.approx(0.743, abs=5e-4)
    assert row.units == 11


def test_alpha_is_nan_with_a_reason_where_nothing_varies():
    row = agreement({"a": coding([0, 0, 0]), "b": coding([0, 0, 0])}, codes=["hedged"]).iloc[0]
    assert np.isnan(row.alpha)
    assert row.observed == 1
    assert row.note.startswith("every code is 0")


def test_a_nearly_constant_code_is_pointed_out():
    a, b = coding([0] * 49 + [1]), coding([0] * 48 + [1, 1])
    row = agreement({"a": a, "b": b}, codes=["hedged"], draws=500).iloc[0]
    assert "only 3 codes differ from 0" in row.note
    assert "left out" in row.note


def test_coders_who_saw_different_units_are_compared_where_they_met():
    a, b = coding([1, 0, 1, 0]), coding([1, 0, 1, 0]).iloc[2:]
    assert agreement({"a": a, "b": b}, codes=["hedged"], draws=50).units.tolist() == [2]
    apart = agreement({"a": a.iloc[:2], "b": a.iloc[2:]}, codes=["hedged"]).iloc[0]
    assert np.isnan(apart.alpha)
    assert apart.note == "no unit was coded by two coders"


def test_empty_cells_are_missing_and_text_codes_are_read():
    a, b = coding(["1", "", "0", " "]), coding([1, 1, 0, 0])
    assert align({"a": a, "b": b}, "hedged")["a"].tolist()[0] == 1
    assert agreement({"a": a, "b": b}, codes=["hedged"], draws=50).units.tolist() == [2]


def test_places_in_the_text_are_the_key_where_both_have_them():
    a = pd.DataFrame({"document": "d", "start": [0, 9], "end": [8, 20], "unit": [0, 1], "hedged": [1, 0]})
    b = a.assign(unit=[5, 6])
    assert agreement({"a": a, "b": b}, codes=["hedged"], draws=20).units.tolist() == [2]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ({"a": coding([1])}, "two codings or more"),
        ({"a": coding([1]), "b": coding([1]).drop(columns="unit")}, "share no key"),
        ({"a": coding([1]), "b": coding([1], code="risk")}, "no column 'hedged'"),
        ({"a": coding([1]), "b": pd.concat([coding([1])] * 2)}, "codes a unit twice"),
        ({"a": coding([1]), "b": coding(["yes"])}, "takes 0 or 1, not 'yes'"),
    ],
)
def test_codings_that_cannot_be_compared_are_refused_with_the_reason(frames, message):
    with pytest.raises(CandorError, match=message):
        agreement(frames, codes=["hedged"])


def test_precision_recall_and_f1_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 80)
    found = np.where(rng.random(80) < 0.85, truth, 1 - truth)
    row = precision_recall(coding(truth), coding(found), codes=["hedged"]).iloc[0]
    assert row.precision == pytest.approx(precision_score(truth, found), abs=1e-6)
    assert row.recall == pytest.approx(recall_score(truth, found), abs=1e-6)
    assert row.f1 == pytest.approx(f1_score(truth, found), abs=1e-6)
    assert row.f1_low < row.f1 < row.f1_high
    assert row.precision_low < row.precision < row.precision_high


def test_a_code_that_is_neither_there_nor_found_has_no_f1():
    row = precision_recall(coding([0, 0]), coding([0, 0]), codes=["hedged"]).iloc[0]
    assert np.isnan([row.precision, row.recall, row.f1, row.f1_low]).all()
    assert row.support == 0


def test_a_stance_is_read_from_the_risk_column():
    a = coding(["acknowledges", "none", "denies"], "risk")
    b = coding(["acknowledges", "acknowledges", "none"], "risk")
    table = precision_recall(a, b, codes=["acknowledges", "denies"]).set_index("code")
    assert table.loc["acknowledges", ["support", "found", "correct"]].tolist() == [1, 2, 1]
    assert table.loc["denies", "recall"] == 0


def test_confusion_and_disagreements_show_where_coders_differ():
    a, b = coding(["none", "denies"], "risk"), coding(["none", "minimises"], "risk")
    assert confusion(a, b).loc["denies", "minimises"] == 1
    assert disagreements({"a": a, "b": b}, codes=["risk"]).to_dict("records") == [
        {"document": "d", "unit": 1, "code": "risk", "a": "denies", "b": "minimises"}
    ]
