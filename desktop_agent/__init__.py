"""EmbedPool's desktop agent: lends an idle PC's embedding engine to a pool."""

__version__ = "0.1.0"
