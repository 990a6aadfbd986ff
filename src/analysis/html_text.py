"""A saved web page → its main text, headings and lists kept.

Runs in the process that `analysis.guard` starts.
"""

import re
from typing import Any

from analysis.errors import CandorError
from analysis.lines import Line, to_text

_ELEMENTS_OF = {
    "heading": "h1 h2 h3 h4 h5 h6 summary dt caption legend",
    "item": "li td th dd",
    "block": "p div section article main blockquote pre table tr tbody thead tfoot ul ol dl figure body header "
    "footer details address hr aside center html",
    "silent": "script style noscript template svg math iframe object head select option textarea audio video canvas",
    "menu": "nav footer aside form dialog menu button figcaption",
}  # fmt: skip
_ROLE = {tag: role for role, tags in _ELEMENTS_OF.items() for tag in tags.split()}
_ARIA = {
    "heading": "heading", "listitem": "item", "list": "block", "navigation": "menu", "banner": "menu",
    "contentinfo": "menu", "dialog": "menu", "alertdialog": "menu", "search": "menu", "complementary": "menu",
    "menu": "menu", "menubar": "menu", "tablist": "menu", "toolbar": "menu",
}  # fmt: skip
# Words in class and id that name what is not the text of the page.
_MENU_NAME = re.compile(
    r"(?:^|[\W_])(?:cookies?|consent|gdpr|nav|navbar|navigation|topnav|menu|breadcrumbs?|sidebar|footer|foot|comments?"
    r"|related|relatedposts|most-read|share|sharing|sharedaddy|social|newsletter|subscribe|signup|popup|modal|overlay|paywall|advert"
    r"|ads?|ad-slot|sponsored|skip|pagination|widget-area|chat-widget|cart|toc|toc-container|tags-links|entry-meta|author-bio"
    r"|message-user|announcement|banner|promo-bar|reply-title|recommendations?|btn|cta|infobox|sitesub)(?:$|[\W_])",
    re.I,
)
_LAYOUT = frozenset(["p", "div", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "br", "section", "article"])
# Marks inside a line that are no part of it: "[edit]", "[1]".
_MARK_NAME = re.compile(r"editsection|\breference\b|footnote-ref|anchor-link|permalink", re.I)
# A panel that opens at a click is hidden on the saved page, and part of its text.
_PANEL_NAME = re.compile(r"accordion|faq|toggle|collaps|panel|\btab|answer|question", re.I)
_BOILERPLATE = re.compile(
    r"cookies?\b|©|copyright|all rights reserved|privacy policy|newsletter|sign up|log in\b", re.I
)
_BUTTON_HEADING = re.compile(r"accordion|faq|toggle|collaps|question", re.I)


class _Line:
    """A line of a page under way: its kind, its text, how much of it is links, and whether it is a menu's."""

    __slots__ = ("first", "kind", "linked", "menu", "pieces", "text")

    def __init__(self, kind: str, menu: bool) -> None:
        self.kind, self.menu, self.linked, self.text = kind, menu, 0, ""
        self.pieces: list[str] = []
        self.first = False  # whether it is a heading of the first level

    def add(self, text: str | None, linked: bool) -> None:
        if text:
            self.pieces.append(text)
            self.linked += len(text.strip()) if linked else 0


def _role_of(element: Any, tag: str, holders: set[Any]) -> str:
    """What an element is to its text: heading, item, block, menu, silent, or "" inside a line."""
    role = _ARIA.get((element.get("role") or "").lower(), _ROLE.get(tag, ""))
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:500]
    if tag == "button" and _BUTTON_HEADING.search(names):
        return "heading"
    style = (element.get("style") or "")[:500].replace(" ", "").lower()
    veiled = element.get("hidden") is not None or element.get("aria-hidden") == "true" or "display:none" in style
    if (veiled and not _PANEL_NAME.search(names)) or (tag in ("sup", "span", "a") and _MARK_NAME.search(names)):
        return "silent"
    if tag in ("td", "th", "dd") and any(child.tag in _LAYOUT for child in element):
        role = "block"  # a cell that holds blocks of its own lays out the page
    if role not in ("silent", "heading") and element not in holders and _MENU_NAME.search(names):
        return "menu"
    return role


def _holders(root: Any) -> set[Any]:
    """Elements that hold the page's main part: whatever they are called, they are no menu."""
    articles = list(root.iter("article"))
    cores = [root, *root.iter("body", "main", "h1"), *(articles if len(articles) == 1 else [])]
    held: set[Any] = set()
    for core in cores:
        element = core
        while element is not None and element not in held:
            held.add(element)
            element = element.getparent()
    return held


