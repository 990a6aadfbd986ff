"""Files made to harm, broken files and odd ones: each ends in a text or in one clear error, soon."""

import io
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from makers import make_docx, make_pdf, protect_pdf  # type: ignore[import-not-found]  # beside this file

from analysis import guard, readers
from analysis.corpus import load_corpus
from analysis.errors import CandorError
from analysis.gather import DOCUMENT_COLUMNS, describe, scan
from analysis.units import split_units

SECONDS = 12.0  # for one file, on a busy machine; alone none takes more than 3
TEXT = "Kava is a root. It may harm the liver, and some say it isn’t addictive."
PDF = make_pdf([[(18, "Kava"), (11, "Kava may harm the liver."), (11, "It is not addictive.")]], "Kava")
DOCX = make_docx([("Heading 1", "Kava"), ("Normal", "Kava may harm the liver."), ("List Bullet", "Nausea")], "Kava")
HTML = f"<!DOCTYPE html><html><head><title>Kava</title></head><body><h1>Kava</h1><p>{TEXT}</p></body></html>".encode()
CSV = f'id,text\n1,"{TEXT}"\n2,Kava again\n'.encode()
JSONL = (json.dumps({"text": TEXT}) + "\n" + json.dumps({"text": "Kava again"}) + "\n").encode()
MARKDOWN = f"# Kava\n\n{TEXT}\n\n- nausea\n".encode()


def _parquet() -> bytes:
    out = io.BytesIO()
    pd.DataFrame({"text": [TEXT, "Kava again"], "title": ["A", "B"]}).to_parquet(out)
    return out.getvalue()


SOUND = {
    "a.txt": TEXT.encode(), "a.pdf": PDF, "a.docx": DOCX, "a.html": HTML, "a.csv": CSV, "a.jsonl": JSONL,
    "a.md": MARKDOWN, "a.parquet": _parquet(),
}  # fmt: skip


def page(body: str, head: str = "") -> bytes:
    return f"<html><head><title>Kava</title>{head}</head><body>{body}</body></html>".encode()


