"""Rules and corrections on a table: the validation report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd

from begleitforschung.errors import BegleitforschungError, CorrectionError, Finding
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source, frame_sha256, hidden_columns
from begleitforschung.results.validation import ValidationReport
from begleitforschung.tables import IndicatorTable
from begleitforschung.validation.apply import OnRefusal, apply_corrections
from begleitforschung.validation.assemble import (
    correction_rows,
    finding_rows,
    in_order,
    masked,
    place_rows,
    summed,
    worst_first,
)
from begleitforschung.validation.cells import Cells
from begleitforschung.validation.corrections import Corrections, read_corrections
from begleitforschung.validation.examine import REFUSED, examine
from begleitforschung.validation.raw import read_frame
from begleitforschung.validation.relations import (
    check_ratio,
    check_sum_of_parts,
    check_sum_of_units,
)
from begleitforschung.validation.rules import Rule, UnknownUnitsRule, read_rules
from begleitforschung.validation.series import (
    check_constant_series,
    check_jump,
    check_missing_years,
)
from begleitforschung.validation.single import (
    applies,
    check_coverage,
    check_duplicates,
    check_range,
    check_unknown_units,
)

CHECKS: dict[str, Callable[[Cells, Any], pd.DataFrame]] = {
    "range": check_range,
    "sum_of_parts": check_sum_of_parts,
    "sum_of_units": check_sum_of_units,
    "ratio": check_ratio,
    "jump": check_jump,
    "missing_years": check_missing_years,
    "constant_series": check_constant_series,
    "coverage": check_coverage,
    "unknown_units": check_unknown_units,
    "duplicates": check_duplicates,
}


def validate(
    table: IndicatorTable | pd.DataFrame,
    *,
    rules: Path | str | Iterable[Rule] | None = None,
    corrections: Corrections | Path | str | Iterable[Corrections | Path | str] = (),
    confidential: Collection[str] = (),
    on_refusal: OnRefusal = "report",
) -> ValidationReport:
    """Apply corrections to figures and check them by plausibility rules.

    Parameters
    ----------
    table : IndicatorTable or pandas.DataFrame
        The figures; a tidy DataFrame may break the schema of a table, which is reported.
    rules : path or iterable of Rule, optional
        YAML file of a project's rules, which add to the standard ones; or exactly these rules.
        By default the standard rules.
    corrections : Corrections or path, or iterable of these
        Corrections to apply first, one file after the other, see `apply_corrections`.
    confidential : collection of str
        Indicators and columns whose values appear nowhere in the report.
    on_refusal : {"raise", "report"}
        Whether a refused correction raises, or is a finding of severity error.

    Returns
    -------
    ValidationReport
        Remarks of the loader, broken rules and corrections, and the corrected table.

    Raises
    ------
    CatalogueError, SourceFileError
        If rules or corrections can't be read.
    CorrectionError
        If corrections are refused and `on_refusal` is ``"raise"``.
    ValidationError
        If a DataFrame lacks the columns of figures.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"unit": ["9761"], "year": [2021], "indicator": ["cars"], "value": [510.2]}
    ... )
    >>> validate(frame).to_frame("en").loc[0, ["value", "expected", "text"]].tolist()
    ['9761', '09761', 'the key is no key of a unit']
    """
    names = frozenset([confidential] if isinstance(confidential, str) else confidential)
    chosen = read_rules(Path(rules)) if isinstance(rules, Path | str) else rules
    chosen = read_rules() if chosen is None else tuple(chosen)
    figures, problems = (table, ()) if isinstance(table, IndicatorTable) else read_frame(table)
    if isinstance(figures, IndicatorTable):
        names |= _confidential(figures)
    fixes = _read_all(corrections)
    if isinstance(figures, Cells):
        if fixes:
            raise CorrectionError(
                "corrections need rows that fit the schema of a table; repair these first:",
                findings=problems,
            )
        checked = check_rules(figures, chosen, names)
        remarks = [item for item in problems if not _superseded(item, chosen)]
        origin = Provenance.of("indicators", _in_memory(table))
        return _report(remarks, checked, origin, chosen, names)
    figures, refused, corrected = _corrected(figures, fixes, names, on_refusal)
    cells = Cells(
        data=figures.data, indicators=figures.indicators, gebietsstand=figures.gebietsstand
    )
    return _report(
        [*refused, *figures.findings],
        check_rules(cells, chosen, names),
        figures.provenance,
        chosen,
        names,
        data=figures,
        corrected=corrected,
    )


def _read_all(
    corrections: Corrections | Path | str | Iterable[Corrections | Path | str],
) -> tuple[Corrections, ...]:
    one = isinstance(corrections, Corrections | Path | str)
    given: Iterable[Any] = [corrections] if one else corrections  # type: ignore[assignment]
    return tuple(
        item if isinstance(item, Corrections) else read_corrections(item) for item in given
    )


def _corrected(
    table: IndicatorTable,
    fixes: Iterable[Corrections],
    confidential: frozenset[str],
    on_refusal: OnRefusal,
) -> tuple[IndicatorTable, list[Finding], pd.DataFrame]:
    """Return the table after all files of corrections, the refusals and the list of both."""
    refused: list[Finding] = []
    listed = [correction_rows((), None)]
    for fix in fixes:
        listed.append(correction_rows(examine(table, fix, confidential), fix))
        table, done = apply_corrections(table, fix, on_refusal="report", confidential=confidential)
        refused += [item for item in done if item.rule == REFUSED]
    if refused and on_refusal == "raise":
        raise CorrectionError(f"{len(refused)} corrections can't be applied:", findings=refused)
    return table, refused, pd.concat(listed[1:] or listed, ignore_index=True)


def check_rules(
    cells: Cells, rules: Iterable[Rule], confidential: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Check figures by rules.

    Parameters
    ----------
    cells : Cells
        The figures.
    rules : iterable of Rule
        The rules.
    confidential : frozenset of str
        Indicators and columns whose values must not be shown.

    Returns
    -------
    pandas.DataFrame
        One row for each place, columns as in `ValidationReport.table`; also one of severity
        info for each rule that can't be checked on these figures.
    """
    found = [finding_rows([], confidential)]
    for rule in rules:
        reason, skipped = _not_checkable(rule, cells)
        if reason is not None:
            remark = Finding(rule=rule.id, severity="info", text=reason)
            found.append(finding_rows([remark], confidential))
        if not skipped and len(cells.data):
            places = CHECKS[rule.kind](cells, rule)
            if len(places):
                found.append(place_rows(rule, places, confidential))
    return pd.concat([frame for frame in found if len(frame)] or found[:1], ignore_index=True)


