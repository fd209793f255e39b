"""Speed measurements of the host, each compared with a baseline: ``python -m benchmarks``.

These are not tests, and no test measures time. Both sides of a measurement alternate within one run, so that a busy machine
slows both equally; the figures are medians. The measurements:

* :mod:`benchmarks.throughput`: requests per second of a plugin's route, against a hand-written Litestar application.
* :mod:`benchmarks.inherited`: the same for a route five scopes deep, against equally nested Litestar routers.
* :mod:`benchmarks.channels`: a broadcast to 1,000 WebSocket clients, against Litestar's channels without the host; also with
  clients that do not read.
* :mod:`benchmarks.startup`: ``host run`` until its first response, against a hand-written Litestar and Beanie application.
* :mod:`benchmarks.scale`: 1,000 plugins in one application, against ``Litestar([...])`` with the same handlers.
* :mod:`benchmarks.chain`: a chain of 1,000 plugins, each of which requires the previous one, against a chain of 100.
* :mod:`benchmarks.nesting`: 200 plugins, nested ten levels deep, against 20.
* :mod:`benchmarks.cli`: ``host plugins list`` with 300 distributions, against ``import rich_click``.
* :mod:`benchmarks.generation`: 2,000 routes to ``generated-config.ts``, against Litestar's OpenAPI and openapi-typescript.
* :mod:`benchmarks.typecheck`: ``tsc --noEmit`` on that file, against openapi-typescript's; TypeScript 6 and 7.
* :mod:`benchmarks.completion`: the first completion inside a call, against openapi-typescript and openapi-fetch.
* :mod:`benchmarks.bundles`: the bundle of a page that uses one plugin of 50, against the bundle with that plugin alone.
* :mod:`benchmarks.crud`: the ``crud`` routes, against handlers written by hand with Litestar and Beanie.

``generation``, ``typecheck``, ``completion`` and ``bundles`` need Node; the npm packages that they compare with are pinned in
``typescript_peers/package-lock.json``.
"""
