"""The command ``begleitforschung``: thin; every command calls the public functions.

Exit codes: 0 done, 1 findings of severity error, 2 bad usage or unreadable input, 3 failed.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from begleitforschung._version import __version__
from begleitforschung.cli_fetch import fetch
from begleitforschung.cli_findings import (
    dump,
    dump_frame,
    print_checked,
    print_findings,
    print_report,
)
from begleitforschung.cli_index import index
from begleitforschung.cli_progress import Progress, print_registered
from begleitforschung.cli_survey import codebook, personal, survey_report

if TYPE_CHECKING:
    from begleitforschung.language import Lang
    from begleitforschung.pipeline import Project
    from begleitforschung.regions import Level
    from begleitforschung.reports import RenderedReport
    from begleitforschung.results.validation import ValidationReport
    from begleitforschung.tables import IndicatorTable

DONE, FINDINGS, USAGE, FAILED = 0, 1, 2, 3


class _Stop(click.ClickException):
    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        return self.code


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    """Turn errors into one message and an exit code, unless ``--debug`` asks for the traceback."""

    @wraps(function)
    def call(*args: Any, **options: Any) -> None:
        from begleitforschung import errors

        debug = bool(click.get_current_context().find_root().params.get("debug"))
        unreadable = (
            errors.SourceFileError,
            errors.CatalogueError,
            errors.FrameworkError,
            errors.ProjectError,
            errors.UnknownCodeError,
        )
        try:
            function(*args, **options)
        except errors.BegleitforschungError as error:
            if debug:
                traceback.print_exc()
            wrong_data = isinstance(error, errors.ValidationError | errors.CorrectionError)
            code = USAGE if isinstance(error, unreadable) else FINDINGS if wrong_data else FAILED
            raise _Stop(str(error), code) from None
        except BrokenPipeError:  # the reader, such as head, has enough: click ends without a word
            raise
        except (OSError, MemoryError) as error:
            if debug:
                traceback.print_exc()
            raise _Stop(_in_words(error), FAILED) from None

    return call


def _in_words(error: OSError | MemoryError) -> str:
    """Say what a file or the memory would not do, and what helps."""
    if isinstance(error, MemoryError):
        return f"not enough memory; select fewer years or units ({error})"
    place = error.filename2 or error.filename
    if place is None:
        return f"{type(error).__name__}: {error}"
    why = error.strerror or type(error).__name__
    return (
        f"{place} can't be read or written: {why}. Check the path and its permissions, "
        "and close the file in other programs."
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="begleitforschung")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """From official files of German municipalities to validated figures, KPIs and reports.

    Exit codes: 0 done, 1 findings of severity error, 2 bad usage or unreadable input, 3 failed.
    """


_project = click.argument(
    "project", type=click.Path(path_type=Path), default=Path(), metavar="[PROJECT]"
)
_lang = click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@cli.command()
@_project
@click.option("--to", type=click.Path(path_type=Path), help="Folder for the reports.")
@click.option("--only", metavar="NAME", help="One report; its name is that of its notebook.")
@click.option("--no-register", is_flag=True, help="For drafts: enter nothing into registries.")
@_json
@_guarded
def report(
    project: Path, to: Path | None, only: str | None, no_register: bool, as_json: bool
) -> None:
    """Run PROJECT (a folder with projekt.toml): validate, process, render the reports."""
    from begleitforschung.errors import UnknownCodeError
    from begleitforschung.pipeline import read_project

    plan = read_project(project)
    if only is not None and only not in plan.reports:
        raise UnknownCodeError(only, plan.reports, "the project's reports")
    _say(f"{plan.file.project.title}: reading and checking the data", quiet=as_json)
    data = _sound(plan, as_json=as_json) if plan.file.data is not None else None
    _require_sound_surveys(plan, as_json=as_json)
    if data is not None:
        plan.process(data)
    made, begun = {}, time.time()
    for name in plan.reports if only is None else (only,):
        with Progress(quiet=as_json, label=name) as step:
            made[name] = plan.render(name, to=to, progress=step, register=not no_register)
    if as_json:
        dump(
            {
                name: {
                    "files": {kind: str(path) for kind, path in _files(one, begun).items()},
                    "fingerprint": one.fingerprint,
                    "registry": [entry.described() for entry in one.registered],
                }
                for name, one in made.items()
            }
        )
        return
    for one in made.values():
        for path in _files(one, begun).values():
            click.echo(str(path))
        print_registered(one.registered)


def _files(made: RenderedReport, begun: float) -> dict[str, Path]:
    """Return the files of a report, with the Tabellenband that its notebook wrote beside it."""
    first = next(iter(made.paths.values()))
    path = first.with_name(f"{first.stem}_tabellenband.xlsx")
    written = path.exists() and path.stat().st_mtime >= begun - 2
    return {**made.paths, **({"tabellenband": path} if written else {})}


@cli.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--html", type=click.Path(path_type=Path), help="Write the report as HTML.")
@_lang
@_json
@_guarded
def validate(path: Path, html: Path | None, lang: Lang, as_json: bool) -> None:
    """Check PATH: a project (figures and surveys), or one data file with its sidecar.

    Exit code 1 if figures or a survey have findings of severity error. --html writes the page of
    the figures.
    """
    from begleitforschung.errors import BegleitforschungError
    from begleitforschung.loaders import read_indicators
    from begleitforschung.pipeline import read_project
    from begleitforschung.validation import report_failure
    from begleitforschung.validation import validate as check

    try:
        plan = read_project(path) if path.is_dir() or path.suffix == ".toml" else None
        if plan is None:
            found: ValidationReport | None = check(read_indicators(path))
        else:
            found = plan.validate() if plan.file.data is not None or html is not None else None
        asked = {} if plan is None else {name: plan.validate_survey(name) for name in plan.surveys}
    except BegleitforschungError as error:
        if as_json:
            click.echo(report_failure(error).to_json())
        raise
    print_checked(found, asked, lang, as_json=as_json)
    if html is not None and found is not None:
        html.write_text(found.to_html(lang), encoding="utf-8", newline="\n")
    if not all(one.ok for one in (found, *asked.values()) if one is not None):
        sys.exit(FINDINGS)


@cli.command()
@_project
@click.option("--to", type=click.Path(path_type=Path), help="Write the values as CSV.")
@click.option("--level", help="Level, e.g. kreis; by default those that feed a KPI.")
@click.option("--year", type=int, help="Year; by default all years.")
@_json
@_guarded
def kpis(
    project: Path, to: Path | None, level: Level | None, year: int | None, as_json: bool
) -> None:
    """Compute the KPIs of PROJECT and print or write them."""
    from begleitforschung.pipeline import read_project

    plan = read_project(project)
    result = plan.compute(_sound(plan, as_json=as_json), level=level, year=year)
    if to is not None:
        result.to_frame().to_csv(to, index=False, sep=";", encoding="utf-8", lineterminator="\n")
    elif as_json:
        dump_frame(result.to_frame())
    else:
        click.echo(result.display("de").to_text())


@cli.group()
def framework() -> None:
    """Look at KPI frameworks, check your own, start a new one."""


@framework.command("list")
@_json
@_guarded
def framework_list(as_json: bool) -> None:
    """List the shipped frameworks."""
    from begleitforschung.frameworks import available, load_framework

    shipped = {name: load_framework(name) for name in available()}
    rows = [
        {
            "id": name,
            "title": item.info.title_de,
            "edition": item.info.edition,
            "kpis": len(item.kpis),
        }
        for name, item in shipped.items()
    ]
    if as_json:
        dump(rows)
        return
    for row in rows:
        click.echo(f"{row['id']:<22} {row['kpis']:>4} KPIs  {row['title']} ({row['edition']})")


@framework.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@_lang
@_json
@_guarded
def framework_check(path: Path, lang: Lang, as_json: bool) -> None:
    """Say in words what is wrong with the framework at PATH (folder of CSVs, or XLSX)."""
    from begleitforschung.frameworks import check_framework

    found = check_framework(path)
    print_findings(found, lang, as_json=as_json)
    if any(item.severity == "error" for item in found):
        sys.exit(FINDINGS)


@framework.command("template")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--xlsx", is_flag=True, help="One workbook instead of a folder of CSVs.")
@_guarded
def framework_template(folder: Path, xlsx: bool) -> None:
    """Write an empty, commented template for a KPI-Rahmenplan of your own."""
    from begleitforschung.frameworks import write_template

    for path in write_template(folder, xlsx=xlsx):
        click.echo(str(path))


@cli.command()
@click.option("--members", is_flag=True, help="List the members instead of the projects.")
@_json
@_guarded
def programme(members: bool, as_json: bool) -> None:
    """Print the register of the 73 Modellprojekte Smart Cities."""
    from begleitforschung.regions import programme as register

    frame = register.members() if members else register.projects()
    if as_json:
        dump_frame(frame)
    else:
        click.echo(frame.to_csv(index=False, sep=";", lineterminator="\n"), nl=False)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_guarded
def example(folder: Path) -> None:
    """Lay out the example project in FOLDER (which must be new or empty)."""
    from begleitforschung.example import copy_example

    copy_example(folder)
    click.echo(f"begleitforschung report {_quoted(folder)}")


for _group in (fetch, codebook, personal, index):
    for _command in _group.commands.values():
        if _command.callback is not None:
            _command.callback = _guarded(_command.callback)
    cli.add_command(_group)
if survey_report.callback is not None:
    survey_report.callback = _guarded(survey_report.callback)
cli.add_command(survey_report)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Write FILE.layout.yaml instead of printing it.")
@_guarded
def sniff(file: Path, write: bool) -> None:
    """Guess how the unknown table FILE is to be read: a first layout, to be checked."""
    from begleitforschung.loaders import sniff_layout

    text, beside = sniff_layout(file), file.with_name(f"{file.name}.layout.yaml")
    if not write:
        click.echo(text, nl=False)
        return
    if beside.exists():
        raise _Stop(f"{beside} exists; delete it first", USAGE)
    beside.write_text(text, encoding="utf-8", newline="\n")
    click.echo(str(beside))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), required=True, help="Folder to make.")
@_json
@_guarded
def convert(file: Path, to: Path, as_json: bool) -> None:
    """Turn the long INKAR CSV FILE of any size into a folder of Parquet files."""
    from begleitforschung.loaders import convert_inkar

    with Progress(quiet=as_json, label="Convert") as step:
        done = convert_inkar(file, to, progress=step)
    if as_json:
        dump({"folder": str(done.folder), "rows": done.rows, "indicators": done.indicators})
        return
    click.echo(f"{done.folder}: {done.rows:,} rows, {done.indicators} indicators")


def main() -> None:
    """Run the command line interface."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    cli()


def _quoted(folder: Path) -> str:
    return f'"{folder}"' if " " in str(folder) else str(folder)


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        click.echo(text, err=True)


def _sound(plan: Project, *, as_json: bool) -> IndicatorTable:
    """Return the validated figures of a project; stop where they have errors."""
    checked = plan.validate()
    if checked.data is None or not checked.ok:
        print_report(checked, "de", as_json=as_json)
        raise _Stop("the data have errors; nothing was made of them", FINDINGS)
    return checked.data


def _require_sound_surveys(plan: Project, *, as_json: bool) -> None:
    """Stop where a survey of the project has errors."""
    for survey in plan.surveys:
        found = plan.validate_survey(survey)
        if not found.ok:
            print_findings(found.findings, "de", as_json=as_json)
            raise _Stop(f"the survey {survey!r} has errors; nothing was made of it", FINDINGS)
