import numpy as np
import pandas as pd
import pytest
from coded_units import coded_units, random_sources  # type: ignore[import-not-found]  # beside this file
from scipy import stats

from analysis.candor import candor_profile
from analysis.errors import CandorError
from analysis.ranks import (
    coding_sensitivity,
    compare_sources,
    drop_family,
    family_sensitivity,
    holm,
    rank_acceptability,
    shift_thresholds,
    threshold_sensitivity,
    tied_groups,
)

OPEN = [("acknowledges", 1, 0, 0, 0, "addictive;withdrawal;symptoms;help")] * 12 + [("none",)] * 8
CLOSED = [("none", 0, 1, 1)] * 20


def two():
    return pd.concat([coded_units(OPEN, "open"), coded_units(CLOSED, "closed")], ignore_index=True)


def test_every_source_has_some_rank_and_every_rank_some_source():
    ranks = rank_acceptability(random_sources(5), draws=300)
    cells = ranks[[f"rank_{r}" for r in range(1, 6)]].to_numpy()
    assert cells.sum(axis=0) == pytest.approx(np.ones(5), abs=1e-5)
    assert cells.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert (ranks.rank_low <= ranks["rank"]).all()


def test_an_open_source_keeps_its_rank_over_a_silent_one_in_every_draw():
    assert rank_acceptability(two(), draws=200)["kept"].tolist() == [1.0, 1.0]


def test_sources_that_tie_share_their_ranks_in_equal_parts():
    coded = pd.concat([coded_units(CLOSED, d) for d in "ab"], ignore_index=True)
    ranks = rank_acceptability(coded, draws=100)
    assert ranks[["rank_1", "rank_2"]].to_numpy().tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert ranks["kept"].tolist() == [1.0, 1.0], "both hold ranks 1 and 2 together, now and in every draw"


def test_a_share_is_tested_exactly_and_agrees_with_scipys_permutation_test():
    coded = pd.concat(
        [coded_units([("acknowledges",)] * k + [("none",)] * (12 - k), d) for d, k in (("a", 9), ("b", 3))]
    )
    row = compare_sources(coded, "acknowledges").iloc[0]
    samples = [np.r_[np.ones(k), np.zeros(12 - k)] for k in (9, 3)]
    reference = stats.permutation_test(samples, lambda x, y: np.mean(x) - np.mean(y), n_resamples=20_000, rng=1)
    assert row.difference == 0.5
    assert row.p == pytest.approx(0.0391, abs=1e-4)
    assert row.p == pytest.approx(reference.pvalue, abs=0.006)


def test_the_sampled_test_of_a_part_agrees_with_scipys_permutation_test():
    """Firmness over acknowledging statements only is a plain share, so SciPy can test it too."""
    sources = {"a": [0] * 9 + [1] * 3, "b": [0] * 4 + [1] * 8}
    coded = pd.concat([coded_units([("acknowledges", 1, 0, 0, h, "help") for h in hs], d) for d, hs in sources.items()])
    row = compare_sources(coded, "firmness", draws=20_000).iloc[0]
    samples = [1 - np.array(hs) for hs in sources.values()]
    reference = stats.permutation_test(samples, lambda x, y: np.mean(x) - np.mean(y), n_resamples=20_000, rng=1)
    assert row.p == pytest.approx(reference.pvalue, abs=0.01)


def test_open_and_silent_sources_differ_and_equal_ones_do_not():
    row = compare_sources(two(), draws=500).iloc[0]
    assert row.differs
    assert row.p_holm < 0.01
    same = pd.concat([coded_units(CLOSED, d) for d in "ab"], ignore_index=True)
    row = compare_sources(same, draws=200).iloc[0]
    assert row.p == 1
    assert not row.differs


def test_holm_multiplies_never_decreases_and_stops_at_1():
    assert holm(np.array([0.01, 0.02, 0.03, 0.5])).tolist() == [0.04, 0.06, 0.06, 0.5]
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).tolist() == []


def test_many_sources_are_compared_with_their_neighbours_in_rank_only():
    assert len(compare_sources(random_sources(13, units=8), draws=20)) == 12
    assert len(compare_sources(random_sources(13, units=8), "hedged")) == 12


def test_one_source_has_nothing_to_be_compared_with():
    assert compare_sources(coded_units(OPEN)).empty
    assert rank_acceptability(coded_units(OPEN), draws=20)["kept"].tolist() == [1.0]


def test_an_unknown_score_is_refused_with_those_allowed():
    with pytest.raises(CandorError, match="candor, disclosure"):
        compare_sources(two(), "honesty")


def test_tied_groups_may_overlap():
    profile = pd.DataFrame({"document": list("abc"), "candor": [0.9, 0.6, 0.3]})
    pairs = pd.DataFrame({"a": ["a", "a", "b"], "b": ["b", "c", "c"], "differs": [False, True, False]})
    assert tied_groups(profile, pairs) == [["a", "b"], ["b", "c"]]


def test_stricter_thresholds_take_codes_away_and_laxer_ones_add_some():
    coded = coded_units([("acknowledges", 1, 0, 0, 0, "help"), ("none",)])
    coded = coded.assign(p_addiction=[0.6, 0.1], p_acknowledges=[0.6, 0.45], p_minimises=[0.1, 0.2], p_denies=0.0)
    assert shift_thresholds(coded, 0.3)["risk"].tolist() == ["none", "none"]
    assert shift_thresholds(coded, -0.3)["risk"].tolist() == ["acknowledges", "acknowledges"]
    assert shift_thresholds(coded, 0.3)["addiction"].tolist() == [0, 0]
    table = threshold_sensitivity(coded, shifts=(0, 0.3))
    assert table.candor.tolist() == [candor_profile(coded, draws=0).candor[0], 0.0]


def test_a_code_is_lost_only_when_one_family_alone_argued_for_it():
    def cue(family, code):
        return {"family": family, "codes": (code,), "term": "t", "category": "c"}

    evidence = [(cue("addiction", "addiction"), cue("harms", "acknowledges")), (cue("addiction", "acknowledges"),), ()]
    coded = coded_units([("acknowledges", 1, 0, 0, 0, "help")] * 3, evidence=evidence)
    dropped = drop_family(coded, "addiction")
    assert dropped["addiction"].tolist() == [0, 1, 1]
    assert dropped["risk"].tolist() == [
        "acknowledges",
        "none",
        "acknowledges",
    ]
    table = family_sensitivity(coded)
    assert table["coding"].tolist() == ["without addiction", "without harms"]


def test_another_coding_is_compared_by_change_of_candor_and_rank():
    coded = two()
    other = coded.assign(risk="none")
    table = coding_sensitivity(coded, {"blind": other}).set_index("document")
    assert table.loc["open", "change"] == -candor_profile(coded, draws=0).candor[0]
    assert table.loc["closed", "rank_change"] == -1, "with nobody candid the silent source shares rank 1"
