"""How long do coding and 10,000 draws take? Run: ``python benchmarks/timing.py`` (1,000 pages; 5 sources, then 40)."""

import time

import numpy as np
import pandas as pd

from analysis import code_units, load_corpus, split_units
from analysis.candor import CHECKLIST, candor_profile
from analysis.paths import shipped
from analysis.ranks import compare_sources, rank_acceptability
from analysis.scores import score_sources


def made_sources(count: int, units: int = 60) -> pd.DataFrame:
    """Sources with random codes in sections of ten units."""
    rng = np.random.default_rng(0)
    n = count * units
    own = rng.random(n) < 0.2
    return pd.DataFrame(
        {
            "document": np.repeat([f"d{i:03d}" for i in range(count)], units),
            "unit": np.tile(np.arange(units), count),
            "section": np.tile(np.arange(units) // 10, count).astype(str),
            "text": "ten words of text stand in every unit of these",
            "hedged": (rng.random(n) < 0.3).astype(int),
            "risk": np.where(own, rng.choice(["acknowledges", "minimises", "denies"], n), "none"),
            "addiction": own.astype(int),
            "other_addiction": (rng.random(n) < 0.3).astype(int),
            "commercial": (rng.random(n) < 0.3).astype(int),
            "checklist": np.where(own, rng.choice(list(CHECKLIST), n), ""),
        }
    )


def made_pages(count: int = 1000, letters: int = 4000) -> pd.DataFrame:
    """Pages of so many letters, cut from the five documents at moving places."""
    text = "\n\n".join(load_corpus(shipped("data"))["text"])
    starts = [i * 997 % (len(text) - letters) for i in range(count)]
    return pd.DataFrame(
        {"document": [str(i) for i in range(count)], "focal": "kratom", "text": [text[s : s + letters] for s in starts]}
    )


def main() -> None:
    """Print seconds for each function."""
    pages = made_pages()
    code_units(split_units(pages.head(2)))  # what is loaded once
    start = time.process_time()
    coded = code_units(split_units(pages))
    print(f"{len(pages)} pages of 4 kB, {len(coded)} units: coded in {time.process_time() - start:.1f} s")
    for count in (5, 40):
        coded = made_sources(count)
        for function in (score_sources, candor_profile, rank_acceptability, compare_sources):
            start = time.perf_counter()
            function(coded, draws=10_000)
            print(f"{count} sources of 60 units, 10,000 draws: {function.__name__} {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
