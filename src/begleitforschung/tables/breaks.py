"""Years in which series break, as their indicators declare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.tables.indicator import Indicator


def break_findings(
    indicators: Mapping[str, Indicator], years: Sequence[int], rule: str
) -> list[Finding]:
    """Return a finding per indicator and declared break that lies within a span of years.

    Parameters
    ----------
    indicators : mapping of str to Indicator
        Meanings, with their breaks.
    years : sequence of int
        Years of the figures, ascending.
    rule : str
        Rule of the findings.

    Returns
    -------
    list of Finding
        Warnings; none where all figures are of before or of after the break.
    """
    first, last = (years[0], years[-1]) if years else (0, 0)
    return [
        Finding(
            rule=rule,
            severity="warning",
            text=Text(
                f"Reihe bricht {item.year}: {item.label.de}; Jahre davor und danach sind nicht "
                "vergleichbar, und keine Umrechnung heilt das",
                f"breaks in {item.year}: {item.label.text.get('en')}; years before and after are "
                "not comparable, and no conversion mends it",
            ),
            column="indicator",
            key=name,
        )
        for name, meaning in indicators.items()
        for item in meaning.breaks
        if first < item.year <= last
    ]
