import numpy as np
import pandas as pd
import pytest
from coded_units import KEYS, coded_units, random_sources  # type: ignore[import-not-found]  # beside this file
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.candor import (
    CHECKLIST,
    PARTS,
    WEIGHTS,
    balance,
    candor_profile,
    checklist,
    composite,
    directness,
    disclosure,
    firmness,
    prominence,
    statements_of,
)
from analysis.errors import CandorError


def profile(rows, **columns):
    return candor_profile(coded_units(rows, **columns), draws=0).iloc[0]


def test_a_source_that_never_speaks_of_its_own_addiction_scores_0():
    row = profile([("none", 0, 1, 1), ("acknowledges", 0), ("none",)])
    assert [row[p] for p in PARTS] == [0, 0, 0, 0, 0]
    assert row.candor == 0
    assert row.own_statements == 0
    assert np.isnan(row.first_position)


def test_a_source_that_only_denies_scores_0_however_much_other_harm_it_admits():
    row = profile([("denies", 1, 0, 0, 0, "addictive"), ("acknowledges",), ("acknowledges",)])
    assert row.candor == 0
    assert row.balance == 0
    assert row.own_denied == 1


def test_a_heading_that_only_names_the_topic_says_nothing():
    assert profile([("none", 1, 0, 0, 0, "addictive")]).candor == 0


def test_a_source_that_says_all_seven_things_early_firmly_and_without_selling_scores_1():
    row = profile([("acknowledges", 1, 0, 0, 0, ";".join(KEYS))])
    assert row.candor == 1


def test_the_parts_are_those_worked_out_by_hand():
    rows = [
        ("none", 0, 0, 1),  # promotion opens the text
        ("acknowledges", 1, 0, 0, 1, "addictive;withdrawal"),  # hedged
        ("minimises", 1, 0, 0, 0, "dependence"),
        ("denies", 1, 0, 0, 0, "addictive"),
        ("acknowledges", 1, 0, 0, 0, "withdrawal"),
        *[("none",)] * 5,
    ]
    row = profile(rows)
    assert row.disclosure == pytest.approx(2 / 7, abs=1e-6), "addictive and withdrawal"
    assert row.directness == pytest.approx((2 + 0.5 - 0.5) / 4), "two admitted, one half, one taken back by half"
    assert row.firmness == pytest.approx(1 / 2)
    assert row.prominence == pytest.approx((0.9 + 1) / 2), (
        "first after a tenth of the text; 3 of 10 is more than a quarter"
    )
    assert row.balance == pytest.approx(2 / 3)
    assert row.candor == pytest.approx(0.5 * (0.5 * 2 / 7 + 0.25 * 0.95 + 0.125 * 0.5 + 0.125 * 2 / 3), abs=1e-6)


def test_a_list_with_its_lead_in_counts_as_one_statement():
    rows = [("acknowledges", 1, 0, 0, 0, "symptoms")] * 6 + [("denies", 1, 0, 0, 0, "addictive")]
    row = profile(rows, statement=[0, 0, 0, 0, 0, 0, 1])
    assert (row.statements, row.own_acknowledged, row.own_denied) == (2, 1, 1)
    assert row.directness == pytest.approx(0.25)


def test_a_mixed_list_takes_the_stance_of_most_of_its_units_and_the_less_candid_of_equals():
    for risks, stance in (
        (("acknowledges", "acknowledges", "denies"), "own_acknowledged"),
        (("acknowledges", "denies"), "own_denied"),
    ):
        row = profile([(r, 1, 0, 0, 0, "addictive") for r in risks], statement=0)
        assert row[stance] == 1
        assert row.own_statements == 1


def test_a_passing_mention_ranks_above_silence_and_below_a_plain_account():
    silence = [("none",)] * 12
    passing = [*silence[:-1], ("acknowledges", 1, 0, 0, 1, "addictive")]
    played_down = [*silence[:-1], ("minimises", 1, 0, 0, 0, "addictive")]
    plain = [
        ("acknowledges", 1, 0, 0, 0, "addictive;withdrawal"),
        ("acknowledges", 1, 0, 0, 0, "dependence"),
        *silence[2:],
    ]
    values = [profile(rows).candor for rows in (silence, played_down, passing, plain)]
    assert values == sorted(values)
    assert len(set(values)) == 4


def test_formulas_of_parts_agree_with_the_table():
    row = candor_profile(random_sources(1), draws=0).iloc[0]
    assert row.disclosure == pytest.approx(disclosure(row.items_acknowledged), abs=1e-6)
    assert row.directness == pytest.approx(
        directness(row.own_acknowledged, row.own_minimised, row.own_denied), abs=1e-6
    )
    assert row.firmness == pytest.approx(firmness(row.own_firm, row.own_acknowledged), abs=1e-6)
    admitted = row.own_acknowledged + row.own_minimised
    assert row.prominence == pytest.approx(prominence(row.first_position, admitted, row.statements), abs=1e-6)
    assert row.balance == pytest.approx(balance(row.harm_statements, row.promotion_statements), abs=1e-6)
    assert row.candor == pytest.approx(composite({p: row[p] for p in PARTS}), abs=1e-5)


def test_weights_are_declared_for_every_part_but_the_one_that_multiplies_and_add_up_to_1():
    assert set(WEIGHTS) == set(PARTS) - {"directness"}
    assert sum(WEIGHTS.values()) == 1


