"""The front page, standard pages, and the network that the portal starts with."""
