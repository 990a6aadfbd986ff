import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from coded_units import random_sources  # type: ignore[import-not-found]  # beside this file

from analysis.candor import candor_profile
from analysis.coder import save_model
from analysis.figures import plot_profile, svg_text
from analysis.fitting import fit_model
from analysis.paths import shipped
from analysis.ranks import compare_sources, rank_acceptability
from analysis.scores import score_sources
from analysis.training import digest, load_examples

# Old processors: no AVX in NumPy's own loops, and OpenBLAS kernels from 2004.
OLD = {
    "OPENBLAS_NUM_THREADS": "2",
    "OPENBLAS_CORETYPE": "Prescott",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL",
}


def fingerprint():
    """Give one line that changes when any byte of a table or a figure does."""
    coded = random_sources(4)
    tables = [f(coded, draws=500) for f in (score_sources, candor_profile, rank_acceptability, compare_sources)]
    drawn = svg_text(plot_profile(tables[1]))
    return hashlib.sha256("".join([*(t.to_csv() for t in tables), drawn]).encode()).hexdigest()


def fitted():
    """Give one line that changes when any weight of a model fitted to some examples does."""
    examples = load_examples(shipped("data/examples"))
    with tempfile.TemporaryDirectory() as folder:
        save_model(fit_model(examples.iloc[::50]), folder)
        return digest(folder)


@pytest.mark.parametrize("made", [fingerprint, fitted])
def test_a_seed_gives_the_same_bytes_on_another_processor(made):
    """Scores, figures and fitted weights do not depend on the processor's own arithmetic, nor on its number of cores."""
    name = made.__name__
    code = f"import matplotlib; matplotlib.use('agg'); from test_same_bytes import {name}; print({name}())"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **OLD, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    # NumPy warns when a feature that it is told to leave alone is not there to begin with.
    assert run.stdout.strip() == made(), run.stderr
