"""The plugin of :mod:`bench_stock`."""

from __future__ import annotations

from collections.abc import Sequence

from bench_stock import Article, ArticleController

from hookspecs import hookimpl


@hookimpl
def register_models() -> Sequence[type[Article]]:
    return [Article]


@hookimpl
def register_routes() -> Sequence[type[ArticleController]]:
    return [ArticleController]