def test_the_checklist_tells_contradiction_from_acknowledgement_denial_playing_down_and_silence():
    rows = [
        ("acknowledges", 1, 0, 0, 0, "addictive;withdrawal"),
        ("denies", 1, 0, 0, 0, "addictive;tolerance"),
        ("minimises", 1, 0, 0, 0, "dependence;withdrawal"),
        ("denies", 1, 0, 0, 0, "help"),
        ("minimises", 1, 0, 0, 0, "help"),
        ("none", 1, 0, 0, 0, "at_risk"),
    ]
    table = checklist(coded_units(rows)).set_index("item")
    assert table.stance.to_dict() == {
        "addictive": "contradictory",
        "dependence": "played down",
        "tolerance": "denied",
        "withdrawal": "acknowledged",
        "symptoms": "silent",
        "at_risk": "silent",
        "help": "contradictory",
    }
    assert table.loc["withdrawal", ["acknowledges", "minimises", "denies"]].tolist() == [(0,), (2,), ()]
    assert table.label.tolist() == list(CHECKLIST.values())


def test_disclosure_is_the_number_of_things_with_an_acknowledging_unit():
    coded = random_sources(6)
    said = (
        checklist(coded).assign(said=lambda t: t.acknowledges.map(len) > 0).groupby("document", sort=False).said.sum()
    )
    assert candor_profile(coded, draws=0).items_acknowledged.tolist() == said.tolist()


def test_an_unknown_checklist_key_and_a_missing_column_are_refused_by_name():
    with pytest.raises(CandorError, match="tapering"):
        profile([("acknowledges", 1, 0, 0, 0, "tapering")])
    with pytest.raises(CandorError, match="checklist"):
        candor_profile(coded_units([("none",)]).drop(columns="checklist"))


def test_no_unit_gives_the_columns_and_no_row():
    coded = coded_units([("none",)])
    for draws in (0, 10):
        assert list(candor_profile(coded.iloc[:0], draws=draws)) == list(candor_profile(coded, draws=draws))
        assert len(candor_profile(coded.iloc[:0], draws=draws)) == 0
    assert list(checklist(coded.iloc[:0])) == list(checklist(coded))


def test_draws_and_a_seed_below_0_are_refused_by_name():
    coded = coded_units([("none",)])
    with pytest.raises(CandorError, match="^seed -1: is below 0; give 0 or more$"):
        candor_profile(coded, seed=-1)
    with pytest.raises(CandorError, match="^draws -5: is below 0; give 0 or more$"):
        candor_profile(coded, draws=-5)


def test_equal_sources_share_the_best_rank():
    coded = pd.concat(
        [coded_units([("none",)], d) for d in "ab"] + [coded_units([("acknowledges", 1, 0, 0, 0, "help")], "c")]
    )
    assert candor_profile(coded, draws=0)["rank"].tolist() == [2, 2, 1]


def test_every_part_lies_in_its_interval():
    table = candor_profile(random_sources(12), draws=300)
    for name in (*PARTS, "candor"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()


unit = st.tuples(
    st.sampled_from(["none", "acknowledges", "minimises", "denies"]),
    *[st.integers(0, 1)] * 4,
    st.sets(st.sampled_from(KEYS)).map(";".join),
)
units = st.lists(unit, min_size=1, max_size=20)


@settings(max_examples=25)
@given(units)
def test_parts_and_composite_lie_between_0_and_1(rows):
    row = candor_profile(coded_units(rows), draws=20).iloc[0]
    values = row[[f"{p}{end}" for p in (*PARTS, "candor") for end in ("", "_low", "_high")]]
    assert ((values >= 0) & (values <= 1)).all()


@settings(max_examples=25)
@given(units, st.sets(st.sampled_from(KEYS)).map(";".join), st.integers(0, 1))
def test_adding_an_acknowledging_unit_never_lowers_disclosure(rows, keys, hedged):
    more = [*rows, ("acknowledges", 1, 0, 0, hedged, keys)]
    assert profile(more).disclosure >= profile(rows).disclosure


@settings(max_examples=25)
@given(units, st.data())
def test_adding_a_denial_never_raises_directness_not_even_inside_a_list(rows, data):
    statement = data.draw(st.lists(st.integers(0, 5), min_size=len(rows), max_size=len(rows)))
    joined = data.draw(st.integers(0, 6))
    before = profile(rows, statement=statement).directness
    after = profile([*rows, ("denies", 1, 0, 0, 0, "addictive")], statement=[*statement, joined]).directness
    assert after <= before


@settings(max_examples=25)
@given(units)
def test_doubling_the_text_leaves_disclosure_directness_firmness_and_balance_alone(rows):
    once, twice = profile(rows), profile(rows * 2)
    for part in ("disclosure", "directness", "firmness", "balance"):
        assert once[part] == twice[part]


@settings(max_examples=25)
@given(st.permutations(["s000", "s001", "s002"]))
def test_the_order_of_sources_does_not_matter(order):
    coded = random_sources(3)
    turned = pd.concat([coded[coded.document == d] for d in order])
    again = candor_profile(turned, draws=40).sort_values("document", ignore_index=True)
    pd.testing.assert_frame_equal(candor_profile(coded, draws=40), again)


def test_statements_keep_reading_order():
    source = statements_of(coded_units([("none",), ("acknowledges", 1), ("none",), ("none",)]))["a"]
    assert source.first.tolist() == [0, 0.25, 0.5, 0.75]
    assert source.acknowledged.tolist() == [0, 1, 0, 0]
