"""Saved searches: a query on one logstore, under a name."""

from __future__ import annotations

from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json

_NEEDED = ("savedsearchName", "displayName", "logstore", "searchQuery")
_KEYS = frozenset({*_NEEDED, "topic", "filterjson"})
_SHORTEST, _LONGEST = 3, 63
# A query of 65,535 characters is too long in the vendor's suite; the bound itself is inferred.
MOST_BYTES = 65_536


def create(call: Call) -> Reply:
    """CreateSavedSearch; its logstore need not exist."""
    body, searches = _checked(call), call.project.saved_searches
    if body["savedsearchName"] in searches:
        raise errors.saved_search_exists()
    if len(searches) >= call.state.limits.saved_searches:
        raise errors.exceeded("savedsearch quota exceed")
    searches[body["savedsearchName"]] = body
    return EMPTY


def get(call: Call) -> Reply:
    """GetSavedSearch, as it was sent."""
    return as_json(_found(call))


def update(call: Call) -> Reply:
    """UpdateSavedSearch, a full replace."""
    name, body = _found(call)["savedsearchName"], _checked(call)
    if body["savedsearchName"] != name:
        raise errors.name_mismatch(name, body["savedsearchName"])
    call.project.saved_searches[name] = body
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteSavedSearch."""
    del call.project.saved_searches[_found(call)["savedsearchName"]]
    return EMPTY


def list_(call: Call) -> Reply:
    """ListSavedSearch: names, and the whole of each."""
    call.known_filters("saved searches", "offset", "size")
    found = call.project.saved_searches
    page, total = call.request.page(sorted(found))
    counts = {"count": len(page), "total": total}
    items = [found[name] for name in page]
    return as_json(counts | {"savedsearches": page, "savedsearchItems": items})


def _found(call: Call) -> dict[str, Any]:
    found = call.project.saved_searches.get(call.names["search"])
    if found is None:
        raise errors.saved_search_missing()
    return found


def _checked(call: Call) -> dict[str, Any]:
    if len(call.request.body) >= MOST_BYTES:
        raise errors.post_body("The savedsearch configuration is too long.")
    body = call.request.json_body()
    if missing := [key for key in _NEEDED if key not in body]:
        raise errors.post_body(f"saved search lacks {', '.join(missing)}")
    if unknown := sorted(body.keys() - _KEYS):
        raise errors.post_body(f"saved search has an unknown key {', '.join(unknown)}")
    for key, value in body.items():
        if not isinstance(value, str):
            raise errors.post_body(f"{key} of saved search must be of type str")
    if not _SHORTEST <= len(body["savedsearchName"]) <= _LONGEST:
        raise errors.parameter(f"savedsearchName {body['savedsearchName']!r} is invalid")
    return body