def rezip(change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None) -> bytes:
    """Rebuild the Word document with its parts changed, left out or joined by others."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DOCX)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = change(name, old.read(name))
            if body is not None:
                new.writestr(name, body)
        for name, body in (extra or {}).items():
            new.writestr(name, body)
    return out.getvalue()


def in_document(change: Callable[[bytes], bytes]) -> bytes:
    return rezip(lambda name, body: change(body) if name == "word/document.xml" else body)


def pdf_with(objects: list[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of raw objects, numbered from 1."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra, data)


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
FONT = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
LEAF = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources " + FONT + b" >>"


def texts() -> dict[str, bytes]:
    cases = {f"control {number:02x}.txt": TEXT.encode() + bytes([number]) + b" more" for number in range(32)}
    cases |= {
        f"only {number:02x}.txt": bytes([number]) * 999 for number in (0, 7, 9, 10, 12, 13, 27, 32, 128, 160, 255)
    }
    codecs = [
        "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "koi8_r", "koi8_u", "mac_roman", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "iso8859_2", "iso8859_5", "iso8859_15", "cp437", "cp850", "cp500", "utf_7", "utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be", "utf_16", "utf_32",
    ]  # fmt: skip
    for codec in codecs:
        cases[f"in {codec}.txt"] = f"{TEXT} Καβα кава 卡瓦 café – “x” ".encode(codec, "ignore") * 3
    odd = {
        "two boms": "\ufeff\ufeff" + TEXT, "right to left": "\u202e" + TEXT + "\u2066", "joiners": "a\u200d" * 5_000,
        "combining": "e" + "\u0301" * 3_000 + " kava.", "no blank": "k" * 15_000, "dots": "." * 15_000,
        "questions": "?!" * 8_000, "quotes": "“" * 3_000 + TEXT, "brackets": "(" * 8_000 + TEXT + ")" * 8_000,
        "hashes": "#" * 15_000, "bullets": "- " * 8_000, "numbers": "1. " * 5_000, "abbreviations": "e.g. " * 3_000,
        "initials": "A. " * 5_000, "emoji": "👩‍👩‍👧‍👦" * 5_000, "newlines": "\n" * 5_000 + TEXT, "returns": "Kava\r" * 3_000,
        "separators": "Kava\u2028root\u2029leaf\x85stem\x0cpage\x0b", "blank lines": " \t \n" * 5_000 + TEXT,
        "tags": "\U000e0041" * 5_000 + TEXT, "private": "\ue000" * 1_000 + TEXT, "noncharacters": "\ufffe\uffff" + TEXT,
        "formula": "=HYPERLINK(\"http://x\",\"kava\")\n@SUM(1)\n+1\n-1", "markup": "<script>alert(1)</script> kava is a root",
        "long sentence": "kava " * 15_000, "many sentences": "Kava harms. " * 3_000, "items": "- kava\n" * 3_000,
        "headings": "Kava Root\n\n" * 2_000, "colons": "Kava:\n" * 2_000, "semicolons": "kava; " * 5_000,
        "ansi": "\x1b[31mkava\x1b[0m is a root. " * 3, "backslashes": "\\" * 8_000 + " kava", "percent": "%s%n" * 2_000,
        "surrogate pairs": "𝕂𝕒𝕧𝕒 " * 5_000, "zero width": "ka\u200bva " * 2_000, "ideographs": "卡瓦是一种植物。" * 3_000,
    }  # fmt: skip
    cases |= {f"{name}.txt": text.encode("utf-8", "surrogatepass") for name, text in odd.items()}
    cases["overlong.txt"] = b"\xc0\xaf kava \xe0\x80\xaf is a root " * 5
    cases["surrogates.txt"] = b"kava \xed\xa0\x80 is a root"
    cases["cut character.txt"] = TEXT.encode() + "“naïve” …".encode()[:-1]
    cases["mixed.txt"] = (TEXT * 3).encode() + "naïve".encode("cp1252")
    cases["random.txt"] = random.Random(1).randbytes(50_000)  # noqa: S311 - repeatable noise, no secret
    cases["odd utf-16.txt"] = TEXT.encode("utf-16")[:-1]
    return cases


def damaged() -> dict[str, bytes]:
    cases = {}
    for name, data in SOUND.items():
        for tenth in (1, 3, 5, 7, 9):
            cases[f"{tenth * 10} percent of {name}"] = data[: len(data) * tenth // 10]
        for seed in range(4):
            rng = random.Random(f"{seed} {name}")  # noqa: S311
            flipped = bytearray(data)
            for _ in range(8):
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
            cases[f"flipped {seed} {name}"] = bytes(flipped)
        cases[f"twice {name}"] = data + data
        cases[f"prefixed {name}"] = b"\n\n \n" + data
        cases[f"without its ending {name}".replace(".", " ")] = data
        cases[f"as text {name}.txt"] = data
    return cases


def pages() -> dict[str, bytes]:
    deep = {
        tag: page(f"<{tag}>" * 30_000 + TEXT + f"</{tag}>" * 30_000) for tag in ("div", "span", "b", "ul", "blockquote")
    }
    cases = {f"deep {tag}.html": data for tag, data in deep.items()}
    bodies = {
        "deep lists": "<ul><li>" * 5_000 + TEXT, "deep tables": "<table><tr><td>" * 3_000 + TEXT, "deep fonts": "<font>" * 9_000 + TEXT,
        "unclosed": "<p>" + "<b><i>" * 500 + TEXT, "many breaks": "Kava<br>" * 4_000, "many paragraphs": "<p>Kava harms.</p>" * 2_000,
        "many links": "<a href=x>kava</a> " * 2_000 + f"<p>{TEXT}</p>", "long attribute": f"<p class='{'x' * 500_000}'>{TEXT}</p>",
        "many attributes": "<p " + " ".join(f"a{n}=1" for n in range(2_000)) + f">{TEXT}</p>", "script": f"<script>{TEXT}</script>",
        "event": f"<p onclick='alert(1)'>{TEXT}</p><img src=x onerror=alert(1)>", "comment": f"<!-- {TEXT} --><p>{TEXT}</p>",
        "open comment": f"<p>{TEXT}</p><!-- {TEXT}", "comments": "<!-- -->" * 20_000 + f"<p>{TEXT}</p>", "null": f"<p>Kava\0{TEXT}</p>",
        "iframe": f"<iframe src='http://example.org'></iframe><p>{TEXT}</p>", "cdata": f"<![CDATA[{TEXT}]]><p>{TEXT}</p>",
        "image": f"<img src='http://example.org/x.png'><link rel=stylesheet href='http://example.org'><p>{TEXT}</p>",
        "object": f"<object data='file:///etc/passwd'></object><p>{TEXT}</p>", "template": f"<template><p>{TEXT}</p></template>",
        "hidden": f"<p style='display: none'>{TEXT}</p><p>{TEXT}</p>", "svg": f"<svg><text>{TEXT}</text></svg><p>{TEXT}</p>",
        "entities": "&lt;" * 20_000 + TEXT, "bad entities": "&#x110000;&#0;&#xD800;&nosuch;" + TEXT, "nothing": "", "blank": "<p> </p>",
        "less": "<" * 30_000 + TEXT, "greater": ">" * 30_000 + TEXT, "quotes": "<p title=\"" * 3_000 + TEXT, "form": f"<form><p>{TEXT}</p></form>",
        "frames": "<frameset><frame src=a></frameset>", "pre": f"<pre>{TEXT}\n\n{TEXT}</pre>", "one word": "kava", "mixed case": f"<P>{TEXT}</p><SCRIPT>x</sCript>",
        "long word": f"<p>{'k' * 300_000}</p>", "rtl": f"<p dir=rtl>\u202e{TEXT}</p>", "nested tables": ("<table><tr><td>" + TEXT) * 60,
        "definition": f"<dl><dt>Kava</dt><dd>{TEXT}</dd></dl>", "custom": f"<x-kava><y-root>{TEXT}</y-root></x-kava>", "math": f"<math><mi>k</mi></math>{TEXT}",
    }  # fmt: skip
    cases |= {f"{name}.html": page(body) for name, body in bodies.items()}
    heads = {
        "refresh": "<META HTTP-EQUIV=Refresh CONTENT='0;url=http://example.org'>", "base": "<base href='http://example.org/'>",
        "no such charset": "<meta charset='x-nonsense'>", "wrong charset": "<meta charset='utf-16'>", "utf-7": "<meta charset='utf-7'>",
        "codec": "<meta charset='zlib_codec'>", "idna": "<meta charset='idna'>", "rot13": "<meta charset='rot13'>",
        "long title": f"<meta property='og:title' content='{'t' * 100_000}'>", "two titles": "<title>x</title>",
    }  # fmt: skip
    cases |= {f"{name}.html": page(f"<p>{TEXT}</p>", head) for name, head in heads.items()}
    cases["legacy codec.html"] = page(f"<p>{TEXT}</p>", "<meta charset='rot13'>") + b"\xe9"
    laughs = "".join(
        f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{("&l" + str(n - 1) + ";") * 9 if n else ""}">'
        for n in range(10)
    )
    cases["laughs.xhtml"] = (
        f'<?xml version="1.0"?><!DOCTYPE html [{laughs}]><html><body><p>{TEXT} &l9;</p></body></html>'.encode()
    )
    outside = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    cases["outside.xhtml"] = f"<?xml version='1.0'?>{outside}<html><body><p>{TEXT} &x;</p></body></html>".encode()
    cases["archive.mhtml"] = (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=" + b"x" * 9_000 + b"\n\n--x\n"
    )
    cases["deep archive.mhtml"] = b"MIME-Version: 1.0\n" + b"Content-Type: multipart/related; boundary=a\n\n--a\n" * 300
    return cases


def documents() -> dict[str, bytes]:
    return {
        "no document.docx": rezip(lambda name, body: None if name == "word/document.xml" else body),
        "empty document.docx": in_document(lambda xml: b""),
        "no styles.docx": rezip(lambda name, body: None if name == "word/styles.xml" else body),
        "no types.docx": rezip(lambda name, body: None if name == "[Content_Types].xml" else body),
        "not xml.docx": in_document(lambda xml: b"kava"),
        "other xml.docx": in_document(lambda xml: b"<kava/>"),
        "laughs.docx": in_document(
            lambda xml: (
                b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + xml.split(b"?>", 1)[1]
            )
        ),
        "outside.docx": in_document(
            lambda xml: (
                b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
                + xml.split(b"?>", 1)[1].replace(b"Kava may", b"&a; may")
            )
        ),
        "deep.docx": in_document(lambda xml: xml.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 5_000)),
        "deep closed.docx": in_document(
            lambda xml: xml.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 9_000).replace(
                b"</w:body>", b"</w:sdt>" * 9_000 + b"</w:body>"
            )
        ),
        "many paragraphs.docx": in_document(
            lambda xml: xml.replace(b"<w:body>", b"<w:body>" + b"<w:p><w:r><w:t>Kava harms.</w:t></w:r></w:p>" * 9_000)
        ),
        "traversal.docx": rezip(lambda name, body: body, {"../../../../tmp/kava": b"x"}),
        "many parts.docx": rezip(lambda name, body: body, {f"x{n}": b"" for n in range(3_000)}),
        "encrypted.docx": DOCX.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00").replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
        ),
        "two ends.docx": DOCX + DOCX[-22:],
        "comment.docx": DOCX[:-2] + struct.pack("<H", 60_000) + b"k" * 60_000,
        "empty.docx": make_docx([]),
        "blank.docx": make_docx([("Normal", " \t ")]),
        "renamed.docx": b"PK\x05\x06" + b"\0" * 18,
        "sheet.docx": rezip(lambda name, body: None if name.startswith("word/doc") else body, {"xl/workbook.xml": b""}),
        "controls.docx": in_document(lambda xml: xml.replace(b"Kava may", b"Kava&#1; may")),
        "zip64.docx": DOCX.replace(DOCX[-12:-8], b"\xff\xff\xff\xff"),
    }


@cache
def bombs() -> dict[str, bytes]:
    """A few hundred kB that unpack to hundreds of MB; made only where they are read, since it takes a second."""
    bomb = zlib.compress(b"0" * 400_000_000, 9)
    objects = [CATALOG, ONE_PAGE, LEAF]
    return {
        "bomb part.docx": rezip(lambda name, body: body, {"word/media/x.bin": b"0" * 300_000_000}),
        "bomb.pdf": pdf_with([*objects, stream(bomb, b"/Filter /FlateDecode")]),
        "two filters.pdf": pdf_with([*objects, stream(zlib.compress(bomb), b"/Filter [/FlateDecode /FlateDecode]")]),
    }


def leaflets() -> dict[str, bytes]:
    say = b"BT /F1 11 Tf (Kava may harm.) Tj ET"
    objects = [CATALOG, ONE_PAGE, LEAF]
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >>"
    return {
        "sound.pdf": pdf_with([*objects, stream(say)]),
        "no root.pdf": pdf_with([*objects, stream(say)], b""),
        "no pages.pdf": pdf_with([CATALOG, b"<< /Type /Pages /Count 0 /Kids [] >>"]),
        "loop of pages.pdf": pdf_with([CATALOG, b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"]),
        "parent is kid.pdf": pdf_with([CATALOG, b"<< /Type /Pages /Count 2 /Kids [3 0 R 2 0 R] >>", LEAF, stream(say)]),
        "huge count.pdf": pdf_with([CATALOG, b"<< /Type /Pages /Count 999999999 /Kids [3 0 R] >>", LEAF, stream(say)]),
        "many pages.pdf": pdf_with([CATALOG, b"<< /Type /Pages /Count 6000 /Kids [" + b"3 0 R " * 6_000 + b"] >>", LEAF, stream(say)]),
        "wrong filter.pdf": pdf_with([*objects, stream(say, b"/Filter /FlateDecode")]),
        "no such filter.pdf": pdf_with([*objects, stream(say, b"/Filter /Kava")]),
        "hex.pdf": pdf_with([*objects, stream(say.hex().encode() + b">", b"/Filter /ASCIIHexDecode")]),
        "ascii85.pdf": pdf_with([*objects, stream(b"<~9jqo^~>", b"/Filter /ASCII85Decode")]),
        "lzw.pdf": pdf_with([*objects, stream(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01" * 500, b"/Filter /LZWDecode")]),
        "loop of forms.pdf": pdf_with([*objects[:2], LEAF.replace(b"/Contents 4 0 R", b"/Contents 5 0 R").replace(b"/Resources << ", b"/Resources << /XObject << /X 4 0 R >> "), stream(b"/X Do", form), stream(b"/X Do " + say)]),
        "contents of itself.pdf": pdf_with([*objects[:2], LEAF.replace(b"4 0 R", b"3 0 R")]),
        "contents missing.pdf": pdf_with(objects),
        "wrong length.pdf": pdf_with([*objects, b"<< /Length 99999999 >>\nstream\n" + say + b"\nendstream"]),
        "negative length.pdf": pdf_with([*objects, b"<< /Length -5 >>\nstream\n" + say + b"\nendstream"]),
        "length loop.pdf": pdf_with([*objects, b"<< /Length 4 0 R >>\nstream\n" + say + b"\nendstream"]),
        "deep arrays.pdf": pdf_with([*objects, stream(say), b"[" * 20_000 + b"]" * 20_000], b"/Root 1 0 R /Info 5 0 R"),
        "deep dicts.pdf": pdf_with([b"<< /A " * 5_000 + b">>" * 5_000]),
        "previous loop.pdf": pdf_with([*objects, stream(say)], b"/Root 1 0 R /Prev 9"),
        "no reference.pdf": pdf_with([*objects, stream(say)]).replace(b"startxref", b"startxxxx"),
        "bad places.pdf": pdf_with([*objects, stream(say)]).replace(b" 00000 n", b" 99999 n"),
        "script.pdf": pdf_with([CATALOG[:-2] + b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", ONE_PAGE, LEAF, stream(say)]),
        "launch.pdf": pdf_with([CATALOG[:-2] + b"/OpenAction << /S /Launch /F (/bin/sh) >> >>", ONE_PAGE, LEAF, stream(say)]),
        "address.pdf": pdf_with([CATALOG[:-2] + b"/OpenAction << /S /URI /URI (http://example.org) >> >>", ONE_PAGE, LEAF, stream(say)]),
        "long string.pdf": pdf_with([*objects, stream(b"BT /F1 11 Tf (" + b"kava " * 100_000 + b") Tj ET")]),
        "brackets.pdf": pdf_with([*objects, stream(b"BT /F1 11 Tf (" + b"(" * 20_000 + b") Tj ET")]),
        "many strings.pdf": pdf_with([*objects, stream(b"BT /F1 11 Tf " + b"(kava) Tj " * 8_000 + b"ET")]),
        "states.pdf": pdf_with([*objects, stream(b"q " * 20_000 + say)]),
        "no font.pdf": pdf_with([*objects[:2], LEAF.replace(FONT, b"<< >>"), stream(say)]),
        "odd sizes.pdf": pdf_with([*objects, stream(b"BT /F1 -1e30 Tf 0 0 0 0 0 0 Tm (Kava may harm.) Tj ET")]),
        "infinity.pdf": pdf_with([*objects, stream(b"BT /F1 1e999 Tf 1e999 0 0 1e999 0 0 Tm (Kava may harm.) Tj ET")]),
        "no operands.pdf": pdf_with([*objects, stream(b"BT Tf Tm Tj TJ ' \" ET " + say)]),
        "binary.pdf": pdf_with([*objects, stream(random.Random(2).randbytes(9_000))]),  # noqa: S311
        "inline image.pdf": pdf_with([*objects, stream(b"BI /W 9 /H 9 ID " + b"x" * 999 + b" " + say)]),
        "owner.pdf": protect_pdf(PDF, ""),
        "user.pdf": protect_pdf(PDF, "kava"),
        "unknown cipher.pdf": pdf_with([*objects, stream(say), b"<< /Filter /Kava /V 9 /R 9 >>"], b"/Root 1 0 R /Encrypt 5 0 R"),
        "only head.pdf": b"%PDF-1.7",
        "title formula.pdf": make_pdf([[(11, "Kava may harm.")]], "=1+1"),
        "many lines.pdf": make_pdf([[(1, "Kava may harm the liver and")] * 700] * 3),
    }  # fmt: skip


def tables() -> dict[str, bytes]:
    rows = "".join(f"{number},Kava {number} harms.\n" for number in range(2_000))
    cells = {
        "only header.csv": "id,text\n", "no text.csv": "id,body_\n1,Kava\n", "ragged.csv": "id,text\n1\n2,Kava,3\n",
        "open quote.csv": 'id,text\n1,"Kava\n', "quotes.csv": 'id,text\n1,"' + '""' * 50_000 + '"\n', "wide.csv": "text," + "c," * 20_000 + "\nKava" + "," * 20_001 + "\n",
        "many rows.csv": "id,text\n" + rows, "long cell.csv": f'id,text\n1,"{"kava " * 200_000}"\n', "twice.csv": "text,text\nKava,Kava root\n",
        "same id.csv": "id,text\n1,Kava\n1,Kava root\n", "hostile id.csv": "id,text\n../../etc,Kava\n=1+1,Kava\n", "returns.csv": "id,text\r1,Kava\r2,Root\r",
        "excel.csv": "sep=;\nid;text\n1;Kava\n", "bars.csv": "id|text\n1|Kava\n", "tabs.tsv": "id\ttext\n1\tKava\n", "formula.csv": 'id,text\n1,"=HYPERLINK(""x"")"\n',
        "newlines.csv": 'id,text\n1,"Kava\n\nroot"\n', "blank cells.csv": "id,text\n1, \n", "only commas.csv": "," * 50_000 + "\n", "no newline.csv": "id,text",
        "one column.csv": "text\nKava is a root\n", "prose.csv": TEXT + "\n" + TEXT, "case.csv": "ID,Text\n1,Kava\n",
    }  # fmt: skip
    cases = {name: text.encode() for name, text in cells.items()}
    cases["utf-16.csv"] = "id\ttext\n1\tKava is a root\n".encode("utf-16")
    cases["tab after a quote.csv"] = b'\t"text":"a"}\n:@'
    cases["null.csv"] = b"id,text\n1,Ka\0va\n"
    cases["bom.csv"] = "\ufeffid,text\n1,Kava\n".encode()
    lines = {
        "deep.jsonl": '{"text":' * 50_000, "deep list.json": "[" * 200_000, "deep both.json": '[{"a":' * 50_000, "number.jsonl": '{"text": 5}',
        "null.jsonl": '{"text": null}', "list.jsonl": '{"text": ["Kava"]}', "surrogate.jsonl": '{"text": "Kava \\ud800 root"}',
        "zero.jsonl": '{"text": "Kava \\u0000 root"}', "huge number.jsonl": '{"id": ' + "9" * 5_000 + ', "text": "Kava"}', "nan.jsonl": '{"id": NaN, "text": "Kava"}',
        "twice.jsonl": '{"text": "a", "text": "Kava root"}', "string.jsonl": '"Kava"', "comma.jsonl": '{"text": "Kava"},', "cut.jsonl": '{"text": "Ka',
        "empty list.json": "[]", "list of lists.json": '[["Kava"]]', "object of objects.json": '{"a": {"text": "Kava"}}', "blank lines.jsonl": '\n\n{"text": "Kava"}\n\n',
        "odd keys.jsonl": '{"": "x", "\\n": "y", "text": "Kava"}', "no text.jsonl": '{"a\\nb": 1}', "exponent.jsonl": '{"id": 1e999, "text": "Kava"}',
    }  # fmt: skip
    return cases | {name: text.encode() for name, text in lines.items()}


def markdowns() -> dict[str, bytes]:
    bodies = {
        "quotes": ">" * 9_000 + TEXT, "stars": "*" * 9_000 + TEXT, "star words": "*a " * 5_000 + TEXT, "brackets": "[" * 9_000 + TEXT,
        "links": "[a](" * 5_000 + TEXT, "images": "![a](http://example.org/x.png)" * 500 + TEXT, "backticks": "`" * 9_001 + TEXT, "ticks": "".join("`" * n + " " for n in range(150)) + TEXT,
        "lists": "\n".join(" " * n + "- kava" for n in range(300)), "rules": "---\n" * 5_000 + TEXT, "front": "---\ntitle: Kava\n" + TEXT, "table": "|" + "a|" * 3_000 + "\n|" + "-|" * 3_000 + "\n",
        "html": "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n" + TEXT, "open html": "<div " * 5_000 + TEXT, "references": "".join(f"[{n}]: x\n" for n in range(5_000)) + TEXT,
        "entities": "&amp;" * 9_000 + TEXT, "underscores": "_" * 9_001 + TEXT, "fences": "```\n" * 999 + TEXT, "escapes": "\\" * 9_000 + TEXT, "nothing": "---\n", "tildes": "~" * 9_000 + TEXT,
        "angle": "<" * 9_000 + TEXT, "mail": "<a@" * 5_000 + TEXT, "heading": "#" * 7 + TEXT, "setext": TEXT + "\n=====\n", "null": "Kava\0root",
    }  # fmt: skip
    return {f"{name}.md": body.encode() for name, body in bodies.items()}


CASES = texts() | damaged() | pages() | documents() | leaflets() | tables() | markdowns()
BOMBS = ("bomb part.docx", "bomb.pdf", "two filters.pdf")


def test_there_are_enough_cases_and_no_two_the_same():
    assert len(CASES) > 400
    assert len(set(CASES.values())) > 0.85 * len(CASES)
    assert tuple(bombs()) == BOMBS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All cases as files of one folder."""
    place = tmp_path_factory.mktemp("hostile")
    for name, data in (CASES | bombs()).items():
        (place / name).write_bytes(data)
    return place


