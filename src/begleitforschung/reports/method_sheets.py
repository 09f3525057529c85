"""`method_sheet`: how an index is made, for those who read its scores; from its specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from begleitforschung._version import __version__
from begleitforschung.display.secrecy import UNPROTECTED, UNPROTECTED_NOTE
from begleitforschung.display.tables import TableModel
from begleitforschung.frameworks.index_entries import as_text
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Lang
from begleitforschung.loaders.writing import put_files
from begleitforschung.reports.index_changes import (
    changes_table,
    data_lines,
    remark_lines,
    sources_table,
)
from begleitforschung.reports.index_structure import method_notes, structure_table
from begleitforschung.reports.index_words import word
from begleitforschung.results.composite import CompositeResult

if TYPE_CHECKING:
    from begleitforschung.errors import Finding
    from begleitforschung.frameworks.framework import Framework


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a method sheet.

    Parameters
    ----------
    heading : str
        Its heading.
    level : int
        2 for parts, 3 for their parts.
    lines : tuple of str
        Paragraphs.
    details : tuple of (str, str)
        Labels and texts.
    table : TableModel, optional
        A table below them.
    about_data : bool
        Whether it tells of the figures, not of the specification alone.
    """

    heading: str
    level: int = 2
    lines: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    table: TableModel | None = None
    about_data: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MethodSheet:
    """How an index is made: purpose, structure, steps, data, changes, remarks.

    Parameters
    ----------
    id : str
        Identifier of the index.
    title : str
        Title of the sheet.
    lang : {"de", "en"}
        Language.
    parts : tuple of Part
        Its content.
    result : CompositeResult, optional
        The scores that it tells of.
    """

    id: str
    title: str
    lang: Lang
    parts: tuple[Part, ...] = field(repr=False)
    result: CompositeResult | None = field(default=None, repr=False)

    def to_markdown(self, path: str | Path | None = None) -> str:
        """Return the sheet as Markdown, or write it.

        Parameters
        ----------
        path : str or pathlib.Path, optional
            File to write, in an existing folder.

        Returns
        -------
        str
            Markdown with pipe tables.

        Raises
        ------
        SourceFileError
            If the file can't be written.
        """
        from begleitforschung.reports.method_formats import sheet_markdown

        return _kept(sheet_markdown(self), path)

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the sheet as a page of HTML, or write it.

        Parameters
        ----------
        path : str or pathlib.Path, optional
            File to write, in an existing folder.

        Returns
        -------
        str
            One page without scripts and without anything from other hosts.

        Raises
        ------
        SourceFileError
            If the file can't be written.
        """
        from begleitforschung.reports.method_formats import sheet_html

        return _kept(sheet_html(self), path)

    def show(self) -> None:
        """Show the sheet in a report notebook, its tables numbered.

        Raises
        ------
        DisclosureError
            If the scores must not be shown.
        ReportError
            If the purpose of the index is not on record.
        """
        from begleitforschung.reports.method_formats import show_sheet

        show_sheet(self)

    def _repr_html_(self) -> str:
        from begleitforschung.reports.method_formats import sheet_body

        return sheet_body(self)


def method_sheet(
    content: IndexSpec | Framework | CompositeResult,
    *,
    lang: Lang = "de",
    allow_unprotected: bool = False,
) -> MethodSheet:
    """Return how an index is made, in words and tables.

    Parameters
    ----------
    content : IndexSpec, Framework or CompositeResult
        A specification; a framework, as `IndexSpec.of_framework` takes it; or scores, for which
        the sheet also names sources, counts what was imputed, winsorised, transformed and
        dropped, and repeats all remarks.
    lang : {"de", "en"}
        Language.
    allow_unprotected : bool
        Whether confidential scores may be told of at the own desk although not protected; the
        sheet says so.

    Returns
    -------
    MethodSheet
        ``to_markdown(path)``, ``to_html(path)``; ``show()`` in a report notebook.

    Raises
    ------
    DisclosureError
        If the scores must not be shown.
    SpecificationError
        If no KPI of a framework may be scored.

    Examples
    --------
    >>> from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec
    >>> spec = IndexSpec(
    ...     id="teilhabe",
    ...     title="Digitale Teilhabe",
    ...     indicators=(IndicatorSpec(id="breitband", parent="teilhabe"),),
    ...     nodes=(NodeSpec(id="teilhabe"),),
    ... )
    >>> print(method_sheet(spec).to_markdown()[:35])
    # Methodenblatt: Digitale Teilhabe
    """
    result = content if isinstance(content, CompositeResult) else None
    spec = content.spec if isinstance(content, CompositeResult) else IndexSpec.of(content)
    if result is not None:
        result = result.for_desk(allow_unprotected=allow_unprotected)
    title = as_text(spec.title).get(lang)
    parts = [_purpose(spec, lang), _structure(spec, result, lang), *_steps(spec, lang)]
    if result is not None:
        parts += _data(result, lang)
    findings = spec.findings if result is None else result.findings
    parts.append(_remarks(findings, lang))
    parts.append(_imprint(spec, lang))
    if result is not None and result.require_showable():
        warning = UNPROTECTED_NOTE.get(lang)
        parts.insert(0, Part(heading=UNPROTECTED.get(lang), lines=(warning,)))
    return MethodSheet(
        id=spec.id,
        title=f"{word('sheet', lang)}: {title}",
        lang=lang,
        parts=tuple(parts),
        result=result,
    )


def _purpose(spec: IndexSpec, lang: Lang) -> Part:
    heading, given = word("purpose", lang), spec.purpose
    if given is None:
        return Part(heading=heading, lines=(word("no_purpose", lang),))
    return Part(
        heading=heading,
        details=(
            (word("what_for", lang), as_text(given.purpose).get(lang)),
            (word("not_for", lang), as_text(given.not_for).get(lang)),
            (word("concerns", lang), as_text(given.concerns).get(lang)),
            (word("model", lang), word(given.model, lang)),
        ),
    )


def _structure(spec: IndexSpec, result: CompositeResult | None, lang: Lang) -> Part:
    leaves, inner = len(spec.indicators), len(spec.nodes) - 1
    line = {
        "de": f"{leaves} Indikatoren in {inner} Teilbereichen. Das wirksame Gewicht eines "
        "Indikators ist das Produkt der Anteile auf dem Weg vom Index zu ihm; zusammen sind es "
        "100 %.",
        "en": f"{leaves} indicators in {inner} parts. The effective weight of an indicator is the "
        "product of the shares on the way from the index down to it; together they are 100 %.",
    }[lang]
    lines = [line]
    weights = None
    if result is not None:
        weights = result.weights_by_year[-1]
        if not (result.weights_by_year == weights).all():
            lines.append(
                {
                    "de": f"Die Gewichte sind je Jahr andere; gezeigt ist {result.years[-1]}.",
                    "en": f"Weights differ by year; shown is {result.years[-1]}.",
                }[lang]
            )
    elif any(step.kind == "weight" and step.chosen.name != "given" for step in spec.steps):
        lines.append(
            {
                "de": "Gewichte, die ein Rechenschritt aus den Daten findet, stehen hier noch "
                "nicht; das Methodenblatt der Ergebnisse zeigt sie.",
                "en": "Weights that a step finds in the data are not shown here; the method sheet "
                "of the scores shows them.",
            }[lang]
        )
    return Part(
        heading=word("structure", lang),
        lines=tuple(lines),
        table=structure_table(spec, lang, weights),
    )


def _steps(spec: IndexSpec, lang: Lang) -> Iterator[Part]:
    line = {
        "de": "In dieser Reihenfolge. In den Formeln ist x der Wert eines Indikators (bei der "
        "Normierung so gedreht, dass mehr besser ist), w das Gewicht; min, max, Mittelwert und "
        "Rang sind die der Bezugsjahre.",
        "en": "In this order. In formulas, x is the value of an indicator (when it is normalised, "
        "turned so that more is better), w the weight; min, max, mean and rank are those of the "
        "reference years.",
    }[lang]
    yield Part(heading=word("steps", lang), lines=(line,))
    for note in method_notes(spec, lang):
        yield Part(
            heading=f"{word('step', lang)} {note.number}: {note.step} – {note.method}",
            level=3,
            lines=(note.text,),
            details=note.details,
        )


def _data(result: CompositeResult, lang: Lang) -> Iterator[Part]:
    first, *rest = data_lines(result, lang)
    yield Part(
        heading=word("data", lang),
        lines=(first,),
        details=tuple(
            (f"{word('changes_to', lang)} {item.file or item.title}", item.changes)
            for item in result.sources()
            if item.changes
        ),
        table=sources_table(result.sources(), lang, changes=False),
        about_data=True,
    )
    yield Part(
        heading=word("changed", lang),
        lines=tuple(rest),
        table=changes_table(result, lang),
        about_data=True,
    )


def _remarks(findings: tuple[Finding, ...], lang: Lang) -> Part:
    heading = word("warnings", lang)
    if not findings:
        return Part(heading=heading, lines=(word("nothing", lang),))
    return Part(heading=heading, details=tuple(remark_lines(findings, lang)))


def _imprint(spec: IndexSpec, lang: Lang) -> Part:
    return Part(
        heading=word("fingerprint", lang),
        details=(
            ("SHA-256", spec.fingerprint),
            (word("made_with", lang), f"begleitforschung {__version__}"),
        ),
    )


def _kept(text: str, path: str | Path | None) -> str:
    if path is not None:
        put_files(((Path(path), text.encode("utf-8")),))
    return text
