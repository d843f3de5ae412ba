"""What a drawn page says, as text with its structure: what a reviewer reads beside the picture of it.

Everything that a person can see, hear or be shown is in it: what only a screen reader says, what stands in the tab of
the browser, what is there for the keyboard, and what is hidden from all. Nothing is left out because it is small.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4 import Tag
from bs4.element import NavigableString

from screener.typed_text import collapse_whitespace

KINDS_BY_ELEMENT = {
    "h1": "Heading",
    "h2": "Smaller heading",
    "label": "Asked",
    "legend": "Asked",
    "dt": "Asked",
    "dd": "Answer",
    "li": "Item of a list",
}
#: What a paragraph is, by the class that the templates give it.
KINDS_BY_CLASS = {
    "hint": "Help beside the field",
    "error": "Error beside the field",
    "step": "Progress",
    "skip": "Link, seen on the keyboard's way",
    "exit-note": "Note",
    "house": "Name of the site",
    "checked": "Note",
    "trap": "Unseen: for programs that fill in everything",
}
#: Elements that hold others; a line is what stands in the innermost of them.
CONTAINER_ELEMENTS = {
    "div",
    "form",
    "section",
    "aside",
    "nav",
    "ul",
    "ol",
    "fieldset",
    "main",
    "header",
    "footer",
    "body",
    "dl",
}
BUTTONS = ("button", "a")


@dataclass(frozen=True)
class AnswerOption:
    """One option of a question, and whether it is chosen."""

    words: str
    chosen: bool


@dataclass(frozen=True)
class TextLine:
    """One line of a page: its kind (heading, label, link …) and its text."""

    kind: str
    words: str
    #: Of a list of answers; such a line has no words of its own.
    choices: tuple[AnswerOption, ...] = ()
    #: Of words in another language than the page's.
    lang: str = ""
    #: Where a link or a form leads; only for what leaves the form.
    to: str = ""


@dataclass(frozen=True)
class PageText:
    """The text of one page: its title, and the lines above, in and below its main part."""

    title: str
    description: str
    above: tuple[TextLine, ...]
    main: tuple[TextLine, ...]
    below: tuple[TextLine, ...]


def extract_page_text(html: str) -> PageText:
    """Extract the text of the page *html*."""
    page = BeautifulSoup(html, "html.parser")
    above, below = page.select(".skip, header, nav.languages"), page.select("body > .crisis, footer")
    main = page.select(".enter, main")
    description = page.select_one('meta[name="description"]')
    return PageText(
        title=_text(page.title) if page.title else "",
        description=str(description["content"]) if description else "",
        above=tuple(line for part in above for line in _lines(part)),
        main=tuple(line for part in main for line in _lines(part)),
        below=tuple(line for part in below for line in _lines(part)),
    )


def _lines(tag: Tag) -> Iterator[TextLine]:
    if name := tag.get("aria-label"):
        yield TextLine("Name for screen readers", str(name))
    if choices := _choices(tag):
        yield choices
    elif tag.name in CONTAINER_ELEMENTS:
        for child in tag.children:
            if isinstance(child, Tag):
                yield from _lines(child)
            elif isinstance(child, NavigableString) and child.strip():
                yield TextLine("Text", _text(child))
    elif tag.name == "input":
        yield from _input(tag)
    else:
        yield from _leaf(tag)


def _choices(tag: Tag) -> TextLine | None:
    """The answers of one question as one line; None for anything else."""
    if tag.name == "select":
        found = [AnswerOption(_text(one), one.has_attr("selected")) for one in tag.select("option")]
        return TextLine("List that opens", "", tuple(found))
    labels = [tag] if tag.name == "label" else tag.select("label") if "options" in (tag.get("class") or ()) else []
    boxes = [(label, box) for label in labels if (box := label.select_one("input"))]
    if not boxes:
        return None
    kind = "Boxes to tick" if boxes[0][1].get("type") == "checkbox" else "One of these"
    choices = tuple(AnswerOption(_text(label), box.has_attr("checked")) for label, box in boxes)
    return TextLine("Box to tick" if tag.name == "label" else kind, "", choices)


def _leaf(tag: Tag) -> Iterator[TextLine]:
    """A line of its own; what can be pressed or followed in it comes after it, in lines of their own."""
    inner = [one for one in tag.select("button, a") if tag.name not in BUTTONS]
    if not inner or _text(tag) != " ".join(_text(one) for one in inner):
        yield TextLine(_kind(tag), _text(tag), lang=str(tag.get("lang", "")), to=_leads(tag))
        inner = [one for one in inner if one.name != "a" or _leads(one)]
    for one in inner:
        yield from _lines(one)


def _kind(tag: Tag) -> str:
    """The kind of *tag*: by its class, else by its element."""
    if tag.get("aria-hidden") == "true":
        return "Button, unseen: what the Enter key presses"
    if tag.find_parent(class_="languages"):
        return "Language"
    named = next((KINDS_BY_CLASS[one] for one in tag.get("class") or () if one in KINDS_BY_CLASS), "")
    return named or _button(tag) or KINDS_BY_ELEMENT.get(tag.name, "Text")


def _button(tag: Tag) -> str:
    if tag.name == "a":
        return "Button" if "button" in (tag.get("class") or ()) else "Link"
    if tag.name == "button":
        return "Button (only with a script)" if tag.has_attr("hidden") else "Button"
    return ""


def _input(tag: Tag) -> Iterator[TextLine]:
    """A box to type into, with what stands in it; hidden values are no words."""
    if tag.get("type") != "hidden":
        yield TextLine("Box to type into", str(tag.get("value") or ""))


def _leads(tag: Tag) -> str:
    """Where a link leads, if that is out of the form."""
    to = str(tag.get("href") or "")
    return "" if to.startswith(("/", "#")) else to


def _text(node: Tag | NavigableString) -> str:
    return collapse_whitespace(node.get_text() if isinstance(node, Tag) else node)
