"""The measurements of the host's speed, each against the same thing without it or of less: ``python -m benchmarks``.

Nothing here is a test, and no test measures time. Both sides of a measurement run in turns in one run, so that a busy machine
slows both; the figures are medians. What is measured:

* :mod:`benchmarks.throughput`: requests a second of a plugin's route, against a hand-written Litestar application.
* :mod:`benchmarks.inherited`: the same of a route five scopes deep, against the same nesting of Litestar's routers.
* :mod:`benchmarks.channels`: a broadcast to 1,000 WebSocket clients, against Litestar's channels used by hand; the same with
  clients that do not read.
* :mod:`benchmarks.startup`: ``host run`` until its first answer, against a hand-written Litestar and Beanie application.
* :mod:`benchmarks.scale`: 1,000 plugins in one application, against ``Litestar([...])`` of the same handlers.
* :mod:`benchmarks.chain`: 1,000 plugins each of which requires another, against 100.
* :mod:`benchmarks.nesting`: 200 plugins ten deep in each other, against 20.
* :mod:`benchmarks.cli`: ``host plugins list`` with 300 distributions, against ``import rich_click``.
* :mod:`benchmarks.generation`: 2,000 routes to ``generated-config.ts``, against Litestar's OpenAPI and openapi-typescript.
* :mod:`benchmarks.typecheck`: ``tsc --noEmit`` on that file, against openapi-typescript's; TypeScript 6 and 7.
* :mod:`benchmarks.completion`: the first completion in a call, against openapi-typescript and openapi-fetch.
* :mod:`benchmarks.bundles`: what a page bundles that uses one plugin of 50, against that plugin alone; what todo alone bundles.

The last four need Node; what they are measured against comes from npm, pinned in ``typescript_peers/package-lock.json``.
"""
