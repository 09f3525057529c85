"""How commands print findings and tables: as lines for people, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from begleitforschung.errors import Finding
    from begleitforschung.language import Lang
    from begleitforschung.results.survey_validation import SurveyReport
    from begleitforschung.results.validation import ValidationReport

_SHOWN = 30


def print_report(found: ValidationReport, lang: Lang, *, as_json: bool) -> None:
    """Print the report on figures.

    Parameters
    ----------
    found : ValidationReport
        The report.
    lang : {"de", "en"}
        Language.
    as_json : bool
        Whether JSON is printed.
    """
    if as_json:
        click.echo(found.to_json())
    else:
        print_findings(found.findings, lang, as_json=False)


def print_checked(
    figures: ValidationReport | None,
    surveys: Mapping[str, SurveyReport],
    lang: Lang,
    *,
    as_json: bool,
) -> None:
    """Print what was found in figures and surveys; as JSON the latter stand in ``surveys``.

    Parameters
    ----------
    figures : ValidationReport, optional
        What was found in figures.
    surveys : mapping of str to SurveyReport
        What was found in surveys, by identifier.
    lang : {"de", "en"}
        Language.
    as_json : bool
        Whether JSON is printed.
    """
    from begleitforschung.errors import findings_frame

    if not as_json:
        if figures is not None:
            print_findings(figures.findings, lang, as_json=False)
        for name, one in surveys.items():
            click.echo(f"{'Befragung' if lang == 'de' else 'survey'} {name}:")
            print_findings(one.findings, lang, as_json=False)
        return
    content = {} if figures is None else json.loads(figures.to_json())
    listed = {
        name: {
            "ok": one.ok,
            "counts": one.counts,
            "findings": json.loads(
                findings_frame(one.findings, lang).to_json(orient="records", force_ascii=False)
            ),
        }
        for name, one in surveys.items()
    }
    if listed:
        content["ok"] = content.get("ok", True) and all(one.ok for one in surveys.values())
        content["surveys"] = listed
    dump(content)


def print_findings(found: Iterable[Finding], lang: Lang, *, as_json: bool) -> None:
    """Print findings, the worst first, and how many there are.

    Parameters
    ----------
    found : iterable of Finding
        The findings.
    lang : {"de", "en"}
        Language.
    as_json : bool
        Whether JSON is printed.
    """
    from begleitforschung.errors import SEVERITIES, findings_frame

    listed = sorted(found, key=lambda item: SEVERITIES.index(item.severity))
    if as_json:
        dump_frame(findings_frame(listed, lang))
        return
    for item in listed[:_SHOWN]:
        click.echo(f"{item.severity:<7} {item.line(lang)}")
        if item.hint:
            click.echo(f"        {item.hint.get(lang)}")
    if len(listed) > _SHOWN:
        click.echo(f"… {len(listed) - _SHOWN} more (--json, --html)")
    counts = {s: sum(item.severity == s for item in listed) for s in SEVERITIES}
    click.echo(", ".join(f"{n} {severity}" for severity, n in counts.items()))


def dump(value: object) -> None:
    """Print a value as JSON.

    Parameters
    ----------
    value : object
        What JSON can hold.
    """
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def dump_frame(frame: pd.DataFrame) -> None:
    """Print a table as a JSON list of its rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    """
    text = frame.to_json(orient="records", force_ascii=False, date_format="iso")
    dump(json.loads(text or "[]"))
