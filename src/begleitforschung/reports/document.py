"""An executed notebook as one document: collected, numbered, its references resolved."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from begleitforschung.disclosure.publications import Published
from begleitforschung.display.secrecy import UNPROTECTED
from begleitforschung.errors import (
    BegleitforschungError,
    DisclosureError,
    ReportError,
    UnknownCodeError,
)
from begleitforschung.language import Lang
from begleitforschung.reports.blocks import BLOCK_TYPE
from begleitforschung.reports.markdown import Node, parse_markdown, plain, text_of, walk
from begleitforschung.reports.metadata import ReportMetadata
from begleitforschung.reports.registering import joined
from begleitforschung.reports.words import words

_LEFT_OUT = "no-report"
_FIRST = 1
_BREAKS = re.compile(r"[\t\n\r\f\v\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report before it is written in any format.

    Parameters
    ----------
    metadata : ReportMetadata
        Front matter.
    lang : {"de", "en"}
        Language.
    nodes : sequence of dict
        Blocks in reading order, numbered, references resolved.
    images : mapping of str to bytes
        Images by file name.
    traces : mapping of str to dict
        Input cells by identifier of the block, as ``columns`` and ``rows``.
    unprotected : sequence of str
        Where confidential results are shown although not protected.
    published : sequence of Published
        Where the protected figures stand that it and the files beside it show.
    """

    metadata: ReportMetadata
    lang: Lang
    nodes: Sequence[Node]
    images: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    traces: Mapping[str, Mapping[str, Any]] = field(repr=False, default_factory=dict)
    unprotected: Sequence[str] = ()
    published: Sequence[Published] = field(repr=False, default=())

    @property
    def warning(self) -> str:
        """What stands on each page if anything is not protected; else empty."""
        return UNPROTECTED.get(self.lang) if self.unprotected else ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all content; equal reports have equal ones on every machine."""
        images = {name: hashlib.sha256(data).hexdigest() for name, data in self.images.items()}
        content = [self._front(), self.nodes, images, self.traces]
        text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def numbers(self) -> dict[str, str]:
        """Return the printed numbers of figures and tables.

        Returns
        -------
        dict of str to str
            Identifier to number, e.g. ``"abb-x": "Abbildung 1"``.
        """
        return {
            node["id"]: node["label"] for node in self.nodes if node["t"] in ("figure", "table")
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the whole report, images left out, as plain data.

        Returns
        -------
        dict
            Front matter, nodes and fingerprint; texts without control signs and line breaks. Key
            ``unprotected`` where anything is not protected.
        """
        content = {**self._front(), "nodes": list(self.nodes), "fingerprint": self.fingerprint}
        content |= {"unprotected": self.warning} if self.unprotected else {}
        return dict(_printable(content))

    def _front(self) -> dict[str, Any]:
        return {
            "lang": self.lang,
            "metadata": self.metadata.model_dump(mode="json"),
            "imprint": [
                {"label": label, "c": plain(text)}
                for label, text in self.metadata.imprint(self.lang)
            ],
            "citation": plain(self.metadata.cite(self.lang)),
        }


def build_document(
    notebook: Any,
    metadata: ReportMetadata,
    lang: Lang,
    *,
    name: str,
    allow_unprotected: bool = False,
) -> Document:
    """Make a document of an executed notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook with its outputs.
    metadata : ReportMetadata
        Front matter.
    lang : {"de", "en"}
        Language.
    name : str
        Name of the notebook, for messages.
    allow_unprotected : bool
        Whether it may show confidential results that are not protected.

    Returns
    -------
    Document
        The document.

    Raises
    ------
    DisclosureError
        If it shows confidential results that are not protected; names their places.
    ReportError
        If a reference has no target, an identifier stands twice, a heading skips a level or the
        Markdown holds what a report must not hold.
    """
    nodes, traces, unprotected = _collect(notebook, name)
    if unprotected and not allow_unprotected:
        raise DisclosureError(
            f"{name} shows confidential results that are not protected: {', '.join(unprotected)}. "
            "Protect them, bf.protect(…); for your own desk only: render(…, "
            "allow_unprotected=True). Nothing was published."
        )
    images: dict[str, bytes] = {}
    _number_headings(nodes, name)
    for node in nodes:
        if node["t"] in ("figure", "table"):
            _below(node, words(lang))
        if node["t"] == "figure":
            image = node["image"]
            file = f"{node['id']}.{image['kind']}"
            images[file] = base64.b64decode(image["base64"])
            node["image"] = {"kind": image["kind"], "file": file}
    _resolve(nodes, _numbered(nodes, words(lang), name), name)
    return Document(
        metadata=metadata,
        lang=lang,
        nodes=nodes,
        images=images,
        traces=traces,
        unprotected=unprotected,
        published=_published(notebook),
    )


