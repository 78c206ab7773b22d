"""The lists of Partnerships, communities and programs as a visitor filters them."""

# The page types import this package: they are loaded first, whoever asks for it.
import partnerships.models  # noqa: F401
