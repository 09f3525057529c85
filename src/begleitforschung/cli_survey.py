"""The commands ``codebook`` and ``personal``; `begleitforschung.cli` adds them to the others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from begleitforschung.errors import Finding
    from begleitforschung.language import Lang

_FINDINGS = 1
_path = click.Path(path_type=Path)
_lang = click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
_encoding = click.option("--encoding", default="utf-8", help="Encoding of text files.")
_UNNAMED = (
    "Without --unit the column with the municipality is known from the codebook only "
    "(instrument: unit), which a questionnaire (.lss) does not say: if it is among the columns "
    "below, it is deleted too, and nobody can tell any more which municipality answered."
)
_KEPT = (
    click.option("--codebook", type=_path, help="Its codebook."),
    click.option("--unit", help="Column with the municipality, which is kept."),
    click.option("--land", help="Column with its Bundesland, which is kept."),
    _encoding,
)


def _kept(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_KEPT):
        function = option(function)
    return function


class _WriteByDefault(click.Group):
    """A group whose first word may be a file: then it means ``write``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["write", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_WriteByDefault)
def codebook() -> None:
    """Write a first codebook from a survey file, or check one.

    begleitforschung codebook FILE prints a first version from a questionnaire (.lss, .txt, .lsa),
    an SPSS or Stata file, SoSci's R script or an export of answers.
    """


@codebook.command("write")
@click.argument("file", type=_path)
@click.option("--write", is_flag=True, help="Write FILE.codebook.yaml instead of printing it.")
@click.option("--xlsx", type=_path, help="Write this workbook instead of YAML.")
def codebook_write(file: Path, write: bool, xlsx: Path | None) -> None:
    """Print a first codebook from FILE; also without the word "write"."""
    from begleitforschung.errors import SourceFileError
    from begleitforschung.loaders.surveys import load_codebook, write_codebook_workbook
    from begleitforschung.surveys import dump_codebook

    book = load_codebook(file)
    if xlsx is not None:
        click.echo(str(write_codebook_workbook(book, xlsx)))
        return
    text = dump_codebook(book)
    if not write:
        click.echo(text, nl=False)
        return
    beside = file.with_name(f"{file.name}.codebook.yaml")
    if beside.exists():
        raise SourceFileError(f"{beside} exists; delete it first")
    beside.write_text(text, encoding="utf-8", newline="\n")
    click.echo(str(beside))


@codebook.command("check")
@click.argument("file", metavar="CODEBOOK", type=_path)
@click.argument("data", type=_path, required=False)
@_encoding
@_lang
def codebook_check(file: Path, data: Path | None, encoding: str, lang: Lang) -> None:
    """Say what is wrong with CODEBOOK, and compare it with the export DATA."""
    from begleitforschung.loaders.surveys import load_codebook, read_survey
    from begleitforschung.surveys import check_codebook
    from begleitforschung.validation.survey_run import validate_survey

    book = load_codebook(file)
    found: Iterable[Finding] = check_codebook(book, file=file.name)
    if data is not None:
        survey = read_survey(data, codebook=book, encoding=encoding, on_strange="missing")
        click.echo(f"{len(survey)} cases, {survey.responses.shape[1]} columns", err=True)
        found = validate_survey(survey).findings
    _print(found, lang)


@codebook.command("form")
@click.argument("file", metavar="CODEBOOK", type=_path)
@click.argument("workbook", type=_path)
@_lang
def codebook_form(file: Path, workbook: Path, lang: Lang) -> None:
    """Write WORKBOOK (XLSX) to enter the answers of paper and PDF forms."""
    from begleitforschung.loaders.surveys import load_codebook, write_form

    click.echo(str(write_form(load_codebook(file), workbook, lang=lang)))


@click.group()
def personal() -> None:
    """Show or delete contact data and free text in survey exports."""


@personal.command("list")
@click.argument("files", type=_path, nargs=-1, required=True)
@_kept
def personal_list(files: tuple[Path, ...], **options: Any) -> None:
    """List the personal columns of FILES; never their values."""
    from begleitforschung.loaders.surveys import list_personal

    for file in files:
        frame = list_personal(file, **options)
        click.echo(f"{file.name}: {len(frame)} personal columns")
        for row in frame.itertuples():
            click.echo(f"  {row.position:>4}  {row.column}  ({row.filled} of {row.cases} filled)")


@personal.command("purge")
@click.argument("files", type=_path, nargs=-1, required=True)
@_kept
@click.option("--yes", is_flag=True, help="Don't ask.")
def personal_purge(files: tuple[Path, ...], yes: bool, **options: Any) -> None:
    """Delete the personal columns from FILES, for good."""
    from begleitforschung.loaders.surveys import list_personal, purge_personal

    for file in files:
        columns = ", ".join(list_personal(file, **options)["column"])
        if columns and not options["unit"]:
            click.echo(_UNNAMED, err=True)
        if columns and not yes:
            click.confirm(f"Delete from {file.name} for good: {columns}?", abort=True)
        done = purge_personal(file, **options)
        click.echo(f"{done.path}: {len(done.columns)} columns deleted, see {done.record.name}")


def _print(found: Iterable[Finding], lang: Lang) -> None:
    listed = list(found)
    for item in listed:
        click.echo(f"{item.severity:<7} {item.line(lang)}")
        if item.hint:
            click.echo(f"        {item.hint.get(lang)}")
    errors = sum(item.severity == "error" for item in listed)
    click.echo(f"{errors} errors, {len(listed) - errors} others")
    if errors:
        sys.exit(_FINDINGS)


@click.command("survey-report")
@click.argument("export", type=_path)
@click.argument("codebook", type=_path)
@click.option("--to", type=_path, default=Path("bericht"), show_default=True, help="Folder.")
@click.option("--by", multiple=True, metavar="ITEM", help="Item of the head; may be repeated.")
@click.option("--unit", default="", help="Column with the municipality.")
@click.option("--several", default="", help="Which of several answers of one counts.")
@click.option("--population", type=int, help="Units of the full population that was asked.")
@click.option("--registry", type=_path, metavar="FILE", help="What was ever published of the wave.")
def survey_report(
    export: Path,
    codebook: Path,
    to: Path,
    by: tuple[str, ...],
    unit: str,
    several: str,
    population: int | None,
    registry: Path | None,
) -> None:
    """Make a protected report (German) with Tabellenband of EXPORT, described by CODEBOOK."""
    from begleitforschung.cli_progress import Progress, print_registered
    from begleitforschung.reports.survey_report import survey_report as make

    with Progress(quiet=False, label=export.name) as step:
        made = make(
            export,
            codebook,
            to=to,
            by=by,
            unit=unit,
            several=several,
            population=population,
            registry=registry,
            progress=step,
        )
    for path in (*made.paths.values(), to / "befragungsbericht_tabellenband.xlsx"):
        click.echo(str(path))
    print_registered(made.registered)
