"""The local page: a stepper, served to the one person who opened it on this machine.

That it cannot be reached from other machines protects little: any page in the person's browser can
send requests to it, and so can every program here. So everything passes one gate first.
"""

import asyncio
import json
import os
import re
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from hmac import compare_digest
from secrets import token_urlsafe
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from autograd.errors import AutogradError, unchecked
from viz.apps.stepper.core import Stepper
from viz.cli.user_input import USER_ERRORS, result_of, sentence_of, words_of
from viz.hosts.page import FRONT_END, page_style, source_of

LARGEST_BODY = 64 * 1024  # bytes, of a message to the stepper
PULSE = 0.1  # seconds after which a computation looks whether the server stops
PATIENCE = 5.0  # seconds, for the whole of a request to arrive
MOST_CONNECTIONS = 32  # a browser opens six

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

STYLES = "/style.css"

# The empty icon keeps browsers from asking for one.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Stepgrad</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/served.js"></script>
</head>
<body>
<main>
<h1>Stepgrad: see the chain rule</h1>
<form id="typed" class="sg-stepper" autocomplete="off">
<label for="expr">expression</label>
<input type="text" id="expr" name="expr" spellcheck="false" placeholder="tanh(w*x + b)">
<label for="values">values</label>
<input type="text" id="values" name="values" spellcheck="false" placeholder="x=2 w=-3 b=6.9">
<button>step</button>
<p role="alert"></p>
</form>
<div id="stepper"></div>
</main>
<noscript>This page needs JavaScript; stepgrad explain says the same as text.</noscript>
</body>
</html>
"""


class LocalPage:
    """An app on a port of this machine: a stepper, or what answers its requests.

    `expression` and `values` are what a stepper's graph was made of, as typed; the form of the page
    begins with them. `address` opens the page, once. Port 0 is any free one. Raises OSError when
    the port is taken.
    """

    def __init__(
        self, app: "Stepper | Site", expression: str = "", values: str = "", *, port: int = 0
    ) -> None:
        self.socket = listening(port)
        port = self.socket.getsockname()[1]
        site = Walks(app, expression, values) if isinstance(app, Stepper) else app
        site.is_stopping = lambda: self.server.should_exit
        self.gate = Gate(site.app(), port, site.largest_body, site.command)
        self.address = f"http://127.0.0.1:{port}/?key={self.gate.key}"
        self.server = uvicorn.Server(
            uvicorn.Config(
                self.gate,
                http=Connection,
                loop="asyncio",
                ws="none",
                lifespan="off",
                # headers from here are on the answers of uvicorn itself as well
                headers=list(HEADERS.items()),
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_CONNECTIONS,
                access_log=False,  # addresses may hold the key
                log_config=None,
                log_level="error",
            )
        )

    def run(self, *, open_browser: bool = False) -> None:
        """Serve until Ctrl-C, which arrives as KeyboardInterrupt once all is closed."""
        if open_browser:  # in a thread, because some browsers return only when they are closed
            Thread(target=webbrowser.open, args=[self.address], daemon=True).start()
        self.server.run(sockets=[self.socket])


def listening(port: int) -> socket.socket:
    """A socket that only this machine can reach; connections wait in it until they are served."""
    # Only where TCP is named does asyncio turn Nagle's algorithm off, which costs 40 ms an answer.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let programs share the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        bound.listen()
    except OSError:
        bound.close()
        raise OSError(
            f"port {port} is not available: another program may use it; "
            "without --port, a free one is found"
        ) from None
    return bound


# The gate


class Gate:
    """Lets nobody through but the page itself, to no route and by no method.

    The address that is opened holds a key that works once, for other programs on this machine can
    see it. It buys a cookie, and all else needs that: no second way in, such as a header of our
    own, has to be guarded. Cookies know no ports, so this one has the port in its name, and pages
    from other ports of this machine are the same site: only Origin and Sec-Fetch-Site, checked
    first, tell them from ours.
    """

    def __init__(
        self,
        app: ASGIApp,
        port: int,
        largest_body: int = LARGEST_BODY,
        command: str = "stepgrad step",
    ) -> None:
        self.app, self.largest_body, self.command = app, largest_body, command
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self.origins = {f"http://{host}" for host in self.hosts}
        self.cookie = f"stepgrad-{port}"
        self.secret = token_urlsafe(32)
        self.key = token_urlsafe(32)
        self.key_is_used = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            self.check_origin(request)
            if self.buys_a_cookie(request):
                await self.with_cookie()(scope, receive, send)
                return
            self.check_cookie(request)
            check_body(request, self.largest_body)
            receive = repeated(await body_of(request, self.largest_body), receive)
        except HTTPException as refusal:
            await refused(request, refusal)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self.app(scope, receive, send)

    def check_origin(self, request: Request) -> None:
        """Requests that other pages send, or that reach us under a name which is not ours."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            raise HTTPException(403, "this is not the name of this page: use the address printed")
        if not self.origins.issuperset(request.headers.getlist("origin")):
            raise HTTPException(403, "other pages may not use this one")
        if not {"same-origin", "none"}.issuperset(request.headers.getlist("sec-fetch-site")):
            raise HTTPException(
                403, "other pages may not lead here: paste the address into the address bar"
            )
        if "upgrade" in request.headers:
            raise HTTPException(403, "nothing but plain HTTP is spoken here")

    def buys_a_cookie(self, request: Request) -> bool:
        if request.method != "GET" or request.scope["path"] != "/" or self.key_is_used:
            return False
        self.key_is_used = same(request.query_params.get("key", ""), self.key)
        return self.key_is_used

    def with_cookie(self) -> Response:
        """To the page itself, under an address that may be seen and kept."""
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.cookie, self.secret, httponly=True, samesite="strict")
        return answer

    def check_cookie(self, request: Request) -> None:
        if not same(request.cookies.get(self.cookie, ""), self.secret):
            raise HTTPException(
                403, "open the address that was printed; it opens one browser: for another, "
                f"start {self.command} again",
            )  # fmt: skip


