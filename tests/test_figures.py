import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from coded_units import coded_units, random_sources  # type: ignore[import-not-found]  # beside this file
from matplotlib.colors import to_hex
from matplotlib.text import Text

from analysis import figures
from analysis.candor import PARTS, candor_profile, checklist
from analysis.drawing import clean_label, figure_of, names_of
from analysis.ranks import rank_acceptability
from analysis.scores import score_sources
from analysis.shift import cue_shift

KINDS = ("profile", "checklist", "whose", "positions", "hedge_targets", "cue_shift", "rank_acceptability", "shares")


def tables(coded, draws=60):
    scores = score_sources(coded, draws=0)
    documents = coded.document.unique()
    return {
        "profile": candor_profile(coded, draws),
        "checklist": checklist(coded),
        "whose": scores,
        "positions": coded,
        "hedge_targets": scores,
        "cue_shift": cue_shift(coded, documents[0], documents[-1]),
        "rank_acceptability": rank_acceptability(coded, draws),
        "shares": scores,
    }


@pytest.fixture(scope="module")
def five():
    return tables(random_sources(5))


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def draw(kind, table, **options):
    return np.ravel(np.asarray(getattr(figures, f"plot_{kind}")(table, **options), dtype=object))


def luminance(colour):
    rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def overlapping(axes):
    """Pairs of texts (and titles, and labels) of a figure whose boxes overlap by more than a pixel, or that leave it."""
    figure = figure_of(axes[0])
    figure.draw_without_rendering()
    texts = list(figure.texts)  # the title among them
    for legend in figure.legends:
        texts += legend.get_texts()
    for ax in figure.axes:
        ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
        texts += [*(c for c in ax.get_children() if isinstance(c, Text)), ax.xaxis.label, ax.yaxis.label]
        texts += [t for t in ticks if ax.get_xlim()[0] <= t.get_position()[0] <= ax.get_xlim()[1]]
    shown = [t for t in texts if t.get_visible() and t.get_text().strip()]
    turned = [t for t in shown if t.get_rotation() % 90]  # slanted names lie side by side although their boxes cross
    boxes = [(t.get_text(), t.get_window_extent()) for t in shown if t not in turned]
    bad = [
        (a, b)
        for (a, p), (b, q) in itertools.combinations(boxes, 2)
        if min(p.x1, q.x1) - max(p.x0, q.x0) > 1 and min(p.y1, q.y1) - max(p.y0, q.y0) > 1
    ]
    whole = figure.bbox
    bad += [(t, "edge") for t, b in boxes if b.x0 < -1 or b.x1 > whole.x1 + 1 or b.y0 < -1 or b.y1 > whole.y1 + 1]
    return bad


@pytest.mark.parametrize(("count", "width"), [(1, 7.2), (2, 3.5), (5, 7.2), (5, 3.5), (40, 3.5)])
def test_no_label_lies_on_another_or_leaves_the_figure(count, width):
    for kind, table in tables(random_sources(count), draws=30).items():
        assert overlapping(draw(kind, table, width=width)) == [], f"{kind} of {count} sources, {width} inches"
        plt.close("all")


def test_400_sources_stay_readable_by_switching_form():
    made = tables(random_sources(400, units=6), draws=10)
    for kind, table in made.items():
        axes = draw(kind, table)
        assert overlapping(axes) == [], kind
        assert figure_of(axes[0]).get_size_inches()[1] <= 11, f"{kind} fits a page"
        assert len(getattr(figures, f"describe_{kind}")(table)) < 600, f"{kind} is summed up, not listed"
        plt.close("all")


@pytest.mark.parametrize("rows", [[("none",)], [("none",)] * 3, [("denies", 1)], [("none", 0, 1, 1, 1, "")]])
def test_a_source_with_nothing_to_show_is_drawn_without_a_warning(rows):
    for kind, table in tables(coded_units(rows), draws=10).items():
        assert overlapping(draw(kind, table, width=3.5)) == [], kind
        assert getattr(figures, f"headline_{kind}")(table)
        assert getattr(figures, f"describe_{kind}")(table)


