"""Tables of the GENESIS family, fetched end to end from a server on this computer."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
import time

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from begleitforschung.cli import cli
from begleitforschung.errors import FetchError, TerritoryError, UnknownCodeError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.fetching import fetch_genesis
from begleitforschung.loaders.fetching.asking import Request
from begleitforschung.loaders.fetching.cache import Session
from begleitforschung.loaders.fetching.endpoints import database_of
from begleitforschung.provenance import file_sha256

TABLE = "12411-01-01-4"
GOOD = f"{TABLE}.csv"


@pytest.fixture
def run(server, session, to):
    """Fetch the table from the server."""

    def fetch(**options):
        given = {"session": session(), "endpoint": server.url} | options
        return fetch_genesis(TABLE, to, **given)

    return fetch


@pytest.fixture
def offered(server, say):
    server.on("data/tablefile", say.table())
    server.on("metadata/table", say.metadata)
    return server


def left(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def everything(*folders):
    """All that was written, names and contents."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(str(path).encode() + path.read_bytes() for path in files)


def test_the_table_lies_there_as_published_with_a_whole_sidecar(run, offered, say, to):
    done = run(gebietsstand="2024-12-31")
    assert done.path.read_bytes() == say.flat.encode("utf-8")
    assert left(to) == [GOOD, f"{GOOD}.meta.yaml"]
    described = yaml.safe_load(done.sidecar.read_text(encoding="utf-8"))
    source = described["source"]
    assert source["publisher"] == "Statistische Ämter des Bundes und der Länder"
    assert source["title"] == f"Bevölkerung nach Geschlecht (Kreise) ({TABLE})"
    assert source["edition"] == "Stand 12.03.2025"
    assert source["licence_url"] == "https://www.govdata.de/dl-de/by-2-0"
    assert "Regionaldatenbank" in source["attribution"]
    assert source["sha256"] == done.sha256 == file_sha256(done.path)
    assert source["url"].startswith(offered.url + f"data/tablefile?name={TABLE}&")
    assert len(source["retrieved"]) == 10
    assert str(described["gebietsstand"]) == "2024-12-31"


def test_the_file_is_read_without_another_word_and_knows_its_source(run, offered):
    table = read_indicators(run().path)
    assert table.data["value"].sum() == 155756 + 318035
    assert set(table.data["unit"]) == {"08221", "08222"}
    (source,) = table.provenance.sources()
    assert source.edition == "Stand 12.03.2025"
    assert table.gebietsstand == "unknown"
    assert not [item for item in table.findings if item.rule.startswith("loader.no_")]


def test_what_is_asked_is_what_the_web_service_documents(run, offered, secrets):
    run(start=2019, end=2024, region_variable="KREISE", region_keys=["08221", "08222"])
    asked = offered.seen[0]
    assert (asked.method, asked.path) == ("POST", "data/tablefile")
    expected = {"name": TABLE, "format": "ffcsv", "startyear": "2019", "endyear": "2024"}
    expected |= {"regionalvariable": "KREISE", "regionalkey": "08221,08222", "job": "false"}
    assert expected.items() <= asked.form.items()
    sent = {name.lower(): value for name, value in asked.headers.items()}
    assert (sent["username"], sent["password"]) == secrets
    assert not any(secret in str(asked.form) + asked.path for secret in secrets)


def test_a_token_stands_for_user_and_password(server, say, session, to, cache, monkeypatch):
    monkeypatch.setenv("BEGLEITFORSCHUNG_GENESIS_TOKEN", "t0ken")
    server.on("data/tablefile", say.table())
    server.on("metadata/table", say.metadata)
    fetch_genesis("12411-0001", to, endpoint=server.url, session=session())
    sent = {name.lower(): value for name, value in server.seen[0].headers.items()}
    assert (sent["username"], sent["password"]) == ("t0ken", "")


