"""The commands ``begleitforschung index …``; `begleitforschung.cli` adds them to the others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from begleitforschung.errors import Finding
    from begleitforschung.language import Lang

_FINDINGS = 1
_spec = click.argument("file", metavar="SPEC", type=click.Path(path_type=Path))
_lang = click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)


@click.group()
def index() -> None:
    """Check the specification of a composite index, or write its method sheet."""


@index.command("check")
@_spec
@_lang
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def index_check(file: Path, lang: Lang, as_json: bool) -> None:
    """Say what is wrong with SPEC (YAML): tree, weights, methods and their parameters."""
    from begleitforschung.errors import SpecificationError
    from begleitforschung.frameworks import load_index_spec

    try:
        spec = load_index_spec(file)
    except SpecificationError as error:
        if not error.findings:
            raise
        _print(error.findings, lang, as_json=as_json)
        sys.exit(_FINDINGS)
    _print(spec.findings, lang, as_json=as_json)
    if as_json:
        return
    counts = f"{len(spec.indicators)} indicators, {len(spec.nodes)} nodes, {len(spec.steps)} steps"
    click.echo(f"{spec.id}: {counts}; in order")
    if spec.purpose is None:
        click.echo(f"{spec.id}: no purpose on record; no report is made from it", err=True)


@index.command("method")
@_spec
@_lang
@click.option("--to", type=click.Path(path_type=Path), help="Write .html or .md instead.")
def index_method(file: Path, lang: Lang, to: Path | None) -> None:
    """Print the method sheet of SPEC (YAML) as Markdown: how the index is made, in words."""
    from begleitforschung.errors import SourceFileError
    from begleitforschung.frameworks import load_index_spec
    from begleitforschung.reports.method_sheets import method_sheet

    sheet = method_sheet(load_index_spec(file), lang=lang)
    if to is None:
        click.echo(sheet.to_markdown(), nl=False)
        return
    writers = {".html": sheet.to_html, ".md": sheet.to_markdown}
    if to.suffix.lower() not in writers:
        raise SourceFileError(f"{to.name}: write .html or .md, not {to.suffix!r}")
    writers[to.suffix.lower()](to)
    click.echo(str(to))


def _print(found: tuple[Finding, ...], lang: Lang, *, as_json: bool) -> None:
    if as_json:
        from begleitforschung.errors import findings_frame

        frame = findings_frame(found, lang)
        click.echo(frame.to_json(orient="records", force_ascii=False, indent=2))
        return
    for item in found:
        click.echo(f"{item.severity:<7} {item.line(lang)}")
        if item.hint:
            click.echo(f"        {item.hint.get(lang)}")
    errors = sum(item.severity == "error" for item in found)
    if errors:
        click.echo(f"{errors} errors, {len(found) - errors} others")
