"""Who holds which token, what was read from it, and who asked."""

from bluetoken.registry.store import Registry, open_registry

__all__ = ["Registry", "open_registry"]