def test_the_second_time_nothing_is_asked(run, offered, to, tmp_path):
    first, asked = run(), len(offered.seen)
    other = tmp_path / "other"
    other.mkdir()
    again = fetch_genesis(TABLE, other, endpoint=offered.url, session=Session.open(
        progress=None, refresh=False))  # fmt: skip
    assert len(offered.seen) == asked
    assert first.notes == ()
    assert "taken from the cache of 20" in again.notes[0]
    assert again.sha256 == first.sha256
    assert again.sidecar.read_bytes() == first.sidecar.read_bytes()


def test_a_damaged_cache_is_not_believed(run, offered, cache):
    run()
    (kept,) = cache.glob("*.body")
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    run()
    assert offered.paths().count("data/tablefile") == 2
    note = json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))
    assert note["sha256"] == file_sha256(kept)


def test_a_damaged_note_of_the_title_is_asked_for_again(run, offered, cache):
    first = run()
    (note,) = cache.glob("*.table.json")
    for content in ("[1]", "{", '{"title": "x"}'):
        note.write_text(content, encoding="utf-8")
        again = run()
        assert again.sidecar.read_bytes() == first.sidecar.read_bytes()
    assert offered.paths().count("metadata/table") == 4
    assert offered.paths().count("data/tablefile") == 1


def test_an_earlier_edition_is_replaced_only_if_told(run, offered, say, session, cache, clock):
    run()
    offered.on("data/tablefile", say.table(say.flat.replace("155756", "155757")))
    fresh = Session(folder=cache, clock=clock.clock(), refresh=True)
    with pytest.raises(FetchError, match="exists with another content"):
        run(session=fresh)
    done = run(session=fresh, replace=True)
    assert b"155757" in done.path.read_bytes()
    assert read_indicators(done.path).data["value"].sum() == 155757 + 318035


def test_without_description_the_table_still_comes_and_that_is_said(run, offered, say):
    offered.on("metadata/table", say.told(104, "nichts"))
    done = run()
    assert "title and edition could not be fetched" in done.notes[0]
    assert yaml.safe_load(done.sidecar.read_text(encoding="utf-8"))["source"]["title"].endswith(
        TABLE
    )


# What goes wrong, and comes right ----------------------------------------------------------


def test_rate_limit_is_waited_for_as_long_as_the_server_asks(run, offered, say, clock):
    busy = say.Reply(status=429, headers={"Retry-After": "17"})
    offered.on("data/tablefile", busy, say.table())
    run()
    assert clock.pauses == [17.0]


def test_a_rate_limit_beyond_the_limit_of_time_is_not_waited_for(run, offered, say, clock, to):
    offered.on("data/tablefile", say.Reply(status=429, headers={"Retry-After": "86400"}))
    with pytest.raises(FetchError, match="86400 s"):
        run()
    assert clock.pauses == []
    assert left(to) == []


def test_errors_of_the_server_are_tried_again_with_growing_pauses(run, offered, say, clock):
    down = say.Reply(status=500)
    offered.on("data/tablefile", down, down, down, say.table())
    run()
    assert clock.pauses == [1.0, 2.0, 4.0]


def test_a_server_that_stays_down_is_asked_five_times(run, offered, say, to, cache):
    offered.on("data/tablefile", say.Reply(status=503))
    with pytest.raises(FetchError, match=r"status 503 \(attempt 5 of 5\)"):
        run()
    assert len(offered.seen) == 5
    assert left(to) == []
    assert not list(cache.glob("*.body"))


def test_a_silent_server_is_given_up_in_time(run, offered, say, session, to):
    offered.on("data/tablefile", say.table(silent=3.0), say.table())
    assert run(session=session(silence=0.5)).path.exists()
    offered.on("data/tablefile", say.table(silent=3.0))
    with pytest.raises(FetchError, match="silent for too long"):
        run(session=session(silence=0.1, attempts=2), start=2020)
    assert left(to) == [GOOD, f"{GOOD}.meta.yaml"]


def test_a_cut_answer_is_fetched_again_from_the_start(run, offered, say):
    whole = say.zipped()
    offered.on("data/tablefile", say.Reply(whole[:100], length=len(whole)), say.Reply(whole))
    assert run().path.read_bytes() == say.flat.encode("utf-8")
    assert "Range" not in offered.seen[1].headers


