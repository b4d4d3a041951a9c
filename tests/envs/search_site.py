"""A web site and a search service on this machine, for tests."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from contextlib import contextmanager

from aiohttp import web

ARTICLE = (
    "<html><head><title>Herons</title></head><body><nav>menu</nav><article><h1>Herons</h1>"
    "<p>Herons are long-legged birds that live near fresh water and along the coast.</p>"
    "<p>They hunt by standing still until a fish comes close enough to be caught.</p></article></body></html>"
)
WORD = "heron "


class Site:
    def __init__(self):
        self.asked = Counter()
        self.last = None
        self.port = self.together = self.most_together = 0

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, request):
        path = request.path
        self.asked[path] += 1
        self.last = request
        if path == "/google":
            return web.json_response({"kind": "customsearch#search", "q": dict(request.query), "é": "ü"})
        if path == "/results":
            hits = [
                {"title": f"T{i}", "url": f"http://x/{i}", "content": request.query["q"]} for i in range(12)
            ]
            return web.json_response({"results": hits})
        if path == "/nested":
            body = await request.json()
            return web.json_response(
                {"web": {"list": [{"name": body["query"], "href": "http://x/"}, {"name": 1}]}}
            )
        if path == "/flaky":
            if self.asked[path] < 3:
                return web.Response(status=503)
            return web.json_response({"results": []})
        if path == "/together":
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            await asyncio.sleep(0.02)
            self.together -= 1
            return web.json_response({"results": []})
        if path == "/busy":
            return web.Response(status=429)
        if path == "/denied":
            return web.json_response({"error": "key"}, status=403)
        if path == "/nojson":
            return web.Response(text="<html>")
        if path == "/slow":
            await asyncio.sleep(30)
        if path == "/article":
            return web.Response(text=ARTICLE, content_type="text/html")
        if path == "/long":
            paragraphs = "".join(f"<p>{WORD * 100}number {i}.</p>" for i in range(150))
            return web.Response(
                text=f"<html><body><article>{paragraphs}</article></body></html>", content_type="text/html"
            )
        if path == "/empty":
            return web.Response(text="<html><body></body></html>", content_type="text/html")
        if path == "/nothing":
            return web.Response(text="", content_type="text/html")
        if path == "/huge":
            return web.Response(body=b"x" * 6_000_000)
        if path == "/there":
            raise web.HTTPFound("/article")
        if path == "/round":
            raise web.HTTPFound("/round")
        if path == "/file":
            return web.Response(status=302, headers={"Location": "file:///etc/hostname"})
        return web.Response(status=404, text="no such page")


@contextmanager
def running_site():
    site, loop, ready = Site(), asyncio.new_event_loop(), threading.Event()

    async def serve():
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", site.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        server = web.TCPSite(runner, "127.0.0.1", 0)
        await server.start()
        site.port = runner.addresses[0][1]
        return runner

    def run():
        nonlocal runner
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(serve())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        waiting = asyncio.all_tasks(loop)
        for task in waiting:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
        loop.close()

    runner = None
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
