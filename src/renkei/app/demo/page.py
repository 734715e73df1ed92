"""The demo's page: ask a question, see its steps as they happen, the answer, and every proof.

It is the demo operator's view and holds the tokens of all parties; no citizen logs in here yet.
Without JavaScript the page reloads itself until the question has ended.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from renkei import exchange, kit
from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.board import Board
from renkei.app.demo.demonstration import Stage, checkpoint
from renkei.app.demo.ecosystem import PARTS, Part
from renkei.app.demo.evidence import Evidence, gather
from renkei.app.demo.scenarios import ALL, DOWN, UP_AGAIN
from renkei.app.demo.wording import Wording
from renkei.app.errors import QuestionUnknown
from renkei.app.operations.oversight import Standing
from renkei.app.rendering import TEMPLATES, language, still

PORT = 8040
SHOWN = 20
LIMITS = exchange.Limits(body=4096)


class Page:
    """The endpoints; they share a board, a client of the nodes and the templates."""

    def __init__(self, stage: Stage, told: Sequence[Told]) -> None:
        """Take the running ecosystem and what was asked already."""
        self.stage = stage
        self.board = Board(stage, told)
        self.wording = Wording()
        self._asker = Asker(stage.ecosystem, stage.members)
        self._web: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Hold the connections open as long as the page is served."""
        async with self._asker, aiohttp.ClientSession() as self._web:
            yield

    @property
    def web(self) -> aiohttp.ClientSession:
        """Return the client the nodes are watched with."""
        if self._web is None:
            raise RuntimeError("the page is not being served")
        return self._web

    async def overview(self, request: Request) -> Response:
        """Show the kinds of questions, what happened so far, and the parties' logs."""
        parties = await asyncio.to_thread(self._parties)
        return self.wording.page(
            request,
            "overview.html",
            scenarios=[scenario for scenario in ALL if scenario not in (DOWN, UP_AGAIN)],
            tally=list(self.board.tally()),
            recent=self.board.newest(SHOWN),
            parties=parties,
        )

    async def begin(self, request: Request) -> Response:
        """Ask a question and go to its page."""
        body = await exchange.read_body(request.scope, request.receive, LIMITS)
        name = parse_qs(body.decode("latin-1")).get("scenario", [""])[0]
        chosen = next((scenario for scenario in ALL if scenario.name == name), None)
        if chosen is None:
            raise QuestionUnknown(message=name[:80])
        asked = self.board.begin(chosen, self._asker)
        return RedirectResponse(f"/questions/{asked.id}?lang={language(request)}", 303)

    async def question(self, request: Request) -> Response:
        """Show one question: steps, answer, both sides' entries, the person's lists."""
        return await self._question(request, verified=False)

    async def verify(self, request: Request) -> Response:
        """Show the same, with the bundles verified anew."""
        return await self._question(request, verified=True)

    async def _question(self, request: Request, *, verified: bool) -> Response:
        asked = self.board.get(request.path_params["message"])
        evidence = None
        if asked.told is not None:
            if not asked.whole:
                async for _ in self.board.steps(asked, self.web):
                    pass
            evidence = await asyncio.to_thread(self._evidence, asked.told)
        return self.wording.page(
            request, "question.html", asked=asked, evidence=evidence, verified=verified
        )

    async def live(self, request: Request) -> Response:
        """Stream the steps as they happen (server-sent events)."""
        asked = self.board.get(request.path_params["message"])

        async def events() -> AsyncIterator[str]:
            async for step in self.board.steps(asked, self.web):
                text = self.wording.step(step, language(request)).replace("\n", "")
                yield f"event: step\ndata: {text}\n\n"
            while asked.told is None:
                await asyncio.sleep(0.05)
            yield "event: end\ndata: -\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    async def bundle(self, request: Request) -> Response:
        """Give a person's list at one party as the file `renkei verify` reads."""
        asked = self.board.get(request.path_params["message"])
        side = None
        if asked.told is not None:
            evidence = await asyncio.to_thread(self._evidence, asked.told)
            side = evidence.list_of(request.path_params["tenant"])
        if side is None or not side.data:
            raise QuestionUnknown(message=asked.id)
        name = f"renkei-{side.part.tenant}.bundle.json"
        head = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(side.data, media_type="application/json", headers=head)

    def _evidence(self, told: Told) -> Evidence:
        return gather(self.stage.ecosystem, self.stage.members, told)

    def _parties(self) -> list[tuple[Part, Standing | None]]:
        return [(part, checkpoint(self.stage.ecosystem, part)) for part in PARTS]

    def application(self) -> Starlette:
        """Return the web application."""
        return Starlette(
            lifespan=self.lifespan,
            exception_handlers={kit.NodeError: self.wording.missing, 404: self.wording.missing},
            routes=[
                Route("/", self.overview),
                Route("/questions", self.begin, methods=["POST"]),
                Route("/questions/{message}", self.question),
                Route("/questions/{message}/live", self.live),
                Route("/questions/{message}/verify", self.verify, methods=["GET", "POST"]),
                Route("/questions/{message}/bundles/{tenant}", self.bundle),
                Route("/style.css", still(TEMPLATES / "style.css", kind="text/css")),
                Route("/live.js", still(TEMPLATES / "live.js", kind="text/javascript")),
            ],
        )


def serve_page(stage: Stage, told: Sequence[Told], announce: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; a port in use makes room for a free one."""
    port = stage.port(PORT)
    announce(f"http://127.0.0.1:{port}/")
    application = Page(stage, told).application()
    uvicorn.Server(
        uvicorn.Config(
            application,
            "127.0.0.1",
            port,
            http=exchange.guarded(LIMITS),
            log_config=None,
            access_log=False,
        )
    ).run()
