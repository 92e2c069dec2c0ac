"""What reads logstores and shows it: dashboards and saved searches; alerts are among the jobs."""

from __future__ import annotations

from sandbox.sls.calls import dashboards, saved_searches
from sandbox.sls.route import Route

_D = "/dashboards/{dashboard}"
_S = "/savedsearches/{search}"
_RD = "dashboard/{dashboard}"
_RS = "savedsearch/{search}"
_ALL_D = "dashboard/*"
_ALL_S = "savedsearch/*"

READERS: tuple[Route, ...] = (
    Route("GET", "/dashboards", dashboards.list_, "log:ListDashboard", _ALL_D),
    Route(
        "POST", "/dashboards", dashboards.create, "log:CreateDashboard", _ALL_D,
        body="json", writes=True,
    ),
    Route("GET", _D, dashboards.get, "log:GetDashboard", _RD),
    Route("PUT", _D, dashboards.update, "log:UpdateDashboard", _RD, body="json", writes=True),
    Route("DELETE", _D, dashboards.delete, "log:DeleteDashboard", _RD, writes=True),
    Route("GET", "/savedsearches", saved_searches.list_, "log:ListSavedSearch", _ALL_S),
    Route(
        "POST", "/savedsearches", saved_searches.create, "log:CreateSavedSearch", _ALL_S,
        body="json", writes=True,
    ),
    Route("GET", _S, saved_searches.get, "log:GetSavedSearch", _RS),
    Route(
        "PUT", _S, saved_searches.update, "log:UpdateSavedSearch", _RS, body="json", writes=True
    ),
    Route("DELETE", _S, saved_searches.delete, "log:DeleteSavedSearch", _RS, writes=True),
)  # fmt: skip
