"""Codebooks as YAML files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

from begleitforschung.catalogue import Readable, parse_entry, read_yaml
from begleitforschung.surveys.checks import require_sound
from begleitforschung.surveys.codebook import Codebook

_HEAD = """\
# Codebook of a survey; see docs/reference/surveys.md for all keys.
# role: identifying | answer. confidentiality: public | internal | confidential | personal;
# undeclared answers are confidential, undeclared free text is personal.
"""


def read_codebook(path: Path | Readable) -> Codebook:
    """Read a codebook from YAML.

    Parameters
    ----------
    path : pathlib.Path or Readable
        The file.

    Returns
    -------
    Codebook
        The codebook, checked.

    Raises
    ------
    CatalogueError
        If keys or values don't fit, or codes, filters or columns contradict each other; all
        problems at once, each with its line.
    SourceFileError
        If the file can't be read.
    """
    content, lines = read_yaml(path)
    codebook = parse_entry(content, Codebook, file=path.name, lines=lines)
    require_sound(codebook, file=path.name, lines=lines)
    return codebook


def dump_codebook(codebook: Codebook) -> str:
    """Return a codebook as YAML.

    Parameters
    ----------
    codebook : Codebook
        The codebook.

    Returns
    -------
    str
        YAML text that `read_codebook` reads back to an equal codebook.
    """
    content: dict[str, Any] = codebook.model_dump(mode="json", exclude_defaults=True)
    text = yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return _HEAD + text


def codebook_sha256(codebook: Codebook) -> str:
    """Return a checksum of the content of a codebook, whatever its file looked like.

    Parameters
    ----------
    codebook : Codebook
        The codebook.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    return hashlib.sha256(codebook.model_dump_json(exclude_defaults=True).encode()).hexdigest()


class _Dumper(yaml.SafeDumper):
    """Writes labels and codes on one line each, as one would by hand."""


def _mapping(dumper: yaml.SafeDumper, content: dict[str, Any]) -> yaml.Node:
    short = set(content) <= {"de", "en"} or "code" in content or set(content) == {"id", "text"}
    return dumper.represent_mapping("tag:yaml.org,2002:map", content.items(), flow_style=short)


_Dumper.add_representer(dict, _mapping)
