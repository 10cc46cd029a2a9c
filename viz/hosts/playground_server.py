"""The playground on a local page, and the stepper beside it, for the example that is opened."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from viz.apps.playground.core import Playground
from viz.apps.playground.views import Views
from viz.apps.stepper.core import Stepper
from viz.hosts.page import FRONT_END as STEPPER
from viz.hosts.playground_page import (
    BODY,
    FRONT_END,
    TITLE,
    WITHOUT_SCRIPT,
    page_style,
    playground_page,
    source_of,
)  # fmt: skip
from viz.hosts.server import PAGE as STEPPER_PAGE
from viz.hosts.server import STYLES, Site, Walks, answer, message_of, served

PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{TITLE}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/in_page.js"></script>
</head>
<body>
<main>{BODY}</main>
<noscript>{WITHOUT_SCRIPT}</noscript>
</body>
</html>
"""
STEPPER_STYLES = "/stepper.css"
LONGEST_NAME = 40  # of a view


class PlaygroundSite(Site):
    """A playground, which every tab finds as it left it, and a stepper. Messages are answered one
    after the other."""

    largest_body = 4 * 2**20  # bytes: a table, or a state of many parameters
    command = "stepgrad play"

    def __init__(self, playground: Playground) -> None:
        super().__init__()
        self.playground, self.views = playground, Views(playground)
        self.walks = Walks(None)
        playground.show_stepper = self.show_stepper
        playground.write_page = playground_page

    def show_stepper(self, stepper: Stepper) -> dict[str, str]:
        """Show the walk through an example, and return its address as an answer."""
        self.walks.show(stepper, "", "")
        return {"address": "/stepper"}

    def routes(self) -> list[Route]:
        self.walks.is_stopping = lambda: self.is_stopping()
        files = [*STEPPER.glob("*.js"), *FRONT_END.glob("*.js")]
        names = sorted({"primitives", *(path.stem for path in files)})
        stepper = STEPPER_PAGE.replace(f'href="{STYLES}"', f'href="{STEPPER_STYLES}"')
        return [
            Route("/", served(PAGE, "text/html")),
            Route(STYLES, served(page_style(), "text/css")),
            Route("/message", self.message, methods=["POST"]),
            Route("/stepper", served(stepper, "text/html")),
            *self.walks.routes_of_page(STEPPER_STYLES),
            *[Route(f"/{name}.js", served(source_of(name), "text/javascript")) for name in names],
        ]

    async def message(self, request: Request) -> Response:
        """{"view": "a", "message": {"do": "train", "updates": 1}}, a message of one tab; its answer
        may be {"trouble": a sentence}."""
        match await message_of(request):
            case {"view": str() as view, "message": dict() as message}:
                pass
            case _:
                raise HTTPException(400, 'write {"view": "a", "message": {"do": "settings"}}')
        async with self.computing:
            answered = await self.in_thread(self.views.handle, view[:LONGEST_NAME], message)
        try:
            return await asyncio.to_thread(answer, answered)
        except ValueError:  # an infinity has no JSON
            raise HTTPException(400, "the answer has a number that is not finite") from None
