"""Figures of territorial units attached to rows of any other data, by key and its date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from begleitforschung.errors import Finding, TerritoryError, ValidationError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.keys import ars_to_ags, check_keys, level_of
from begleitforschung.regions.territory import Crosswalks
from begleitforschung.tables.frames import stack, widen
from begleitforschung.tables.states import OWN_STATE, UNKNOWN_STATE

if TYPE_CHECKING:
    from begleitforschung.tables.table import IndicatorTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attached:
    """Rows with figures of their units.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows as given, with one more column per indicator; NaN where there is no number.
    unmatched : pandas.DataFrame
        Keys without any figure: ``unit``, ``year``, ``level``, ``rows`` (how many rows have it).
    provenance : Provenance
        Where the figures come from.
    findings : tuple of Finding
        Of the figures, and what could not be matched.
    """

    frame: pd.DataFrame = field(repr=False)
    unmatched: pd.DataFrame = field(repr=False)
    provenance: Provenance = field(repr=False)
    findings: tuple[Finding, ...] = ()


def attach(
    frame: pd.DataFrame,
    table: IndicatorTable,
    *,
    unit: str,
    gebietsstand: str,
    year: int | str,
    indicators: str | Iterable[str] | None = None,
    crosswalk: Crosswalks | None = None,
    members: pd.DataFrame | None = None,
) -> Attached:
    """Attach figures to rows by the key of their unit and its date.

    Keys may be of several levels: what the table holds as such is taken; municipalities meet by AGS
    and ARS; Gemeindeverbände (9 digits) are put together from municipalities with ARS, and units
    that the key does not tell, such as Kreisregionen, from `members`, each indicator by its rule.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of any data, e.g. answers of a survey; a register as a DataFrame.
    table : IndicatorTable
        The figures.
    unit : str
        Column of `frame` with the keys (text).
    gebietsstand : str
        State that these keys stand on, ISO date.
    year : int or str
        Year of the figures, or the column of `frame` that holds it.
    indicators : str or iterable of str, optional
        What to attach; all by default.
    crosswalk : Crosswalks, optional
        Needed if the figures stand on another state than the keys.
    members : pandas.DataFrame, optional
        ``group``, ``unit``: members of units that the table does not hold. Groups are keys.

    Returns
    -------
    Attached
        The rows with their figures, and the keys that were not found.

    Raises
    ------
    TerritoryError
        If a state is unknown, or states differ and no crosswalk leads from one to the other.
    ValidationError
        If columns are missing, keys are malformed or numbers, or a column would be overwritten.
    UnknownCodeError
        If the table does not hold an indicator or any of the years.
    AggregationError
        If figures of groups are needed and an indicator has no rule.
    """
    keys, years = _keys(frame, unit), _years(frame, year)
    needed = sorted({int(item) for item in years.dropna().unique()})
    chosen = _chosen(table, indicators)
    weights = [table.indicators[name].weight for name in chosen]
    kept = [name for name in table.indicators if name in {*chosen, *weights}]
    found = _on_state(table.select(years=needed, indicators=kept), gebietsstand, crosswalk)
    found = _with_groups(found, keys, members).select(indicators=chosen)
    taken = [name for name in found.indicators if name in frame.columns]
    if taken:
        raise ValidationError(f"the DataFrame has columns of that name: {', '.join(taken)}")
    wide = widen(found.data)
    at = wide.index.get_indexer(pd.MultiIndex.from_arrays([_lookup(keys, found), years]))
    values = wide.reset_index(drop=True).reindex(at).set_axis(frame.index)
    unmatched = _unmatched(keys[at < 0], years[at < 0])
    node = found.provenance.then(
        "attach", unit=unit, gebietsstand=gebietsstand, year=year, rows=len(frame)
    )
    return Attached(
        frame=pd.concat([frame, values], axis=1),
        unmatched=unmatched,
        provenance=node,
        findings=(*found.findings, *_remark(unmatched, unit, int(keys.isna().sum()))),
    )


def _chosen(table: IndicatorTable, indicators: str | Iterable[str] | None) -> list[str]:
    if indicators is None:
        return list(table.indicators)
    names = [indicators] if isinstance(indicators, str) else list(indicators)
    return [table.indicator(name).id for name in names]


def _keys(frame: pd.DataFrame, unit: str) -> pd.Series:
    if unit not in frame.columns:
        raise ValidationError(
            f"the DataFrame has no column {unit!r}; it has: {', '.join(map(str, frame.columns))}"
        )
    findings = check_keys(frame[unit], column=unit)
    if findings:
        raise ValidationError(f"column {unit!r} holds what is no key:", findings=findings)
    return frame[unit].astype("str")


def _years(frame: pd.DataFrame, year: int | str) -> pd.Series:
    if isinstance(year, int):
        return pd.Series(year, index=frame.index)
    if year not in frame.columns:
        raise ValidationError(f"the DataFrame has no column {year!r} with the years")
    numbers = pd.to_numeric(frame[year], errors="coerce")
    if (numbers.isna() & frame[year].notna()).any() or (numbers.dropna() % 1 != 0).any():
        raise ValidationError(f"column {year!r} holds what is no year")
    return numbers


def _on_state(
    table: IndicatorTable, gebietsstand: str, changes: Crosswalks | None
) -> IndicatorTable:
    """Return the figures on the state of the keys; harmonising itself refuses what is unknown."""
    if gebietsstand in (UNKNOWN_STATE, OWN_STATE):
        raise TerritoryError("state the date of the borders that the keys stand on (gebietsstand=)")
    return table.harmonise(gebietsstand, changes)


def _with_groups(
    table: IndicatorTable, keys: pd.Series, members: pd.DataFrame | None
) -> IndicatorTable:
    """Add Gemeindeverbände and given groups that the keys ask for and the table does not hold."""
    held = set(table.units)
    asked = {key for key in keys.dropna().unique() if key not in held}
    pairs = [members[["group", "unit"]]] if members is not None else []
    verbaende = {key for key in asked if level_of(key) == "verband"}
    ars = [item for item in table.units if len(item) == 12 and item[:9] in verbaende]
    if ars:
        pairs.append(pd.DataFrame({"group": [item[:9] for item in ars], "unit": ars}))
    wanted = pd.concat(pairs) if pairs else pd.DataFrame({"group": [], "unit": []})
    wanted = wanted[wanted["group"].isin(asked)]
    inside = [item for item in wanted["unit"].unique() if item in held]
    if not inside:
        return table
    groups = table.select(units=inside).aggregate(wanted)
    return replace(
        table,
        data=stack([table.data, groups.data]),
        provenance=groups.provenance,
        findings=tuple(dict.fromkeys((*table.findings, *groups.findings))),
    )


def _lookup(keys: pd.Series, table: IndicatorTable) -> pd.Series:
    """Return the key that each row is to be looked up by: municipalities meet by AGS and ARS."""
    held = set(table.units)
    by_ags = {ars_to_ags(item): item for item in held if len(item) == 12}
    other = {}
    for key in keys.dropna().unique():
        if key not in held:
            other[key] = ars_to_ags(key) if len(key) == 12 else by_ags.get(key, key)
    return keys.map(lambda key: other.get(key, key), na_action="ignore")


def _unmatched(keys: pd.Series, years: pd.Series) -> pd.DataFrame:
    rows = pd.DataFrame({"unit": keys, "year": years}).dropna()
    counted = rows.groupby(["unit", "year"], sort=True).size().rename("rows").reset_index()
    counted["year"] = counted["year"].astype("int64")
    counted.insert(2, "level", [level_of(key) for key in counted["unit"]])
    return counted


def _remark(unmatched: pd.DataFrame, column: str, without: int) -> Sequence[Finding]:
    found = []
    if len(unmatched):
        keys = unmatched["unit"].unique()
        words = Text(
            f"{len(keys)} Schlüssel ohne Werte in der Tabelle",
            f"{len(keys)} keys have no figures in the table",
        )
        # Keys of respondents are no matter for findings, which reports may show.
        hint = Text(
            "Sie stehen in .unmatched. Schlüssel und Gebietsstand prüfen; Gebiete, die sich aus "
            "anderen zusammensetzen, mit members=… angeben.",
            "They stand in .unmatched. Check keys and state; give units that consist of others "
            "with members=….",
        )
        found.append(
            Finding(
                rule="attach.unmatched",
                severity="warning",
                text=words,
                hint=hint,
                column=column,
                n=int(unmatched["rows"].sum()),
            )
        )
    if without:
        words = Text("Zeilen ohne Schlüssel", "rows without a key")
        found.append(
            Finding(rule="attach.no_key", severity="warning", text=words, column=column, n=without)
        )
    return found
