"""Corpora that the tests of the site make, hostile ones and ones of unusual sizes, and their sites."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from analysis import load_corpus, split_units
from analysis.coder import code_units
from analysis.notebooks import run_notebooks, shipped_notebooks
from analysis.report import tabulate, write_site

PAYLOADS = [
    "<script>window.hacked = 1</script>",
    '<img src="http://192.0.2.1/x.png" onerror="window.hacked = 1">',
    '<MeTa HtTp-EqUiV="ReFrEsH" content="0; url=http://192.0.2.1/">',
    '"><svg/onload=window.hacked=1>',
    "[click](javascript:window.hacked=1) ![x](http://192.0.2.1/y.png)",
    '=HYPERLINK("http://192.0.2.1/","x")',
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "</style></script></textarea></title><iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "Kratom is addictive \u202egnp.exe\u202c and \u2066isolated \u200f text \u200b\ufeff.",
    "x" * 10_000,
    "<b>Kratom</b> may lead to <i>dependence</i> and withdrawal &amp; &lt;tolerance&gt;.",
]
HOSTILE_TEXT = "\n\n".join(
    [
        "Kratom <script>window.hacked = 1</script> And Addiction",
        *PAYLOADS,
        "Symptoms of kratom withdrawal include:",
        "\n".join(f"- {payload}" for payload in PAYLOADS),
    ]
)


def write_corpus(folder: Path, sources: Sequence[Mapping[str, str]]) -> Path:
    """Write a corpus of texts; a source's other keys go into the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["document", "file", "title", "focal", "publisher", "url", "retrieved", "note"]
    with (folder / "sources.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        for number, source in enumerate(sources):
            name = f"{number:04}.txt"
            (folder / name).write_bytes(source["text"].encode())
            writer.writerow({"document": f"{number:03}", "focal": "kratom", **source, "file": name})
    return folder


def hostile_corpus(folder: Path) -> Path:
    """A corpus whose every field tries to act where it is only to be shown."""
    return write_corpus(
        folder,
        [
            {
                "document": '"><img src=x onerror=window.hacked=1>',
                "title": "<script>window.hacked = 1</script> \u202eeltit",
                "publisher": '=HYPERLINK("http://192.0.2.1/","x")',
                "url": "javascript:window.hacked=1",
                "note": "<meta http-equiv=refresh content='0;url=http://192.0.2.1'>",
                "text": HOSTILE_TEXT,
            },
            {
                "document": "long",
                "title": "t" * 3_000,
                "focal": "<svg onload=window.hacked=1>",
                "text": "Kratom is not without risk. " + "y" * 10_000 + ". It may cause dependence and withdrawal.",
            },
            {
                "document": "\u05d0\u05d1\u05d2",
                "title": "\u05e7\u05e8\u05d8\u05d5\u05dd",
                "text": "\u05d4\u05e7\u05e8\u05d8\u05d5\u05dd \u05de\u05de\u05db\u05e8. Kratom is addictive.",
            },
        ],
    )


def site_of(corpus: Path | str, out: Path, executed: Mapping[str, nbformat.NotebookNode] | None = None) -> Path:
    """Write the site of a corpus, with notebooks where they are given."""
    documents = load_corpus(corpus)
    write_site(documents, tabulate(code_units(split_units(documents)), corpus), out, executed)
    return out


def site_of_five(out: Path) -> None:
    """Write the site of the five documents, with the notebooks as they are stored."""
    site_of("data", out, {path.stem: nbformat.read(path, as_version=4) for path in shipped_notebooks()})


def hostile_site(out: Path) -> None:
    """Write the site of the hostile corpus with notebooks run on it; beside it, what JupyterLab would show of them."""
    corpus = hostile_corpus(out.with_name(f"{out.name}-corpus"))
    wanted = [path for path in shipped_notebooks() if path.stem[:2] in ("01", "02", "03")]
    executed = dict(zip((path.stem for path in wanted), run_notebooks(wanted, corpus), strict=True))
    live = out.with_name(f"{out.name}-live")
    live.mkdir()
    for name, notebook in executed.items():  # without the policy of our pages
        data = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
        shown = [d.get("text/html") or d.get("image/svg+xml") or "" for d in data]
        (live / f"{name}.html").write_text("<!doctype html>" + "".join(shown), encoding="utf-8")
    site_of(corpus, out, executed)
