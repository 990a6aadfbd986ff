"""The coding is held to what it can do: no capability may get worse than it was."""

from pathlib import Path

import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from analysis.behaviour import COLUMNS, KINDS, VALUES, above, failure_rates, load_cases, run_cases
from analysis.errors import CandorError
from analysis.training import load_examples
from analysis.units import split_units

DATA = Path(__file__).parent.parent / "data"
CASES = DATA / "behaviour" / "cases.csv"


@pytest.fixture(scope="module")
def cases():
    return load_cases(CASES)


@pytest.fixture(scope="module")
def results(cases):
    return run_cases(cases)


def test_there_are_at_least_20_capabilities_of_all_kinds_with_10_or_more_cases_each(cases):
    sizes = cases.groupby("capability").size()
    assert len(sizes) >= 20
    assert sizes.min() >= 10
    assert set(cases["kind"]) == set(KINDS)


def test_every_code_and_value_is_expected_somewhere(cases):
    expected = set(zip(cases["code"], cases["expected"], strict=True))
    assert expected == {(code, value) for code, values in VALUES.items() for value in values}


def test_cases_speak_of_many_substances(cases):
    focal = cases["focal"].str.partition(" > ")[0]
    assert focal.nunique() >= 20
    assert focal.value_counts(normalize=True).max() <= 0.2


def test_no_text_with_its_code_stands_in_two_cases(cases):
    assert not cases.duplicated(["text", "changed", "code"]).any()


def test_a_line_is_one_unit_so_that_the_last_line_is_what_is_judged(cases):
    texts = pd.concat([cases["text"], cases.loc[cases["changed"] != "", "changed"]], ignore_index=True)
    units = split_units(pd.DataFrame({"document": range(len(texts)), "focal": "kava", "text": texts}))
    lines = texts.str.count("\n") + 1
    assert units.groupby("document").size().tolist() == lines.tolist()


def test_no_case_is_among_the_examples_that_the_weights_are_fitted_on(cases):
    """Nine tenths of a text's runs of four letters in an example would be the same text with a word exchanged."""
    judged = pd.concat([cases["text"], cases["changed"]]).str.split("\n").str[-1].str.removeprefix("- ")
    # a heading or an item of a few words may well stand in both
    judged = judged[judged.str.split().str.len() >= 6].unique()
    examples = load_examples(DATA / "examples")["text"].unique()
    letters = CountVectorizer(analyzer="char", ngram_range=(4, 4), binary=True)
    of_cases, of_examples = letters.fit_transform(judged), letters.transform(examples)
    shared = (of_cases @ of_examples.T).max(axis=1).toarray().ravel() / of_cases.sum(axis=1).A1
    assert judged[shared > 0.9].tolist() == []


def test_no_capability_fails_more_often_than_its_ceiling(results):
    """After a change that is meant to be one, ``python -m analysis.behaviour`` stores new ceilings."""
    ceilings = pd.read_csv(DATA / "behaviour" / "ceilings.csv")
    rates = failure_rates(results)
    assert ceilings["capability"].tolist() == rates["capability"].tolist()
    assert ceilings["cases"].tolist() == rates["cases"].tolist()
    worse = above(rates, ceilings)
    assert worse.empty, worse.to_string()


def test_a_case_gets_the_same_answer_by_itself_as_among_others(cases, results):
    some = cases.iloc[::25]
    pd.testing.assert_frame_equal(run_cases(some), results.loc[some.index])


def test_a_coder_that_says_nothing_fails_every_direction_and_no_invariance(cases):
    silent = failure_rates(
        run_cases(
            cases, lambda units: units.assign(hedged=0, risk="none", addiction=0, other_addiction=0, commercial=0)
        )
    ).set_index("capability")
    negations = silent.loc["negate the harm"]
    assert (negations["failures"], negations["wrong"]) == (negations["cases"], negations["cases"])
    invariant = silent[silent["kind"] == "invariance"]
    assert invariant["failures"].sum() == 0
    assert (invariant["wrong"] == invariant["cases"]).all()


ROW = ["denials", "direction", "kava", "It harms.", "It does not harm.", "risk", "denies"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "luck"}, "case 1 ('It harms.') is of unknown kind 'luck'"),
        ({"code": "candor"}, "names the unknown code 'candor'"),
        ({"expected": "1"}, "expects '1' of risk"),
        ({"text": " "}, "has an empty cell"),
        ({"changed": ""}, "must have a second text"),
        ({"kind": "minimum functionality"}, "must have a second text if, and only if"),
    ],
)
def test_a_faulty_case_is_named(tmp_path, change, message):
    path = tmp_path / "cases.csv"
    pd.DataFrame([dict(zip(COLUMNS, ROW, strict=True)) | change]).to_csv(path, index=False)
    with pytest.raises(CandorError) as error:
        load_cases(path)
    assert message in str(error.value)


def test_a_faulty_file_is_named(tmp_path):
    path = tmp_path / "cases.csv"
    row = pd.DataFrame([ROW], columns=COLUMNS)
    for table, message in (
        (row.drop(columns="code"), "needs the columns capability"),
        (pd.concat([row, row]), "stands there twice"),
        (pd.concat([row, row.assign(kind="invariance", text="Other.")]), "mixes kinds"),
    ):
        table.to_csv(path, index=False)
        with pytest.raises(CandorError, match=message):
            load_cases(path)
    with pytest.raises(CandorError, match=r"missing\.csv: cannot be read"):
        load_cases(tmp_path / "missing.csv")