def test_the_title_is_the_headline_unless_another_is_given(five):
    for kind, table in five.items():
        title = figure_of(draw(kind, table)[0]).get_suptitle().replace("\n", " ")
        assert title == getattr(figures, f"headline_{kind}")(table), kind
        plt.close("all")
    assert figure_of(draw("whose", five["whose"], title="")[0]).get_suptitle() == ""
    assert figure_of(draw("whose", five["whose"], title="Mine")[0]).get_suptitle() == "Mine"


def test_a_figure_is_drawn_on_the_axes_that_it_is_given(five):
    for kind in ("checklist", "whose", "positions", "hedge_targets", "cue_shift", "rank_acceptability"):
        _, ax = plt.subplots()
        assert draw(kind, five[kind], ax=ax)[0] is ax
    _, axes = plt.subplots(1, 6)
    assert list(draw("profile", five["profile"], axes=axes)) == list(axes)
    _, axes = plt.subplots(1, 3)
    assert list(draw("shares", five["shares"], ax=axes)) == list(axes)


def test_the_same_table_gives_the_same_bytes_whatever_style_is_in_force(five):
    for kind in ("profile", "checklist", "cue_shift"):
        table = five[kind]
        first = figures.svg_text(draw(kind, table)[0])
        with plt.style.context("dark_background"):
            assert figures.svg_text(draw(kind, table)[0]) == first, kind
        assert "<text" in first, "text stays text"
        assert "<dc:date>" not in first, "undated"
        plt.close("all")


def test_dots_of_the_profile_stand_at_their_values_in_order_of_candor(five):
    profile = five["profile"].sort_values("candor", ascending=False)
    for part, ax in zip(("candor", *PARTS), draw("profile", five["profile"]), strict=True):
        assert np.asarray(ax.collections[1].get_offsets())[:, 0] == pytest.approx(profile[part].to_numpy(), abs=1e-6)
        lines = [segment[:, 0] for segment in ax.collections[0].get_segments()]
        assert np.array(lines) == pytest.approx(profile[[f"{part}_low", f"{part}_high"]].to_numpy(), abs=1e-6)
        assert [t.get_text() for t in ax.texts] == [f"{v:.2f}" for v in profile[part]]


def test_every_cell_of_the_checklist_has_the_mark_of_its_stance(five):
    ax = draw("checklist", five["checklist"])[0]
    drawn = {c.get_label(): len(c.get_offsets()) for c in ax.collections if c.get_label() in figures.STANCE_MARKS}
    counted = five["checklist"].stance.value_counts()
    assert drawn == {stance: counted.get(stance, 0) for stance in figures.STANCE_MARKS}
    assert len({marker for marker, _ in figures.STANCE_MARKS.values()}) == 5, "told apart without colour"


def test_bars_of_whose_addiction_are_as_long_as_their_counts(five):
    ax = draw("whose", five["whose"])[0]
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == [-n for n in five["whose"].addiction_count] + list(five["whose"].deflection_count)
    assert sorted(int(t.get_text()) for t in ax.texts) == sorted(abs(int(w)) for w in widths)


def test_every_unit_stands_at_its_place_in_the_text():
    coded = coded_units([("acknowledges", 1), ("none",), ("denies", 0), ("none", 0, 0, 1)])
    ax = draw("positions", coded)[0]
    bars = [(round(b.get_x(), 3), round(b.get_height(), 2)) for b in ax.patches]
    assert bars == [(0, -0.38), (0.5, -0.2), (0.75, 0.24)], "tall and up, short and up, down"


def test_hedged_harms_and_benefits_are_labelled_with_their_counts(five):
    ax = draw("hedge_targets", five["hedge_targets"])[0]
    texts = {t.get_text() for t in ax.texts}
    for row in five["hedge_targets"].itertuples():
        if row.hedged_harm_total:
            assert f"{row.hedged_harm_count} of {row.hedged_harm_total} harms" in texts


