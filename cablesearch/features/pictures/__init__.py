"""Pictures of series over time, drawn by matplotlib, an extra. Only these modules import it, and only to draw."""
