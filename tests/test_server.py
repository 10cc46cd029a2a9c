"""The local page: one gate in front of everything, over real sockets, and a real browser behind."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from autograd import Value
from autograd.expression import evaluate
from tests.local_pages import (
    JSON,
    LONGEST,
    METHODS,
    answer_on,
    asked,
    cookie_of,
    found_from,
    headers_are_all_there,
    port_of,
    raw,
    routes_of,
    running,
    strangers_are_refused,
)
from tests.tabs import address_of, field
from viz.apps.stepper.core import Stepper
from viz.hosts import server
from viz.hosts.server import HEADERS, LARGEST_BODY, MOST_CONNECTIONS, LocalPage


def product():
    return Value(2.0, "a") * Value(-3.0, "b")


def served(y, expression="", values=""):
    """The page of y, served in a thread as `stepgrad step` serves it."""
    return running(Stepper(y, {}), expression, values)


@pytest.fixture
def page():
    with served(product(), "a * b", "a=2 b=-3") as page:
        yield page


@pytest.fixture(scope="module")
def shared_page():
    """For requests that change nothing."""
    with served(product()) as page:
        yield page


def expressed(page, expr, **more):
    """The status and the JSON for an expression that the form might send."""
    status, headers, text = asked(page, "POST", "/expression", {"expr": expr, **more})
    assert headers["Content-Type"] == JSON
    return status, json.loads(text)


def test_while_a_graph_is_computed_everything_else_is_answered(page, monkeypatch):
    begun, go_on = Event(), Event()

    def slow(text, words, made=server.stepper_of):
        begun.set()
        assert go_on.wait(60)
        return made(text, words)

    monkeypatch.setattr(server, "stepper_of", slow)
    said = []
    asking = Thread(target=lambda: said.append(expressed(page, "x*x", values={"x": 3})))
    asking.start()
    assert begun.wait(60)
    shown = json.loads(asked(page, path="/state")[2])  # the graph that is still shown
    assert shown["graph"] == 1 and asked(page)[0] == 200
    go_on.set()
    asking.join(60)
    [(status, answer)] = said
    assert status == 200 and answer["graph"] == 2
    assert json.loads(asked(page, path="/state")[2])["graph"] == 2


def test_who_stops_it_does_not_wait_for_what_is_computed(monkeypatch):
    begun, go_on = Event(), Event()

    def slow(text, words):
        begun.set()
        go_on.wait(600)
        raise ValueError("nobody hears of it")

    monkeypatch.setattr(server, "stepper_of", slow)

    def ask(page):
        with suppress(HTTPException, OSError):  # it is answered, or the connection is closed
            assert expressed(page, "x*x", values={"x": 3}) == (503, {"error": "stopped"})

    with served(product()) as page:
        asking = Thread(target=ask, args=[page])
        asking.start()
        assert begun.wait(60)
    assert not go_on.is_set()  # `running` has waited for the server alone
    go_on.set()
    asking.join(60)


# The thirty-three requests


def test_the_two_that_are_as_they_should_be(shared_page):
    status, _, text = asked(shared_page)
    assert status == 200 and text.startswith("<!doctype html>")
    assert asked(shared_page, "POST", "/edit", {"edits": {}, "graph": 1})[0] == 200


FORGED = {
    "no token": {"leave_out": ["Cookie"]},
    "Host evil.com": {"Host": "evil.com"},
    "Host that begins like ours": {"Host": "127.0.0.1.evil.com"},
    "wrong port": {"Host": "127.0.0.1:1"},
    "no port": {"Host": "127.0.0.1"},
    "Origin evil": {"Origin": "http://evil.com"},
    "Origin null": {"Origin": "null"},
    "cross-site": {"Sec_Fetch_Site": "cross-site"},
    "another port of this machine": {"Sec_Fetch_Site": "same-site"},
    "wrong token": {"Cookie": "stepgrad=x"},
    "a token that is not ASCII": {"Cookie": "stepgrad-{port}=é"},
    "an empty token": {"Cookie": "stepgrad-{port}="},
    "the token of another port": {"Cookie": "stepgrad-1={secret}"},
    "the key as a cookie": {"Cookie": "stepgrad-{port}={key}"},
    "https": {"Origin": "https://127.0.0.1:{port}"},
    "an upgrade": {"Upgrade": "websocket", "Connection": "Upgrade"},
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_a_forged_request_is_refused(shared_page, headers, method):
    gate = shared_page.gate
    filled = {
        name: value.format(port=port_of(shared_page), secret=gate.secret, key=gate.key)
        if isinstance(value, str) else value
        for name, value in headers.items()
    }  # fmt: skip
    path = "/" if method == "GET" else "/edit"
    status, _, text = asked(shared_page, method, path, b"{}", **filled)
    assert status == 403
    assert json.loads(text)["error"]
    assert gate.secret not in text and gate.key not in text


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_request_names_exactly_one_host(shared_page, version):
    host = f"Host: 127.0.0.1:{port_of(shared_page)}"
    request = (f"GET / HTTP/{version}", f"Cookie: {cookie_of(shared_page)}")
    assert raw(shared_page, *request)[0] == 403
    assert raw(shared_page, *request, host, host)[0] == 403
    assert raw(shared_page, *request, host, "Host: evil.com")[0] == 403
    assert raw(shared_page, *request, host)[0] == 200


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_the_names_of_this_machine_are_allowed_in_host_and_origin(shared_page, name):
    host = f"{name}:{port_of(shared_page)}"
    for site in ("same-origin", "none"):
        answer = asked(shared_page, Host=host, Origin=f"http://{host}", Sec_Fetch_Site=site)
        assert answer[0] == 200


def test_one_good_origin_does_not_excuse_a_bad_one(shared_page):
    host = f"127.0.0.1:{port_of(shared_page)}"
    lines = (f"Host: {host}", f"Cookie: {cookie_of(shared_page)}", f"Origin: http://{host}")
    assert raw(shared_page, "GET / HTTP/1.1", *lines)[0] == 200
    assert raw(shared_page, "GET / HTTP/1.1", *lines, "Origin: http://evil.com")[0] == 403
    assert raw(shared_page, "GET / HTTP/1.1", *lines, "Sec-Fetch-Site: none")[0] == 200
    assert (
        raw(
            shared_page, "GET / HTTP/1.1", *lines, "Sec-Fetch-Site: none",
            "Sec-Fetch-Site: cross-site",
        )[0]
        == 403
    )  # fmt: skip


BODIES = {
    "text": ({"Content_Type": "text/plain"}, b"{}", 415),
    "a form": ({"Content_Type": "application/x-www-form-urlencoded"}, b"a=b", 415),
    "no type": ({"leave_out": ["Content-Type"]}, b"{}", 415),
    "JSON in some other form": ({"Content_Type": "text/plain; application/json"}, b"{}", 415),
    "no length": ({"leave_out": ["Content-Length"]}, b"", 411),
    "in chunks": ({"leave_out": ["Content-Length"], "Transfer_Encoding": "chunked"}, b"", 411),
    "70,000 bytes": ({}, b" " * 70_000, 413),
    "a byte too many": ({}, b" " * (LARGEST_BODY + 1), 413),
    "19 digits": ({"Content_Length": "9" * 19}, b"", 413),
}


@pytest.mark.parametrize("path", ["/expression", "/edit", "/", "/nowhere"])
@pytest.mark.parametrize(("headers", "body", "status"), BODIES.values(), ids=BODIES)
def test_a_body_is_json_of_a_stated_and_bearable_size(shared_page, headers, body, status, path):
    got, _, text = asked(shared_page, "POST", path, body, **headers)
    assert got == status and json.loads(text)["error"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "SEARCH"])
def test_a_body_is_looked_at_whatever_the_method(shared_page, method):
    assert asked(shared_page, method, "/edit", b"{}", Content_Type="text/plain")[0] == 415
    assert asked(shared_page, method, "/edit", b" " * 70_000)[0] == 413


def test_a_body_longer_than_it_said_is_refused_too(shared_page):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    status, _, _ = asked(
        shared_page, "POST", "/edit", 2 * chunk + b"0\r\n\r\n",
        Content_Length="2", Transfer_Encoding="chunked",
    )  # fmt: skip
    assert status == 413


def test_a_body_as_large_as_allowed_is_read(shared_page):
    message = json.dumps({"edits": {}, "graph": 1}).encode()
    body = message + b" " * (LARGEST_BODY - len(message))
    kind = "Application/JSON; charset=utf-8"
    assert asked(shared_page, "POST", "/edit", body, Content_Type=kind)[0] == 200


HOSTILE = [
    '__import__("os").system("touch hacked")', "().__class__.__bases__", "x.__class__",
    "[x for x in (1, 2)]", "lambda: 1", 'f"{x}"', "(y := 3)", '"a" * 9999999', "True", "1j",
    "(-8)**(1/3)", "1/0", "log(0)", "-" * 400, "(" * 400, "9**9**9**9", "1e999",
    "-" * 400 + "x", "(" * 400 + "x" + ")" * 399, "1/0 * x", "log(0) * x", "(-8)**(1/3) * x",
    "9**9**9**9 * x", "True * x", "1j * x", "", ";", "3",
    "x" * 5000, "\ud800", "x\0", "+".join(["x*x"] * 300), "+".join(["(x*x+x*x+x*x)"] * 80),
]  # fmt: skip


@pytest.mark.parametrize("expr", ["x / 0", "log(x - 2)", "exp(x * 1000)", "sqrt(x - 2)"])
def test_an_operation_that_fails_is_answered_with_the_half_of_its_graph(page, expr):
    status, told = expressed(page, expr, values={"x": 2})
    failed = told["state"]["plan"]["failed"]
    assert status == 200 and told["state"]["step"] == failed["at"] > 0
    assert failed["source"] == expr and failed["sentence"]
    left = {"edits": {"n0": 7.0}, "graph": told["graph"]}
    mended = json.loads(asked(page, "POST", "/edit", json.dumps(left).encode())[2])
    assert bool(mended["trouble"]) == (expr in ("x / 0", "exp(x * 1000)"))


@pytest.mark.parametrize("expr", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_a_hostile_expression_gets_one_sentence_and_changes_nothing(shared_page, expr):
    status, told = expressed(shared_page, expr, values={"x": 2})
    assert status == 400 and list(told) == ["error"]
    assert told["error"].strip() and "\n" not in told["error"]
    assert json.loads(asked(shared_page, path="/state")[2])["graph"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"not JSON", b"", b"[" * 30_000, b'{"expr":' * 8_000, b"5", b"null", b'["expr"]', b"{}",
        b'{"expr": 5}', b'{"expr": null}', b'{"expr": "x", "values": 3}', b'{"values": {}}',
        b'{"expr": "x", "values": ["x=1"]}', b"\xff", b'{"expr": "' + b"9" * 5000 + b'"}',
        b'{"expr": ' + b"9" * 5000 + b"}", b'{"expr": "x", "values": {"x": NaN}}',
        b'{"expr": "x", "values": {"x": 1e999}}', b'{"expr": "x", "values": {"x": true}}',
        b'{"expr": "x", "values": {"x": null}}', b'{"expr": "x", "values": {"x": [1]}}',
        b'{"expr": "x", "values": {"": 1}}', b'{"expr": "x", "values": {"x y": 1}}',
        b'{"expr": "exp", "values": {"exp": 1}}', b'{"expr": "x", "values": "x"}',
        b'{"expr": "x", "values": "x=1 x=2"}', b'{"expr": "x", "values": "x=1 y=2"}',
    ],
    ids=lambda body: ascii(body[:40]),
)  # fmt: skip
def test_what_is_no_message_gets_one_sentence(shared_page, body):
    status, _, text = asked(shared_page, "POST", "/expression", body)
    told = json.loads(text)
    assert status == 400 and list(told) == ["error"] and told["error"].strip()
    assert "\n" not in told["error"] and len(told["error"]) < 300


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("x=1,5 y=2", "x=1,5 is not a number: write 1.5, with a point"),
        ("x=1, 5", "what is '5'? Values are given as name=number, as in x=2"),
        ("x:1 y:2", "what is 'x:1'? Write x=1"),
        ("x : 1.5", "what is 'x:1.5'? Write x=1.5"),
        ("x", "x has no number: write x=2"),
        ("x 1", "x has no number: write x=2"),
        ("=1", "what is '=1'? Values are given as name=number, as in x=2"),
        ("x=1/0", "x=1/0 is not a number: it divides by zero"),
    ],
)
def test_values_that_are_none_get_a_sentence_that_says_what_to_type(shared_page, values, sentence):
    assert expressed(shared_page, "x", values=values) == (400, {"error": sentence})


# Every route, every method, every answer


@pytest.mark.parametrize("method", METHODS)
def test_no_route_is_open_by_any_method(shared_page, method):
    known = {"/", "/state", "/expression", "/edit", "/served.js", "/style.css"}
    strangers_are_refused(shared_page, method, known, "//", "/%2e%2e/x", "*")


def test_routes_are_fixed_and_answer_only_their_own_methods(shared_page):
    for path in routes_of(shared_page):
        posts = path in ("/expression", "/edit")
        for method in METHODS:
            status = asked(shared_page, method, path, b"{}")[0]
            if posts and method == "POST":
                assert status in (400, 409)
            else:
                assert status == (200 if method in ("GET", "HEAD") and not posts else 405)
    port = port_of(shared_page)
    for path in (
        "/nowhere", "/state/", "/STATE", "/core.py", "/../core.py", "/stepper.js/../core.py",
        "/%2e%2e/core.py", "/served.js%00", f"http://127.0.0.1:{port}/", "/?a=b/../core.py",
    ):  # fmt: skip
        assert asked(shared_page, path=path)[0] == (200 if path.startswith("/?") else 404)


def test_every_script_is_served_as_it_is(shared_page):
    for path in server.FRONT_END.glob("*.js"):
        status, headers, text = asked(shared_page, path=f"/{path.name}")
        assert (status, text) == (200, path.read_text("utf-8"))
        assert headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_what_the_page_needs_is_there(shared_page):
    """Modules and styles name only each other, by addresses that are routes."""
    seen = found_from(shared_page, "/")
    assert {"/style.css", "/served.js", "/stepper.js", "/model.js"} <= seen


def test_the_headers_are_on_every_answer(page, monkeypatch, caplog):
    def broken(message):
        raise RuntimeError("broken")

    key = page.address.partition("?")[2]
    host = f"Host: 127.0.0.1:{port_of(page)}"
    answers = [
        asked(page),
        asked(page, path=f"/?{key}", leave_out=["Cookie"]),
        asked(page, "POST", "/expression", {"expr": "x"}),
        asked(page, leave_out=["Cookie"]),
        raw(page, "GET / HTTP/1.1"),
        raw(page, "GET / HTTP/1.1", host, "Content-Length: x"),
        raw(page, "nonsense"),
        asked(page, path="/nowhere"),
        asked(page, "PUT", "/state", {}),
        asked(page, "POST", "/edit", {"edits": {}, "graph": 0}),
        asked(page, "POST", "/edit", b"", leave_out=["Content-Length"]),
        asked(page, "POST", "/edit", b" " * 70_000),
        asked(page, "POST", "/edit", b"{}", Content_Type="text/plain"),
    ]
    assert [status for status, *_ in answers] == [
        200, 303, 400, 403, 403, 400, 400, 404, 405, 409, 411, 413, 415,
    ]  # fmt: skip
    monkeypatch.setattr(Stepper, "handle", lambda self, message: broken(message))
    caplog.set_level(logging.CRITICAL, "uvicorn.error")
    answers.append(asked(page, "POST", "/edit", {"edits": {}, "graph": 1}))
    assert answers[-1][0] == 500 and "broken" not in answers[-1][2]
    for _, headers, _ in answers:
        headers_are_all_there(headers)


def test_the_policy_lets_no_script_but_those_of_the_page_run():
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    for part in ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
        assert part in policy


# Handing over the token


def test_the_address_works_once_and_gives_a_strict_cookie(page):
    path = page.address.partition(str(port_of(page)))[2]
    assert len(page.gate.key) >= 43 and len(page.gate.secret) >= 43  # 32 bytes
    status, headers, _ = asked(page, path=path, leave_out=["Cookie"])
    assert status == 303 and headers["Location"] == "/"
    (cookie,) = headers.get_all("Set-Cookie")
    assert cookie == f"stepgrad-{port_of(page)}={page.gate.secret}; " + (
        "HttpOnly; Path=/; SameSite=strict"
    )
    assert asked(page, Cookie=cookie.partition(";")[0])[0] == 200
    status, headers, text = asked(page, path=path, leave_out=["Cookie"])
    assert status == 403 and headers["Set-Cookie"] is None
    assert "the address that was printed" in json.loads(text)["error"]
    assert asked(page, path=path)[0] == 200  # in the same browser


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.com"}, {"Origin": "http://evil.com"}, {"Sec_Fetch_Site": "cross-site"}],
)
def test_the_key_is_not_used_up_by_who_may_not_use_it(page, headers):
    path = page.address.partition(str(port_of(page)))[2]
    assert asked(page, path=path, leave_out=["Cookie"], **headers)[0] == 403
    assert asked(page, "HEAD", path, leave_out=["Cookie"])[0] == 403
    assert asked(page, "POST", path, b"{}", leave_out=["Cookie"])[0] == 403
    assert asked(page, path=f"/state{path[1:]}", leave_out=["Cookie"])[0] == 403
    assert asked(page, path=f"{path}x", leave_out=["Cookie"])[0] == 403
    assert asked(page, path="/?key=", leave_out=["Cookie"])[0] == 403
    assert asked(page, path="/?key=%C3%A9", leave_out=["Cookie"])[0] == 403
    assert asked(page, path=path, leave_out=["Cookie"])[0] == 303


def test_each_page_has_secrets_of_its_own():
    gates = [server.Gate(None, 1) for _ in range(3)]
    assert len({gate.secret for gate in gates} | {gate.key for gate in gates}) == 6


# Websockets, patience, and how many at once


def test_a_websocket_is_refused_with_everything_else_right(shared_page):
    host = f"127.0.0.1:{port_of(shared_page)}"
    for path in ("/", "/edit", "/socket"):
        status, headers, _ = asked(
            shared_page, path=path, Origin=f"http://{host}", Upgrade="websocket",
            Connection="Upgrade", Sec_WebSocket_Version="13",
            Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
        )  # fmt: skip
        assert status == 403
        headers_are_all_there(headers)


@pytest.mark.parametrize(
    ("scope", "sent"),
    [
        ("websocket", [{"type": "websocket.close", "code": 1008}]),
        ("lifespan", []),
        ("something new", []),
    ],
)
def test_the_gate_lets_nothing_but_http_through(shared_page, scope, sent):
    """Whatever the server in front of it speaks: ours speaks no websockets."""
    heard = []

    async def send(message):
        heard.append(message)

    headers = [(b"host", b"127.0.0.1:1"), (b"cookie", cookie_of(shared_page).encode())]
    called = shared_page.gate({"type": scope, "path": "/", "headers": headers}, None, send)
    with suppress(StopIteration):
        called.send(None)
    assert heard == sent


def is_hung_up(connection):
    with suppress(ConnectionResetError):  # also where more was said to it
        return connection.recv(100) == b""
    return True


def test_who_says_nothing_or_only_half_is_hung_up_on(monkeypatch):
    def patience(seconds):
        monkeypatch.setattr(server, "PATIENCE", seconds)

    def connected():
        return socket.create_connection(("127.0.0.1", port_of(page)), timeout=LONGEST)

    with served(product()) as page:
        host = f"Host: 127.0.0.1:{port_of(page)}\r\n"
        patience(0.3)
        for said in ("", "GET / HT", f"GET / HTTP/1.1\r\n{host}"):
            with connected() as silent:
                silent.sendall(said.encode())
                assert is_hung_up(silent)
        with connected() as dripping:
            with pytest.raises(OSError):
                for byte in f"GET / HTTP/1.1\r\n{host}X: {'x' * 1000}".encode():
                    dripping.sendall(bytes([byte]))
                    sleep(0.02)
            assert is_hung_up(dripping)
        host += f"Cookie: {cookie_of(page)}\r\n"
        body = f"Content-Type: {JSON}\r\nContent-Length: 2\r\n\r\n{{"
        for half in (f"GET / HTTP/1.1\r\n{host}", f"POST /edit HTTP/1.1\r\n{host}{body}"):
            patience(LONGEST)  # for the first request, however busy the machine is
            with connected() as second:
                second.sendall(f"GET / HTTP/1.1\r\n{host}\r\n".encode())
                assert answer_on(second)[0] == 200
                patience(0.3)
                second.sendall(half.encode())
                if half.startswith("GET"):
                    assert is_hung_up(second)
                    continue
                status, headers, text = answer_on(second, "POST")
                assert status == 408 and "0.3 seconds" in text
                headers_are_all_there(headers)
        patience(LONGEST)
        assert asked(page)[0] == 200


def test_a_connection_serves_many_requests(shared_page):
    connection = HTTPConnection("127.0.0.1", port_of(shared_page), timeout=LONGEST)
    for _ in range(3):
        connection.request("GET", "/state", headers={"Cookie": cookie_of(shared_page)})
        answer = connection.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["graph"] == 1
    connection.close()


def test_too_many_connections_are_refused_and_then_forgotten(page):
    idle = []
    while len(idle) < MOST_CONNECTIONS:
        idle.append(socket.create_connection(("127.0.0.1", port_of(page)), timeout=LONGEST))
    status, headers, _ = asked(page)
    assert status == 503
    headers_are_all_there(headers)
    for connection in idle:
        connection.close()
    until = monotonic() + LONGEST
    while asked(page)[0] != 200:
        assert monotonic() < until
        sleep(0.05)


def test_it_listens_on_this_machine_only(shared_page):
    assert shared_page.socket.getsockname()[0] == "127.0.0.1"


def test_answers_are_not_held_back(monkeypatch):
    """Nagle's algorithm would hold nearly every answer to a POST back for 40 ms."""
    options = []

    def connected(self, transport):
        made = transport.get_extra_info("socket")
        options.append(made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return connection_made(self, transport)

    connection_made = server.Connection.connection_made
    monkeypatch.setattr(server.Connection, "connection_made", connected)
    with served(product()) as page:
        assert asked(page)[0] == 200
    assert options and all(options)


# What it does


def test_the_state_is_the_steppers_and_says_what_was_typed(page):
    told = json.loads(asked(page, path="/state")[2])
    assert told["graph"] == 1 and told["typed"] == {"expr": "a * b", "values": "a=2 b=-3"}
    assert told["state"] == json.loads(json.dumps(Stepper(product(), {}).state))


@pytest.mark.parametrize(
    "values",
    [{"w": 3, "x": 2.0}, {"w": "3", "x": "2"}, "w=3 x=2", " w = 3,x =2 ", "w=3;x=2", "w=3; x = 2,"],
)
def test_an_expression_replaces_the_graph(page, values):
    status, told = expressed(page, "h = w * x; h + 1", values=values)
    y, _ = evaluate("h = w * x; y = h + 1", {"w": 3, "x": 2})
    assert status == 200 and told["graph"] == 2
    assert told["state"] == json.loads(json.dumps(Stepper(y, {}).state))
    assert told == json.loads(asked(page, path="/state")[2])


def test_an_edit_is_computed_by_the_engine(page):
    status, _, text = asked(page, "POST", "/edit", {"edits": {"n0": 5}, "graph": 1})
    changed = json.loads(text)
    assert status == 200 and changed["trouble"] == "" and changed["edits"] == {"n0": 5.0}
    assert changed["numbers"]["v2"] == -15.0 and changed["numbers"]["g1"] == 5.0
    assert json.loads(asked(page, path="/state")[2])["state"]["edits"] == {"n0": 5.0}


def test_an_edit_that_cannot_be_followed_says_why(page):
    expressed(page, "log(x)", values={"x": 1})
    status, _, text = asked(page, "POST", "/edit", {"edits": {"n0": -1}, "graph": 2})
    assert status == 200 and "log" in json.loads(text)["trouble"]


@pytest.mark.parametrize(
    "message",
    [
        {}, {"edits": 5}, {"edits": {"n9": 1}}, {"edits": {"n2": 1}}, {"edits": {"n0": "2"}},
        {"edits": {"n0": True}}, {"edits": {"n0": None}}, {"edits": {"n0": [1]}},
        {"edits": {"n0": float("nan")}}, {"edits": {"n0": float("inf")}},
        {"edits": {"n0": 10**400}}, {"edits": {}, "more": 1}, {"edits": {"__class__": 1}},
    ],
    ids=ascii,
)  # fmt: skip
def test_an_edit_that_makes_no_sense_gets_one_sentence(shared_page, message):
    status, _, text = asked(shared_page, "POST", "/edit", {"graph": 1, **message})
    assert status == 400 and json.loads(text)["error"].strip()


@pytest.mark.parametrize("graph", [0, 2, None, "1", [1], {}])
def test_an_edit_of_another_graph_is_stale(shared_page, graph):
    message = {"edits": {"n0": 1}, "graph": graph}
    status, _, text = asked(shared_page, "POST", "/edit", message)
    assert status == 409 and "reload" in json.loads(text)["error"]


def test_a_port_that_is_taken_is_said_in_one_sentence(shared_page):
    with pytest.raises(OSError, match=r"port \d+ is not available: .* a free one is found"):
        LocalPage(Stepper(product(), {}), port=port_of(shared_page))


# The command


@contextmanager
def stepping(*words, **environment):
    """`stepgrad step` in a process of its own, ended by Ctrl-C: (process, its line)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stepgrad", "step", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | environment,
    )
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def test_the_command_prints_one_line_and_keeps_its_secrets():
    with stepping("-x**2 * w", "x=3", "w=2", "--no-browser") as (process, line):
        found = re.fullmatch(r"open (http://127\.0\.0\.1:(\d+)(/\?key=\S+)) \(Ctrl-C .*\)\n", line)
        connection = HTTPConnection("127.0.0.1", int(found[2]), timeout=LONGEST)
        connection.request("GET", found[3])
        answer = connection.getresponse()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        answer.read()
        connection.request("GET", "/state", headers={"Cookie": cookie})
        told = json.loads(connection.getresponse().read())
        assert told["typed"] == {"expr": "-x**2 * w", "values": "x=3 w=2"}
        connection.request("GET", found[3])
        assert connection.getresponse().status == 403
        connection.close()
        with socket.create_connection(("127.0.0.1", int(found[2])), timeout=LONGEST) as odd:
            odd.sendall(f"nonsense {found[3]}\r\n\r\n".encode())
            assert odd.recv(100)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=LONGEST) == ("", "stepgrad: stopped\n")


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_it_cleanly_and_waits_for_nobody(times):
    with stepping("x*x", "x=3", "--no-browser") as (process, line):
        port, key = re.search(r":(\d+)/\?key=(\S+)", line).groups()
        with (
            socket.create_connection(("127.0.0.1", int(port)), timeout=LONGEST) as half,
            socket.create_connection(("127.0.0.1", int(port)), timeout=LONGEST),
        ):
            half.sendall(f"GET /?key={key} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            cookie = answer_on(half)[1]["Set-Cookie"].partition(";")[0]
            half.sendall(
                f"POST /edit HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
                f"Content-Type: {JSON}\r\nContent-Length: 5\r\n\r\n".encode()
            )
            sleep(0.3)
            for _ in range(times):
                process.send_signal(signal.SIGINT)
                sleep(0.05)
            assert process.communicate(timeout=LONGEST) == ("", "stepgrad: stopped\n")
            assert process.returncode == 130
            with suppress(ConnectionResetError):
                assert half.recv(1000) == b"", "it waited until its patience ended"


@pytest.mark.parametrize("words", [[], ["--no-browser"]], ids=["browser", "no browser"])
def test_the_command_opens_the_browser_unless_told_not_to(tmp_path, words):
    browser, seen = tmp_path / "browser.py", tmp_path / "seen"
    browser.write_text(
        f"import os, pathlib, sys\nfile = pathlib.Path({str(seen)!r})\n"
        "file.with_suffix('.new').write_text(sys.argv[1])\n"
        "os.replace(file.with_suffix('.new'), file)\n"
    )
    command = f"{sys.executable} {browser} %s"
    with stepping("x*x", "x=3", *words, BROWSER=command) as (process, line):
        until = monotonic() + (2 if words else LONGEST)
        while not seen.exists() and monotonic() < until:
            sleep(0.05)
        assert seen.exists() != bool(words)
        assert words or seen.read_text() == line.split()[1]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=LONGEST) == 130


# In a browser

REFUSED = "Failed to load resource: the server responded with a status of "  # Chromium says it


@pytest.fixture
def opened(browser):
    """Opens a page from its address; nothing may be complained about, and nobody else asked."""

    @contextmanager
    def open(page, refusals=()):
        context = browser.new_context()
        tab = context.new_page()
        complaints, requests = [], []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(page.address)
        tab.locator("#stepper .sg-stepper").wait_for()
        yield tab
        tab.evaluate("0")  # what was said before is heard by now
        assert [text.removeprefix(REFUSED)[:3] for text in complaints] == list(refusals)
        assert {url.partition("/?")[0].rpartition("/")[0] for url in requests} <= {
            f"http://127.0.0.1:{port_of(page)}", "http:/", "data:,"
        }, requests  # fmt: skip
        context.close()

    return open


def tab_of(browser, page):
    """The page in a browser that has seen none before."""
    tab = browser.new_context().new_page()
    tab.goto(page.address)
    tab.locator("#stepper .sg-stepper").wait_for()
    return tab


def submit(tab, expr, values):
    tab.get_by_label("expression", exact=True).fill(expr)
    tab.get_by_label("values", exact=True).fill(values)
    tab.get_by_role("button", name="step", exact=True).click()


def edit(tab, name, number):
    box = field(tab, name)
    box.fill(number)
    box.press("Enter")


def alert(tab):
    return tab.locator("#typed [role=alert]")


def test_the_page_opens_from_its_address_and_steps_by_keys(opened, page):
    with opened(page) as tab:
        assert tab.url.partition("#")[0] == f"http://127.0.0.1:{port_of(page)}/"
        assert tab.title() == tab.locator("h2").get_attribute("aria-label")
        assert tab.get_by_label("expression", exact=True).input_value() == "a * b"
        assert tab.get_by_label("values", exact=True).input_value() == "a=2 b=-3"
        tab.keyboard.press("ArrowRight")
        assert tab.locator(".panel h3").inner_text() == "Forward, 1 of 1: v1"
        tab.keyboard.press("End")
        assert tab.locator(".panel h3").inner_text() == "The gradients"
        tab.reload()
        tab.locator("#stepper .sg-stepper").wait_for()
        assert tab.locator(".panel h3").inner_text() == "The gradients"
        assert alert(tab).inner_text() == ""


def test_the_policy_leaves_the_picture_and_the_page_their_styles(opened, page):
    with opened(page) as tab:
        tab.keyboard.press("End")
        fills = tab.evaluate(
            "[...document.querySelectorAll('.tint')].map((t) => getComputedStyle(t).fill)"
        )
        assert set(fills) == {"rgb(253, 217, 181)", "rgb(198, 220, 240)"}
        assert tab.evaluate("getComputedStyle(document.querySelector('#typed')).display") == "flex"


def test_an_expression_that_is_typed_shows_its_graph(opened, page):
    with opened(page) as tab:
        tab.keyboard.press("End")
        submit(tab, "h = tanh(x); h * h * w", "x = 0.5, w=4")
        tab.locator("tbody th", has_text="w").wait_for(state="attached")
        assert tab.locator("#stepper .sg-stepper").count() == 1
        assert tab.locator(".panel h3").inner_text() == "Before the first step"
        assert (
            tab.title()
            == tab.locator("h2").get_attribute("aria-label")
            == "The chain rule of y, step by step"
        )
        assert tab.get_by_label("values", exact=True).input_value() == "x = 0.5, w=4"
        tab.keyboard.press("ArrowRight")  # the keys are the stepper's at once
        assert tab.locator(".panel h3").inner_text() == "Forward, 1 of 3: h"
        tab.reload()
        tab.locator("tbody th", has_text="w").wait_for(state="attached")
        assert tab.locator(".panel h3").inner_text() == "Forward, 1 of 3: h"


def test_what_cannot_be_computed_is_said_and_nothing_is_lost(opened, page):
    with opened(page, refusals=["400"]) as tab:
        submit(tab, "log(x)", "x=-1")
        tab.locator(".panel").filter(has_text="log(x = -1)").wait_for()
        assert tab.locator(".count").inner_text() == "1 / 1"
        assert tab.get_by_label("expression", exact=True).input_value() == "log(x)"
        assert tab.get_by_label("values", exact=True).input_value() == "x=-1"
        tab.keyboard.press("ArrowLeft")
        before = tab.locator("#stepper .sg-stepper").evaluate("one => one.outerHTML")
        submit(tab, "<img src=x onerror=alert(1)>", "x=1")
        alert(tab).filter(has_text="cannot be read").wait_for()
        assert tab.locator("img").count() == 0
        assert tab.locator("#stepper .sg-stepper").evaluate("one => one.outerHTML") == before
        submit(tab, "log(x)", "x=1")
        alert(tab).filter(has_text=re.compile("^$")).wait_for(state="attached")
        assert tab.locator("h2").get_attribute("aria-label") == "The chain rule of y, step by step"


def test_enter_in_either_field_submits_and_who_types_on_is_not_disturbed(opened, page):
    """The answers come while the next one is typed."""
    with opened(page) as tab:
        for label, text in (("expression", "a * b * 5"), ("values", "a=7 b=1")):
            tab.get_by_label(label, exact=True).fill(text)
            tab.get_by_label(label, exact=True).press("Enter")
        tab.get_by_label("expression", exact=True).focus()
        tab.locator("[data-leaf][value='7']").first.wait_for(state="attached")
        assert json.loads(asked(page, path="/state")[2])["graph"] == 3
        assert tab.get_by_label("values", exact=True).input_value() == "a=7 b=1"
        assert tab.evaluate("document.activeElement.name") == "expr"


def test_a_leaf_that_is_edited_is_computed_by_the_engine(opened, page):
    with opened(page) as tab:
        tab.keyboard.press("End")
        edit(tab, "a", "5")
        tab.locator("g.card[data-of=n2] text.value", has_text="−15").wait_for()
        assert json.loads(asked(page, path="/state")[2])["state"]["edits"] == {"n0": 5.0}


def test_an_edit_in_a_tab_whose_graph_is_gone_is_told_so(opened, page):
    with opened(page) as tab:
        other = tab.context.new_page()
        other.goto(f"http://127.0.0.1:{port_of(page)}/")
        other.locator("#stepper .sg-stepper").wait_for()
        submit(tab, "x*x", "x=3")
        tab.locator("tbody th", has_text="x").first.wait_for(state="attached")
        edit(other, "a", "5")
        other.get_by_text("another graph was opened meanwhile").first.wait_for()
        other.reload()
        other.locator("tbody th", has_text="x").first.wait_for(state="attached")
        assert field(other, "x").input_value() == "3"  # not edited by the address


def test_an_address_brings_its_state_along_into_another_tab(opened, page):
    with opened(page) as tab:
        tab.keyboard.press("End")
        edit(tab, "a", "5")
        tab.locator("g.card[data-of=n2] text.value", has_text="−15").wait_for()
        other = tab.context.new_page()
        other.goto(address_of(tab))
        other.locator("g.card[data-of=n2] text.value", has_text="−15").wait_for()
        assert other.locator(".panel h3").inner_text() == "The gradients"
        assert field(other, "a").input_value() == "5"


def test_after_an_edit_that_failed_the_fields_say_what_the_picture_shows(browser):
    with served(product()) as page:
        tab = tab_of(browser, page)
        edit(tab, "a", "5")
        card = tab.locator("g.card[data-of=n0] text.value", has_text="5")
        card.wait_for()
        tab.reload()
        card.wait_for()
    edit(tab, "a", "7")
    tab.get_by_text("start stepgrad step again").wait_for()
    assert card.text_content() == "5"
    tab.locator("h2").click()  # a field in which somebody types is left alone
    tab.keyboard.press("ArrowRight")
    assert "still shown" in tab.locator(".said").inner_text()
    assert "n0=5" in address_of(tab)
    tab.context.close()


def test_a_server_that_is_gone_is_told_so(opened, browser):
    with served(product()) as page:
        tab = tab_of(browser, page)
    submit(tab, "x", "x=1")
    alert(tab).filter(has_text="start stepgrad step again").wait_for()
    assert tab.locator("#stepper .sg-stepper").count() == 1
    tab.context.close()


def test_another_site_gets_nothing_from_the_page(browser, page):
    """A page elsewhere, in the same browser, in which the cookie lies already."""
    tab = tab_of(browser, page)
    context = tab.context
    with served(Value(1.0, "z")) as elsewhere:  # another port is the same site, for cookies
        other = context.new_page()
        other.route(
            "**/evil", lambda route: route.fulfill(body="<p>evil", content_type="text/html")
        )
        other.goto(f"http://127.0.0.1:{port_of(elsewhere)}/evil")
        read = f"fetch('http://127.0.0.1:{port_of(page)}/state', {{credentials: 'include'}})"
        assert other.evaluate(f"{read}.then(() => 'read', () => 'refused')") == "refused"
        write = (
            f"fetch('http://127.0.0.1:{port_of(page)}/expression', {{method: 'POST', mode: "
            '\'no-cors\', credentials: \'include\', body: \'{"expr": "x", "values": "x=1"}\'})'
        )
        assert other.evaluate(f"{write}.then(() => 'written', () => 'refused')") == "refused"
    assert json.loads(asked(page, path="/state")[2])["graph"] == 1
    context.close()


def test_a_label_is_only_text_on_the_page(opened, label):
    x = Value(2.0, label)
    y = x * 3.0
    y.label = label
    with served(y) as page, opened(page) as tab:
        tab.keyboard.press("End")
        name = Stepper(y, {}).state["plan"]["cards"]["n0"]["name"]
        shown = tab.locator("tbody th").first.evaluate("one => one.textContent")
        assert shown == name or not label.strip()
        assert tab.locator("script").count() == 1 and tab.locator("img").count() == 0
        assert alert(tab).inner_text() == ""
        submit(tab, "x * 2", "x=4")
        tab.locator('g.card[aria-label^="x, value"]').wait_for()


def test_axe_finds_no_violation(opened, page):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="there is no axe: pip install axe-playwright-python",
    )
    with opened(page) as tab:
        found = axe.Axe().run(tab).response["violations"]
        assert [(one["id"], one["help"]) for one in found] == []


def test_the_local_page_draws_the_curve_over_a_leaf_by_itself(opened, page):
    with opened(page) as tab:
        tab.locator("g.card").first.click()
        tab.locator(".curve").wait_for()
        assert "with the tangent at" in tab.locator(".curve").get_attribute("aria-label")
