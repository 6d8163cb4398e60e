"""What to say when a query finds nothing: better spellings, looser readings, unknown values. All of it is computed
from what the reader may see."""
