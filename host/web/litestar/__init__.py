"""How the host extends Litestar: the application class, routing, guards, forms, events and OpenAPI schemas."""
