"""The administrators' page about the state of the service: the last report of the hourly checkup, as `forge doctor`
makes it.
"""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from catalog.sentences import mark
from forge.config.checkup_report import GOOD, NOW, SOON, last_report
from forge.web.core.render import now_of
from forge.web.desk import case_pages

OLD = timedelta(hours=3)  # the checkup comes each hour
TITLES = {NOW: mark("To do now"), SOON: mark("To do in the next days"), GOOD: mark("In order")}


def health_page(request: Request) -> Response:
    report = last_report(request.app.state.data)
    groups = [(severity, title, report.of(severity)) for severity, title in TITLES.items()] if report else []
    return case_pages.drawn(
        request,
        "desk/health.html",
        report=report,
        old=report is not None and now_of(request) - report.at > OLD,
        found=[row for row in groups if row[2]],
    )
