"""Phase 4: build one Litestar application from the contributions of all plugins, with its health routes, problems and payloads."""
