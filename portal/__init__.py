"""The leaf every app leans on: settings, user and roles, abstract pages, blocks, languages, mail."""
