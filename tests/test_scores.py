import numpy as np
import pandas as pd
import pytest
from coded_units import coded_units, random_sources  # type: ignore[import-not-found]  # beside this file
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.codes import CODES
from analysis.errors import CandorError
from analysis.scores import (
    SPLITS,
    indicators,
    join_sections,
    rate,
    rate_interval,
    score_sources,
    share,
    share_interval,
)


def test_counts_and_shares_are_those_counted_by_hand():
    coded = coded_units([("acknowledges", 1, 0, 0, 1), ("denies", 1), ("none", 0, 1, 1), ("none",)])
    row = score_sources(coded, draws=50).iloc[0]
    assert (row.units, row.words) == (4, 24), "four units of six words"
    assert [row[f"{c}_count"] for c in CODES] == [1, 1, 0, 1, 2, 1, 1]
    assert [row[f"{c}_share"] for c in CODES] == [0.25, 0.25, 0, 0.25, 0.5, 0.25, 0.25]


def test_hedging_is_split_by_its_target_each_with_its_own_denominator():
    rows = [("acknowledges", 0, 0, 0, 1), ("acknowledges",), ("none", 0, 0, 1, 1), ("none", 0, 0, 0, 1)]
    row = score_sources(coded_units(rows, hedge_target=["harm", "", "benefit", "other"]), draws=50).iloc[0]
    assert (row.hedged_harm_count, row.hedged_harm_total, row.hedged_harm_share) == (1, 2, 0.5)
    assert (row.hedged_benefit_count, row.hedged_benefit_total, row.hedged_benefit_share) == (1, 1, 1.0)
    assert row.hedged_harm_count + row.hedged_benefit_count + row.hedged_other_count == row.hedged_count


def test_deflection_counts_units_that_speak_only_of_another_substance():
    row = score_sources(
        coded_units([("acknowledges", 1, 1), ("none", 0, 1), ("none", 0, 1), ("none",)]), draws=50
    ).iloc[0]
    assert (row.deflection_count, row.deflection_total) == (2, 3)


def test_rates_count_hedges_but_no_boosters_and_no_harm_of_another_substance():
    def cue(family, category="x", whose=""):
        return {"family": family, "category": category, "whose": whose, "term": "t"}

    evidence = (cue("hedges", "modal"), cue("hedges", "booster"), cue("addiction", whose="other"), cue("harms"))
    coded = coded_units([("none",)] * 2, evidence=[evidence, (cue("promotion"),)])
    row = score_sources(coded, draws=50).iloc[0]
    assert (row.hedge_cues, row.risk_cues, row.promotion_cues) == (1, 1, 1)
    assert row.hedge_rate == pytest.approx(1000 / 12), "one hedge in twelve words"


def test_evidence_may_come_as_json_from_a_csv_file():
    coded = coded_units([("none",)], evidence='[{"family": "hedges", "category": "modal", "term": "may"}]')
    assert score_sources(coded, draws=50).hedge_cues.tolist() == [1]


def test_a_share_or_rate_of_nothing_is_nan_without_a_warning():
    assert np.isnan([share(0, 0), rate(0, 0), *share_interval(0, 0), *rate_interval(0, 0)]).all()
    row = score_sources(coded_units([("none",)], text=""), draws=50).iloc[0]
    assert np.isnan(row.deflection_share)
    assert np.isnan(row.hedge_rate)


def test_share_intervals_are_those_of_scipys_wilson_interval():
    for count, total in [(0, 20), (1, 20), (7, 20), (20, 20), (3, 400)]:
        expected = stats.binomtest(count, total).proportion_ci(method="wilson")
        assert share_interval(count, total) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_a_table_without_a_needed_column_is_refused_by_name():
    with pytest.raises(CandorError, match="commercial"):
        score_sources(coded_units([("none",)]).drop(columns="commercial"))


def test_no_unit_gives_the_columns_and_no_row():
    coded = coded_units([("none",)])
    assert list(score_sources(coded.iloc[:0])) == list(score_sources(coded, draws=10))
    assert len(score_sources(coded.iloc[:0])) == 0


def test_draws_and_a_seed_below_0_are_refused_by_name():
    coded = coded_units([("none",)])
    with pytest.raises(CandorError, match="^seed -1: is below 0; give 0 or more$"):
        score_sources(coded, seed=-1)
    with pytest.raises(CandorError, match="^draws -5: is below 0; give 0 or more$"):
        score_sources(coded, draws=-5)


def test_one_unit_gets_a_wide_interval_and_no_warning():
    row = score_sources(coded_units([("acknowledges", 1)]), draws=50).iloc[0]
    assert row.acknowledges_share == 1
    assert row.acknowledges_low < 0.3
    assert row.acknowledges_high == 1


