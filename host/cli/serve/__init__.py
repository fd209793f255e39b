"""The processes behind ``host run``: worker, server, watcher, and the built artifact."""
