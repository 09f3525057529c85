"""`pseudonyms`: names for municipalities that only the holder of a key can assign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from begleitforschung.disclosure.places import require_outside
from begleitforschung.errors import DisclosureError, SourceFileError, ValidationError
from begleitforschung.regions.keys import check_keys

KEY_VARIABLE = "BEGLEITFORSCHUNG_KEY"
LENGTH = 16  # characters of a pseudonym, 5 bits each
_KEY_BYTES = 32
_LEAST_DIFFERENT = 12  # different bytes; 32 random ones have about 30
_HEX = re.compile(r"[0-9a-fA-F]*")


def pseudonyms(
    units: Iterable[str], *, key: str | os.PathLike[str] | None = None, purpose: str = ""
) -> dict[str, str]:
    """Return a pseudonym for each municipality, by a keyed hash.

    The first 80 bits of HMAC-SHA-256 (RFC 2104; FIPS 198-1) of purpose and key of the unit, as 16
    letters and digits (base32). Without the secret key nobody can compute the pseudonym of a known
    municipality, which a plain hash would allow: there are only 11,000 of them to try. Two of n
    units share a pseudonym with a probability of at most n (n - 1) / 2 * 2**-80, below 1e-16 for
    all municipalities; if it happens nevertheless, an error says so.

    Parameters
    ----------
    units : iterable of str
        Official keys.
    key : str or path, optional
        File with the secret key, as `new_key` writes it, outside of the project; by default the
        environment variable ``BEGLEITFORSCHUNG_KEY`` holds the key itself.
    purpose : str
        What they are used for, e.g. survey and wave: pseudonyms of different purposes can't be
        linked.

    Returns
    -------
    dict of str to str
        Pseudonym by unit, in the order given.

    Raises
    ------
    DisclosureError
        If there is no key, it lies in a project or git work tree, others may read it, or it is
        too short; its content is never said.
    SourceFileError
        If the file can't be read.
    ValidationError
        If a unit has no well-formed key.

    Examples
    --------
    With a key of your own::

        bf.pseudonyms(["05315000"], key="~/.config/begleitforschung/schluessel")
    """
    names = list(dict.fromkeys(units))
    if bad := check_keys(names):
        raise ValidationError("these units can't get a pseudonym:", findings=bad)
    if not all(isinstance(name, str) for name in names):
        raise ValidationError("a unit is missing; leave cases without a municipality out")
    secret = _secret(key)
    made = {name: _pseudonym(secret, purpose, name) for name in names}
    if len(set(made.values())) < len(made):
        raise ValidationError("two units share a pseudonym; take another purpose")
    return made


def new_key(path: str | os.PathLike[str]) -> Path:
    """Write a new secret key for `pseudonyms`.

    Parameters
    ----------
    path : str or path
        File to make, in an existing folder outside of projects and git work trees.

    Returns
    -------
    pathlib.Path
        The file, which only its owner may read (where the system knows such permissions).

    Raises
    ------
    DisclosureError
        If the place lies in a project or git work tree.
    SourceFileError
        If the file exists, or can't be written: with a new key all pseudonyms change.
    """
    place = require_outside(Path(path), "a secret key")
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SourceFileError(
            f"{place.name} exists; a key is never replaced, as all pseudonyms would change"
        ) from None
    except OSError as error:
        raise SourceFileError(f"{place} can't be written: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(_KEY_BYTES) + "\n")
    return place


def _pseudonym(secret: bytes, purpose: str, unit: str) -> str:
    # The length keeps ("a", "b1") and ("ab", "1") apart.
    told = f"{len(purpose)}:{purpose}:{unit}".encode()
    digest = hmac.new(secret, told, hashlib.sha256).digest()
    return base64.b32encode(digest)[:LENGTH].decode("ascii").lower()


def _secret(key: str | os.PathLike[str] | None) -> bytes:
    if key is not None:
        return _decoded(_read(require_outside(Path(key), "the secret key")), f"{Path(key).name}")
    if not (text := os.environ.get(KEY_VARIABLE, "")):
        raise DisclosureError(
            f"there is no secret key: give key= the path of a file outside of the project (begun "
            f"with new_key), or set the environment variable {KEY_VARIABLE}"
        )
    return _decoded(text, KEY_VARIABLE)


def _read(place: Path) -> str:
    try:
        mode, text = place.stat().st_mode, place.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise SourceFileError(
            f"the secret key {place} can't be read: {error.strerror}; new_key makes one"
        ) from None
    if os.name == "posix" and mode & 0o077:
        raise DisclosureError(
            f"others may read the secret key {place}: restrict it to its owner (chmod 600)"
        )
    return text


def _decoded(text: str, where: str) -> bytes:
    digits = text.strip()
    if not _HEX.fullmatch(digits) or len(digits) < 2 * _KEY_BYTES or len(digits) % 2:
        raise DisclosureError(
            f"{where} holds no secret key: at least {2 * _KEY_BYTES} hexadecimal digits are "
            "expected, as new_key writes them; words can be guessed"
        )
    secret = bytes.fromhex(digits)
    if len(set(secret)) < _LEAST_DIFFERENT:
        raise DisclosureError(f"{where} holds no random key; make one with new_key")
    return secret