def test_a_cut_answer_is_gone_on_with_where_the_server_offers_it(run, offered, say, clock):
    whole = say.zipped()
    cut = say.Reply(whole[:100], length=len(whole), ranges=True)
    offered.on("data/tablefile", cut, say.Reply(whole, ranges=True))
    assert run().path.read_bytes() == say.flat.encode("utf-8")
    assert offered.seen[1].headers["Range"] == "bytes=100-"
    assert offered.seen[1].headers["If-Range"] == '"edition-1"'


def test_an_answer_that_stays_cut_leaves_nothing(run, offered, say, to, cache):
    offered.on("data/tablefile", say.Reply(say.zipped()[:100], length=500))
    with pytest.raises(FetchError, match="broke off after 100 of 500 bytes"):
        run()
    assert left(to) == []
    assert not list(cache.glob("*.body"))


def test_another_edition_in_between_is_not_glued_on(run, offered, say):
    old = say.zipped(say.flat.replace("155756", "1"))
    cut = say.Reply(old[:100], length=len(old), ranges=True)
    fresh = say.Reply(say.zipped(), headers={"Accept-Ranges": "bytes", "ETag": '"edition-2"'})
    offered.on("data/tablefile", cut, fresh)
    assert run().path.read_bytes() == say.flat.encode("utf-8")


@pytest.mark.parametrize("status", [200, 401, 404])
def test_refused_credentials_are_said_once_without_them(
    run, offered, say, status, to, cache, secrets
):
    words = f"Bitte prüfen Sie Ihren Nutzernamen {secrets[0]} bzw. das Passwort {secrets[1]}"
    offered.on("data/tablefile", say.told(2, words, status=status, flat=status != 200))
    with pytest.raises(FetchError, match=r"refuses the credentials \(code 2\)") as caught:
        run()
    assert len(offered.seen) == 1
    assert not any(secret in repr(caught.value) for secret in secrets)
    assert not any(secret.encode() in everything(to, cache) for secret in secrets)
    assert left(to) == []


def test_a_page_instead_of_data_is_no_table(run, offered, say, to, cache):
    offered.on("data/tablefile", say.page)
    with pytest.raises(FetchError, match="web page instead of data"):
        run()
    assert left(to) == []
    assert not list(cache.glob("*.body"))


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (104, "Es gibt keine Objekte", "check the code of the table"),
        (90, "Die angeforderte Tabelle ist nicht vorhanden", "nicht vorhanden"),
        (-1, "Unerwartet", r"code -1\): Unerwartet"),
    ],
)
def test_messages_of_the_web_service_are_passed_on(run, offered, say, code, words, said):
    offered.on("data/tablefile", say.told(code, words))
    with pytest.raises(FetchError, match=said):
        run()


def test_a_message_that_repeats_the_credentials_and_breaks_off_is_not_left_lying(
    run, offered, say, cache, secrets
):
    message = say.told(98, "zu gross")
    cut = say.Reply(message.body, kind="application/json", length=5000, ranges=True)
    offered.on("data/tablefile", cut)
    with pytest.raises(FetchError, match="broke off"):
        run()
    assert not any(secret.encode() in everything(cache) for secret in secrets)


def test_a_message_that_repeats_the_credentials_is_cleaned(run, offered, say, secrets):
    offered.on("data/tablefile", say.told(7, f"Fehler bei {secrets[0]}/{secrets[1]}"))
    with pytest.raises(FetchError, match=r"Fehler bei \*\*\*/\*\*\*"):
        run()
    offered.on("data/tablefile", say.told(7, "x" * 295 + secrets[1]))
    with pytest.raises(FetchError) as caught:
        run()
    assert secrets[1][:3] not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04 and then nothing", "damaged ZIP"),
        (b"", "empty answer"),
        (b"etwas anderes", "no flat file"),
        (b'{"Status": {"Code": 98', "no flat file"),
        (b"[1, 2]", "no flat file"),
    ],
)
def test_what_is_no_table_is_not_kept(run, offered, say, cache, body, said):
    offered.on("data/tablefile", say.Reply(body))
    with pytest.raises(FetchError, match=said):
        run()
    assert [name for name in left(cache) if not name.endswith(".lock")] == []


