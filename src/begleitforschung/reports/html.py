"""A document as one self-contained HTML file: no script, no request to any host."""

from __future__ import annotations

import base64
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from begleitforschung.display.numbers import format_date
from begleitforschung.display.style import house_style
from begleitforschung.reports.document import Document
from begleitforschung.reports.words import words

_MEDIA = {"svg": "image/svg+xml", "png": "image/png"}


def to_html(document: Document) -> bytes:
    """Write a document as HTML.

    Parameters
    ----------
    document : Document
        The document.

    Returns
    -------
    bytes
        One HTML file in UTF-8 with style and images inside.
    """
    text = (
        environment()
        .get_template("report.html.j2")
        .render(
            **document.to_dict(),
            date=format_date(document.metadata.date, document.lang),
            word=words(document.lang),
            warning=document.warning,
            style=house_style(),
            images={name: _data_uri(name, data) for name, data in document.images.items()},
        )
    )
    return f"{text}\n".encode()


def _data_uri(name: str, data: bytes) -> str:
    kind = _MEDIA[name.rpartition(".")[2]]
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


@cache
def environment() -> Environment:
    """Return the environment of the templates.

    Returns
    -------
    jinja2.Environment
        All texts are escaped; undefined names are errors.
    """
    return Environment(
        loader=PackageLoader("begleitforschung.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
