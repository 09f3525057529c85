"""What makes it unsure what earlier reports on a wave and a new one tell together."""

from __future__ import annotations

from collections.abc import Iterable

from begleitforschung.disclosure.positions import BY_HAND
from begleitforschung.disclosure.publications import Publication
from begleitforschung.errors import Finding
from begleitforschung.language import Text


def remarks(publications: Iterable[Publication], data: str) -> tuple[Finding, ...]:
    """Find earlier reports that can't be compared with one on some data.

    Parameters
    ----------
    publications : iterable of Publication
        Earlier reports.
    data : str
        Fingerprint of the data of the new one.

    Returns
    -------
    tuple of Finding
        A warning for each report on other data, and for figures on cases chosen one by one.
    """
    found = []
    for made in publications:
        if made.data != data:
            found.append(_other_edition(made))
        if n := sum(p.where == BY_HAND for p in (*made.shown, *made.hidden)):
            found.append(_untraceable(made, n))
    return tuple(found)


def _other_edition(made: Publication) -> Finding:
    return Finding(
        rule="registry.other_data",
        severity="warning",
        text=Text(
            f"Der Bericht {made.report!r} beruht auf einem anderen Datenstand; der Unterschied "
            "zweier Ausgaben kann einzelne Antworten verraten.",
            f"the report {made.report!r} rests on other data; the difference of two editions can "
            "give single answers away",
        ),
        hint=Text(
            "Nur das neu veröffentlichen, was sich nicht geändert hat, oder die Korrektur einer "
            "einzelnen Antwort nicht durch eine zweite Ausgabe sichtbar machen.",
            "Publish anew only what did not change; do not make the correction of one answer "
            "visible by a second edition.",
        ),
        key=made.report,
        n=len(made.shown),
    )


def _untraceable(made: Publication, n: int) -> Finding:
    return Finding(
        rule="registry.cases_by_hand",
        severity="warning",
        text=Text(
            f"Im Bericht {made.report!r} stehen {n} Zahlen über einzeln ausgewählte Fälle; was "
            "sie zusammen mit anderen verraten, lässt sich nicht prüfen.",
            f"the report {made.report!r} shows {n} figures on cases chosen one by one; what they "
            "tell together with others can't be checked",
        ),
        key=made.report,
        n=n,
    )
