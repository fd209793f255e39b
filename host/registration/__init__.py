"""Phase 3: call the ``register_*`` hooks, collect and check what they return, and connect plugins with each other."""
