"""Phase 2: import plugins, check their hooks, validate their options, and keep one failure from spreading."""
