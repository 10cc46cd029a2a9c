"""A local page for tests: served in a thread, and asked over a real socket."""

import json
import re
import socket
from contextlib import contextmanager
from http.client import HTTPResponse
from threading import Thread

from viz.hosts.server import HEADERS, LocalPage

LONGEST = 120  # seconds, for what takes a moment: the machine may do much else
JSON = "application/json"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@contextmanager
def running(site, *more):
    """The page of a site, served as the command serves it."""
    page = LocalPage(site, *more)
    thread = Thread(target=page.run)
    thread.start()
    try:
        yield page
    finally:
        page.server.should_exit = True
        thread.join(timeout=LONGEST)
        assert not thread.is_alive()


def port_of(page):
    return int(re.match(r"http://127\.0\.0\.1:(\d+)/\?key=", page.address)[1])


def cookie_of(page):
    return f"{page.gate.cookie}={page.gate.secret}"


def routes_of(page):
    return [route.path for route in page.gate.app.routes]


def raw(page, *lines, body=b""):
    """An answer to exactly these lines: its status, its headers and its text."""
    with socket.create_connection(("127.0.0.1", port_of(page)), timeout=LONGEST) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return answer_on(connection, lines[0].partition(" ")[0])


def answer_on(connection, method="GET"):
    answer = HTTPResponse(connection, method=method)
    answer.begin()
    text = answer.read().decode()
    answer.close()
    return answer.status, answer.headers, text


def asked(page, method="GET", path="/", body=b"", leave_out=(), **headers):
    """An answer to a request that is as it should be, but for the headers given."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    usual = {"Host": f"127.0.0.1:{port_of(page)}", "Cookie": cookie_of(page)}
    if method not in ("GET", "HEAD"):
        usual |= {"Content-Type": JSON, "Content-Length": str(len(body))}
    usual |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = [f"{name}: {value}" for name, value in usual.items() if name not in leave_out]
    return raw(page, f"{method} {path} HTTP/1.1", *sent, body=body)


def headers_are_all_there(headers):
    for name, value in HEADERS.items():
        assert headers.get_all(name) == [value]
    assert headers["Server"] is None
    assert not [name for name in headers if name.lower().startswith("access-control")]


def strangers_are_refused(page, method, known, *odd):
    """Whoever has no cookie, and whoever comes from elsewhere, is told nothing at any address."""
    paths = [*routes_of(page), "/nowhere", "/../viz/hosts/server.py", *odd]
    assert known <= {*paths}
    for path in paths:
        assert asked(page, method, path, b"{}", leave_out=["Cookie"])[0] == 403
        assert asked(page, method, path, b"{}", Origin="http://evil.com")[0] == 403


def found_from(page, *starts):
    """The addresses that a page and its modules and styles name, which are all there."""
    wanted, seen = [*starts], set()
    while wanted:
        path = wanted.pop()
        if path in seen:
            continue
        seen.add(path)
        status, headers, text = asked(page, path=path)
        assert status == 200, path
        headers_are_all_there(headers)
        if path.endswith(".js"):
            wanted += [f"/{name}" for name in re.findall(r'from "\./([\w.]+)"', text)]
        elif path in starts:
            wanted += re.findall(r'(?:src|href)="(/[^"]*)"', text)
            assert not re.search(r"<script[^>]*>[^<]|<style| style=| on\w+=", text)
    return seen
