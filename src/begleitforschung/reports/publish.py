"""`render`: one notebook in, one report out, or nothing at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from begleitforschung.catalogue import read_yaml
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.language import Lang
from begleitforschung.loaders.writing import replace_files
from begleitforschung.reports.document import Document, build_document
from begleitforschung.reports.execute import (
    Progress,
    declared_parameters,
    execute_notebook,
    read_notebook,
    with_parameters,
)
from begleitforschung.reports.html import to_html
from begleitforschung.reports.metadata import parse_metadata
from begleitforschung.reports.pdf import to_pdf
from begleitforschung.reports.registering import Registered, RegistryPlace, planned

Format = Literal["html", "pdf"]
_WRITERS: dict[str, Callable[[Document], bytes]] = {"html": to_html, "pdf": to_pdf}
_TIME_LIMIT = 600.0
_KEY = "begleitforschung"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedReport:
    """A published report.

    Parameters
    ----------
    paths : mapping of str to pathlib.Path
        Files by format: those asked for, ``"json"`` (the report as data) and ``"nachweis"`` (the
        input cells behind every figure and table).
    fingerprint : str
        SHA-256 of the content.
    numbers : mapping of str to str
        Printed number of each figure and table by identifier.
    registered : tuple of Registered
        What was entered into registries of what was published.
    """

    paths: Mapping[str, Path]
    fingerprint: str
    numbers: Mapping[str, str]
    registered: tuple[Registered, ...] = ()


def render(
    notebook: str | Path,
    *,
    to: str | Path,
    formats: Sequence[Format] = ("html", "pdf"),
    params: Mapping[str, str | Path] | None = None,
    metadata: Mapping[str, Any] | None = None,
    lang: Lang = "de",
    folder: str | Path | None = None,
    name: str | None = None,
    time_limit: float = _TIME_LIMIT,
    progress: Progress | None = None,
    allow_unprotected: bool = False,
    registries: Sequence[RegistryPlace] = (),
) -> RenderedReport:
    """Execute a report notebook and publish what its cells show.

    Parameters
    ----------
    notebook : str or pathlib.Path
        The notebook. Its front matter stands in its metadata under ``begleitforschung`` or as
        YAML in a raw cell at its beginning.
    to : str or pathlib.Path
        Folder of the report; it is made where it does not exist.
    formats : sequence of {"html", "pdf"}
        What to write.
    params : mapping, optional
        Texts and paths for the names that the cell tagged ``parameters`` declares. ``lang`` is
        set by itself where it is declared.
    metadata : mapping, optional
        Front matter that goes before the notebook's own, e.g. from ``projekt.toml``.
    lang : {"de", "en"}
        Language of the added words.
    folder : str or pathlib.Path, optional
        Working folder of the cells; by default the current one.
    name : str, optional
        Name of the files; by default that of the notebook.
    time_limit : float
        Seconds that one cell may take.
    progress : callable, optional
        Called after each cell with the number of cells done and of all cells.
    allow_unprotected : bool
        Whether the report may show confidential results that are not protected, for your own desk
        only: each page says so.
    registries : sequence of RegistryPlace
        Registries that the report is entered into once it is written; `begleitforschung report`
        gives those of the project.

    Returns
    -------
    RenderedReport
        Paths, fingerprint and numbers.

    Raises
    ------
    DisclosureError
        If the notebook shows confidential results that are not protected, or what an earlier
        report hides. Nothing is published then.
    ReportError
        If a cell fails, a reference has no target, something that a report needs is missing or
        a file can't be written. Nothing is published then.
    UnknownCodeError
        If a format or parameter does not exist.
    CatalogueError
        If the front matter is wrong.
    SourceFileError
        If the notebook can't be read.
    MissingDependencyError
        If the extra ``report`` is not installed.
    """
    for item in formats:
        if item not in _WRITERS:
            raise UnknownCodeError(item, _WRITERS, "formats of reports")
    path = Path(notebook)
    content = read_notebook(path)
    values = with_parameters(content, _with_language(content, params or {}, lang))
    front = parse_metadata(
        {**_front_matter(content, path.name), **(metadata or {})},
        parameters=values,
        file=path.name,
    )
    _check_writable(Path(to))
    execute_notebook(
        content,
        name=path.name,
        folder=Path(folder or Path.cwd()).resolve(),
        time_limit=time_limit,
        progress=progress,
    )
    document = build_document(
        content, front, lang, name=path.name, allow_unprotected=allow_unprotected
    )
    name = name or path.stem
    entries = planned(document.published, registries, report=name, date=_day(front.date))
    registered = tuple(one.entry for one in entries)
    paths = _publish(_files(document, formats, registered), Path(to), name)
    for one in entries:
        one.write()
    return RenderedReport(
        paths=paths,
        fingerprint=document.fingerprint,
        numbers=document.numbers(),
        registered=registered,
    )


@dataclass(frozen=True, slots=True)
class _RawCell:
    """The first cell of a notebook as a file that the reader of catalogues reads."""

    name: str
    text: str

    def read_bytes(self) -> bytes:
        return self.text.encode("utf-8")


def _front_matter(notebook: Any, name: str) -> dict[str, Any]:
    if _KEY in notebook.metadata:
        return dict(notebook.metadata[_KEY])
    first = next(iter(notebook.cells), None)
    if first is None or first.cell_type != "raw":
        return {}
    content, _lines = read_yaml(_RawCell(f"{name} (front matter)", first.source))
    if not isinstance(content, dict):
        raise ReportError(f"{name}: the raw cell at its beginning is no front matter")
    return content


def _with_language(notebook: Any, params: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    return {"lang": lang, **params} if "lang" in declared_parameters(notebook) else dict(params)


def _files(
    document: Document, formats: Sequence[Format], registered: Sequence[Registered]
) -> dict[str, tuple[str, bytes]]:
    """Return suffix and content of each file of a report."""
    return {
        **{item: (f".{item}", _WRITERS[item](document)) for item in formats},
        "json": (".json", _as_json(document, registered)),
        "nachweis": (".nachweis.csv", _as_csv(document)),
    }


def _day(date: str) -> dt.date:
    """Return the first day that a year, month or day names."""
    return dt.date.fromisoformat(f"{date}-01-01"[:10])


def _as_json(document: Document, registered: Sequence[Registered]) -> bytes:
    content = document.to_dict()
    content |= {"registry": [one.described() for one in registered]} if registered else {}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _as_csv(document: Document) -> bytes:
    """Return the input cells behind the blocks; with a byte order mark, for spreadsheets."""
    columns = dict.fromkeys(c for trace in document.traces.values() for c in trace["columns"])
    numbers = document.numbers()
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerow(["block", "number", *columns])
    for key, trace in document.traces.items():
        number = numbers.get(key, "").replace("\u00a0", " ")
        for row in trace["rows"]:
            cells = dict(zip(trace["columns"], row, strict=True))
            writer.writerow([key, number, *[cells.get(name) for name in columns]])
    return stream.getvalue().encode("utf-8-sig")


def _check_writable(to: Path) -> None:
    """Refuse a folder that nothing can be written to, before the notebook takes its minutes."""
    there = next(folder for folder in (to, *to.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".report-", dir=there):
            pass
    except OSError as error:
        raise ReportError(
            f"the folder {to} can't be written to: {error.strerror}. Check its permissions or "
            "name another folder for the report."
        ) from None


def _publish(files: Mapping[str, tuple[str, bytes]], to: Path, name: str) -> dict[str, Path]:
    """Put all files in place, or leave all as they were."""
    paths = {kind: to / f"{name}{suffix}" for kind, (suffix, _content) in files.items()}
    contents = [content for _suffix, content in files.values()]
    try:
        to.mkdir(parents=True, exist_ok=True)
        replace_files([*zip(paths.values(), contents, strict=True)])
    except OSError as error:
        place = error.filename2 or error.filename or to
        raise ReportError(
            f"{Path(place).name} can't be written: {error.strerror}. Close it where it is open, "
            f"check the permissions of {to} and make the report again; the files of the last "
            "report are unchanged."
        ) from None
    return paths
