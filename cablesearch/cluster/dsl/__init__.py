"""Query trees in OpenSearch's query DSL."""