@pytest.mark.parametrize("name", [*CASES, *BOMBS])
def test_a_file_gives_text_or_one_clear_error(folder, name):
    """Within bounded time: text that the units give back exactly, or one line that names file and mend."""
    start = time.monotonic()
    rows, message = [], ""
    try:
        rows = describe(folder / name, "kava")
    except CandorError as error:
        message = str(error)
    assert bool(rows) != bool(message)
    if message:
        assert message.isprintable()
        assert name in message
        assert "; " in message
        assert len(message) < 500
    else:
        for row in rows[:50]:
            assert row["text"].strip()
            row["text"].encode("utf-8")
            assert not set(row["document"]) & set("/\\\n\r\0")
        units = split_units(pd.DataFrame(rows[:50]))
        texts = {row["document"]: row["text"] for row in rows}
        for unit in units.itertuples():
            assert texts[unit.document][unit.start : unit.end] == unit.text
    assert time.monotonic() - start < SECONDS


# Places rather than contents


def odd_place(folder: Path, kind: str) -> Path:
    """Make something that is no plain file, or one with an odd name."""
    path = folder / "kava.txt"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(path))
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "broken link":
        path.symlink_to(folder / "nothing")
    elif kind == "endless device":
        path.symlink_to("/dev/zero")
    elif kind == "memory":
        path.symlink_to("/proc/self/mem")
    elif kind == "500 MB line":
        with path.open("wb") as file:
            file.truncate(500 * 1024 * 1024)
    elif kind == "null byte":
        return folder / "ka\0va.txt"
    elif kind == "long name":
        return folder / ("k" * 300 + ".txt")
    elif kind == "gone":
        path.write_text(TEXT)
        path.unlink()
    return path


