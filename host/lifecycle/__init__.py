"""The boot, phase by phase: discover, load, register, assemble, start, serve, stop."""
