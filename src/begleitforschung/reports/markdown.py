"""The Markdown of reports as a tree of plain data, which both output formats walk.

A node is a dictionary with its type at ``"t"``; leaves carry a text at ``"s"``, others their
children at ``"c"``. Text is never mixed with markup, so nothing has to be escaped on the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from begleitforschung.errors import ReportError

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

Node = dict[str, Any]
_REFERENCE = re.compile(r"(?<![\w@.])@((?:abb|tab)-[a-z0-9]+(?:-[a-z0-9]+)*)")
_ADDRESS = re.compile(r"https?://[^\s<>()\"']*[^\s<>()\"'.,;:]")
_UNNUMBERED = re.compile(r"\s*\{-\}$")
_SAFE = ("http://", "https://", "mailto:")
_SIMPLE = {"paragraph": "p", "strong": "strong", "em": "em", "blockquote": "quote"}
_ADVICE = {
    "image": "show pictures with figure(), which asks for their alternative text",
    "table": "show tables with table(), which asks for their source",
    "fence": "code does not belong into a report",
    "code_block": "code does not belong into a report",
}


def parse_markdown(text: str) -> list[Node]:
    """Parse Markdown into nodes.

    Parameters
    ----------
    text : str
        CommonMark without HTML; ``@abb-…`` and ``@tab-…`` are references, a heading that ends
        with ``{-}`` has no number.

    Returns
    -------
    list of dict
        Blocks of the types ``p, h, ul, ol, quote, rule`` with inline nodes of the types
        ``text, strong, em, code, link, ref, br``.

    Raises
    ------
    ReportError
        If it holds images, tables, code blocks or links that a report must not hold.
    """
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    # Without text_join, an escaped sign stays a token of its own and begins no reference.
    parser.disable(["html_block", "html_inline", "text_join"])
    return _children(SyntaxTreeNode(parser.parse(text)))


def plain(text: str) -> list[Node]:
    """Return a plain text as inline nodes, its addresses as links.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of dict
        Nodes of the types ``text`` and ``link``.
    """
    return list(_split(text, _ADDRESS, lambda m: _link(m[0], [{"t": "text", "s": m[0]}])))


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes and all nodes below them, in reading order.

    Parameters
    ----------
    nodes : iterable of dict
        Nodes.

    Yields
    ------
    dict
        Each node.
    """
    for node in nodes:
        yield node
        yield from walk(node.get("c", ()))
        for item in node.get("items", ()):
            yield from walk(item)


def text_of(nodes: Iterable[Node]) -> str:
    """Return the text of nodes without markup.

    Parameters
    ----------
    nodes : iterable of dict
        Nodes.

    Returns
    -------
    str
        Their text.
    """
    return "".join(node.get("s", " " if node["t"] == "br" else "") for node in walk(nodes))


def _children(node: SyntaxTreeNode) -> list[Node]:
    found: list[Node] = []
    for new in (made for child in node.children for made in _nodes(child)):
        if new["t"] == "text" and found and found[-1]["t"] == "text":
            found[-1] = {"t": "text", "s": found[-1]["s"] + new["s"]}
        elif new.get("s") != "":
            found.append(new)
    return found


def _nodes(node: SyntaxTreeNode) -> list[Node]:
    kind = node.type
    if kind in ("inline", "root"):
        return _children(node)
    if kind in _SIMPLE:
        return [{"t": _SIMPLE[kind], "c": _children(node)}]
    if kind not in _MAKERS:
        advice = _ADVICE.get(kind, "leave it out")
        raise ReportError(f"Markdown of a report holds no {kind}; {advice}")
    return _MAKERS[kind](node)


def _heading(node: SyntaxTreeNode) -> list[Node]:
    children = _children(node)
    numbered = True
    if children and children[-1]["t"] == "text" and _UNNUMBERED.search(children[-1]["s"]):
        children[-1] = {"t": "text", "s": _UNNUMBERED.sub("", children[-1]["s"])}
        children = [child for child in children if child.get("s") != ""]
        numbered = False
    return [{"t": "h", "level": int(node.tag[1:]), "numbered": numbered, "c": children}]


def _list(node: SyntaxTreeNode) -> list[Node]:
    items = [_children(item) for item in node.children]
    if node.type == "bullet_list":
        return [{"t": "ul", "items": items}]
    return [{"t": "ol", "start": int(node.attrs.get("start", 1)), "items": items}]


def _text(node: SyntaxTreeNode) -> list[Node]:
    return list(_split(node.content, _REFERENCE, lambda m: {"t": "ref", "id": m[1], "s": m[0]}))


def _link_node(node: SyntaxTreeNode) -> list[Node]:
    return [_link(str(node.attrs["href"]), _children(node))]


def _link(href: str, children: list[Node]) -> Node:
    if not href.startswith(_SAFE):
        raise ReportError(f"the link {href!r} leads nowhere for readers; write an https address")
    return {"t": "link", "href": href, "c": children}


def _split(
    text: str, pattern: re.Pattern[str], make: Callable[[re.Match[str]], Node]
) -> Iterator[Node]:
    """Cut a text at the matches of a pattern and make nodes of them."""
    end = 0
    for match in pattern.finditer(text):
        if match.start() > end:
            yield {"t": "text", "s": text[end : match.start()]}
        yield make(match)
        end = match.end()
    if end < len(text):
        yield {"t": "text", "s": text[end:]}


_MAKERS: dict[str, Callable[[SyntaxTreeNode], list[Node]]] = {
    "heading": _heading,
    "bullet_list": _list,
    "ordered_list": _list,
    "text": _text,
    "link": _link_node,
    "text_special": lambda node: [{"t": "text", "s": node.content}],
    "code_inline": lambda node: [{"t": "code", "s": node.content}],
    "softbreak": lambda _node: [{"t": "text", "s": " "}],
    "hardbreak": lambda _node: [{"t": "br"}],
    "hr": lambda _node: [{"t": "rule"}],
}
