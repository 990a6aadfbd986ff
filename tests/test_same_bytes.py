import hashlib
import os
import subprocess
import sys
from pathlib import Path

from coded_units import random_sources  # type: ignore[import-not-found]  # beside this file

from analysis.candor import candor_profile
from analysis.figures import plot_profile, svg_text
from analysis.ranks import compare_sources, rank_acceptability
from analysis.scores import score_sources

# Old processors: no AVX in NumPy's own loops, and OpenBLAS kernels from 2004.
OLD = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL"}


def fingerprint():
    """Give one line that changes when any byte of a table or a figure does."""
    coded = random_sources(4)
    tables = [f(coded, draws=500) for f in (score_sources, candor_profile, rank_acceptability, compare_sources)]
    drawn = svg_text(plot_profile(tables[1]))
    return hashlib.sha256("".join([*(t.to_csv() for t in tables), drawn]).encode()).hexdigest()


def test_a_seed_gives_the_same_bytes_on_another_processor():
    code = "import matplotlib; matplotlib.use('agg'); from test_same_bytes import fingerprint; print(fingerprint())"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **OLD, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    # NumPy warns when a feature that it is told to leave alone is not there to begin with.
    assert run.stdout.strip() == fingerprint(), run.stderr