def test_bars_of_the_cue_shift_add_up_to_the_last_bar(five):
    ax = draw("cue_shift", five["cue_shift"])[0]
    *parts, whole = [bar.get_width() for bar in ax.patches]
    assert sum(parts) == pytest.approx(whole, abs=1e-4)
    assert ax.get_yticklabels()[-2].get_text().startswith("all other cues")


def test_cells_of_rank_acceptability_carry_their_share_as_a_number(five):
    ax = draw("rank_acceptability", five["rank_acceptability"])[0]
    cells = five["rank_acceptability"].filter(regex=r"^rank_\d").to_numpy()
    assert len(ax.texts) == (cells >= 0.005).sum()
    frames = [p for p in ax.patches if p.get_facecolor()[3] == 0]
    assert len(frames) == 5, "each source's rank now is framed"
    faces = {
        (round(p.get_x() + 0.1), round(p.get_y() + 0.1)): p.get_facecolor()
        for p in ax.patches
        if p.get_facecolor()[3] == 1
    }
    for text in ax.texts:
        face = luminance(to_hex(faces[tuple(round(at - 0.2) for at in text.get_position())]))
        ink = luminance(to_hex(text.get_color()))
        assert (max(face, ink) + 0.05) / (min(face, ink) + 0.05) >= 4.5, text.get_text()


def test_shares_show_count_and_denominator(five):
    axes = draw("shares", five["shares"])
    assert [t.get_text() for t in axes[0].texts] == [
        f"{r.hedged_count} of {r.units}" for r in five["shares"].itertuples()
    ]


def test_names_that_are_markup_or_unprintable_are_drawn_as_plain_text():
    hostile = ["$x^2$ </svg><script>", "漢字 \u202eevil", "a\nb" * 30, "="]
    coded = pd.concat(
        [coded_units([("acknowledges", 1), ("none", 0, 1)], d, title=f"{d} title") for d in hostile], ignore_index=True
    )
    for kind, table in tables(coded, draws=10).items():
        axes = draw(kind, table)
        assert overlapping(axes) == [], kind
        assert "<script" not in figures.svg_text(axes[0])
        plt.close("all")


def test_names_that_shortening_makes_alike_stay_apart():
    table = pd.DataFrame({"document": ["a" * 60 + "1", "a" * 60 + "2"]})
    names = list(names_of(table, 7.2).values())
    assert len(set(names)) == 2
    assert names[1].endswith("(2)")
    assert len(clean_label("x" * 100)) <= 22


def test_descriptions_name_every_source_and_number_of_a_small_figure(five):
    for kind in KINDS:
        text = getattr(figures, f"describe_{kind}")(five[kind])
        if kind != "cue_shift":
            assert all(f"s00{i}" in text for i in range(5)), kind
    profile = five["profile"].iloc[0]
    assert (
        f"s000: candor {profile.candor:.2f} (95% interval {profile.candor_low:.2f} to {profile.candor_high:.2f})"
        in (figures.describe_profile(five["profile"]))
    )


def test_headlines_follow_the_numbers():
    profile = pd.DataFrame({"document": ["a", "b", "c"], "candor": [0.2, 0.7, 0.7], "own_statements": [1, 2, 3]})
    assert figures.headline_profile(profile) == "Sources b and c are the most candid (0.70 of 1), a the least (0.20)"
    silent = profile.assign(candor=0.0, own_statements=0)
    assert figures.headline_profile(silent) == "All 3 sources say nothing of addiction to their substance"
    assert (
        figures.headline_profile(silent.assign(own_statements=1))
        == "None of 3 sources admits that its substance can be addictive"
    )
    ranks = pd.DataFrame({"document": list("abc"), "rank": [1, 2, 3], "kept": [0.99, 0.4, 0.5]})
    assert figures.headline_rank_acceptability(ranks).endswith("b keeps rank 2 in 40%")


def test_colours_are_told_apart_from_white():
    for code, colour in figures.CODE_COLOURS.items():
        if code != "none":
            assert 1.05 / (luminance(colour) + 0.05) >= 4.5, code
