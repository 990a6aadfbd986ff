"""Fuzz the segmenter: every unit gives back its text, in order, without overlap."""

import sys

import atheris

with atheris.instrument_imports(include=["analysis", "sentencex"]):
    import pandas as pd

    from analysis.units import split_units


def one(data: bytes) -> None:
    """Split one text."""
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(4_000)
    units = split_units(pd.DataFrame({"document": ["a"], "focal": ["kava"], "text": [text]}))
    last = 0
    for start, end, unit in zip(units["start"], units["end"], units["text"], strict=True):
        assert last <= start < end <= len(text)  # noqa: S101 - the finding itself
        assert text[start:end] == unit  # noqa: S101
        last = end


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-timeout=20"], one)
    atheris.Fuzz()
