"""How nbval runs these notebooks: with another processor's rounding, and nothing of the user's own."""

import platform
from collections.abc import Iterator

import pytest

FOREIGN = ("CANDOR_CORPUS", "MATPLOTLIBRC", "MPLBACKEND", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONWARNINGS")
# Outputs are stored as the writer's processor rounds. One without AVX2 and AVX-512 must give the same.
OTHER_PROCESSOR = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Start a notebook's kernel, which happens before its first cell, in surroundings that are known."""
    with pytest.MonkeyPatch.context() as surroundings:
        for name in FOREIGN:
            surroundings.delenv(name, raising=False)
        if platform.machine() in ("x86_64", "AMD64"):
            for name, value in OTHER_PROCESSOR.items():
                surroundings.setenv(name, value)
        return (yield)
