import pytest
from coded_units import random_sources  # type: ignore[import-not-found]  # beside this file
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import CandorError
from analysis.scores import score_sources
from analysis.shift import REST, SHIFTS, cue_shift

CODED = random_sources(4, seed=3)


@settings(max_examples=25)
@given(st.sampled_from(list(SHIFTS)), st.integers(0, 6), st.permutations(["s000", "s001", "s002", "s003"]))
def test_contributions_add_up_to_the_difference_with_nothing_hidden(score, top, order):
    a, b = order[:2]
    shift = cue_shift(CODED, a, b, score, top)
    assert shift.contribution.sum() == pytest.approx(shift.attrs["difference"], abs=1e-6)
    assert shift.rate_a.sum() == pytest.approx(shift.attrs["rate_a"], abs=1e-6)
    assert shift.term.tolist()[-1] == REST
    assert len(shift) <= top + 1


def test_the_rates_are_those_of_the_score_table():
    scores = score_sources(CODED, draws=20).set_index("document")
    shift = cue_shift(CODED, "s000", "s001", "hedges")
    assert shift.attrs["rate_a"] == pytest.approx(scores.hedge_rate["s000"], abs=1e-5)
    assert shift.attrs["rate_b"] == pytest.approx(scores.hedge_rate["s001"], abs=1e-5)


def test_the_largest_contribution_comes_first_and_turning_the_pair_turns_the_sign():
    there, back = cue_shift(CODED, "s000", "s002"), cue_shift(CODED, "s002", "s000")
    sizes = there.contribution.abs().tolist()[:-1]
    assert sizes == sorted(sizes, reverse=True)
    assert there.contribution.tolist() == [-c + 0.0 for c in back.contribution]


def test_what_is_not_there_is_refused_by_name():
    with pytest.raises(CandorError, match="'nobody'"):
        cue_shift(CODED, "nobody", "s001")
    with pytest.raises(CandorError, match="promotion"):
        cue_shift(CODED, "s000", "s001", "praise")
    with pytest.raises(CandorError, match="evidence"):
        cue_shift(CODED.drop(columns="evidence"), "s000", "s001")
