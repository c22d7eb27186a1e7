"""The floor: the least that a relay on the same libraries can do.

A ``Complete`` on ``grpc.aio`` that hands each piece of bytes from an aiohttp client on, unread: no decoding, no
routing, no recording; and a ``Route`` that always gives the same answer. What Pointsman costs above it is what
Pointsman does. ``python -m bench.floor UPSTREAM`` prints
its address and serves until its standard input ends.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import grpc
import uvloop
from pointsman.v1.completion_pb2 import Delivery
from pointsman.v1.router_service_pb2 import CompleteRequest, CompleteResponse, RouteRequest, RouteResponse

from bench.calls import PINNED
from bench.upstream import MODEL


class Relay:
    """Hands bytes on."""

    def __init__(self, session: aiohttp.ClientSession, upstream: str) -> None:
        self._session = session
        self._url = f"{upstream}/chat/completions"

    async def complete(
        self, request: CompleteRequest, _context: grpc.aio.ServicerContext[CompleteRequest, CompleteResponse]
    ) -> AsyncIterator[CompleteResponse]:
        """Streams the upstream's bytes as text, or all of them in one response where it is asked for whole."""
        text = request.specification.messages[0].parts[0].text.text
        document = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": text}]}
        whole = bytearray()
        async with self._session.post(self._url, data=json.dumps(document)) as response:
            async for data in response.content.iter_any():
                if request.delivery == Delivery.DELIVERY_WHOLE:
                    whole += data
                else:
                    yield packed(data)
        if whole:
            yield packed(bytes(whole))


async def route(
    _request: RouteRequest, _context: grpc.aio.ServicerContext[RouteRequest, RouteResponse]
) -> RouteResponse:
    """Answers without looking."""
    response = RouteResponse()
    response.decision.plan.append(PINNED)
    return response


def packed(data: bytes) -> CompleteResponse:
    """One response with one delta."""
    response = CompleteResponse()
    response.events.add().text_delta.text = data.decode()
    return response


async def serve(upstream: str) -> None:
    """Serves until the standard input ends."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        server = grpc.aio.server()
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Complete": grpc.unary_stream_rpc_method_handler(
                Relay(session, upstream).complete, CompleteRequest.FromString, CompleteResponse.SerializeToString
            ),
            "Route": grpc.unary_unary_rpc_method_handler(
                route, RouteRequest.FromString, RouteResponse.SerializeToString
            ),
        }
        handler = grpc.method_handlers_generic_handler("pointsman.v1.RouterService", methods)
        server.add_generic_rpc_handlers((handler,))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        print(f"127.0.0.1:{port}", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await server.stop(None)


def main() -> None:
    """Runs the relay."""
    uvloop.run(serve(sys.argv[1]))


if __name__ == "__main__":
    main()