def test_an_answer_beyond_the_limit_of_size_is_stopped(run, offered, say, session):
    with pytest.raises(FetchError, match="larger than 100 bytes"):
        run(session=session(size=100))
    offered.on("data/tablefile", say.Reply(say.zipped(), length=-1))
    with pytest.raises(FetchError, match="larger than 100 bytes"):
        run(session=session(size=100))
    assert run().path.read_bytes() == say.flat.encode("utf-8")


def test_a_zip_that_swells_is_not_unpacked(run, offered, say, session):
    offered.on("data/tablefile", say.table(say.flat + ";" * 5_000_000))
    with pytest.raises(FetchError, match="usual size"):
        run(session=session(size=100_000))


def test_redirections_never_carry_credentials_elsewhere(run, offered, say):
    away = say.Reply(status=302, headers={"Location": "http://127.0.0.1:9/steal"})
    offered.on("data/tablefile", away)
    with pytest.raises(FetchError, match="sends to another address"):
        run()
    assert len(offered.seen) == 1


def test_no_server_at_all(session, to, cache):
    with pytest.raises(FetchError, match="no connection"):
        fetch_genesis(TABLE, to, endpoint="http://127.0.0.1:9/rest/", session=session())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: st.dictionaries(st.sampled_from(["Status", "Code", "Content"]), inner),
        ).map(lambda content: json.dumps(content).encode("ascii")),
    ),
    st.sampled_from([200, 400, 404]),
)
def test_whatever_a_server_answers_is_a_table_or_said(run, offered, say, to, body, status):
    offered.on("data/tablefile", say.Reply(body, status=status))
    with pytest.raises(FetchError):
        run()
    assert left(to) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_table_with_one_wrong_byte_is_refused(run, offered, say, to, session, data):
    """The checksum in the ZIP catches what the network, a proxy or a disk has changed."""
    whole = bytearray(say.zipped())
    at = data.draw(st.integers(30, len(whole) - 100))
    whole[at] ^= data.draw(st.integers(1, 255))
    offered.on("data/tablefile", say.Reply(bytes(whole)))
    with contextlib.suppress(FetchError):
        done = run(session=dataclasses.replace(session(), refresh=True))
        assert done.path.read_bytes() == say.flat.encode("utf-8")
    assert set(left(to)) <= {GOOD, f"{GOOD}.meta.yaml"}


def test_a_title_in_half_characters_does_not_break_the_sidecar(run, offered, say):
    body = say.metadata.body.replace(b"(Kreise)", b"\\ud800")
    offered.on("metadata/table", say.Reply(body, kind="application/json"))
    assert "could not be fetched" in run().notes[0]


def test_a_cache_that_cannot_be_written_is_said(run, offered, session, tmp_path):
    gone = dataclasses.replace(session(), folder=tmp_path / "gone")
    with pytest.raises(FetchError, match=r"cache .*gone can't be written"):
        run(session=gone)


def test_notes_in_the_cache_that_are_damaged_are_not_believed(run, offered, cache):
    run()
    for path in cache.glob("*.json"):
        path.write_text("[1]", encoding="utf-8")
    for path in cache.glob("*.body"):
        path.with_suffix(".job.json").write_text('{"job": 1}', encoding="utf-8")
        path.with_suffix(".part").write_bytes(b"x")
        path.with_suffix(".part.json").write_text(
            '{"key": "x", "mark": 1, "total": "y"}', encoding="utf-8"
        )
    assert run().path.is_file()
    assert offered.paths().count("data/tablefile") == 2


# Large tables ------------------------------------------------------------------------------

JOB = "12411-01-01-4_673843136"


@pytest.fixture
def large(server, say):
    """Answers to a table that is too large, as recorded in June 2025."""
    server.on(
        "data/tablefile",
        say.told(98, "Die Tabelle ist zu gross, um im Dialog abgerufen zu werden."),
        say.told(99, f"Der Bearbeitungsauftrag wurde erstellt … mit folgendem Namen: {JOB}"),
    )
    none = say.told(104, "Es gibt keine Objekte zum angegebenen Selektionskriterium", List=None)
    server.on("catalogue/results", none, none, say.told(0, "erfolgreich", List=[{"Code": JOB}]))
    server.on("data/resultfile", say.table())
    server.on("metadata/table", say.metadata)
    return server


