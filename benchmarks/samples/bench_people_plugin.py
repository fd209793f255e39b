"""The plugin of :mod:`bench_people`."""

from __future__ import annotations

from collections.abc import Sequence

from bench_people import Person, PersonController

from hookspecs import hookimpl


@hookimpl
def register_models() -> Sequence[type[Person]]:
    return [Person]


@hookimpl
def register_routes() -> Sequence[type[PersonController]]:
    return [PersonController]