def report_failure(error: BegleitforschungError) -> ValidationReport:
    """Return the report of a file that could not be read.

    Parameters
    ----------
    error : BegleitforschungError
        What reading it raised.

    Returns
    -------
    ValidationReport
        Its findings, or its message where it has none; ``data`` is ``None``.
    """
    message = str(error)
    only = Finding(rule=type(error).__name__, severity="error", text=Text(message, message))
    return _report(
        list(error.findings or (only,)),
        finding_rows([], frozenset()),
        Provenance.of("read", error=type(error).__name__),
        (),
        frozenset(),
    )


def _confidential(table: IndicatorTable) -> frozenset[str]:
    """Return what the sidecars of a table's raw files ask to hide."""
    columns = hidden_columns(table.provenance)
    secret = table.confidentiality in ("confidential", "personal")
    return columns | (frozenset({"value", *table.indicators}) if secret else frozenset())


def _report(
    remarks: Collection[Finding],
    checked: pd.DataFrame,
    origin: Provenance,
    rules: tuple[Rule, ...],
    confidential: frozenset[str],
    *,
    data: IndicatorTable | None = None,
    corrected: pd.DataFrame | None = None,
) -> ValidationReport:
    table = in_order([finding_rows(remarks, confidential), checked])
    node = origin.then(
        "validate",
        rules=[rule.model_dump(mode="json") for rule in rules],
        confidential=confidential,
        findings=frame_sha256(table.astype(str)),
    )
    shown = [masked(item, confidential) for item in remarks]
    return ValidationReport(
        table=table,
        data=data,
        corrected=correction_rows((), None) if corrected is None else corrected,
        specification={"rules": [rule.id for rule in rules], "confidential": sorted(confidential)},
        provenance=node,
        confidentiality="internal" if confidential else "public",
        protected=bool(confidential),
        findings=worst_first([*shown, *summed(checked)]),
    )


def _not_checkable(rule: Rule, cells: Cells) -> tuple[Text | None, bool]:
    """Return what of a rule can't be checked on these figures, and whether that is all of it."""
    if isinstance(rule, UnknownUnitsRule):
        if rule.level not in cells.levels or applies(rule, cells.gebietsstand):
            return None, False
        reason = _unchecked(
            rule,
            f"die Liste gilt nicht für den Gebietsstand {cells.gebietsstand}",
            f"the list does not hold for the territorial state {cells.gebietsstand}",
        )
        return reason, True
    missing = [name for name in rule.named if name not in cells.names]
    unfit = [p for p in rule.patterns if not any(fnmatchcase(n, p) for n in cells.names)]
    if not missing and not unfit:
        return None, False
    near = get_close_matches([*missing, *unfit][0], cells.names, n=1)
    de, en = (f" (gemeint: {near[0]}?)", f" (meant: {near[0]}?)") if near else ("", "")
    listed = ", ".join([*missing, *unfit])
    reason = _unchecked(rule, f"in der Tabelle fehlt {listed}{de}", f"the table lacks {listed}{en}")
    return reason, bool(missing) or len(unfit) == len(rule.patterns)


def _unchecked(rule: Rule, de: str, en: str) -> Text:
    words = rule.text.text
    return Text(
        f"Regel „{words.get('de')}“ nicht oder nur zum Teil geprüft: {de}",
        f"rule “{words.get('en')}” not checked, or only in part: {en}",
    )


def _superseded(finding: Finding, rules: Iterable[Rule]) -> bool:
    """Return whether a rule says the same as a broken schema, place by place."""
    kinds = {rule.kind for rule in rules}
    same = {"table.duplicate": "duplicates", "regions": "unknown_units"}
    return any(finding.rule.startswith(start) and kind in kinds for start, kind in same.items())


def _in_memory(table: IndicatorTable | pd.DataFrame) -> Source:
    frame = table.to_frame() if isinstance(table, IndicatorTable) else table
    return Source(
        publisher="ohne Angabe", title="DataFrame", sha256=frame_sha256(frame.astype(str))
    )
