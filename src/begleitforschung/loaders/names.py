"""Codes made from names."""

from __future__ import annotations

import re
import unicodedata

_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "%": " prozent "})


def slug(name: str) -> str:
    """Return the code of an indicator that has nothing but a name.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    str
        Small letters, digits and underscores.

    Examples
    --------
    >>> slug("Anteil ALG II-Leistungen (in %)")
    'anteil_alg_ii_leistungen_in_prozent'
    """
    plain = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFC", name).lower().translate(_SPELT)
    )
    ascii_only = plain.encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")
