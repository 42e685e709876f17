"""Why a request is not answered, as programs are told: a status of HTTP and the error object of the contracts."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.edge import error_object
from assistant.errors import AssistantError, UnusableQuestionError
from assistant.web.guard import TooLargeError, status_of
from corpora.errors import CorpusError
from index.errors import SnapshotError

GUIDE = "GET /api/v1/openapi.json describes every request."
_INTERNAL = ("internal", "the request could not be answered", "Report this to whoever looks after the machine.")
_OF_HTTP = {404: ("no_such_address", "there is nothing at this address"),
            405: ("wrong_method", "this address is not asked in this way")}


class RefusalError(AssistantError):
    """A request is refused.  status: of HTTP.  after_s: when it may be made again, in whole seconds."""

    def __init__(self, status: int, code: str, message: str, hint: str = GUIDE, *, after_s: int = 0) -> None:
        super().__init__(message, hint)
        self.status, self.code, self.after_s = status, code, after_s

    def response(self) -> Response:
        """Return what is sent."""
        headers = {"retry-after": str(self.after_s)} if self.after_s else {}
        if self.status == 401:
            headers["www-authenticate"] = "Bearer"
        return _response(self.status, (self.code, self.message, self.hint), headers)


def refusal_of(error: Exception) -> Response:
    """Return what a program is told of an error; what is our fault is told without details, and noted."""
    if isinstance(error, RefusalError):
        return error.response()
    if isinstance(error, TooLargeError):
        return too_large().response()
    if isinstance(error, UnusableQuestionError | CorpusError):
        return _response(422, (error.code, str(error), error.hint))
    status = status_of(error)
    if isinstance(error, AssistantError | SnapshotError):
        return _response(status, (error.code, str(error), error.hint))
    return _response(status, _INTERNAL)


def too_large() -> RefusalError:
    """Return the refusal of a body that is too long."""
    return RefusalError(413, "too_large", "more was sent than is read")


async def refused(_request: Request, error: Exception) -> Response:
    """Return the refusal of what the routes do not know."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code, message = _OF_HTTP.get(status, _INTERNAL[:2])
    return _response(status, (code, message, GUIDE), getattr(error, "headers", None))


def _response(status: int, said: tuple[str, str, str], headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(error_object(*said), status, headers)