def test_a_large_table_comes_by_a_job(run, large, say, clock, cache):
    done = run()
    assert done.path.read_bytes() == say.flat.encode("utf-8")
    assert large.paths() == [
        *["data/tablefile"] * 2,
        *["catalogue/results"] * 3,
        "data/resultfile",
        "metadata/table",
    ]
    assert large.seen[1].form["job"] == "true"
    assert large.seen[2].form["selection"] == JOB
    assert large.seen[5].form["name"] == JOB
    assert clock.pauses == [5.0, 7.5]
    assert not list(cache.glob("*.job.json"))
    run()
    assert len(large.seen) == 7


def test_whoever_waits_for_a_job_is_told_so(large, to, session):
    said = []
    made = dataclasses.replace(session(), tell=said.append)
    fetch_genesis(TABLE, to, endpoint=large.url, session=made)
    (words,) = said
    assert JOB in words
    assert "in the background" in words


def test_a_job_that_takes_too_long_is_waited_for_again_later(run, large, say, session, to, clock):
    none = say.told(104, "nichts", List=None)
    large.on("catalogue/results", none)
    with pytest.raises(FetchError, match=f"still works at the job {JOB}"):
        run(session=session(polls=7))
    assert large.paths().count("catalogue/results") == 7
    with pytest.raises(FetchError, match="still works"):
        run(session=session(job_seconds=60))
    assert clock.time < 300
    large.on("catalogue/results", say.told(0, "", List=[{"Code": JOB}]))
    run()
    assert large.paths().count("data/tablefile") == 2
    assert left(to) == [GOOD, f"{GOOD}.meta.yaml"]


def test_a_job_that_is_not_started_is_said(run, large, say):
    large.on("data/tablefile", say.told(98, "zu gross"), say.told(22, "nichts"))
    with pytest.raises(FetchError, match="not started a job"):
        run()


# Killed in the middle ----------------------------------------------------------------------


def came(cache):
    """Bytes that an unfinished download has brought."""
    with contextlib.suppress(FileNotFoundError):
        return sum(path.stat().st_size for path in cache.glob("*.part"))
    return 0


