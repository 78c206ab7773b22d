""" "Would it fit us?": what a practice needs beside what a community or Partnership has.

`rules` are pure and give a row a need, by what `partnerships.calendars` and `partnerships.clocks`
compute; `profiles` reads; `page` puts together what the public page shows. Never one number, and
what is not told is never "ok".
"""
