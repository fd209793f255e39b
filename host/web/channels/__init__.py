"""Live channels: what plugins broadcast reaches browsers over a WebSocket or server-sent events (rows R28, R29)."""
