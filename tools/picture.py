"""Draw docs/candor.svg, the picture of the main chart in the README (`make notebooks`)."""

from pathlib import Path

import matplotlib as mpl

import analysis

TARGET = Path(__file__).parent.parent / "docs" / "candor.svg"


def draw() -> str:
    """Draw the candor of the five documents, as the site shows it."""
    mpl.use("agg")
    from analysis.figures import plot_profile, svg_text

    coded = analysis.code_units(analysis.split_units(analysis.load_corpus("data")))
    return svg_text(plot_profile(analysis.candor_profile(coded)))


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8", newline="\n")
    print(TARGET.relative_to(Path.cwd()))
