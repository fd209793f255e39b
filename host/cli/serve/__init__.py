"""The processes of ``host run``: server, workers and watcher, and the artifact that they serve in production."""
