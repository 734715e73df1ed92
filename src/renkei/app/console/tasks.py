"""Tasks: the section of the console in which officials find and do what is theirs to do."""

from collections.abc import Sequence

from starlette.routing import Route

from renkei.app.console.frame import Console, Section, Visit
from renkei.app.sign_in.staff import StaffRole

ROLES: frozenset[StaffRole] = frozenset({"officer", "operator"})


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section. Only a site that has it loads what draws processes."""
    from renkei.app.console.task_deeds import TaskDeeds
    from renkei.app.console.task_pages import TaskPages
    from renkei.process.tasks.attachments import LARGEST

    pages = TaskPages(console)
    deeds = TaskDeeds(console, pages)
    one = "/tasks/{case:uuid}/{key:int}"
    return [
        console.route("/tasks", pages.work, ROLES),
        console.route(one, pages.task, ROLES),
        console.route(one, deeds.do, ROLES, methods=("POST",), upload=LARGEST),
        console.route(f"{one}/files/{{file:uuid}}", pages.file, ROLES),
    ]


def news(console: Console, visit: Visit) -> str:
    """Say how much there is to do."""
    from renkei.app.console.task_pages import to_do

    return to_do(console, visit)


SECTION = Section("tasks", ROLES, routes, news)
