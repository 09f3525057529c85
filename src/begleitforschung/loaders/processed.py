"""Processed tables: Parquet with ``<name>.meta.json``, which holds provenance and meanings."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pydantic

from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.reader import Head, Recognised
from begleitforschung.loaders.tidy import read_tidy
from begleitforschung.provenance import Provenance
from begleitforschung.tables import Indicator, IndicatorTable, assemble

_FORMAT = "begleitforschung.indicators"


def meta_path(path: Path) -> Path:
    """Return where the description of a processed file stands.

    Parameters
    ----------
    path : pathlib.Path
        The Parquet file.

    Returns
    -------
    pathlib.Path
        ``<name>.meta.json`` beside it.
    """
    return path.with_suffix(".meta.json")


def dump_meta(table: IndicatorTable, sha256: str) -> bytes:
    """Return the description of a processed table as JSON.

    Parameters
    ----------
    table : IndicatorTable
        The table.
    sha256 : str
        Checksum of its Parquet file.

    Returns
    -------
    bytes
        UTF-8.
    """
    content = {
        "format": _FORMAT,
        "sha256": sha256,
        "gebietsstand": table.gebietsstand,
        "indicators": [
            item.model_dump(mode="json", exclude_defaults=True)
            for item in table.indicators.values()
        ],
        "findings": [asdict(item) for item in table.findings],
        "provenance": table.provenance.to_dict(),
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def read_processed(path: Path, raw: RawFile) -> IndicatorTable:
    """Read a processed table with the provenance that it was written with.

    Parameters
    ----------
    path : pathlib.Path
        The Parquet file.
    raw : RawFile
        Its content.

    Returns
    -------
    IndicatorTable
        The table that was written, fingerprint included.

    Raises
    ------
    SourceFileError
        If the description is damaged, or file or fingerprint are not those described.
    """
    meta = meta_path(path)
    again = f"Write {path.name} again with write_indicators; processed files are never edited."
    try:
        content: dict[str, Any] = json.loads(meta.read_bytes().decode("utf-8"))
        if content["sha256"] != raw.sha256:
            raise SourceFileError(
                f"{path.name} is not the file that {meta.name} describes. {again}"
            )
        provenance = Provenance.from_dict(content["provenance"])
        if provenance.fingerprint != content["provenance"]["fingerprint"]:
            raise SourceFileError(f"{meta.name}: the provenance was changed. {again}")
        meanings = [Indicator.model_validate(item) for item in content["indicators"]]
        findings = [_finding(item) for item in content["findings"]]
        state = str(content["gebietsstand"])
    except (ValueError, KeyError, TypeError, AttributeError, pydantic.ValidationError):
        raise SourceFileError(f"{meta.name} is damaged. {again}") from None
    loaded = read_tidy(Head(raw=raw, headers={}), Recognised("tidy", ()))
    return assemble(
        loaded.tidy,
        indicators=meanings,
        gebietsstand=state,
        provenance=provenance,
        findings=findings,
    )


def _finding(item: dict[str, Any]) -> Finding:
    texts = {name: Text(**item[name]) for name in ("text", "hint") if item[name]}
    return Finding(**{**item, **texts, "rows": tuple(item["rows"])})