@pytest.mark.parametrize("ranges", [True, False])
def test_after_a_kill_it_goes_on_and_nothing_is_half_written(
    ranges, offered, say, to, cache, session, secrets
):
    whole = say.zipped()
    slow = say.table(drip=0.1, pieces=100, ranges=ranges)
    offered.on("data/tablefile", slow)
    words = ["fetch", "genesis", TABLE, "--to", str(to), "--endpoint", offered.url]
    started = subprocess.Popen(
        [sys.executable, "-m", "begleitforschung", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 30
    while not came(cache):
        assert time.monotonic() < until
        assert started.poll() is None, started.stderr.read()
        time.sleep(0.02)
    started.kill()
    out, err = started.communicate(timeout=10)
    assert left(to) == []
    assert not list(cache.glob("*.body"))
    (part,) = cache.glob("*.part")
    size = part.stat().st_size
    assert 0 < size < len(whole)
    offered.on("data/tablefile", say.table(ranges=ranges))
    done = fetch_genesis(TABLE, to, endpoint=offered.url, session=session())
    sent = [item.headers.get("Range") for item in offered.seen if item.path == "data/tablefile"]
    assert sent == [None, f"bytes={size}-" if ranges else None]
    assert done.path.read_bytes() == say.flat.encode("utf-8")
    assert left(to) == [GOOD, f"{GOOD}.meta.yaml"]
    (body,) = cache.glob("*.body")
    assert body.read_bytes() == whole
    assert not list(cache.glob("*.part*"))
    seen = out + err + everything(to, cache)
    assert not any(secret.encode() in seen for secret in secrets)


def test_two_processes_do_not_write_into_one_part(run, offered, session, cache):
    request = Request(url="http://127.0.0.1/x")
    made = session()
    with (
        made.alone(request),
        pytest.raises(FetchError, match="another process"),
        made.alone(request),
    ):
        pass
    with made.alone(request):
        pass


# What the user says ------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["../../etc", "12411 01", "", "a"])
def test_codes_that_are_none_are_refused_before_anything_is_asked(table, to, cache):
    with pytest.raises(FetchError, match="no code of a table"):
        fetch_genesis(table, to)


@pytest.mark.parametrize(
    ("table", "database"),
    [
        ("12411-0001", "genesis"),
        ("12411-01-01-4", "regionalstatistik"),
        ("AI-N-01-2-5", "regionalstatistik"),
        ("1000A-2022", "zensus"),
        ("22421-02i", "landesdatenbank_nrw"),
    ],
)
def test_the_code_tells_the_database(table, database):
    assert database_of(table).id == database


def test_a_code_that_does_not_tell_its_database_asks_for_it(to, cache):
    with pytest.raises(FetchError, match="--database genesis"):
        fetch_genesis("xyz-123-abc", to)
    with pytest.raises(UnknownCodeError, match="regionalstatistik"):
        fetch_genesis(TABLE, to, database="regionalstatistk")


def test_folder_and_state_are_checked_first(tmp_path, to, cache):
    with pytest.raises(FetchError, match="does not exist"):
        fetch_genesis(TABLE, tmp_path / "nowhere")
    with pytest.raises(TerritoryError):
        fetch_genesis(TABLE, to, gebietsstand="2024")


def test_the_command_says_where_the_file_is(offered, to, cache, secrets):
    words = ["fetch", "genesis", TABLE, "--to", str(to), "--endpoint", offered.url]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(to / GOOD)
    assert not any(secret in done.output for secret in secrets)


def test_the_command_fails_with_three_and_without_credentials(offered, say, to, cache, secrets):
    offered.on("data/tablefile", say.told(15, f"nicht berechtigt {secrets[1]}", status=401))
    words = ["--debug", "fetch", "genesis", TABLE, "--to", str(to), "--endpoint", offered.url]
    for asked in (words, words[1:]):
        done = CliRunner().invoke(cli, asked)
        assert not any(secret in done.output + str(done.exception) for secret in secrets)
    assert done.exit_code == 3
    assert "refuses the credentials" in done.output


# Recorded answers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "12411-01-01-4__0__12411-01-01-4_1773175772751_de_flat.csv",
        "46181-0001__0__46181-0001_1773174944165_de_flat.csv",
        "1000A-2022__0__1000A-2022_1773175355216_de_flat.csv",
        "86121-Z-01__0__86121-Z-01_1773175099922_de_flat.csv",
    ],
)
def test_recorded_tables_arrive_byte_for_byte(name, shared, server, say, to, session):
    recorded = shared / "data" / "genesis" / "pystatis_cassettes" / name
    table = name.partition("__")[0]
    text = recorded.read_bytes().decode("utf-8")
    server.on("data/tablefile", say.table(text, pieces=7, ranges=True))
    server.on("metadata/table", say.metadata)
    done = fetch_genesis(table, to, endpoint=server.url, session=session())
    assert done.path.read_bytes() == recorded.read_bytes()
    assert done.sha256 == file_sha256(recorded)


def test_a_recorded_table_is_fetched_and_read_to_the_person(shared, server, say, to, session):
    """Population of all counties on 31 December 2024, total and by sex."""
    folder = shared / "data" / "genesis" / "pystatis_cassettes"
    (recorded,) = folder.glob("12411-01-01-4__0__*_de_flat.csv")
    server.on("data/tablefile", say.table(recorded.read_bytes().decode("utf-8")))
    server.on("metadata/table", say.metadata)
    done = fetch_genesis(TABLE, to, endpoint=server.url, session=session())
    table = read_indicators(done.path)
    total = table.data[table.data["unit"].astype(str).str.len() == 5]
    sums = total.groupby("indicator", observed=True)["value"].sum()
    assert sums["BEVSTD|GES=INSGESAMT"] == 83_577_140
    (source,) = table.provenance.sources()
    assert source.licence.startswith("Datenlizenz Deutschland")
