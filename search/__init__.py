"""The library: one index over everything that can be found, its engines, its facets."""
