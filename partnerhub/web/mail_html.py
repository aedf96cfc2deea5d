"""The HTML of a mail as it may be shown: nothing that runs, nothing from elsewhere, nothing a reader would not see.

Whatever stands here is somebody else's words. The answer that carries it forbids scripts, frames and every request once
more by its own headers; see `partnerhub.web.routes.mail_text`.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple

import nh3
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode


def names(written: str) -> frozenset[str]:
    """Words as a set."""
    return frozenset(written.split())


LONGEST: Final = 1_000_000
DEEPEST: Final = 250
"""Levels of nesting. What is nested deeper no person wrote: it is shown as its text."""
NESTING: Final = re.compile(
    r"<(/?)(?!p\b|li|t[dhr]\b|thead|tbody|d[dt]\b|option|br|hr|img|meta|link|input|col|area|base|wbr|o:p)[a-z]",
    re.IGNORECASE,
)
"""Tags that nest where they are not closed."""
MARKS: Final = re.compile(r"<[^<>]*>")
WORDLESS: Final = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
TAGS: Final = names(
    "a abbr address b bdi blockquote br caption center cite code col colgroup dd del div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small "
    "span strike strong sub sup table tbody td tfoot th thead tr tt u ul"
)
WITH_CONTENT: Final = names(
    "script style title svg math noscript template iframe object embed applet frameset audio "
    "video canvas select textarea button xmp noembed noframes plaintext"
)
"""Elements that go with all that is in them."""
ATTRIBUTES: Final = {
    "*": {"style", "dir", "lang", "align", "valign"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "bgcolor", "width", "height"},
    "th": {"colspan", "rowspan", "bgcolor", "width", "height"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "tr": {"bgcolor"},
    "font": {"color"},
    "ol": {"start", "type"},
}
STYLES: Final = names(
    "color background-color font-weight font-style font-size text-align text-decoration vertical-align"
    " white-space padding padding-top padding-right padding-bottom padding-left margin margin-top margin-bottom"
    " line-height border-collapse border-top border-bottom border-left border-color border-style border-width"
    " width max-width"
)
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "data"})
INLINE_IMAGE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
FETCHES: Final = re.compile(r"url\s*\(|\\|expression|@import", re.IGNORECASE)
UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e"
    "\ufeff\uffa0\U000e0000-\U000e0fff]|(?<![^\x00-\x7f])[\u200c\u200d]"
)
"""Characters that take no room. Joiners stay behind letters of scripts, and in pictures, that need them."""
DECLARATION: Final = re.compile(r"([a-z-]+)\s*:\s*([^;]+)")
RULE: Final = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
GROUPED: Final = re.compile(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
"""What holds on some screens only, as `@media print`."""
MOST_RULES: Final = 300
TELLING: Final = frozenset(
    {
        "display",
        "visibility",
        "opacity",
        "font-size",
        "color",
        "background-color",
        "background",
        "max-height",
        "height",
    }
)
SMALL: Final = re.compile(r"(?:0|0?\.\d+|[012](?:\.\d+)?)\s*(?:px|pt)|0+(?:\.0+)?\s*(?:em|rem|%)?")
NOTHING: Final = re.compile(r"0+(?:\.0*)?\s*(?:px|pt|em|rem|%)?")
SHORT_HEX: Final = re.compile(r"#[0-9a-f]{3}")
RGB: Final = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)[^)]*\)")
COLORS: Final = {"white": "#ffffff", "black": "#000000", "transparent": "transparent"}
WHITE: Final = "#ffffff"


class Shown(NamedTuple):
    """What may be shown. withheld: pictures that would have been fetched from elsewhere."""

    html: Markup
    withheld: int


def shown(written: str) -> Shown:
    """A mail's HTML, made harmless; whatever it is, it is never longer than a million characters."""
    if too_deep(written[:LONGEST]):
        said = unescape(MARKS.sub(" ", WORDLESS.sub(" ", written[:LONGEST])))
        return Shown(as_text(" ".join(said.split())), 0)
    tree = LexborHTMLParser(written[:LONGEST])
    withheld = withhold_pictures(tree)
    drop_unseen(tree)
    for link in tree.css("a[href]"):
        link.attrs["title"] = (link.attributes.get("href") or "")[:500]
    body = tree.body.html if tree.body is not None else ""
    clean = nh3.clean(
        body or "", tags=set(TAGS), clean_content_tags=set(WITH_CONTENT), attributes=ATTRIBUTES,
        attribute_filter=kept, strip_comments=True, link_rel="noopener noreferrer nofollow",
        url_schemes=set(SCHEMES), filter_style_properties=set(STYLES),
    )  # fmt: skip
    return Shown(Markup(UNSEEN.sub("", clean)), withheld)  # noqa: S704  # nh3 wrote it


def as_text(written: str) -> Markup:
    """Plain text as it was written, without what takes no room."""
    return Markup('<pre class="plain">{}</pre>').format(UNSEEN.sub("", written[:LONGEST]))


