"""What an agent makes of a refusal, by its error code as the source does and not by its status."""

from __future__ import annotations

from enum import Enum

USUAL_CODE = {
    400: "PostBodyInvalid",
    401: "Unauthorized",
    403: "WriteQuotaExceed",
    404: "LogStoreNotExist",
    500: "InternalServerError",
    503: "ServerBusy",
}


class Refusal(Enum):
    """The sorts the source tells apart. Source: Sender.cpp ConvertErrorCode; SLSConstant.cpp."""

    SERVER = "the service or the network is in trouble"
    QUOTA = "a write quota is used up"
    UNAUTHORIZED = "the key may not write"
    EXPIRED = "the request's time is more than 15 minutes off"
    OTHER = "anything else"


SORTS = {
    "RequestError": Refusal.SERVER,
    "RequestTimeout": Refusal.SERVER,
    "ServerBusy": Refusal.SERVER,
    "InternalServerError": Refusal.SERVER,
    "WriteQuotaExceed": Refusal.QUOTA,
    "ShardWriteQuotaExceed": Refusal.QUOTA,
    "Unauthorized": Refusal.UNAUTHORIZED,
    "RequestTimeExpired": Refusal.EXPIRED,
}


def code_of(answer: int) -> str:
    """Return the answer's error code, the usual one of its status where it carries none."""
    return getattr(answer, "code", "") or USUAL_CODE.get(answer, "UnknownError")


def sort_of(code: str) -> Refusal:
    """Return the sort of an error code; a 401 SignatureNotMatch is one of OTHER."""
    return SORTS.get(code, Refusal.OTHER)
