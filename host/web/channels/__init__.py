"""Live channels: deliver what plugins broadcast to browsers, over a WebSocket or server-sent events."""
