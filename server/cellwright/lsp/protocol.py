"""JSON-RPC for one client: pygls carries the messages, this class says what they are.

pygls' own language-server protocol is not used: its built-in handlers keep a workspace that loses
notebook cells, so every method has its one handler in `table.py`.
"""

from __future__ import annotations

import contextvars
import functools
import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol.json_rpc import (
    JsonRPCNotification,
    JsonRPCProtocol,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
)
from pygls.server import JsonRPCServer

from cellwright.kernels.protocol import KernelFault
from cellwright.lsp import messages
from cellwright.notebook.edit import EditRejected
from cellwright.notebook.model import UnknownCell
from cellwright.session.offers import OfferWithdrawn

logger = logging.getLogger(__name__)

Handler = Callable[..., Any]


class ClientToken:
    """The `workDoneToken` of a request. Progress may begin on it once."""

    def __init__(self, token: int | str) -> None:
        self._token: int | str | None = token

    def take(self) -> int | str | None:
        """Return the token the first time, None from then on."""
        token, self._token = self._token, None
        return token


TOKEN: contextvars.ContextVar[ClientToken | None] = contextvars.ContextVar("TOKEN", default=None)
"""The token of the request being handled, seen by all the tasks it starts."""

BEFORE_INITIALIZE = frozenset({types.INITIALIZE, types.EXIT})

RAW = frozenset({types.INITIALIZE, types.CODE_ACTION_RESOLVE})
"""Methods whose params are read as they came: an oddity of a client must not refuse it."""

EXPECTED = (KernelFault, OfferWithdrawn, UnknownCell, EditRejected)
"""What a handler may raise whose message is meant for a person."""


