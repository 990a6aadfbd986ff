"""How often do 95 % intervals of a share cover it? Run: ``python benchmarks/coverage.py`` (some minutes).

First table: one section, exact. Every possible count is weighed with its chance, so nothing is simulated: the
percentile bootstrap, BCa, the smoothed (Bayesian, Jeffreys) bootstrap, mid-P and Wilson's score interval, which the
package uses. Second table: `score_sources` itself on made sources with many short sections, whose shares are
alike or differ, simulated.
"""

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.scores import score_sources, share_interval

SHARES = np.linspace(0.02, 0.5, 97)
SIZES = (20, 30, 40, 60, 80, 100, 150, 200, 300, 400)


def percentile(n: int) -> np.ndarray:
    """Quantiles of the redrawn share: counts redrawn from a binomial with the observed share."""
    k = np.arange(n + 1)
    return np.array([stats.binom.ppf(q, n, k / n) / n for q in (0.025, 0.975)])


def bca(n: int) -> np.ndarray:
    """Efron's (1987) bias-corrected and accelerated quantiles; no width where nothing or everything was seen."""
    k = np.arange(1, n)
    p = k / n
    bias = stats.norm.ppf(stats.binom.cdf(k - 1, n, p) + stats.binom.pmf(k, n, p) / 2)
    accelerate = (1 - 2 * p) / (6 * np.sqrt(n * p * (1 - p)))
    ends = []
    for z in (-1.959964, 1.959964):
        level = stats.norm.cdf(bias + (bias + z) / (1 - accelerate * (bias + z)))
        ends.append(np.r_[0, stats.binom.ppf(level, n, p) / n, 1])
    return np.array(ends)


def smoothed(n: int) -> np.ndarray:
    """Bayesian bootstrap (Rubin 1981) with half a unit more of each kind: the Jeffreys interval."""
    k = np.arange(n + 1)
    low, high = (stats.beta.ppf(q, k + 0.5, n - k + 0.5) for q in (0.025, 0.975))
    return np.array([np.where(k == 0, 0, low), np.where(k == n, 1, high)])


def mid_p(n: int) -> np.ndarray:
    """Test inversion with half the chance of what was seen."""

    def tail(p: float, k: int) -> float:
        return float(stats.binom.sf(k, n, p) + stats.binom.pmf(k, n, p) / 2)

    ends = [
        (
            0.0 if k == 0 else optimize.brentq(lambda p, k=k: tail(p, k) - 0.025, 0, 1),
            1.0 if k == n else optimize.brentq(lambda p, k=k: tail(p, k) - 0.975, 0, 1),
        )
        for k in range(n + 1)
    ]
    return np.array(ends).T


def wilson(n: int) -> np.ndarray:
    """The package's interval."""
    return np.array([share_interval(k, n) for k in range(n + 1)]).T


def exact(method: Callable[[int], np.ndarray]) -> np.ndarray:
    """Coverage by size and share."""
    rows = []
    for n in SIZES:
        low, high = method(n)
        chance = stats.binom.pmf(np.arange(n + 1)[None, :], n, SHARES[:, None])
        rows.append((chance * ((low <= SHARES[:, None]) & (SHARES[:, None] <= high))).sum(axis=1))
    return np.array(rows)


def reachable(n: int) -> float:
    """Part of the shares for which any interval computed from the count could cover 93 to 97 in 100."""
    chance = stats.binom.pmf(np.arange(n + 1)[None, :], n, SHARES[:, None])
    sums = np.concatenate([np.zeros((len(SHARES), 1)), chance.cumsum(axis=1)], axis=1)
    runs = sums[:, None, :] - sums[:, :, None]
    return float(((runs >= 0.93) & (runs <= 0.97)).any(axis=(1, 2)).mean())


def made_sources(
    n: int, share: float, differ: float, count: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Sources of `n` units in sections of 1 to 12, whose own shares vary around `share` (`differ` is their ICC)."""
    sizes: list[int] = []
    while sum(sizes) < n:
        sizes.append(int(rng.integers(1, 13)))
    sizes[-1] -= sum(sizes) - n
    section = np.repeat(np.arange(len(sizes)), sizes)
    shape = (count, len(sizes))
    spread = 1 / differ - 1 if differ else 0
    chance = rng.beta(share * spread, (1 - share) * spread, shape) if differ else np.full(shape, share)
    hits = rng.random((count, n)) < chance[:, section]
    coded = pd.DataFrame(
        {
            "document": np.repeat([f"d{i:04d}" for i in range(count)], n),
            "section": np.tile(section, count).astype(str),
            "text": "x",
            "hedged": hits.ravel().astype(int),
        }
    )
    return coded.assign(risk="none", addiction=0, other_addiction=0, commercial=0), chance[:, section].mean(axis=1)


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sources", type=int, default=600, help="made sources a cell of the second table")
    options.add_argument("--draws", type=int, default=500)
    given = options.parse_args()
    rows = {}
    for method in (percentile, bca, smoothed, mid_p, wilson):
        coverage = exact(method)
        inside = (coverage >= 0.93) & (coverage <= 0.97)
        rows[method.__name__] = {
            "mean": coverage.mean(),
            "least": coverage.min(),
            "most": coverage.max(),
            "93 to 97": inside.mean(),
            **{f"n={n}": inside[SIZES.index(n)].mean() for n in (20, 40, 100, 400)},
        }
    rows["(reachable)"] = {
        "93 to 97": np.mean([reachable(n) for n in SIZES]),
        **{f"n={n}": reachable(n) for n in (20, 40, 100, 400)},
    }
    print(
        "Exact coverage, one section: shares 2 to 50 %, n 20 to 400; last columns: part of the shares inside 93 to 97 %"
    )
    print((100 * pd.DataFrame(rows).T).round(1).to_string(na_rep=""))
    rng = np.random.default_rng(0)
    cells = {}
    for differ in (0.0, 0.2, 0.5):
        for n in (20, 50, 100, 400):
            for share in (0.05, 0.1, 0.2, 0.3, 0.5):
                coded, truth = made_sources(n, share, differ, given.sources, rng)
                scores = score_sources(coded, draws=given.draws)
                covered = (scores.hedged_low.to_numpy() <= truth + 1e-6) & (
                    truth - 1e-6 <= scores.hedged_high.to_numpy()
                )
                cells[f"ICC {differ:.1f}, n={n}", share] = covered.mean()
    print(f"\nSimulated coverage of score_sources, short sections, {given.sources} sources a cell, by true share")
    print(
        (100 * pd.Series(cells).unstack(sort=False)).round(1).assign(mean=lambda t: t.mean(axis=1).round(1)).to_string()
    )


if __name__ == "__main__":
    main()
