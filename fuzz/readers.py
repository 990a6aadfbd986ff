"""Fuzz the readers: any bytes give text or one clear error."""

import sys

import atheris

with atheris.instrument_imports(include=["analysis"]):
    from analysis import formats, readers
    from analysis.errors import CandorError

KIND = sys.argv.pop(1) if len(sys.argv) > 1 else "text"
# What stands before the fuzzed bytes, so that they get past the first look at the file.
START = {"pdf": b"%PDF-1.4\n", "html": b"<html><body>", "docx": b"PK\x03\x04", "markdown": b"# Kava\n"}


def text(data: bytes) -> None:
    """Read bytes as what they are taken for, formats of the second process left out."""
    for name in ("page", "page.csv", "page.jsonl"):
        try:
            if readers.kind_of(data, name) not in ("text", "csv", "jsonl"):
                readers.decode(data, name)
            else:
                readers.parse(readers.bounded(data, name), name)
        except CandorError as error:
            assert str(error).isprintable(), error  # noqa: S101, PT017 - the finding itself


def library(data: bytes) -> None:
    """Read bytes with one of the formats' readers; what its library raises is the guard's to report."""
    if KIND in ("html", "markdown"):
        data = data.decode("utf-8", "replace").encode()
    try:
        result = formats.READERS[KIND](START.get(KIND, b"") + data)
    except (CandorError, MemoryError, RecursionError):
        return
    except Exception as error:
        module = error.__traceback__
        while module and module.tb_next:
            module = module.tb_next
        if module and "/analysis/" in module.tb_frame.f_code.co_filename:
            raise
        return
    for record in result.get("records", [result]):
        assert isinstance(record.get("text"), str | None)  # noqa: S101 - the finding itself


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-timeout=20"], text if KIND == "text" else library)
    atheris.Fuzz()