@pytest.mark.parametrize(
    "kind",
    ["pipe", "folder", "socket", "loop", "broken link", "endless device", "memory", "500 MB line", "null byte",
     "long name", "gone"],
)  # fmt: skip
def test_what_is_no_plain_file_is_one_clear_error_at_once(tmp_path, kind):
    start = time.monotonic()
    with pytest.raises(CandorError) as caught:
        readers.read_source(odd_place(tmp_path, kind))
    assert str(caught.value).isprintable()
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "name", ["two\nlines.txt", "-rf.txt", " .txt", "=1+1.txt", "ka va;$(x).txt", "кава.txt", "🌿.txt", "a" * 200 + ".txt",
             "quote\".txt", "tab\t.txt", "\u202etxt.exe.txt", "%s%n.txt", "<b>.txt", "back\\slash.txt", "#row=1.txt", "a#row=2.txt"],
)  # fmt: skip
def test_a_file_of_any_name_makes_a_corpus_or_is_reported(tmp_path, name):
    """What is listed loads again from the manifest."""
    from analysis.corpus import write_manifest

    (tmp_path / name).write_text(TEXT)
    rows, problems = scan(tmp_path, "kava")
    assert len(rows) + len(problems) == 1
    if rows:
        write_manifest(pd.DataFrame(rows, columns=DOCUMENT_COLUMNS), tmp_path)
        assert load_corpus(tmp_path)["text"].tolist() == [TEXT]
    else:
        assert problems[0][1].isprintable()


