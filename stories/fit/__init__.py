""" "Would it fit us?": what a practice needs beside what a community or Partnership has.

`rules` are pure and give a row a need; `calendars` computes hours, seasons and holidays; `profiles`
and `needs` read; `page` puts together what the public page shows. Never one number, and what is
not told is never "ok".
"""
