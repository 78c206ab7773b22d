"""Signal handlers of the leaf app; each has one effect and may run twice."""
