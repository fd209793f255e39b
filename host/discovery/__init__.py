"""Phase 1: find what is installed. Nothing here imports a plugin."""
