"""The page of a cable, and those that belong to it: its thread, its references, related cables, its raw text.

- `reading` has what the page of a cable shows: its text in `marked` paragraphs, its `record`.
- `linked` has how a cable hangs together with others.
- `routes` has the routes. The addresses are in `cablesearch.web.pages.links`.
"""