def same(given: str, expected: str) -> bool:
    """In a time that does not tell how much of it is right. Bytes, because only ASCII compares."""
    return compare_digest(given.encode(), expected.encode())


def check_body(request: Request, largest: int) -> None:
    """Only JSON of a stated size. Pages may send text unasked, but must ask before JSON."""
    if request.method in ("GET", "HEAD"):
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "send JSON, as application/json")
    size = request.headers.get("content-length", "")
    if not re.fullmatch("[0-9]{1,19}", size):
        raise HTTPException(411, "say how long the body is, in Content-Length")
    check_size(int(size), largest)


def check_size(size: int, largest: int) -> None:
    if size > largest:
        raise HTTPException(413, f"that is too much: {largest} bytes is the limit")


async def body_of(request: Request, largest: int) -> bytes:
    """The whole body, which may still be longer than was said, or not come at all."""
    body = b""
    try:
        async with asyncio.timeout(PATIENCE):
            async for piece in request.stream():
                body += piece
                check_size(len(body), largest)
    except TimeoutError:
        raise HTTPException(408, f"the body did not arrive within {PATIENCE:g} seconds") from None
    return body


def repeated(body: bytes, receive: Receive) -> Receive:
    """`receive`, for an application that wants to read the body as well."""
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    return again


class Connection(H11Protocol):
    """uvicorn's, which would wait for ever for a request, and refuses some of them by itself."""

    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.deadline = self.loop.call_later(PATIENCE, transport.close)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self.no_deadline()  # the gate has the request, and patience of its own
        elif self.deadline is None:
            self.deadline = self.loop.call_later(PATIENCE, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self.no_deadline()
        super().connection_lost(exc)

    def no_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def shutdown(self) -> None:
        self.transport.abort()  # whoever presses Ctrl-C waits for nobody

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP; and no Host, or two of them, which h11 finds before the gate."""
        about_host = "Host" in str(sys.exception())
        head = "403 Forbidden" if about_host else "400 Bad Request"
        body = json.dumps({"error": "name one Host" if about_host else "this is not HTTP"})
        lines = [f"HTTP/1.1 {head}", *(f"{name}: {value}" for name, value in HEADERS.items())]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.transport.write("\r\n".join([*lines, "Connection: close", "", body]).encode())
        self.transport.close()


# What is behind it


class Site:
    """What answers the requests that the gate lets through: the routes of an app.

    What takes long is computed in threads, one after the other, while everything else is answered
    at once.
    """

    largest_body = LARGEST_BODY
    command = "stepgrad step"  # which starts it

    def __init__(self) -> None:
        self.is_stopping: Callable[[], bool] = lambda: False
        self.computing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """All addresses that there are. No path from a request ever becomes the name of a file."""
        raise NotImplementedError

    def app(self) -> Starlette:
        app = Starlette(routes=self.routes(), exception_handlers={HTTPException: refused})
        app.router.redirect_slashes = False
        return app

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        """What a function returns or raises. Who stops the server does not wait for it, as one
        waits for the threads of pools."""
        loop, made = asyncio.get_running_loop(), asyncio.Future[Any]()

        def run() -> None:
            try:
                finish, outcome = made.set_result, function(*args)
            except BaseException as error:
                finish, outcome = made.set_exception, error
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(finish, outcome)

        Thread(target=run, daemon=True).start()
        while not made.done():
            if self.is_stopping():
                raise HTTPException(503, "stopped")
            await asyncio.wait([made], timeout=PULSE)
        return made.result()


class Walks(Site):
    """The graph that is shown, and what the page asks about it.

    There is one at a time, for all tabs; `graph` counts them, so that an edit meant for another
    one is noticed. Without a stepper there is none yet.
    """

    def __init__(self, stepper: Stepper | None, expression: str = "", values: str = "") -> None:
        super().__init__()
        self.graph = 0
        self.stepper = stepper
        if stepper is not None:
            self.show(stepper, expression, values)

    def show(self, stepper: Stepper, expression: str, values: str) -> None:
        self.stepper = stepper
        self.typed = {"expr": expression, "values": values}
        self.graph += 1

    def routes(self) -> list[Route]:
        return [Route("/", served(PAGE, "text/html")), *self.routes_of_page(), *scripts()]

    def routes_of_page(self, styles: str = STYLES) -> list[Route]:
        """What the page asks for, but for its scripts."""
        return [
            Route(styles, served(style(), "text/css")),
            Route("/state", self.state),
            Route("/expression", self.expression, methods=["POST"]),
            Route("/edit", self.edit, methods=["POST"]),
        ]

    async def state(self, request: Request) -> Response:
        if self.stepper is None:
            raise HTTPException(409, "nothing is opened yet: open an example in the playground")
        return answer({"graph": self.graph, "typed": self.typed, "state": self.stepper.state})

    async def expression(self, request: Request) -> Response:
        """{"expr": "x**2", "values": {"x": 3}}, or the values as typed: "x=3"."""
        match await message_of(request):
            case {"expr": str() as text, "values": str() as typed}:
                words = words_of(typed)
            case {"expr": str() as text, "values": dict() as numbers}:
                words = [f"{name}={number}" for name, number in numbers.items()]
            case {"expr": str() as text, **rest} if "values" not in rest:
                words = []
            case _:
                raise HTTPException(400, 'write {"expr": "x**2", "values": {"x": 3}}')
        async with self.computing:
            try:
                stepper = await self.in_thread(stepper_of, text, words)
            except USER_ERRORS as error:
                raise HTTPException(400, sentence_of(error)) from None
            self.show(stepper, text, " ".join(words))
        return await self.state(request)

    async def edit(self, request: Request) -> Response:
        """{"edits": {"n0": 2.5}, "graph": 1}, or {"ask": "why n3", "graph": 1}."""
        message = await message_of(request)
        graph = message.pop("graph", None)
        async with self.computing:
            if self.stepper is None or graph != self.graph:
                raise HTTPException(
                    409, "another graph was opened meanwhile: reload this page to see that one"
                )
            try:
                changed = await self.in_thread(self.stepper.handle, message)
            except (TypeError, *USER_ERRORS) as error:
                raise HTTPException(400, sentence_of(error)) from None
            if "plan" in changed:  # it is another graph now
                self.graph += 1
                changed = changed | {"graph": self.graph}
        return answer(changed)


def stepper_of(text: str, words: list[str]) -> Stepper:
    """The stepper of an expression; of the half of its graph, where an operation fails."""
    try:
        y, _ = result_of(text, words)
        return Stepper(y, {})
    except AutogradError as error:
        try:
            with unchecked():
                y, _ = result_of(text, words)
            stepper = Stepper(y, {}, failed=text.strip())
        except (AutogradError, ValueError):
            raise error from None  # there is no graph at all
        if stepper.failure is None:
            raise  # it was no operation of the graph, such as 1/0 among plain numbers
        return stepper


def scripts() -> list[Route]:
    """The modules of the stepper's front end."""
    names = [*(path.stem for path in sorted(FRONT_END.glob("*.js"))), "primitives"]
    return [Route(f"/{name}.js", served(source_of(name), "text/javascript")) for name in names]


def served(text: str, kind: str) -> Any:
    """An endpoint that always answers the same."""

    async def endpoint(request: Request) -> Response:
        return Response(text, media_type=kind)

    return endpoint


def style() -> str:
    return f"{page_style()}\n{(FRONT_END / 'served.css').read_text('utf-8')}"


async def message_of(request: Request) -> dict[str, Any]:
    try:
        message = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400, "this is not JSON, or nested too deeply") from None
    if not isinstance(message, dict):
        raise HTTPException(400, 'this is not a JSON object: write {"name": …}')
    return message


def answer(data: Any, status: int = 200, headers: Any = None) -> Response:
    """JSON in ASCII, because half a character has no UTF-8, and without NaN, which JSON lacks."""
    return Response(json.dumps(data, allow_nan=False), status, headers, "application/json")


def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer({"error": error.detail}, error.status_code, error.headers)