def test_memory_is_bounded():
    """A bomb and a line of 500 MB are refused by a process that may not use 1 GB."""
    program = f"""
import resource, sys, tempfile, pathlib
sys.path.insert(0, {str(Path(__file__).parent)!r})
from analysis import readers
from analysis.errors import CandorError
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
with tempfile.TemporaryDirectory() as place:
    line = pathlib.Path(place, "line.txt")
    with line.open("wb") as file:
        file.truncate(500 << 20)
    try:
        readers.read_source(line)
    except CandorError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "line.txt: is larger than 64 MB, the most one source may be; split it" in done.stdout


def test_reading_needs_no_network(folder, monkeypatch):
    """Neither this process nor the one that parses opens a socket, whatever a page asks for."""

    def denied(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, denied)
    monkeypatch.setattr(socket, "getaddrinfo", denied)
    guard.close()
    for name in ("image.html", "refresh.html", "iframe.html", "outside.xhtml", "address.pdf", "outside.docx"):
        try:
            text = readers.read_source(folder / name)[0].text
        except CandorError:
            continue
        assert "root:" not in text  # nothing of /etc/passwd


# Chance


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2_000))
def test_any_bytes_give_text_or_one_clear_error(data):
    message = "page:"
    try:
        rows = readers.parse(data, "page") if data.strip(b" \t\r\n\x00") else []
    except CandorError as error:
        rows, message = [], str(error)
    assert all(reading.text.strip() for reading in rows)
    assert message.startswith("page:")
    assert message.isprintable()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div class=menu>",
                "<ul>",
                "<li>",
                "kava ",
                "<table>",
                "<td>",
                "<b>",
                "</div>",
                "<!--",
                "-->",
                "&amp;",
                "<h2>",
                "<script>",
                "</script>",
                "<details>",
                "<summary>",
                "\n",
            ]
        ),
        max_size=40,
    )
)
def test_any_soup_of_tags_gives_text_or_one_clear_error(parts):
    try:
        (reading,) = readers.parse(page("".join(parts)), "page.html")
    except CandorError:
        return
    assert reading.text.strip()
    assert "<p>" not in reading.text


@settings(max_examples=60)
@given(st.text(max_size=400))
def test_any_text_is_read_as_it_was_written(text):
    """UTF-8 comes back as received, unless it holds what no text holds."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        back, note = readers.decode(data, "page.txt")
    except CandorError:
        return
    if not note:
        assert back == text.removeprefix("\ufeff")
