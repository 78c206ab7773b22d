"""The library: one index over everything that can be found, its engines, its facets.

A question's way through the rooms:

    parameters, limits      from an address to a typed `LibraryQuery` (query)
    understanding           from its text to words (analysis), with the other names of concepts and
                            places (lexicon) and words of the other language (glossary)
    engines                 which things match, their order and counts (ranking: what counts much)
    vectors                 meaning beside words, where SEARCH_VECTORS is on
    services.library.find   the one door: asks the engine, reads hits (highlight, matching), labels
    presentation, api       what the page and the API show of it (near: ways on where little is)

A page's way into it: signal_handlers, services.writer (rows from pages), services.versions and
refresh (rows that wait), services.documents (what files say, read in documents), the feed of
engines.elasticsearch. Kept right by services.consistency, jobs and cycles; see
docs/architecture.md, "From a save to a hit".
"""
