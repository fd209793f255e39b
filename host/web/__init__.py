"""From contributions to one Litestar application, one union of models and one way to wrap payloads."""
