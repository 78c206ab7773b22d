"""The leaf every app leans on: settings, user, abstract pages, blocks, languages, tasks, mail."""
