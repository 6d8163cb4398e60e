"""The server: an HTTP API and pages over an archive. It needs the extra ``web``.

- `settings` is how a server is set up, `app` puts it together, `serving` runs it: address, processes, connections, log.
- `archives` has the archive as each clearance sees it, commit after commit; `snapshots` names a commit in a way that
  tells readers nothing; `tokens` keeps the readers who have a token, `readers` tells who asks.
- `queue` bounds the work that is done at a time, `cache` keeps answers, `asking` brings them together: one question,
  one answer, with its ETag. `problems` writes errors.
- `guard` is around all of it: which requests are refused, and the headers of security.
- `api` has the routes under /api/v1, `pages` those for people.
"""