def _printable(content: Any) -> Any:
    """Return data whose texts hold spaces for tabs and line breaks, and no control signs."""
    if isinstance(content, str):
        return _CONTROL.sub("", _BREAKS.sub(" ", content))
    if isinstance(content, Mapping):
        return {key: _printable(value) for key, value in content.items()}
    if isinstance(content, Sequence):
        return [_printable(value) for value in content]
    return content


def _collect(
    notebook: Any, name: str
) -> tuple[list[Node], dict[str, Mapping[str, Any]], list[str]]:
    """Return the nodes of all cells, the traces of their blocks, and where nothing is protected."""
    nodes: list[Node] = []
    unprotected: list[str] = []
    traces: dict[str, Mapping[str, Any]] = {}
    for index, cell in enumerate(notebook.cells, start=_FIRST):
        number = cell.metadata.get("begleitforschung_cell", index)
        if _LEFT_OUT in cell.metadata.get("tags", ()):
            continue
        for place, block in enumerate(_blocks(cell), start=_FIRST):
            block.pop("published", None)
            if block["t"] == "file":
                continue
            trace = block.pop("trace", None)
            key = block.get("id") or f"text-{number}-{place}"
            if trace and trace["rows"]:
                traces[key] = trace
            if block.get("unprotected"):
                unprotected.append(f"{key} (cell {number})")
            try:
                nodes += parse_markdown(block["markdown"]) if block["t"] == "text" else [block]
            except BegleitforschungError as error:
                raise ReportError(f"{name}, cell {number}: {error}") from None
    return nodes, traces, unprotected


def _published(notebook: Any) -> list[Published]:
    """Return where the figures stand that blocks show, and files that cells wrote."""
    return joined(
        Published.model_validate(one)
        for cell in notebook.cells
        for block in _blocks(cell)
        if block["t"] == "file" or _LEFT_OUT not in cell.metadata.get("tags", ())
        for one in block.get("published", ())
    )


def _blocks(cell: Any) -> Iterator[Node]:
    if cell.cell_type == "markdown":
        yield {"t": "text", "markdown": cell.source}
    for output in cell.get("outputs", ()):
        block = output.get("data", {}).get(BLOCK_TYPE)
        if block is not None:
            yield json.loads(json.dumps(block))


def _number_headings(nodes: Sequence[Node], name: str) -> None:
    """Give headings numbers and anchors; refuse skipped levels, which screen readers stumble on."""
    counts: list[int] = []
    before = 0
    headings = [node for node in nodes if node["t"] == "h"]
    for index, node in enumerate(headings, start=_FIRST):
        level = node["level"]
        if level > before + 1:
            raise ReportError(
                f"{name}: the heading {text_of(node['c'])!r} is of level {level} below one of "
                f"level {before}; write {'#' * (before + 1)}"
            )
        before = level
        counts = [*counts[:level], *[0] * (level - len(counts))]
        if node.pop("numbered"):
            counts[level - 1] += 1
            node["number"] = ".".join(map(str, counts))
        else:
            node["number"] = ""
        node["id"] = f"kap-{index}"


def _below(node: Node, word: Mapping[str, str]) -> None:
    """Turn notes and sources into the lines below a figure or table."""
    notes, sources = node.pop("notes"), node.pop("sources")
    lines = {"note": " ".join(notes), "source": "; ".join(sources)}
    node["below"] = [
        {"label": word[kind], "c": plain(line)} for kind, line in lines.items() if line
    ]


def _numbered(nodes: Sequence[Node], word: Mapping[str, str], name: str) -> dict[str, str]:
    """Give figures and tables numbers in their order and return them as printed."""
    labels: dict[str, str] = {}
    counts = {"figure": 0, "table": 0}
    for node in nodes:
        if node["t"] not in counts:
            continue
        if node["id"] in labels:
            raise ReportError(f"{name}: the identifier {node['id']!r} stands twice")
        counts[node["t"]] += 1
        node["label"] = labels[node["id"]] = f"{word[node['t']]}\u00a0{counts[node['t']]}"
    return labels


def _resolve(nodes: Sequence[Node], labels: Mapping[str, str], name: str) -> None:
    references = [node for node in walk(nodes) if node["t"] == "ref"]
    dangling = dict.fromkeys(node["id"] for node in references if node["id"] not in labels)
    if dangling:
        tails = [str(UnknownCodeError(key, labels, "figures and tables")) for key in dangling]
        raise ReportError(f"{name} refers to what it does not show:\n  - " + "\n  - ".join(tails))
    for node in references:
        node["s"] = labels[node["id"]]