def kept(tag: str, attribute: str, value: str) -> str | None:
    """An attribute's value, or None where it could fetch or hide something."""
    if attribute == "src":
        return value if INLINE_IMAGE.fullmatch(value.strip()) else None
    if attribute == "href" and value.strip().lower().startswith("data:"):
        return None
    if attribute == "style" and FETCHES.search(value):
        return None
    del tag
    return value


def too_deep(written: str) -> bool:
    """Whether elements are nested as no person nests them; asked before parsing, which would take seconds."""
    depth = 0
    for found in NESTING.finditer(written):
        depth += -1 if found.group(1) else 1
        depth = max(depth, 0)
        if depth > DEEPEST:
            return True
    return False


def withhold_pictures(tree: LexborHTMLParser) -> int:
    """Take every picture out that does not come with the mail; returns how many those were."""
    found = 0
    for node in tree.css("img, input[type=image], image, source, video[poster]"):
        if not INLINE_IMAGE.fullmatch((node.attributes.get("src") or "").strip()):
            found += 1
            node.decompose()
    return (
        found
        + len(tree.css("[background]"))
        + sum(bool(FETCHES.search(node.attributes.get("style") or "")) for node in tree.css("[style*='url']"))
    )


class Look(NamedTuple):
    """How text looks at a place: color, background, and whether it is too small to read."""

    color: str
    background: str
    small: bool


def drop_unseen(tree: LexborHTMLParser) -> None:
    """Take out what a reader of the mail would not see: hidden, tiny, or in the color of what is behind it."""
    ruled = by_rules(tree)
    if tree.body is None:
        return
    waiting = [(tree.body, Look("#000000", WHITE, small=False))]
    gone = []
    while waiting:
        node, look = waiting.pop()
        if node.tag == "-text":
            if (look.small or look.color == look.background) and (node.text(deep=False) or "").strip():
                gone.append(node)
            continue
        said = {
            **ruled.get(node.mem_id, {}),
            **attributes_as_style(node),
            **declared(node.attributes.get("style")),
        }
        if is_hidden(node, said):
            gone.append(node)
            continue
        waiting += [(child, looks(look, said)) for child in node.iter(include_text=True)]
    for node in gone:
        node.decompose()


def by_rules(tree: LexborHTMLParser) -> dict[int, dict[str, str]]:
    """What the mail's own style sheets say about how elements look, by element; later rules win."""
    found: dict[int, dict[str, str]] = {}
    for selector, said in list(rules(tree))[:MOST_RULES]:
        try:
            nodes = tree.css(selector)
        except (SelectolaxError, ValueError, RuntimeError):
            continue
        for node in nodes:
            found.setdefault(node.mem_id, {}).update(said)
    return found


def rules(tree: LexborHTMLParser) -> Iterator[tuple[str, dict[str, str]]]:
    """The rules of style sheets that say how elements look."""
    for sheet in tree.css("style"):
        for selector, body in RULE.findall(GROUPED.sub("", sheet.text() or "")[:100_000]):
            said = declared(body)
            if said and ":" not in selector:
                yield selector.strip(), said


def declared(style: str | None) -> dict[str, str]:
    """The telling declarations of a style."""
    pairs = DECLARATION.findall((style or "").lower())
    return {name: value.replace("!important", "").strip() for name, value in pairs if name in TELLING}


def attributes_as_style(node: LexborNode) -> dict[str, str]:
    """What old attributes say about looks."""
    found = {}
    if node.attributes.get("bgcolor"):
        found["background-color"] = str(node.attributes["bgcolor"]).lower()
    if node.tag == "font" and node.attributes.get("color"):
        found["color"] = str(node.attributes["color"]).lower()
    return found


def is_hidden(node: LexborNode, said: dict[str, str]) -> bool:
    """Whether an element and all in it is not shown."""
    return (
        "hidden" in node.attributes
        or said.get("display") == "none"
        or said.get("visibility") in {"hidden", "collapse"}
        or bool(NOTHING.fullmatch(said.get("opacity", "1")))
        or bool(NOTHING.fullmatch(said.get("max-height", "1")))
    )


def looks(above: Look, said: dict[str, str]) -> Look:
    """How text in an element looks, from what is around it and what the element says."""
    background = color_of(said.get("background-color") or said.get("background", "").partition(" ")[0])
    color = color_of(said.get("color", ""))
    small = bool(SMALL.fullmatch(said["font-size"])) if "font-size" in said else above.small
    return Look(
        color or above.color,
        above.background if background in {"", "transparent"} else background,
        small,
    )


def color_of(written: str) -> str:
    """A color in one spelling; transparent text counts as its background."""
    text = written.strip()
    if SHORT_HEX.fullmatch(text):
        return "#" + "".join(letter * 2 for letter in text[1:])
    if found := RGB.fullmatch(text):
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in found.groups())
    return COLORS.get(text, text)
