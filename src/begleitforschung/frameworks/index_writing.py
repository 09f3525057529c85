"""The content of a specification of an index as YAML that `load_index_spec` reads back the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from begleitforschung.errors import SpecificationError


def write_index_content(content: Mapping[str, Any], path: Path | None = None) -> str:
    """Write the content of a specification.

    Parameters
    ----------
    content : mapping
        What `IndexSpec.content` returns.
    path : pathlib.Path, optional
        File to write.

    Returns
    -------
    str
        The YAML.

    Raises
    ------
    SpecificationError
        If it holds a function, which no file can hold.
    """
    if own := sorted(_functions(content)):
        raise SpecificationError(
            f"the index '{content['id']}' can't be written: a file holds no functions "
            f"({', '.join(own)}). Keep it as Python code."
        )
    text = yaml.safe_dump(_short(content), allow_unicode=True, sort_keys=False, width=100)
    if path is not None:
        path.write_text(text, encoding="utf-8", newline="\n")
    return text


def _functions(content: Any) -> set[str]:
    if isinstance(content, Mapping):
        if content.keys() == {"function", "source"}:
            return {str(content["function"])}
        return set().union(*map(_functions, content.values()))
    return set().union(*map(_functions, content)) if isinstance(content, list) else set()


def _short(content: Any) -> Any:
    """Write methods without parameters as their name, whole numbers without point."""
    if isinstance(content, Mapping):
        if content.keys() == {"name"}:
            return content["name"]
        return {key: _short(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_short(item) for item in content]
    if isinstance(content, float) and content.is_integer() and abs(content) < 2**53:
        return int(content)
    return content
