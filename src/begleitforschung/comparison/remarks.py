"""What must be said about the units of a comparison."""

from __future__ import annotations

import pandas as pd

from begleitforschung.comparison.grouping import Grouping
from begleitforschung.comparison.statistics import Reference
from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.regions import GEBIETSSTAND, gazetteer
from begleitforschung.regions.programme import own_level_status


def remarks(members: pd.DataFrame, groups: Grouping, reference: Reference) -> list[Finding]:
    """Return findings about units without a group or weight, the reference and the programme.

    Parameters
    ----------
    members : pandas.DataFrame
        The units compared.
    groups : Grouping
        Their groups.
    reference : Reference
        What groups are compared with.

    Returns
    -------
    list of Finding
        Remarks and warnings.
    """
    found = [*_without_group(members), *_without_weight(members)]
    found += _without_reference(members, reference)
    return [*found, *_about_programme(members)] if groups.apart else found


def _without_group(members: pd.DataFrame) -> list[Finding]:
    units = sorted(members.loc[members["group"].isna(), "unit"].unique())
    if not units:
        return []
    shown = ", ".join(units[:5]) + (", …" if len(units) > 5 else "")
    return [
        Finding(
            rule="compare.no_group",
            severity="warning",
            text=Text(
                f"{len(units)} Einheiten ohne bekannte Gruppe sind nicht im Vergleich ({shown})",
                f"{len(units)} units of unknown group are not compared ({shown})",
            ),
            n=len(units),
        )
    ]


def _without_weight(members: pd.DataFrame) -> list[Finding]:
    weighted = members.groupby("indicator")["weight"].transform(lambda w: w.notna().any())
    lacking = members[weighted & members["weight"].isna() & members["value"].notna()]
    return [
        Finding(
            rule="compare.no_weight",
            severity="warning",
            text=Text(
                "Werte ohne Gewicht sind nicht im gewichteten Mittel",
                "values without weight are not in the weighted mean",
            ),
            column="weight",
            key=str(name),
            n=len(part),
        )
        for name, part in lacking.groupby("indicator")
    ]


def _without_reference(members: pd.DataFrame, reference: Reference) -> list[Finding]:
    names = [name for name in members["indicator"].unique() if name in reference.incomparable]
    text = Text(
        f"Summen von {reference.name} sind kein Maßstab für Mittelwerte kleinerer Einheiten; "
        "keine Differenz",
        f"sums of {reference.name} are no yardstick for means of smaller units; no difference",
    )
    return [
        Finding(rule="compare.sum_of_larger_unit", severity="warning", text=text, key=str(name))
        for name in names
    ]


def _about_programme(members: pd.DataFrame) -> list[Finding]:
    found = []
    known = set(gazetteer()["key"])
    strange = sorted(set(members["unit"]) - known)
    if strange:
        text = Text(
            f"{len(strange)} Kreise gab es am {GEBIETSSTAND} nicht; ihr Bezug zum Programm ist "
            f"unsicher ({', '.join(strange[:5])})",
            f"{len(strange)} counties did not exist on {GEBIETSSTAND}; their relation to the "
            f"programme is uncertain ({', '.join(strange[:5])})",
        )
        found.append(
            Finding(rule="compare.old_county", severity="warning", text=text, n=len(strange))
        )
    status = own_level_status("kreis")
    unknown = [str(project) for project in status.index[status == "no_members"]]
    if unknown:
        names = ", ".join(unknown)
        text = Text(
            f"Mitglieder von {names} sind nicht bekannt; Kreise seines Gebiets können als "
            "unberührt zählen",
            f"members of {names} are unknown; counties of its area may count as untouched",
        )
        found.append(
            Finding(rule="compare.unknown_members", severity="info", text=text, n=len(unknown))
        )
    return found
