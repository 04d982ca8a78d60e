"""Pages in: WARC reading, main text, quality filters, near-duplicates."""
