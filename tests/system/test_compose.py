"""The compose file for real: built, started, used through its gateway, scaled, hurt, and taken down again."""

import http.client
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.suite.ops.application.facts import Consumer
from shared.clock import WallClock, from_micros
from tests.support.compose import Stack, engine_answers, running
from tests.support.compose_works import FEED, order, place_of, set_up, until

pytestmark = pytest.mark.long
DOORS_AND_WORKERS = {f"{name}{part}" for name in ("permits", "beacons", "navfeed") for part in ("", "-worker")}
RUNNING = DOORS_AND_WORKERS | {"ops", "gateway", "postgres", "kafka"}
# Whose own they are: one request's, one client's, one connection's.
NOT_THE_CONTENTS = {"date", "server", "connection", "x-request-id", "x-cache", "ratelimit", "ratelimit-policy"}
KILL_THE_PROCESS = "import os; [os.kill(int(pid), 9) for pid in open('/proc/1/task/1/children').read().split()]"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if not engine_answers():
        pytest.skip("the compose file needs a container engine; `docker info` finds none")
    with running(tmp_path_factory.mktemp("compose"), {"LEITBAKE_SETTLE_S": 1}) as made:
        yield made


def test_what_is_ordered_and_stands_there_is_measured_in_the_feed_and_survives_a_killed_worker(stack: Stack) -> None:
    clerk, fleet = stack.key("clerk"), stack.key("fleet")
    order(clerk, 1)
    set_up(fleet, 1)
    until(lambda: place_of(stack, 1), ["measured"], 60)

    stack.compose("up", "--detach", "--no-recreate", "--wait", "--scale", "beacons-worker=2")
    until(lambda: members(stack, "lights"), 2, 30)

    order(clerk, 2)
    set_up(fleet, 2)
    until(lambda: place_of(stack, 2), ["measured"], 60)

    stack.compose("exec", "-T", "beacons-worker", "python", "-c", KILL_THE_PROCESS, failing=True)
    order(clerk, 3)
    set_up(fleet, 3)
    until(lambda: place_of(stack, 3), ["measured"], 60)
    until(lambda: members(stack, "lights"), 2, 60)
    assert sorted(found["RestartCount"] for found in stack.inspected("beacons-worker")) == [0, 1]


def members(stack: Stack, group: str) -> int:
    """How many workers share the partitions of a stage."""
    facts = json.loads(stack.compose("exec", "-T", "ops", "leitbake", "status", "--json", failing=True))
    consumers = [msgspec.convert(it, Consumer) for it in facts["consumers"]]
    return next((it.members for it in consumers if it.group == group), 0)