def test_short_sections_are_joined_and_none_stays_alone():
    sections = pd.Series(list("aabbbbbbc"))
    assert join_sections(sections).tolist() == [0] * 9, "two and six make one; the last joins it"
    assert join_sections(pd.Series(["a"] * 3)).tolist() == [0, 0, 0], "a source shorter than a section is one"


def test_sections_that_differ_make_a_share_surer():
    rows = [("acknowledges",)] * 18 + [("none",)] * 2 + [("none",)] * 18 + [("acknowledges",)] * 2
    one = score_sources(coded_units(rows), draws=4000).iloc[0]
    two = score_sources(coded_units(rows, section=["harm"] * 20 + ["history"] * 20), draws=4000).iloc[0]
    width = [row.acknowledges_high - row.acknowledges_low for row in (one, two)]
    assert width[1] < 0.75 * width[0]


@pytest.mark.parametrize("n", [20, 100, 400])
def test_95_percent_intervals_cover_a_known_share_93_to_97_times_in_100(n):
    """Exact coverage: every possible count weighed with its chance, averaged over shares of 5 to 50 %."""
    counts = np.arange(n + 1)
    low, high = np.array([share_interval(k, n) for k in counts]).T
    shares = np.linspace(0.05, 0.5, 46)
    coverage = [stats.binom.pmf(counts, n, p)[(low <= p) & (p <= high)].sum() for p in shares]
    assert 0.93 <= np.mean(coverage) <= 0.97
    assert np.mean([0.93 <= c <= 0.97 for c in coverage]) >= {20: 0.7, 100: 0.95, 400: 1.0}[n]


@pytest.mark.parametrize("differ", [0.0, 0.3])
def test_coverage_holds_when_sections_are_short_and_differ(differ):
    """The whole path, sections and redrawn units included, on 300 made sources of 60 units with a known share."""
    rng = np.random.default_rng(7)
    sections = np.repeat(np.arange(10), 6)
    chance = (
        rng.beta(0.3 / differ * (1 - differ), 0.7 / differ * (1 - differ), (300, 10))
        if differ
        else np.full((300, 10), 0.3)
    )
    hits = rng.random((300, 60)) < chance[:, sections]
    frames = [
        pd.DataFrame({"document": f"d{i:03d}", "section": sections.astype(str), "text": "x", "hedged": row.astype(int)})
        for i, row in enumerate(hits)
    ]
    coded = pd.concat(frames, ignore_index=True).assign(risk="none", addiction=0, other_addiction=0, commercial=0)
    scores = score_sources(coded, draws=400)
    covered = (scores.hedged_low <= chance.mean(axis=1)) & (chance.mean(axis=1) <= scores.hedged_high)
    assert 0.92 <= covered.mean() <= 0.985


def test_redrawn_sources_give_the_intervals_that_endless_draws_tend_to():
    coded = random_sources(3, seed=5)
    drawn, exact = score_sources(coded, draws=20_000), score_sources(coded, draws=0)
    ends = [f"{name}{end}" for name in CODES for end in ("_low", "_high")] + ["hedge_rate_low", "hedge_rate_high"]
    assert drawn[ends].to_numpy() == pytest.approx(exact[ends].to_numpy(), rel=0.05, abs=0.005)


def test_a_seed_gives_the_same_scores_and_the_order_of_sources_does_not_matter():
    coded = random_sources(3)
    scores = score_sources(coded, draws=200)
    pd.testing.assert_frame_equal(scores, score_sources(coded, draws=200))
    turned = pd.concat([coded[coded.document == d] for d in ("s002", "s000", "s001")])
    again = score_sources(turned, draws=200).sort_values("document", ignore_index=True)
    pd.testing.assert_frame_equal(scores, again)


units = st.lists(
    st.tuples(
        st.sampled_from(["none", "acknowledges", "minimises", "denies"]),
        *[st.integers(0, 1)] * 4,
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25)
@given(units)
def test_shares_lie_in_their_intervals_between_0_and_1(rows):
    row = score_sources(coded_units(rows), draws=30).iloc[0]
    for name in (*CODES, *SPLITS):
        value, low, high = (row[f"{name}_{end}"] for end in ("share", "low", "high"))
        assert np.isnan(value) or 0 <= low <= value <= high <= 1


@settings(max_examples=25)
@given(units)
def test_doubling_the_text_leaves_shares_alone(rows):
    once, twice = (score_sources(coded_units(rows * k), draws=20).iloc[0] for k in (1, 2))
    for name in (*CODES, *SPLITS):
        assert once[f"{name}_share"] == twice[f"{name}_share"] or np.isnan(once[f"{name}_share"])


def test_indicators_count_each_unit_once():
    table = indicators(coded_units([("acknowledges", 1, 1, 1, 1)]))
    assert table.n_units.tolist() == [1]
    assert table.n_deflection_total.tolist() == [1]