def _page_lines(root: Any) -> list[_Line]:
    """All lines of a page in reading order, walked without recursion."""
    holders = _holders(root)
    line = _Line("prose", False)
    lines = [line]
    # element, kind and menu and link of what surrounds it, its role once entered
    stack: list[tuple[Any, str, bool, bool, str | None]] = [(root, "prose", False, False, None)]
    while stack:
        element, kind, menu, link, role = stack.pop()
        tag = element.tag.lower() if isinstance(element.tag, str) else ""
        if role is None:  # entering
            role = _role_of(element, tag, holders) if tag else "silent"
            if role != "silent":
                inner = role if role in ("heading", "item") else kind
                inside = menu or role == "menu"
                if role or tag == "br":
                    line = _Line(inner, inside)
                    lines.append(line)
                    line.first = tag == "h1"
                linked = link or tag == "a"
                line.add(element.text, linked)
                stack.append((element, kind, menu, link, role))
                stack += [(child, inner, inside, linked, None) for child in reversed(element)]
                continue
        elif role:  # leaving a block
            line = _Line(kind if kind != "heading" else "prose", menu)
            lines.append(line)
        if element is not root:
            line.add(element.tail, link)
    for line in lines:
        line.text = " ".join("".join(line.pieces).split())
    return [line for line in lines if line.text]


def _choose(lines: list[_Line], main: str) -> list[Line]:
    """The lines of a page that belong to its text, `main` being what trafilatura takes for it."""
    pieces = {_key(piece) for line in main.splitlines() for piece in (line, *line.split("|"))}
    joined = _key(main)
    bare = "\n" not in main.strip()  # trafilatura gave up on structure

    def certain(line: _Line) -> bool:
        key = _key(line.text)
        return not line.menu and (key in pieces or ((len(key) > 25 or bare) and key in joined))

    def plausible(line: _Line) -> bool:
        words = len(line.text.split())
        linked = line.linked * 2 > len(line.text)
        return not line.menu and not linked and (words > 3 or line.kind == "item")

    keep = [certain(line) for line in lines]
    inside = [i for i, kept in enumerate(keep) if kept]
    title = next((i for i in range(inside[0] if inside else 0) if lines[i].first and not lines[i].menu), None)
    for i, line in enumerate(lines):
        whole = line.text[-1] in '.!?:…”"' or line.kind == "item"
        if inside and (inside[0] if title is None else title) <= i <= inside[-1]:
            keep[i] = keep[i] or (plausible(line) and whole)
        elif inside and len(line.text.split()) > 7 and whole and not _BOILERPLATE.search(line.text):
            keep[i] = plausible(line)  # a paragraph that trafilatura overlooked
    for i in range(1, len(lines)):  # and the list that follows it
        if lines[i].kind == "item" and keep[i - 1] and plausible(lines[i]):
            keep[i] = True
    for i in range(len(lines) - 2, -1, -1):  # a heading stays with what stands under it
        line = lines[i]
        if line.kind == "heading" and not line.menu and keep[i + 1] and line.linked * 2 < len(line.text) + 1:
            keep[i] = True
    for i in range(keep.index(True) if True in keep else 0):
        keep[i] = lines[i].first and not lines[i].menu
    if sum(len(lines[i].text) for i in inside) * 4 < sum(len(x.text) for x in lines if plausible(x)):
        keep = [k or plausible(x) for k, x in zip(keep, lines, strict=True)]
    return [(line.kind, line.text) for line, kept in zip(lines, keep, strict=True) if kept]


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().lower()


def html(data: bytes) -> dict[str, Any]:
    """Main text of a page, without menus, banners and comments; its title from its metadata.

    Trafilatura decides what is the main text. Where that text stands, and what is a heading or an
    item, is read from the page itself, because trafilatura drops the headings of question-and-answer
    pages and, on short pages, all structure.
    """
    import lxml.html
    import trafilatura
    from lxml import etree

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", data.decode("utf-8"))
    parser = lxml.html.HTMLParser(recover=True, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise CandorError("holds no readable HTML; save the page again") from error
    lines = _page_lines(tree)
    main = trafilatura.extract(text, include_comments=False, favor_recall=True, deduplicate=False) or ""
    found = to_text(iter(_choose(lines, main)))
    if len(main) > 250 and len(found) * 3 < len(main):  # a page that calls its text a menu: then without structure
        found = to_text(("item" if x.startswith("- ") else "prose", x.removeprefix("- ")) for x in main.splitlines())
    if not found:
        raise CandorError("holds no main text (only menus, pictures or scripts); save its text by hand")
    note = "cut short: the page does not end" if not re.search(r"</(?:html|body)\s*>\s*", text[-2000:], re.I) else ""
    return {"text": found, "title": _title_of(tree), "note": note if "<html" in text[:2000].lower() else ""}


def _title_of(tree: Any) -> str:
    for path in ("//meta[@property='og:title']/@content", "//h1[normalize-space()]", "//title"):
        for found in tree.xpath(path)[:1]:
            text = found if isinstance(found, str) else found.text_content()
            if text.strip():
                return " ".join(text.split())[:300]
    return ""