def directly(stack: Stack, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """What the service itself says, asked from inside its container: status and headers."""
    script = (
        "import json, sys, urllib.error, urllib.request as u\n"
        "try: a = u.urlopen(u.Request('http://127.0.0.1:8000' + sys.argv[1], headers=json.loads(sys.argv[2])))\n"
        "except urllib.error.HTTPError as e: a = e\n"
        "print(json.dumps([a.status, {k.lower(): v for k, v in a.headers.items()}]))"
    )
    said = json.loads(stack.compose("exec", "-T", "navfeed", "python", "-c", script, path, json.dumps(headers)))
    return said[0], said[1]


def contents(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in NOT_THE_CONTENTS}


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_gateway_keeps_products_and_says_of_them_what_the_service_says(stack: Stack, encoding: str) -> None:
    time.sleep(1.1)  # a second may see two publications, and is not named before it is over
    stack.get(FEED, Accept_Encoding=encoding)
    status, headers, body = stack.get(FEED, Accept_Encoding=encoding)
    assert (status, headers["x-cache"]) == (200, "HIT")
    assert (status, contents(headers)) == tuple(
        part if isinstance(part, int) else contents(part)
        for part in directly(stack, FEED, {"Accept-Encoding": encoding})
    )
    assert (body[:2] == b"\x1f\x8b") == (encoding == "gzip")
    unchanged, kept, nothing = stack.get(FEED, Accept_Encoding=encoding, If_None_Match=headers["etag"])
    assert (unchanged, kept["etag"], nothing) == (304, headers["etag"], b"")
    assert kept["access-control-allow-origin"] == "*"
    assert stack.get(FEED, Accept_Encoding=encoding, If_Modified_Since=headers["last-modified"])[0] == 304
    assert stack.get(FEED, Accept_Encoding=encoding, If_None_Match='"other"')[0] == 200


def test_a_question_goes_to_the_service(stack: Stack) -> None:
    for at, expected in (("2020-01-01T00:00:00Z", 404), ("when", 400), ("", 400)):
        status, headers, _ = stack.get(f"{FEED}?at={at}")
        assert (status, headers["x-cache"], headers["content-type"]) == (expected, "BYPASS", "application/problem+json")


def test_a_stream_is_not_held_back_and_begins_with_what_was_missed(stack: Stack) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", stack.port, timeout=5)) as connection:
        connection.request("GET", "/feed/v1/stream?since=0")
        stream = connection.getresponse()
        first = [stream.readline() for _ in range(6)]
    assert any(line.startswith(b"event: measure.updated") for line in first), first


def test_the_base_map_of_an_imported_city_is_served_in_ranges(stack: Stack) -> None:
    assert stack.get("/map/basemap.pmtiles")[1]["content-type"] == "application/problem+json"
    stack.compose("run", "--rm", "--no-deps", "-T", "leitbake", "roads", "import")
    status, headers, body = stack.get("/map/basemap.pmtiles", Range="bytes=0-6")
    assert (status, body) == (206, b"PMTiles")
    ours = {name: value for name, value in headers.items() if name.startswith("access-control")}
    said = directly(stack, "/map/basemap.pmtiles", {"Range": "bytes=0-6"})
    assert said[0] == 206
    assert ours == {name: value for name, value in said[1].items() if name.startswith("access-control")}


def test_figures_stay_inside(stack: Stack) -> None:
    assert [stack.get(f"/{name}/metrics")[0] for name in ("permits", "beacons", "feed", "ops")] == [404] * 4
    assert [stack.get(f"/{name}/readyz")[0] for name in ("permits", "beacons", "feed", "ops")] == [200] * 4


def test_no_container_may_do_more_than_it_must(stack: Stack) -> None:
    for service in sorted(RUNNING):
        for found in stack.inspected(service):
            host = found["HostConfig"]
            assert found["State"]["Health"]["Status"] == "healthy", service
            assert int(found["Config"]["User"].split(":")[0]) > 0, service
            assert host["ReadonlyRootfs"], service
            assert host["CapDrop"] == ["ALL"], service
            assert host["SecurityOpt"] == ["no-new-privileges:true"], service
            assert all(host[limit] > 0 for limit in ("Memory", "NanoCpus", "PidsLimit")), service
            assert not any("PASSWORD=" in line or "DATABASE_URL=" in line for line in found["Config"]["Env"]), service


def test_a_service_can_open_its_own_schema_and_no_other_services(stack: Stack) -> None:
    script = (
        "import psycopg, pathlib\n"
        "url = pathlib.Path('/run/secrets/permits_database_url').read_text()\n"
        "for line in ('SELECT 1 FROM permits.events', 'SELECT 1 FROM beacons.events', 'SET ROLE leitbake_navfeed'):\n"
        "    with psycopg.connect(url) as connection:\n"
        "        try: connection.execute(line)\n"
        "        except psycopg.errors.InsufficientPrivilege: print('no')\n"
        "        else: print('yes')"
    )
    assert stack.compose("exec", "-T", "permits", "python", "-c", script).split() == ["yes", "no", "no"]


def test_while_a_service_is_away_its_door_says_when_to_come_again_and_the_feed_stays(stack: Stack) -> None:
    before = stack.get(FEED)[2]
    stack.compose("stop", "--timeout", "5", "permits", "navfeed")
    status, headers, body = stack.get("/permits/api/v1/permits")
    assert (status, headers["retry-after"], msgspec.json.decode(body)["status"]) == (503, "5", 503)
    time.sleep(1.1)
    status, headers, body = stack.get(FEED)
    assert (status, headers["x-cache"], body) == (200, "STALE", before)
    stack.compose("start", "permits", "navfeed")
    until(lambda: stack.get("/permits/healthz").status, 200, 60)


@pytest.mark.parametrize(
    ("path", "status"), [("/permits/metrics", 404), ("/feed/v1/" + "a" * 12_000, 414), ("/hinweise", 431)]
)
def test_what_the_gateway_refuses_itself_is_told_in_german(stack: Stack, path: str, status: int) -> None:
    much = {"X_Much": "a" * 40_000} if status == 431 else {}
    answered, headers, body = stack.get(path, **much)
    assert (answered, headers["content-type"]) == (status, "application/problem+json")
    problem = msgspec.json.decode(body)
    assert (problem["status"], problem["detail"][-1]) == (status, ".")
    if status == 404:
        answered, headers, body = stack.get(path, Accept="text/html,*/*")
        assert (answered, headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert b'<html lang="de">' in body


def certified(folder: Path) -> None:
    """A certificate for localhost, made out by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = from_micros(WallClock().now())
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (folder / "privkey.pem").write_bytes(private)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)


def test_with_tls_by_settings_all_is_sent_to_https_and_stays_there(stack: Stack, tmp_path: Path) -> None:
    certified(tmp_path)
    stack.compose(
        "up",
        "--detach",
        "--no-deps",
        "--wait",
        "gateway",
        LEITBAKE_TLS="on",
        LEITBAKE_TLS_FOLDER=str(tmp_path),
    )
    assert stack.get("/feed/?a=b").headers["location"] == "https://127.0.0.1/feed/?a=b"
    trusting = ssl.create_default_context(cafile=tmp_path / "fullchain.pem")
    with closing(http.client.HTTPSConnection("localhost", stack.tls_port, timeout=10, context=trusting)) as connection:
        connection.request("GET", FEED)
        answer = connection.getresponse()
        assert json.load(answer)["type"] == "FeatureCollection"
    assert (answer.status, answer.headers["strict-transport-security"]) == (200, "max-age=31536000")
