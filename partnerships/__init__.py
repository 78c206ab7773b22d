"""Partnerships: the pairs, their communities, programs, events, committees and figures."""
