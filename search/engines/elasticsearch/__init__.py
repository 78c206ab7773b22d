"""The library in Elasticsearch: an index of its own, fed from the table (docs/adr/0009)."""

from .engine import ElasticsearchEngine

__all__ = ["ElasticsearchEngine"]
