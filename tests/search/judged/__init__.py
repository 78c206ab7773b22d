"""A judged set of queries over the demonstration network, and its scorer (see queries.yaml)."""
