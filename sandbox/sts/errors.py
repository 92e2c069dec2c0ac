"""How STS refuses: status, code and message, as its API reference lists them."""

from __future__ import annotations


class StsError(Exception):
    """A refusal; the caller sees all three."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep what is answered."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def wrong(parameter: str, why: str) -> StsError:
    """A parameter that is not as it must be."""
    return StsError(400, f"InvalidParameter.{parameter}", why)


def missing(parameter: str) -> StsError:
    """A parameter that is not there."""
    return StsError(400, f"Missing{parameter}", f"{parameter} is mandatory for this action.")


def no_permission() -> StsError:
    """The caller may not, or the role does not trust the caller; which of both is not told."""
    text = "You are not authorized to do this action. You should be authorized by RAM."
    return StsError(403, "NoPermission", text)


def not_implemented(what: str) -> StsError:
    """Part of the real service, and not of this double."""
    return StsError(501, "NotImplemented", f"{what} is not part of this double")
