"""The OpenAPI document: `description` in words, `schemas` of answers, examples, and `document`, which joins them."""
