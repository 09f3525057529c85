"""The publishers' interfaces, as the resource ``sources/endpoints.yaml`` lists them."""

from __future__ import annotations

import os
import re
from functools import cache
from urllib.parse import urlsplit

from begleitforschung.catalogue import Entry, Reference, read_entry, resource
from begleitforschung.errors import FetchError, UnknownCodeError
from begleitforschung.loaders.sidecar import SidecarSource

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Endpoint(Entry):
    """What all interfaces have.

    Parameters
    ----------
    title : str
        Name of the data base.
    url : str
        Base address, ending in a slash.
    verified : bool
        Whether recorded answers of it were read.
    publisher, licence, licence_url, attribution : str
        As in a sidecar.
    """

    title: str
    url: str
    verified: bool
    publisher: str
    licence: str = ""
    licence_url: str = ""
    attribution: str = ""

    def source(self, **stated: str) -> SidecarSource:
        """Return the source of a fetched file.

        Parameters
        ----------
        **stated : str
            Further fields of a sidecar's source.

        Returns
        -------
        SidecarSource
            Publisher, licence and attribution of the interface, with the fields stated.
        """
        kept = {"publisher", "licence", "licence_url", "attribution"}
        return SidecarSource(**self.model_dump(include=kept), **stated)


class Database(Endpoint):
    """A database with the GENESIS web service.

    Parameters
    ----------
    id : str
        Its code; also names its section in the configuration and its environment variables.
    account : str
        Where to register.
    tables : str
        Pattern that the codes of its tables fit.
    area : str
        Area of the database that tables are looked for in.
    token : bool
        Whether it takes a token instead of user and password.
    """

    id: str
    account: str
    tables: str
    area: str
    token: bool


class Inkar(Endpoint):
    """The interface of INKAR: paths of its methods and its levels of units."""

    class Level(Entry):
        """A level of units."""

        id: str
        label: str

    times: str
    table: str
    levels: tuple[Level, ...]


class Wegweiser(Endpoint):
    """The interface of Wegweiser Kommune: path of its export."""

    export: str


class Statuses(Entry):
    """Status codes of the GENESIS web service by what they mean."""

    done: tuple[int, ...]
    refused: tuple[int, ...]
    not_found: tuple[int, ...]
    too_large: tuple[int, ...]
    job_started: tuple[int, ...]


class Endpoints(Entry):
    """The resource ``sources/endpoints.yaml``."""

    id: str
    reference: Reference
    databases: tuple[Database, ...]
    statuses: Statuses
    inkar: Inkar
    wegweiser: Wegweiser


@cache
def endpoints() -> Endpoints:
    """Return the interfaces.

    Returns
    -------
    Endpoints
        All that are known.
    """
    return read_entry(resource("sources", "endpoints.yaml"), Endpoints)


def database_of(table: str, name: str | None = None) -> Database:
    """Return the database that a table stands in.

    Parameters
    ----------
    table : str
        Code of the table, e.g. ``"12411-01-01-4"``.
    name : str, optional
        Code of the database; else the code of the table tells it.

    Returns
    -------
    Database
        The database.

    Raises
    ------
    UnknownCodeError
        If no database has this name.
    FetchError
        If the code of the table is none, or fits no database or several.
    """
    known = {item.id: item for item in endpoints().databases}
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_-]{3,29}", table):
        raise FetchError(f"{table!r} is no code of a table; expected e.g. 12411-01-01-4")
    if name is not None:
        if name not in known:
            raise UnknownCodeError(name, known, "databases")
        return known[name]
    fitting = [item for item in known.values() if re.fullmatch(item.tables, table)]
    if len(fitting) != 1:
        raise FetchError(
            f"the code {table!r} does not tell its database; say which: --database "
            f"{' | '.join(known)}"
        )
    return fitting[0]


def base_url(name: str, default: str, given: str | None = None) -> str:
    """Return the address of an interface, checked.

    Parameters
    ----------
    name : str
        Code of the interface; ``BEGLEITFORSCHUNG_<NAME>_URL`` overrides the default.
    default : str
        The publisher's address.
    given : str, optional
        Address that goes before both.

    Returns
    -------
    str
        The address, ending in a slash.

    Raises
    ------
    FetchError
        If it is no plain https address (http is for this computer only).
    """
    url = given or os.environ.get(f"BEGLEITFORSCHUNG_{name.upper()}_URL") or default
    if not _usable(url):
        raise FetchError(
            f"the address given for {name!r} is not usable: expected is https://host/path/ "
            "without user, password or query"
        )
    return url if url.endswith("/") else url + "/"


def _usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, secure = parts.hostname, parts.scheme == "https" and parts.port != 0
    except ValueError:
        return False
    secure = secure or (parts.scheme == "http" and host in LOOPBACK)
    plain = re.fullmatch(r"[!-~]+", url) and not re.search(r"[@?#\\]", url)
    return bool(secure and host and plain)
