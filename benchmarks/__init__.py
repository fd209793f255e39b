"""The four measurements of the host's speed, each against the same thing without it: ``python -m benchmarks``.

Nothing here is a test, and no test measures time. Both sides of a measurement run in turns in one run, so that a busy machine
slows both; the figures are medians. What is measured:

* :mod:`benchmarks.throughput`: requests a second of a plugin's route, against a hand-written Litestar application.
* :mod:`benchmarks.startup`: ``host run`` until its first answer, against a hand-written Litestar and Beanie application.
* :mod:`benchmarks.scale`: 1,000 plugins in one application, against ``Litestar([...])`` of the same handlers.
* :mod:`benchmarks.cli`: ``host plugins list`` with 300 distributions, against ``import rich_click``.
"""
