"""Errors as JSON with a text that says what is wrong: `{"error": "…"}`."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cloud.api.models import Problem
from edge.errors import BrokerError, DocumentsError


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DocumentsError, _without_documents)
    app.add_exception_handler(BrokerError, _without_store)
    app.add_exception_handler(Exception, _at_fault)


def _problem(status: int, text: str) -> JSONResponse:
    return JSONResponse(Problem(error=text).model_dump(), status_code=status)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    texts = {
        "Not Found": f"there is nothing at {request.url.path}",
        "Method Not Allowed": f"{request.method} is not allowed at {request.url.path}",
    }
    return _problem(status, texts.get(detail, detail))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    told = error.errors() if isinstance(error, RequestValidationError) else []
    texts = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in told]
    return _problem(422, "; ".join(texts))


async def _without_documents(_request: Request, error: Exception) -> JSONResponse:
    response = _problem(503, f"the documents cannot be had: {error}")
    response.headers["Retry-After"] = "5"
    return response


async def _without_store(_request: Request, error: Exception) -> JSONResponse:
    response = _problem(503, f"the store cannot be told: {error}")
    response.headers["Retry-After"] = "30"
    return response


async def _at_fault(_request: Request, _error: Exception) -> JSONResponse:
    return _problem(500, "a fault of this program; its log tells more")