class Protocol(JsonRPCProtocol):
    """Takes raw messages apart by our table of methods, and answers every kind of garbage."""

    def __init__(self, server: JsonRPCServer, converter: Converter) -> None:
        messages.register(converter)
        super().__init__(server, converter)
        self.handlers: Mapping[str, Handler] = {}
        self.state: Any = None
        self.shut_down = False
        self._typed_params = functools.cache(self._params_type)

    def serve(self, state: Any, handlers: Mapping[str, Handler]) -> None:
        """Answer each method by its handler, called with `state` and the params."""
        self.state, self.handlers = state, handlers

    def stop(self) -> None:
        """Refuse all further requests, and cancel those that run."""
        self.shut_down = True
        for future in list(self._request_futures.values()):
            future.cancel()

    def receive(self, body: bytes) -> Callable[[], None]:
        """Decode a message and return what handles it. Thread-safe; the result is for the loop."""
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            return functools.partial(self._refuse, None, JsonRpcParseError("not JSON"))
        if not isinstance(raw, dict) or raw.get("jsonrpc") != self.VERSION:
            fault = JsonRpcInvalidRequest("not a JSON-RPC 2.0 message")
            return functools.partial(self._refuse, _id_of(raw), fault)
        method = raw.get("method")
        if isinstance(method, str):
            return self._incoming(method, raw)
        if "id" in raw and ("result" in raw or "error" in raw):
            return functools.partial(self._answered, raw)
        fault = JsonRpcInvalidRequest("neither a request nor a response")
        return functools.partial(self._refuse, _id_of(raw), fault)

    def _incoming(self, method: str, raw: dict[str, Any]) -> Callable[[], None]:
        try:
            params = self.structure(self._typed_params(method), raw.get("params", {}))
        except JsonRpcInvalidParams as error:
            return functools.partial(self._refuse, _id_of(raw), error, method)
        if "id" not in raw:
            message: Any = JsonRPCNotification(method, self.VERSION, params)
        elif (msg_id := _id_of(raw)) is not None:
            message = JsonRPCRequestMessage(msg_id, method, self.VERSION, params)
        else:
            refusal = JsonRpcInvalidRequest("the id is neither a string nor a number")
            return functools.partial(self._refuse, None, refusal, method)
        token = getattr(params, "work_done_token", None)
        return functools.partial(self._dispatch, message, token)

    def _params_type(self, method: str) -> Any:
        if method in RAW or (method not in self.handlers and method != types.CANCEL_REQUEST):
            return None
        if (ours := messages.PARAMS.get(method)) is not None:
            return ours
        known = types.METHOD_TO_TYPES.get(method)
        return known[2] if known else None

    def structure(self, cls: Any, value: Any) -> Any:
        """Return a value from the wire as a type; None takes it as it is.

        Raises `JsonRpcInvalidParams`.
        """
        if cls is None:
            return value
        try:
            return self._converter.structure(value, cls)
        except (BaseValidationError, TypeError, ValueError, KeyError, AttributeError) as error:
            raise JsonRpcInvalidParams(_complaint(error)) from error

    def _dispatch(self, message: Any, token: int | str | None) -> None:
        is_request = isinstance(message, JsonRPCRequestMessage)
        if self.shut_down and message.method != types.EXIT:
            if is_request:
                self._refuse(message.id, JsonRpcInvalidRequest("the server was shut down"))
            return
        if not self.state.initialized and message.method not in BEFORE_INITIALIZE:
            if is_request:
                self._refuse(message.id, JsonRpcServerNotInitialized("initialize comes first"))
            return
        if message.method == types.CANCEL_REQUEST:
            self._cancel(message.params.id)
            return
        handler = self.handlers.get(message.method)
        if handler is None:
            if is_request:
                self._refuse(message.id, JsonRpcMethodNotFound.of(message.method))
            return
        context = contextvars.copy_context()
        context.run(TOKEN.set, None if token is None else ClientToken(token))
        msg_id = message.id if is_request else str(uuid.uuid4())
        answer = functools.partial(self._send_handler_result, msg_id=msg_id)
        callback = answer if is_request else self._check_handler_result
        call = functools.partial(handler, self.state)
        context.run(self._execute_handler, msg_id, call, callback, (message.params,))

    def _cancel(self, msg_id: Any) -> None:
        """Cancel a request that still runs; anything else a client may name is nothing to us."""
        future = self._request_futures.get(msg_id) if isinstance(msg_id, int | str) else None
        if future is not None:
            future.cancel()

    def _answered(self, raw: dict[str, Any]) -> None:
        """Hand a client's answer to the one who asked; late, double and malformed ones are safe."""
        msg_id = _id_of(raw)
        future = self._request_futures.pop(msg_id, None) if msg_id is not None else None
        result_type = self._result_types.pop(msg_id, None) if msg_id is not None else None
        if future is None or future.done():
            return
        error = raw.get("error")
        try:
            if error is not None:
                code, text = error.get("code"), str(error.get("message"))
                future.set_exception(JsonRpcException(text, code))
            else:
                future.set_result(self.structure(result_type, raw.get("result")))
        except (JsonRpcException, AttributeError) as fault:
            future.set_exception(JsonRpcException(f"the client's answer is malformed: {fault}"))

    def get_result_type(self, method: str) -> Any:
        """Return the type of the result that a client answers a request of ours with."""
        if (ours := messages.RESULTS.get(method)) is not None:
            return ours
        known = types.METHOD_TO_TYPES.get(method)
        return attrs.fields(known[1]).result.type if known and known[1] else None

    def _refuse(self, msg_id: int | str | None, fault: JsonRpcException, method: str = "") -> None:
        """Answer a message that cannot be handled; a faulty notification can only be logged."""
        logger.warning("refused a message %s: %s", method, type(fault).__name__)
        if msg_id is not None or isinstance(fault, JsonRpcParseError | JsonRpcInvalidRequest):
            self._send_error(msg_id, fault.code, fault.message)

    def _send_handler_result(self, future: Any, *, msg_id: int | str) -> None:
        """Answer a request with what its handler returned or raised."""
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._send_error(msg_id, types.LSPErrorCodes.RequestCancelled, "cancelled")
            return
        error = future.exception()
        if error is None:
            self._send_data(JsonRPCResponseMessage(msg_id, self.VERSION, future.result()))
        elif isinstance(error, JsonRpcException):
            self._send_error(msg_id, error.code, error.message)
        elif isinstance(error, EXPECTED):
            self._send_error(msg_id, types.LSPErrorCodes.RequestFailed, str(error))
        else:
            logger.error("a request failed", exc_info=error)
            self._send_error(msg_id, types.ErrorCodes.InternalError, type(error).__name__)

    def _check_handler_result(self, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error("a notification failed", exc_info=error)

    def _send_error(self, msg_id: int | str | None, code: int, message: str) -> None:
        error = {"code": int(code), "message": message}
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": error})

    def _serialize_message(self, data: Any) -> Any:
        return self._converter.unstructure(data)


def _id_of(raw: Any) -> int | str | None:
    msg_id = raw.get("id") if isinstance(raw, dict) else None
    return msg_id if isinstance(msg_id, int | str) and not isinstance(msg_id, bool) else None


def _complaint(error: Exception) -> str:
    """Return what is wrong with params, without repeating them."""
    if isinstance(error, BaseValidationError):
        return "; ".join(re.sub(r"@.*", "", line) for line in transform_error(error)[:3])
    return "the params are not of the method's type"
